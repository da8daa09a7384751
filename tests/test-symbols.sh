#!/bin/sh
# What the kernels and the engine call: no libm (its results change with the processor), and from real-time objects
# nothing but a short list. Runs in the build folder, over the objects just built.
nm=${NM:-nm}
bad=0

undefined() {
	"$nm" -u "$@" | awk '$1 == "U" { print $2 }' | sed 's/@.*//' | LC_ALL=C sort -u
}

command -v "$nm" >/dev/null 2>&1 || {
	echo "SKIPPED: there is no nm (Debian package binutils)"
	exit 77
}
if undefined src/base/ring.o src/engine/*.o | grep -Eq '^__(asan|tsan|ubsan|gcov)_|^mcount$'; then
	echo "SKIPPED: an instrumented build calls its instruments"
	exit 77
fi

libm='a?(sin|cos|tan)h?|atan2|sincos|exp|exp2|exp10|expm1|log|log2|log10|log1p|logb|ilogb|pow|sqrt|cbrt|hypot|fma|fmod'
libm="$libm|drem|remainder|remquo|modf|frexp|ldexp|scalbl?n|erfc?|[lt]gamma|gamma|ceil|floor|trunc|l?l?round|l?l?rint"
libm="$libm|nearbyint|fmin|fmax|fdim|nextafter|nexttoward|j[01n]|y[01n]"
for object in libdsp*.a src/engine/*.o; do
	found=$(undefined "$object" | grep -Ex "(__)?($libm)[fl]?(_finite)?")
	[ -z "$found" ] && continue
	echo "$object calls libm: $(echo "$found" | tr "\n" " ")"
	bad=1
done

# real_time OBJECT PATTERN: fails on undefined symbols that PATTERN (an extended expression) and the common list leave.
common='memcpy|memset|memmove|_GLOBAL_OFFSET_TABLE_|__stack_chk_(fail|guard)'
real_time() {
	if [ ! -e "$1" ]; then
		echo "$1 is not there"
		bad=1
		return
	fi
	found=$(undefined "$1" | grep -Exv "$common|$2")
	[ -z "$found" ] && return
	echo "$1 calls what real time must not: $(echo "$found" | tr "\n" " ")"
	bad=1
}

# The names of our own objects that real-time code may call: all of dsp/, and the engine's real-time file.
defined() {
	"$nm" "$@" | awk '$2 ~ /^[TRDB]$/ { print $3 }' | LC_ALL=C sort -u | tr '\n' '|' | sed 's/|$//'
}

kernels=$(defined libdsp*.a)
graph=$(defined src/engine/graph_run.o src/engine/graph_strips.o src/engine/graph_master.o src/engine/graph_adopt.o src/engine/graph_probe.o src/engine/graph_key_rt.o src/engine/hearing.o src/engine/monitor.o src/engine/player_pick.o src/engine/player_look.o)
for library in libdsp*.a; do
	# __cpu_model and strcmp: the choice of a table of kernels, made at start.
	real_time "$library" "$kernels|f_[a-z0-9]+|__cpu_model|__cpu_indicator_init|strcmp"
done
for lanes in 1 4 8; do
	# What a library of one width defines must say so in its name: it may be built for processors that we are not on.
	found=$(defined libdsp$lanes.a | tr '|' '\n' | grep -v "_w$lanes\$")
	[ -z "$found" ] && continue
	echo "libdsp$lanes.a defines what belongs in libdsp0.a: $(echo "$found" | tr '\n' ' ')"
	bad=1
done
probe=$(defined src/engine/graph_probe.o src/engine/graph_key_rt.o)
real_time src/engine/graph_run.o "$kernels|f_[a-z0-9]+|graph_master_(insert|end)|graph_strips|$probe"
real_time src/engine/graph_strips.o "$kernels|f_[a-z0-9]+"
real_time src/engine/graph_probe.o "$kernels|f_[a-z0-9]+"
real_time src/engine/graph_key_rt.o "$kernels"
real_time src/engine/graph_master.o "$kernels|f_[a-z0-9]+"
real_time src/engine/monitor.o "$kernels|f_[a-z0-9]+"
real_time src/engine/hearing.o "$kernels|f_[a-z0-9]+|curves_pass|curves_band|memset"
real_time src/engine/graph_adopt.o "$kernels|f_[a-z0-9]+"
real_time src/engine/stream_rt.o "reel_(take|look)|media_convert"
real_time src/engine/player_pick.o "$graph"
real_time src/engine/player_look.o "$graph|ring_put"
real_time src/engine/player_rt.o "$graph|f_[a-z0-9]+|ring_get|ring_put|ring_count|clock_gettime"
# The device's thread: it waits in ppoll() alone, and calls of ALSA those that go with frames and states.
pcm='snd_pcm_(state|avail_update|poll_descriptors|poll_descriptors_revents|prepare|resume|start|(mmap_)?write[in])'
real_time src/device/play.o "$pcm|sample_convert|clock_gettime|ppoll|sem_post|ring_count|ring_put"
real_time src/device/null.o 'ring_get|clock_gettime|rt_pause'
real_time src/device/sample.o 'sample_formats'
# aligned_alloc and free: ring_new() and ring_free(), which the owner calls outside of real time.
real_time src/base/ring.o 'aligned_alloc|free'
exit $bad
