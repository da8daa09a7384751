#!/bin/sh
# What the console asks of the line to its terminal and what it stands of it: bytes, pace, terminals that do not answer,
# are not read or go away, and the kinds of terminals there are.
command -v python3 >/dev/null 2>&1 || {
	echo "SKIPPED: there is no python3 (Debian package python3)"
	exit 77
}
PYTHONDONTWRITEBYTECODE=1 exec python3 "${srcdir:-.}/tests/line.py" "$(pwd)/stemdesk"
