#!/bin/sh
# Nothing is lost: the real console in tmux is killed, hung up, stopped and taken over in the middle of work, and what
# was done is there when the session is opened again.
command -v tmux >/dev/null 2>&1 || {
	echo "SKIPPED: there is no tmux (Debian package tmux)"
	exit 77
}
program=$(pwd)/stemdesk
dir=$(mktemp -d "${TMPDIR:-/tmp}/stemdesk-recover-XXXXXX") || exit 1
socket=none runs=0 beside=$dir/song/.song.desk.d
trap 'tmux -L "$socket" kill-server 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM

# wav NAME: 4 seconds of silence, 8 bits, mono, at 8 kHz.
wav() {
	{
		printf 'RIFF\044\175\000\000WAVEfmt \020\000\000\000\001\000\001\000'
		printf '\100\037\000\000\100\037\000\000\001\000\010\000data\000\175\000\000'
		yes 'ÿ' | tr -c '\200' '\200' | head -c 32000
	} >"$dir/song/$1.wav"
}
mux() {
	tmux -L "$socket" "$@"
}
fail() {
	echo "FAILED: $*"
	echo "--- the screen:"
	mux capture-pane -p
	echo "--- the journal:"
	cat "$beside/journal"
	exit 1
}
# until_so SECONDS COMMAND...: tries until it succeeds.
until_so() {
	turns=$(($1 * 20))
	shift
	until "$@"; do
		turns=$((turns - 1))
		[ $turns -gt 0 ] || return 1
		sleep 0.05
	done
}
shows() {
	mux capture-pane -p 2>/dev/null | grep -qF -e "$1"
}
see() {
	until_so 10 shows "$1" || fail "\"$1\" is not to be seen"
}
type_line() {
	mux send-keys : || fail "no prompt"
	mux send-keys -l "$1"
	mux send-keys Enter
}
# run: the console in a terminal of its own; how it ended and whether the terminal is as it was comes after it.
run() {
	mux kill-server 2>/dev/null
	runs=$((runs + 1))
	socket=stemdesk-recover-$$-$runs
	env -u TMUX LC_ALL=C.UTF-8 XDG_CONFIG_HOME="$dir/config" XDG_CACHE_HOME="$dir/cache" \
		tmux -L "$socket" -f /dev/null new-session -d -x 120 -y 24 \
		"'$program' -D null '$dir/song' ; echo left \$?; stty -a | grep -o ' icanon'; exec sleep 600" || {
		echo "SKIPPED: tmux does not run here"
		exit 77
	}
	see "Kick  "
}
# The process that holds the session.
holder() {
	cut -d ' ' -f 2 "$beside/lock"
}
# A process that nobody has waited for yet is gone too.
gone() {
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}
kill_it() {
	pid=$(holder)
	kill -9 "$pid"
	until_so 5 gone "$pid" || fail "it is not to be killed"
}
value() {
	"$program" get "$dir/song/song.desk" "$1"
}

mkdir -p "$dir/song" "$dir/config"
for name in 01_Kick 02_Snare 03_Bass; do
	wav $name
done

# a session that was never saved, killed: all of it comes back, with its undo steps and where the user was
run
see "song.desk +"
[ ! -e "$beside" ] || fail "something was written before anything was done"
mux send-keys Up Up
see "1 Kick fader 2.0 dB (was 1.0 dB)"
type_line 'strip/snare/name "Side stick"'
see "Side stick"
type_line 'rename strip/bass low'
see "bass is gone"
mux send-keys l m
see "Side stick mute on"
mux send-keys u
see "undone: 2 Side stick mute off"
type_line 'locate 1.5s'
see "0:01.5"
type_line 'strip/low/fader -4.5'
see "3 Bass fader -4.5 dB"
sleep 2
kill_it
run
see "recovered 7 edits of 20"
see "u undoes them"
see "2 Side stick"
see "0:01.5"
type_line 'get strip/low/fader'
see "strip/low/fader -4.5"
mux send-keys u
see "undone: 3 Bass fader 0.0 dB"
mux send-keys C-r
see "redone: 3 Bass fader -4.5 dB"

# saved and left: the journal has nothing more to tell
mux send-keys Z Z
see "left 0"
see " icanon"
[ ! -e "$beside/journal" ] || fail "a journal stays though all is saved"
value strip/kick/fader | grep -qx 'strip/kick/fader 2' || fail "the fader is not in the file"
value strip/low/fader | grep -qx 'strip/low/fader -4.5' || fail "the bass is not in the file"

# SIGTERM, SIGHUP and a terminal that is closed: gone within two seconds, with the last edit in the journal
for how in TERM HUP close; do
	run
	mux send-keys Space
	see "play"
	type_line "song/title \"by $how\""
	see "by $how"
	pid=$(holder)
	if [ $how = close ]; then
		mux kill-server
	else
		kill -$how "$pid"
	fi
	until_so 2 gone "$pid" || fail "SIG$how: still there after two seconds"
	if [ $how != close ]; then
		see "left 0"
		see " icanon"
	fi
	[ ! -e "$beside/lock" ] || fail "SIG$how: the lock stays"
	grep -q "song/title \"by $how\"\$" "$beside/journal" || fail "SIG$how: the edit is not in the journal"
	run
	see "recovered 1 edit of 20"
	type_line "get song/title"
	see "song/title \"by $how\""
	# left without saving: it does not come back, and is kept
	mux send-keys Z Q
	see "left 0"
	[ ! -e "$beside/journal" ] || fail "the journal stays though the edits were given up"
done
[ "$(find "$beside" -name 'journal-left-*' | wc -l)" -eq 3 ] || fail "edits that were given up are not kept"

# a damaged journal: what lies before the damage comes back, the journal itself is kept
run
for n in 1 2 3; do
	type_line "strip/kick/fader -$n"
	see "fader -$n.0 dB"
done
kill_it
sed 's/fader -3$/fader -4/' "$beside/journal" >"$dir/flipped" && cp "$dir/flipped" "$beside/journal"
run
see "recovered 2 edits"
see "damaged"
see "1 Kick  fader -2.0 dB"
cmp -s "$beside"/journal-damaged-* "$dir/flipped" || fail "the damaged journal is not kept"

# an edit, killed, and the file is another when it is opened: nothing is done again, the journal is kept
type_line "strip/kick/fader -7"
see "fader -7.0 dB"
kill_it
"$program" set "$dir/song/song.desk" 'song/title "Other"' 2>"$dir/said" || fail "set"
grep -q "not saved" "$dir/said" || fail "set does not say that there are edits"
run
see "another version"
see "1 Kick  fader +2.0 dB"
grep -q 'strip/kick/fader -7' "$beside"/journal-other-* || fail "the journal of the other version is not kept"

# stopped and gone on: the screen is right again; so after a thousand window changes
type_line "strip/kick/fader -8"
see "fader -8.0 dB"
pid=$(holder)
kill -TSTP "$pid"
until_so 2 grep -q '^State:.T' "/proc/$pid/status" || fail "SIGTSTP does not stop it"
shows "1 Kick  fader" && fail "stopped, it keeps the screen"
kill -CONT "$pid"
see "1 Kick  fader -8.0 dB"
n=0
while [ $n -lt 1000 ]; do
	kill -WINCH "$pid"
	n=$((n + 1))
done
mux send-keys Up
see "1 Kick fader -7.0 dB (was -8.0 dB)"

# another console is told who holds the session, takes it over, and has the edits
touch -d '245 seconds ago' "$beside/lock" || fail "no lock"
mux split-window -e LC_ALL=C.UTF-8 "'$program' -D null '$dir/song/song.desk'; exec sleep 600"
see "in use by pid $pid, idle 4 min; you can look and listen, not change"
see ":takeover asks it to leave"
type_line "takeover"
until_so 5 gone "$pid" || fail "it is not taken over"
see "recovered 2 edits"
[ "$(holder)" != "$pid" ] || fail "the lock is not the new one's"
type_line "get strip/kick/fader"
see "strip/kick/fader -7"

# A line that drops while the desk renders: it comes to its end, and the next desk tells of it. It is halted, so that it
# cannot be done too soon; where it was faster than that, it is done.
note=$beside/rendering
renders() {
	type_line "bounce $1"
	until_so 20 [ -s "$note" ] || fail "nothing is rendered"
	worker=$(head -n 1 "$note" | cut -d ' ' -f 1)
	kill -STOP "$worker" 2>/dev/null
	until_so 5 grep -qE '^State:.[TZX]' "/proc/$worker/status" 2>/dev/null || [ ! -e "/proc/$worker" ] || fail "not halted"
}
halted() {
	grep -q '^State:.T' "/proc/$worker/status" 2>/dev/null
}
type_line "strip/kick/region/*/at 600s"
see "at 4800000"
renders long.wav
pid=$(holder)
mux kill-server
until_so 5 gone "$pid" || fail "a desk that renders does not leave"
was_halted=0
halted && was_halted=1
run
if [ $was_halted = 1 ]; then
	see "long.wav is still being rendered"
	kill -CONT "$worker"
fi
until_so 60 shows "long.wav, which the desk before began to render, is done" || fail "the end is not told"
[ -s "$dir/song/long.wav" ] || fail "nothing was rendered"
[ ! -e "$note" ] || fail "what was told is noted yet"
renders lost.wav
was_halted=0
halted && was_halted=1
kill_it
if [ $was_halted = 1 ]; then
	kill -9 "$worker"
	run
	see "lost.wav, which the desk before began to render, was not finished"
	[ ! -e "$dir/song/lost.wav" ] || fail "half a file has the name of a whole one"
else
	run
fi

# without a screen too a desk goes on without its terminal, where that is wished for, and is taken over
mux send-keys Z Z
see "left 0"
mux kill-server
socket=stemdesk-recover-$$-plain
env -u TMUX LC_ALL=C.UTF-8 XDG_CONFIG_HOME="$dir/config" XDG_CACHE_HOME="$dir/cache" \
	tmux -L "$socket" -f /dev/null new-session -d -x 120 -y 24 \
	"'$program' --plain --on-hangup=keep-playing -D null '$dir/song'"
until_so 10 [ -s "$beside/lock" ] || fail "no desk without a screen"
mux send-keys -l 'strip/kick/fader -5'
mux send-keys Enter
see "1 Kick fader -5.0 dB"
pid=$(holder)
mux kill-server
# input_is FILE
# shellcheck disable=SC2317  # until_so calls it
input_is() {
	[ "$(readlink "/proc/$pid/fd/0")" = "$1" ]
}
until_so 10 input_is /dev/null || fail "it does not let its terminal go"
"$program" set "$dir/song/song.desk" 'strip/snare/fader -4' >"$dir/said" 2>&1 || fail "it is not reached"
gone "$pid" && fail "it ended with its terminal"
run
see "in use by pid $pid, "
type_line "takeover"
until_so 5 gone "$pid" || fail "it is not taken over"
see "recovered"
see " -5.0     -4.0     -4.5 "
exit 0
