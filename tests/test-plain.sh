#!/bin/sh
# The desk without a screen: a conversation on standard input and output, word for word.
program=$(pwd)/stemdesk
dir=$(mktemp -d "${TMPDIR:-/tmp}/stemdesk-plain-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
export XDG_CACHE_HOME="$dir/cache" XDG_CONFIG_HOME="$dir/config" XDG_RUNTIME_DIR="$dir/run"
mkdir -p "$dir/song" "$dir/run"
bad=0

# number N: four bytes, the lowest first.
number() {
	# shellcheck disable=SC2059  # the format is the point
	printf "$(printf '\\%03o\\%03o\\%03o\\%03o' $(($1 % 256)) $(($1 / 256 % 256)) $(($1 / 65536 % 256)) $(($1 / 16777216)))"
}
# wav NAME: two seconds of 16-bit mono at 8 kHz; "y\n" is 0x0a79 = 2681, a steady -21.74 dBFS.
wav() {
	{
		printf 'RIFF'
		number 32036
		printf 'WAVEfmt '
		number 16
		printf '\001\000\001\000'
		number 8000
		number 16000
		printf '\002\000\020\000data'
		number 32000
		yes | head -c 32000
	} >"$dir/song/$1.wav"
}
# talk NAME ARGUMENT...: the conversation of standard input, in the files NAME.out and NAME.err.
talk() {
	name=$1
	shift
	"$program" --plain -D null "$@" >"$dir/$name.out" 2>"$dir/$name.err"
	echo $? >"$dir/$name.status"
}
# same NAME: its answers are those of standard input.
same() {
	if ! diff "$dir/$1.out" - >"$dir/diff"; then
		echo "FAILED: $1 (< is what came, > what was to come)"
		cat "$dir/diff" "$dir/$1.err"
		bad=1
	fi
}
# has FILE PATTERN
has() {
	grep -Eq -e "$2" "$dir/$1" && return
	echo "FAILED: \"$2\" is not in $1:"
	cat "$dir/$1"
	bad=1
}

wav 01_Kick
wav 02_Bass
"$program" new "$dir/song" -o "$dir/song/song.desk" >/dev/null 2>"$dir/new.err" || {
	cat "$dir/new.err"
	exit 1
}
set -- "$dir/song/song.desk"

# changes are echoed, questions answered, errors told; the end of the input leaves without saving
talk first "$1" <<'.'
strip/kick/fader -6.5
strip/*/trim 3

# a remark
strip/bass/pan L30
select bass
strip
strip kick
@/mute on
undo
redo
strip/kick/fader 700
nonsense here
scroll 3
get strip/kick/fader
master
status
.
cp "$dir/first.out" "$dir/whole.out"
grep -v "^error: " "$dir/whole.out" | sed 's/fader 700.*//' >"$dir/first.out"
same first <<'.'
1 Kick fader -6.5 dB (was 0.0 dB)
1 Kick trim 3.0 dB (was 0.0 dB) and 1 more
2 Bass pan L30 (was C)
2 Bass: fader 0.0 dB, pan L30, trim 3.0 dB, peak -inf dB
1 Kick: fader -6.5 dB, pan C, trim 3.0 dB, peak -inf dB
2 Bass mute on (was off)
undone: 2 Bass mute off (was on)
redone: 2 Bass mute on (was off)
strip/kick/fader -6.5
mix: fader 0.0 dB, peak -inf dB
master: fader 0.0 dB, on: limiter, peak -inf dB
the mix is heard
stopped at 0:00.000 of 0:02.000
no sound (clock only), load 0 %, at worst 0 %
0 xruns, 0 of them for the desk took longer than a period, 0 disk faults
listened to for 0:00 h in all, 0:00 h without a pause
there are changes that are not saved
left without saving what was changed
.
has whole.out '^error: .*700'
has whole.out '^error: .*nonsense'
has whole.out '^error: scroll: only a screen'
[ "$(grep -c '^error: ' "$dir/whole.out")" -eq 3 ] || {
	echo "FAILED: not three errors"
	bad=1
}
has first.status '^0$'
if grep -q fader "$dir/song/song.desk"; then
	echo "FAILED: the end of the input saved"
	bad=1
fi

# what is saved is in the file; help lists what can be said
printf 'strip/kick/fader -3\nhelp locate\nsave\nquit\nstrip/kick/fader -9' | talk second "$1"
same second <<.
lines change the desk (strip/kick/fader -6.5, strip/kick/mute toggle), commands do the rest:
locate TIME|+TIME|-TIME|Nbar|+Nbars|MARKER|next|prev|end: go to a time of the song (1:23.5, 12s), on or back by one, to a bar (17bar, -2bars), a marker, or the next one
1 Kick fader -3.0 dB (was 0.0 dB)
saved $1
.
has song/song.desk '^strip/kick/fader -3$'

# sound: -21.74 dB, -3 dB by the fader and -3.01 dB by the pan's law; the transport tells where it is
{
	echo play
	sleep 0.6
	echo meters
	echo stop
	sleep 0.3
	echo meters
	echo 'strip/kick/mute on'
	echo 'locate 0s'
	echo play
	sleep 0.6
	echo meters
	echo exit
} | talk third "$1"
has third.out '^playing at 0:0'
has third.out '^stopped at 0:0'
has third.out '^1 Kick: peak -27\.[78] dB'
has third.out '^2 Bass: peak -24\.[78] dB'
# since the first question, since the stop, since the mute
sed -n '/^1 Kick mute on/,$p' "$dir/third.out" | grep -v 'Kick: peak' | grep -q 'Bass: peak' || {
	echo "FAILED: a muted strip has a peak, or the other has none"
	cat "$dir/third.out"
	bad=1
}
has third.out '^saved '
has song/song.desk '^strip/kick/mute on$'
if [ -n "$(ls "$dir/run/stemdesk")" ]; then
	echo "FAILED: something is left of the socket"
	bad=1
fi

# from outside into the conversation, and an end that is asked for
mkfifo "$dir/in"
"$program" --plain -D null "$1" <"$dir/in" >"$dir/fourth.out" 2>"$dir/fourth.err" &
desk=$!
exec 3>"$dir/in"
tries=0
until [ -n "$(ls "$dir/run/stemdesk" 2>/dev/null)" ] || [ $tries -eq 50 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
"$program" set "$1" 'strip/bass/fader -4' 2>"$dir/set.err"
has set.err '2 Bass fader -4.0 dB'
kill -TERM $desk
wait $desk
echo $? >"$dir/fourth.status"
exec 3>&-
has fourth.status '^0$'
has fourth.out '^2 Bass fader -4.0 dB'
has song/song.desk '^strip/bass/fader -4$'

# a folder is its session, whatever that is called; of two it is told to name one
mv "$dir/song/song.desk" "$dir/song/take two.desk"
printf 'get strip/bass/fader\n' | talk fifth "$dir/song"
has fifth.out '^strip/bass/fader -4$'
cp "$dir/song/take two.desk" "$dir/song/take three.desk"
printf 'get strip/bass/fader\n' | talk sixth "$dir/song"
has sixth.err 'holds 2 sessions, and none is called song\.desk'
has sixth.status '^1$'
cp "$dir/song/take two.desk" "$dir/song/song.desk"
printf 'strip/bass/fader -5\nexit\n' | talk seventh "$dir/song"
has song/song.desk '^strip/bass/fader -5$'
exit $bad
