#!/bin/sh
# The man pages are sound mdoc, and name every command, option and parameter that the program has; and what it prints
# as help fits into 80 columns.
man=${srcdir:-.}/man
bad=0
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT

if command -v mandoc >/dev/null 2>&1; then
	mandoc -T lint -W warning "$man"/*.[0-9] || bad=1
else
	echo "NOT LINTED: there is no mandoc (Debian package mandoc)"
fi

# in_page PAGE WORD...: the words that the page does not name.
in_page() {
	page=$man/$1
	shift
	for word in "$@"; do
		grep -qwF -e "$word" "$page" && continue
		echo "$page does not name $word"
		bad=1
	done
}

# narrow [COMMAND]: its help has lines of at most 80 columns.
narrow() {
	wide=$(./stemdesk "$@" --help | awk 'length > 80')
	[ -z "$wide" ] && return
	echo "stemdesk $* --help is wider than 80 columns: $wide"
	bad=1
}

narrow
commands=$(./stemdesk commands | awk 'NF == 0 { exit } { print $1 }')
[ -n "$commands" ] || {
	echo "stemdesk commands printed nothing"
	exit 1
}
# shellcheck disable=SC2046,SC2086  # lists of words
in_page stemdesk.1 $commands
for command in $commands; do
	narrow "$command"
	./stemdesk "$command" --help | sed -n 's/^  \(-., \)\{0,1\} *--\([a-z0-9-]*\).*/\2/p' >"$folder/options"
	while read -r option; do
		grep -q "Fl Fl $option\\b" "$man/stemdesk.1" && continue
		echo "$man/stemdesk.1 does not describe --$option of $command"
		bad=1
	done <"$folder/options"
done

# Commands of the desk: the default keymap binds or lists each.
sed -n 's/^bind [^ ]* [^ ]* \([a-z][a-z!-]*\).*/\1/p; s/^# unbound: //p' "${srcdir:-.}/keymaps/default.keys" |
	LC_ALL=C sort -u >"$folder/desk"
[ "$(wc -l <"$folder/desk")" -gt 10 ] || {
	echo "the default keymap binds too little"
	exit 1
}
while read -r command; do
	grep -q "^\.It Cm $command\( \|\$\)" "$man/stemdesk-keys.5" && continue
	echo "$man/stemdesk-keys.5 does not describe $command"
	bad=1
done <"$folder/desk"

# Parameters: the page's address of each, behind the node's part.
./stemdesk params | awk '{ print $1 }' | sed -E 's#^(strip|bus|dca)/ID/((send/BUS|region/ID)/)?##; s#^(song|mix|master)/((marker|note)/ID/)?##' >"$folder/addresses"
[ "$(wc -l <"$folder/addresses")" -gt 100 ] || {
	echo "stemdesk params printed too little"
	exit 1
}
sed -n 's/^\.It Cm //p' "$man/stemdesk-session.5" | tr ' ' '\n' | LC_ALL=C sort -u >"$folder/described"
LC_ALL=C sort -u "$folder/addresses" >"$folder/sorted"
sed -E 's,^(eq|multi|dyneq|stereo)/[1-6]/,\1/N/,' "$folder/sorted" | LC_ALL=C sort -u >"$folder/wanted"
lacking=$(LC_ALL=C comm -23 "$folder/wanted" "$folder/described")
if [ -n "$lacking" ]; then
	echo "$man/stemdesk-session.5 does not describe: $(echo "$lacking" | tr "\n" " ")"
	bad=1
fi
strange=$(LC_ALL=C comm -13 "$folder/wanted" "$folder/described")
if [ -n "$strange" ]; then
	echo "$man/stemdesk-session.5 describes what is no parameter: $(echo "$strange" | tr "\n" " ")"
	bad=1
fi
exit $bad
