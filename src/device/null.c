#include "device/device_parts.h"

#include "base/clock.h"

/* Further behind than this the clock starts anew: the machine slept, and nobody waits for what was missed. */
#define LATE_NS 200000000

int
rt_clock(struct rt_device *rt)
{
	int64_t start = clock_ns();
	double played = 0; /* frames since then */
	for (;;) {
		int64_t due = start + (int64_t)(played / rt->rate * 1e9), now = clock_ns();
		if (now - due > LATE_NS) {
			start = now;
			played = 0;
		} else if (due > now) {
			if (rt_pause(rt, due - now < LOOK_NS ? due - now : LOOK_NS))
				return 0;
		} else if (rt_pause(rt, 0)) {
			return 0;
		}
		if (ring_get(rt->to_rt, &rt->sink) == 0)
			return 1;
		if (clock_ns() < due)
			continue;
		rt->process(rt->arg, rt->floats, rt->hold ? 0 : rt->period);
		played += rt->period;
	}
}
