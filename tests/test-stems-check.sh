#!/bin/sh
# `stemdesk check` as a user calls it: what it prints, its exit status, and lines that `set` takes.
bad=0
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT

# status WANTED ARGUMENT...: runs check and compares its exit status; its output is in $folder/out and err.
status() {
	wanted=$1
	shift
	./stemdesk check "$@" >"$folder/out" 2>"$folder/err"
	got=$?
	[ "$got" -eq "$wanted" ] && return
	echo "check $*: exit status $got, not $wanted"
	cat "$folder/out" "$folder/err"
	bad=1
}

# says PATTERN: the last output has a line like that.
says() {
	grep -q -e "$1" "$folder/out" "$folder/err" && return
	echo "no line like: $1"
	cat "$folder/out" "$folder/err"
	bad=1
}

./stemdesk demo "$folder/demo" >/dev/null || exit 1
song=$folder/demo/demo.desk

# The demo's guitar amplifiers hum, and its overheads hear the drums from above.
status 3 "$song"
says '^fault  hum  *strip/rhythm-gtr '
says 'hears what strip/overheads hears, [0-9]* frames'
says '^strip/snare/delay [0-9]*smp$'
grep -E ' (lossy|clipping|limited|noise|dc)  *strip/' "$folder/out" && {
	echo "nothing of that is in the demo"
	bad=1
}
status 3 --only=hum "$song"
says ': 0 grave, 2 faults, 0 notes$'
status 0 --only=lossy,clipping "$folder/demo/07_Bass.wav" "$folder/demo/01_Kick.wav"
status 0 --without hum,clicks,pairs,lossy --threads 1 "$folder/demo"
status 0 --only=dc "$folder/demo/07_Bass.wav" "$folder/demo/01_Kick.wav"

# JSON: one object a finding, with all its members.
status 3 --only=hum,pairs --json "$song"
grep -vE '^\{"detector":"(hum|pairs)","weight":"(note|fault)","strip":"strip/[a-z-]*","name":"[^"]*","file":"[^"]*","other":("strip/[a-z-]*"|null),"(level_dbfs|delay_frames)":-?[0-9.]*,"times_s":\[[0-9.,]*\],"text":"[^"]*","mend":"[^"]*","lines":\[("[^"]*")?(,"[^"]*")?\]\}$' "$folder/out" && {
	echo "not as documented"
	bad=1
}

# Its lines mend what they can: afterwards there is nothing left to say about it.
status 3 --only=pairs --lines "$song"
./stemdesk set "$song" - <"$folder/out" || bad=1
status 0 --only=pairs "$song"
says ': 0 grave, 0 faults, 0 notes$'
./stemdesk set "$song" 'strip/*/delay default' || bad=1
status 3 --only=pairs --apply "$song"
says 'lines written to'
status 0 --only=pairs "$song"

# Misuse is told.
status 2
status 2 --only=nothing "$song"
says 'there is no detector "nothing"'
status 2 --only=hum --without=hum "$song"
status 2 --apply "$folder/demo"
status 1 "$folder/none.desk"
status 0 --detectors
for word in clipping lossy hum noise clicks dc sides silence pairs rate length limited unreadable; do
	says "^$word "
done
exit $bad
