#!/bin/sh
# A song is mixed as a new user would: from the folder of 24 stems to the bounced file, in tmux at 80x24, at 160x45 and
# on a plain terminal. The screens are printed.
for tool in tmux python3; do
	command -v $tool >/dev/null 2>&1 || {
		echo "SKIPPED: there is no $tool (Debian packages tmux, python3)"
		exit 77
	}
done
program=$(pwd)/stemdesk
dir=$(mktemp -d "${TMPDIR:-/tmp}/stemdesk-mix-XXXXXX") || exit 1
socket=none runs=0
trap 'tmux -L "$socket" kill-server 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM

mux() {
	tmux -L "$socket" "$@"
}
fail() {
	echo "FAILED: $*"
	echo "--- the screen:"
	mux capture-pane -p
	exit 1
}
# picture WORDS: the screen, to be looked at.
picture() {
	echo "=== $*"
	mux capture-pane -p
}
# see TEXT: waits until the screen shows it.
see() {
	tries=0
	until mux capture-pane -p -J | grep -qF -e "$1"; do
		tries=$((tries + 1))
		[ $tries -lt 400 ] || fail "\"$1\" is not to be seen"
		sleep 0.05
	done
}
keys() {
	mux send-keys "$@" || fail "no keys"
}
# type_line TEXT: at the prompt.
type_line() {
	keys :
	mux send-keys -l -- "$1"
	keys Enter
}
# value ADDRESS VALUE: what the saved session has.
value() {
	"$program" get "$dir/song/song.desk" "$1" | grep -qxF -e "$1 $2" || {
		echo "FAILED: $1 is not $2 but $("$program" get "$dir/song/song.desk" "$1")"
		exit 1
	}
}

# mix COLUMNS ROWS ENVIRONMENT...
mix() {
	columns=$1 rows=$2
	shift 2
	rm -rf "$dir/song"
	cp -r "$dir/stems" "$dir/song"
	runs=$((runs + 1))
	socket=stemdesk-mix-$$-$runs
	env -u TMUX XDG_CONFIG_HOME="$dir/config" XDG_CACHE_HOME="$dir/cache" XDG_RUNTIME_DIR="$dir/run" \
		XDG_STATE_HOME="$dir/state" \
		tmux -L "$socket" -f /dev/null new-session -d -x "$columns" -y "$rows" \
		"env $* '$program' -D null '$dir/song'; echo left \$?; exec cat" || {
		echo "SKIPPED: tmux does not run here"
		exit 77
	}
	see "1 Kick"
	see "stop 0:00.0"
	see "welcome"

	# looking round, listening
	keys '?'
	see "help"
	keys q
	keys Space
	see "play 0:0"

	# balance: faders by keys and typed, pan, mute, solo; the wrong thing, taken back
	keys Down Down Down
	see "1 Kick fader -3.0 dB"
	keys l
	keys "=" -
	mux send-keys -l -- "6.5"
	keys Enter
	see "2 Snare fader -6.5 dB"
	keys l m
	see "3 Hat mute on"
	keys u
	see "undone: 3 Hat mute off"
	type_line "strip/gtr-l/pan L70"
	see "11 Gtr L pan L70"
	type_line "strip/gtr-r/pan R70"
	see "12 Gtr R pan R70"
	type_line "select lead"
	see "20 Lead Vox  fader"
	keys s
	see "20 Lead Vox solo on"
	keys s
	see "20 Lead Vox solo off"
	picture "the balance, ${columns}x$rows $*"

	# the voice: a high-pass filter, equaliser and compressor
	type_line "@/hpf/on on"
	see "20 Lead Vox hpf/on on"
	keys g e
	see "HPF"
	type_line "@/eq/4/gain 2.5"
	see "eq/4/gain 2.5 dB"
	picture "the equaliser, ${columns}x$rows $*"
	keys g d
	see "comp"
	type_line "@/comp/on on"
	see "20 Lead Vox comp/on on"
	type_line "@/comp/threshold -24"
	see "comp/threshold -24.0 dB"
	keys q

	# a bus for the drums, a reverb for the voices
	type_line "bus/drums/name Drums"
	see "bus Drums is new"
	type_line "strip/1-8/out bus/drums"
	see "out bus/drums"
	type_line "bus/verb/name Room"
	see "bus Room is new"
	type_line "bus/verb/reverb/on on"
	see "bus Room reverb/on on"
	type_line "strip/20-23/send/verb/level -12"
	see "20 Lead Vox send verb is new and 3 more"
	type_line "bus/drums/fader -2"
	see "bus Drums fader -2.0 dB"
	picture "the buses, ${columns}x$rows $*"

	# the master, and the file
	keys g m
	type_line "mix/fader -18"
	see "mix fader -18.0 dB"
	picture "the master, ${columns}x$rows $*"
	keys q
	type_line "bounce mix.flac bits=24"
	see "bounced mix.flac"
	see "LUFS"
	picture "bounced, ${columns}x$rows $*"
	keys Z Z
	see "left 0"

	# what was done is what is there
	value strip/kick/fader -3
	value strip/snare/fader -6.5
	value strip/gtr-l/pan L70
	value strip/lead-vox/comp/threshold -24
	value bus/drums/fader -2
	value mix/fader -18
	"$program" bounce "$dir/song/song.desk" -o "$dir/again.flac" --bits=24 >"$dir/bounced" 2>&1 || {
		cat "$dir/bounced"
		echo "FAILED: the session does not bounce"
		exit 1
	}
	cmp "$dir/song/mix.flac" "$dir/again.flac" || {
		echo "FAILED: the bounce from the desk is not that of the session"
		exit 1
	}
	mux kill-server
}

mkdir -p "$dir/stems" "$dir/config"
mkdir -m 700 "$dir/run"
PYTHONDONTWRITEBYTECODE=1 python3 "${srcdir:-.}/tests/stems.py" "$dir/stems" 6 || exit 1
mix 80 24 LC_ALL=C.UTF-8
mix 160 45 LC_ALL=C.UTF-8
mix 80 24 LC_ALL=C TERM=vt100 NO_COLOR=1
exit 0
