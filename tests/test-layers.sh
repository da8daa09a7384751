#!/bin/sh
# Every include line stays within its layer, and each library behind the file that stands for it.
src=${srcdir:-.}/src
bad=0

# may FOLDER FOLDER...: what the first may include beside itself.
may() {
	from=$1
	shift
	[ -d "$src/$from" ] || return 0
	for file in "$src/$from"/*.[ch] "$src/$from"/*.def "$src/$from"/*/*.[ch] "$src/$from"/*/*.def; do
		[ -e "$file" ] || continue
		# shellcheck disable=SC2013  # words are what we want
		for line in $(sed -n 's/^[ \t]*#[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' "$file"); do
			case " $from $* " in
			*" ${line%%/*} "*) continue ;;
			esac
			[ "$line" = config.h ] && continue
			echo "$file includes \"$line\": $from/ may use only: ${*:-itself}"
			bad=$((bad + 1))
		done
	done
}

# only HEADER FILE...: the files (patterns below src) that may include a system header.
only() {
	header=$1
	shift
	# shellcheck disable=SC2013  # our files have no spaces in their names
	for file in $(grep -lE "^[[:space:]]*#[[:space:]]*include[[:space:]]*<$header>" "$src"/*.[ch] "$src"/*/*.[ch] "$src"/*/*/*.[ch]); do
		name=${file#"$src"/}
		ok=no
		for pattern in "$@"; do
			# shellcheck disable=SC2254  # the word is a pattern
			case $name in
			$pattern) ok=yes ;;
			esac
		done
		[ $ok = yes ] && continue
		echo "$file includes <$header>: that is for $*"
		bad=$((bad + 1))
	done
}

may base
may dsp base
may media base dsp
may session base
may engine session media dsp base
may device base
may master engine session media dsp base
may control master engine session media device base
may ui control base
may demo base
may cli demo control master engine session media device base
for folder in "$src"/*/; do
	folder=${folder%/}
	case ${folder##*/} in
	base | dsp | media | session | engine | device | master | control | ui | demo | cli) ;;
	*)
		ls "$folder"/*.[ch] >/dev/null 2>&1 || continue
		echo "$folder is no layer"
		bad=$((bad + 1))
		;;
	esac
done

only 'stdatomic\.h' 'base/*'
only '(ncursesw/)?(n?curses|term)\.h' 'ui/*'
only 'alsa/asoundlib\.h' 'device/*'
# The demo song writes its own stems.
only 'sndfile\.h' 'media/*' 'demo/demo_song.c'
only 'soxr\.h' 'media/*'
only 'ebur128\.h' 'master/*' 'engine/*' 'media/*'
only '(x?mm|em|tm|sm|nm|im|wm)intrin\.h|arm_neon\.h' base/fpu.c

# A run that saw nothing proves nothing.
seen=$(cat "$src"/*/*.[ch] "$src"/*/*/*.[ch] | grep -c '^#include "')
if [ "$seen" -lt 100 ]; then
	echo "only $seen include lines seen in $src"
	bad=$((bad + 1))
fi
[ $bad -eq 0 ]
