#include "engine/monitor.h"

#include "base/units.h"

void
monitor_matrix(const struct monitor_settings *s, float gain[4])
{
	double m[4] = {1, 0, 0, 1}, level = db_to_gain(s->level + s->turn + s->match + (s->dim ? MONITOR_DIM : 0));
	if (s->mono)
		m[0] = m[1] = m[2] = m[3] = 0.5;
	if (s->side) {
		m[0] = m[2] = 0.5;
		m[1] = m[3] = -0.5;
	}
	for (int side = 0; side < 2; side++) {
		int from = s->swap ? !side : side;
		for (int k = 0; k < 2; k++)
			gain[2 * side + k] = (float)(s->cut[side] ? 0 : m[2 * from + k] * level * (s->polarity[side] ? -1 : 1));
	}
}

void
monitor_init(struct rt_monitor *m, double rate)
{
	for (int k = 0; k < 4; k++)
		ramp_init(&m->gain[k], rate, k == 0 || k == 3 ? 1 : 0);
}

void
monitor_set(struct rt_monitor *m, const float gain[4])
{
	for (int k = 0; k < 4; k++)
		ramp_set(&m->gain[k], gain[k], 0);
}

void
monitor_run(struct rt_monitor *m, float *stereo, int frames)
{
	struct ramp *g = m->gain;
	int moving = g[0].moving || g[1].moving || g[2].moving || g[3].moving;
	if (!moving && g[0].y == 1 && g[1].y == 0 && g[2].y == 0 && g[3].y == 1)
		return;
	for (int t = 0; t < frames; t++) {
		for (int k = 0; k < 4 && moving; k++)
			if (g[k].moving)
				ramp_step(&g[k]);
		float l = stereo[2 * t], r = stereo[2 * t + 1];
		stereo[2 * t] = g[0].y * l + g[1].y * r;
		stereo[2 * t + 1] = g[2].y * l + g[3].y * r;
	}
	for (int k = 0; k < 4; k++)
		if (g[k].moving)
			ramp_settle(&g[k]);
}
