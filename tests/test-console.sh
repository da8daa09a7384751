#!/bin/sh
# The real console in a real terminal: a folder of stems is opened in tmux at 80x24, keys are typed, the screen is read.
command -v tmux >/dev/null 2>&1 || {
	echo "SKIPPED: there is no tmux (Debian package tmux)"
	exit 77
}
program=$(pwd)/stemdesk
dir=$(mktemp -d "${TMPDIR:-/tmp}/stemdesk-console-XXXXXX") || exit 1
socket=none runs=0
trap 'tmux -L "$socket" kill-server 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM

# wav NAME SECONDS: 16-bit mono at 8 kHz; "y\n" is 0x0a79 = 2681, a steady -21.74 dBFS.
wav() {
	bytes=$(($2 * 16000))
	{
		printf 'RIFF'
		number $((bytes + 36))
		printf 'WAVEfmt '
		number 16
		printf '\001\000\001\000'
		number 8000
		number 16000
		printf '\002\000\020\000data'
		number $bytes
		yes | head -c $bytes
	} >"$dir/song/$1.wav"
}
# number N: four bytes, the lowest first.
number() {
	# shellcheck disable=SC2059  # the format is made here, of octal escapes alone
	printf "$(printf '\\%03o\\%03o\\%03o\\%03o' $(($1 % 256)) $(($1 / 256 % 256)) $(($1 / 65536 % 256)) $(($1 / 16777216)))"
}

mux() {
	tmux -L "$socket" "$@"
}
screen() {
	mux capture-pane -p
}
fail() {
	echo "FAILED: $*"
	echo "--- the screen:"
	screen
	exit 1
}
# see TEXT: waits until the screen shows it.
see() {
	tries=0
	until screen | grep -qF -e "$1"; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || fail "\"$1\" is not to be seen"
		sleep 0.1
	done
}
see_not() {
	tries=0
	while screen | grep -qF -e "$1"; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || fail "\"$1\" does not go away"
		sleep 0.1
	done
}
# type_line TEXT: at the prompt.
type_line() {
	mux send-keys : || fail "no prompt"
	mux send-keys -l "$1"
	mux send-keys Enter
}
# run COLUMNS ROWS COMMAND
run() {
	mux kill-server 2>/dev/null
	runs=$((runs + 1))
	socket=stemdesk-test-$$-$runs # a server that ends may still hold the last one
	env -u TMUX XDG_CONFIG_HOME="$dir/config" XDG_CACHE_HOME="$dir/cache" XDG_STATE_HOME="$dir/state" \
		tmux -L "$socket" -f /dev/null new-session -d -x "$1" -y "$2" "$3; echo left \$?; exec cat" || {
		echo "SKIPPED: tmux does not run here"
		exit 77
	}
}

mkdir -p "$dir/song" "$dir/config"
for name in 01_Kick 02_Snare 03_Bass 04_LeadVox; do
	wav $name 20
done

run 80 24 "LC_ALL=C.UTF-8 '$program' -D null '$dir/song'"
see "1 Kick  fader +0.0 dB  pan C"
see "stop 0:00.0"
see "song.desk +"
see "no sound (clock only)"
screen | sed -n 2p | grep -q '^1 .*2 .*3 .*4 ' || fail "the strips' numbers are not in the second line"

# values, by keys and at the prompt, told in words
mux send-keys Up Up
see "1 Kick fader 2.0 dB (was 1.0 dB)"
mux send-keys 3 K
see "1 Kick  fader +5.0 dB"
mux send-keys u
see "undone: 1 Kick fader"
mux send-keys = 2 Enter
see "1 Kick  fader +2.0 dB"
mux send-keys l l m
see "3 Bass mute on"
mux send-keys h j J
see "2 Snare pan L5"
mux send-keys H
see "2 Snare pan L6 (was L5)"
mux send-keys BSpace
see "2 Snare pan C"
mux send-keys = L3 Enter k = +1.5 Enter
see "2 Snare fader 1.5 dB (was 0.0 dB)"
see "pan L3"

# what may follow a prefix is shown, and Esc forgets it; what a key would do is told, not done
mux send-keys g
see "equaliser and filters"
mux send-keys Escape
see_not "equaliser and filters"
mux send-keys g "?" m
see "@/mute toggle"
screen | grep -qF "muted" && fail "describing a key did what it does"
type_line "strip/4/fader -6.5"
see "4 LeadVox fader -6.5 dB"
type_line "strip/4/fader loud"
see "loud"
type_line "select lead"
see "4 LeadVox  fader -6.5 dB"
mux send-keys '&'
see "& is no key here; ? shows the keys"

# sound: the transport runs, the meters stand where they must (-21.74 + 2 - 3.01 dB of pan)
mux send-keys g g
mux send-keys Space
see "play 0:0"
see "1 Kick  fader +2.0 dB  pan C  peak -22.8"
mux send-keys Space
see "stop 0:"
mux send-keys Home
see "stop 0:00.0"

# the structure changes, and goes back
type_line "bus/verb/name Verb"
see "bus Verb is new"
mux send-keys u
see "undone: bus verb is gone"

# help from the live keymap, and back
mux send-keys "?"
see "help 1-"
see "select next %1"
mux send-keys / m u t e
see "@/mute toggle"
see_not "select next %1"
mux send-keys Enter q
see_not "help 1-"
mux send-keys C-c
see "ZZ saves and leaves"

# a narrow, low window keeps the chosen strip in sight; a big one shows more
mux resize-window -x 40 -y 10
see "1 Kick  fader +2.0"
mux resize-window -x 20 -y 5
see "1 Kick"
mux resize-window -x 120 -y 40
see "LeadVox"
see "-6.5"

# leaving: not with changes unless told, then saved
type_line "quit"
see "not saved"
mux send-keys Z Z
see "left 0"
[ -f "$dir/song/song.desk" ] || fail "the session was not saved"
"$program" get "$dir/song/song.desk" strip/4/fader | grep -q -- '-6.5' || fail "the fader was not saved"

# a plain terminal without colours, UTF-8 or a second screen; keys of one's own
mkdir -p "$dir/config/stemdesk"
echo 'bind mixer y @/fader -12' >"$dir/config/stemdesk/keys"
run 80 24 "LC_ALL=C TERM=vt100 NO_COLOR=1 '$program' -D null '$dir/song'"
see "# stop 0:00.0"
mux send-keys y
see "1 Kick fader -12.0 dB (was 2.0 dB)"
mux send-keys Space
see "> play"
screen | LC_ALL=C grep -q '[^ -~]' && fail "there is more than ASCII on the screen"
mux send-keys Z Q
see "left 0"

# other terminals, as far as this machine knows them
for term in linux screen tmux xterm vt220; do
	infocmp $term >/dev/null 2>&1 || continue
	run 80 24 "LC_ALL=C.UTF-8 TERM=$term '$program' -D null '$dir/song'"
	see "1 Kick  fader"
	mux send-keys l g e
	see "2 Snare  eq/"
	mux send-keys q Z Q
	see "left 0"
done

# somebody else has it: looking is offered
run 80 24 "LC_ALL=C.UTF-8 '$program' -D null '$dir/song/song.desk'"
see "1 Kick"
mux split-window "LC_ALL=C.UTF-8 '$program' -D null '$dir/song/song.desk'; exec cat"
mux resize-pane -y 12
see "(looking only)"

# without a terminal: what to use instead
"$program" "$dir/song" </dev/null >"$dir/out" 2>&1 && fail "it ran without a terminal"
grep -q "stemdesk bounce" "$dir/out" || fail "it does not say what to use without a terminal"
exit 0
