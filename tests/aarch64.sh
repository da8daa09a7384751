#!/bin/sh
# The engine on another processor: tests/bench/quantum.c cross-built for aarch64 and run under qemu puts out the same bits
# as here, for each width of vectors and several threads, and the golden sessions (tests/test-golden.c) sound as they are kept.
# Called by `make check-aarch64` with the lists of sources.
# Debian packages: gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user.
set -u
compiler=${CC_AARCH64:-aarch64-linux-gnu-gcc}
emulator=${QEMU_AARCH64:-qemu-aarch64}
out=aarch64
for tool in "$compiler" "$emulator"; do
	command -v "$tool" >/dev/null 2>&1 || {
		echo "there is no $tool (Debian packages gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user)"
		exit 1
	}
done
mkdir -p "$out"

# compile PREFIX FLAGS SOURCE...: three lines an object for xargs: its name, its source, its flags.
compile() {
	prefix=$1
	shift
	flags=$1
	shift
	for source in "$@"; do
		case $source in
		*.c)
			object=$out/$prefix-$(echo "$source" | tr / -).o
			echo "$object"
			echo "$srcdir/$source"
			echo "$flags"
			;;
		esac
	done
}

# The engine without files: session and graph.
engine=
# shellcheck disable=SC2153  # make hands the lists over
for source in $ENGINE; do
	case $source in
	src/session/* | src/engine/graph* | src/engine/build* | src/engine/pool*) engine="$engine $source" ;;
	esac
done
# shellcheck disable=SC2086  # lists of words
{
	compile rest -O2 $BASE $engine tests/bench/quantum.c
	# gcc 12 for aarch64 breaks off while it makes vectors of this one's loops
	compile rest "-O2 -fno-tree-vectorize -I$srcdir/tests/bare" tests/test-golden.c
	compile once -O3 $ONCE
	for lanes in 1 4 8; do
		compile lanes$lanes "-O3 -DLANES=$lanes" $KERNELS
	done
} >"$out/list"
export compiler FLAGS srcdir
# shellcheck disable=SC2016  # the inner shell expands
xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 3 -d '\n' sh -c '
	"$compiler" $FLAGS -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I"$srcdir/src" $2 -c -o "$0" "$1" || exit 255' <"$out/list" || exit 1
for program in bench-quantum test-golden; do
	case $program in
	test-golden) other=bench-quantum ;;
	*) other=test-golden ;;
	esac
	awk 'NR % 3 == 1' "$out/list" | grep -v "$other" |
		xargs sh -c '"$compiler" -static -o "$0" "$@" -lpthread -lm' "$out/${program#bench-}" || exit 1
done

bad=0
expected=$(tests/bench/quantum sum 1 1) || exit 1
echo "$expected here, 1 lane, 1 thread"
for how in '4 1' '4 3' '8 2'; do
	# shellcheck disable=SC2086
	sum=$(tests/bench/quantum sum $how)
	status=$?
	[ $status -eq 77 ] && continue
	echo "$sum here, $how (lanes, threads)"
	[ "$sum" = "$expected" ] || bad=1
done
for how in '1 1' '4 2' '8 1'; do
	# shellcheck disable=SC2086
	sum=$("$emulator" "$out/quantum" sum $how) || bad=1
	echo "$sum aarch64, $how"
	[ "$sum" = "$expected" ] || bad=1
done
if "$emulator" "$out/test-golden"; then
	echo "the golden sessions sound as they are kept"
else
	bad=1
fi
[ $bad -eq 0 ] && echo "the same bits"
exit $bad
