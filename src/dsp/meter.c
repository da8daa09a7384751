#include "dsp/meter.h"

#include "base/fmath.h"
#include "dsp/dsp.h"
#include "dsp/lanes.h"

/*
 * How quasi-peaks rise: two capacitors that are charged through diodes, and their voltages mixed. With one no choice of
 * its time meets the whole table of type II; these meet both tables to within a third of the tolerances. `reads` is
 * what a steady sine charges them to.
 */
static const struct {
	double fast, slow, share, reads, fall; /* s, s; of the fast one; factor; dB a second */
} quasi[2] = {
    {0.001373, 0.01285, 0.7, 0.9664, 24 / 2.8}, /* PPM */
    {0.001226, 0.00656, 0.9, 0.9767, 20 / 1.7}, /* DIN */
};

/*
 * The VU needle: a damped swing, driven by the mean magnitude. 1.25 % of overshoot is a damping of 0.8127, and with it
 * 99 % is reached at 4.0535 / (angular frequency).
 */
#define VU_DAMPING 0.8127
#define VU_OMEGA (4.0535 / 0.3)

#define K_RATE                                                                                                         \
	(5.835 / 0.6) /* two equal poles on the square: (1 + t) exp(-t) is 0.0199 at 5.835, 99 % of the level              \
	               */

/*
 * a, b     by kind: charges of the fast and the slow capacitor; mean square behind one pole and behind two; how far the
 *          needle is from the mean last seen, and its speed over VU_OMEGA
 * mean     of the magnitude in the last quantum, which the needle goes to
 * rise     a frame's share of the way up; fall: of a quantum; turn: the needle's motion in a quantum
 */
struct meter {
	vf a[2], b[2], mean[2];
	float rise[2][2], fall[2], pole, turn[4];
};

static void
meter_init(void *state, double rate)
{
	struct meter *m = state;
	double quantum = QUANTUM / rate, sigma = VU_DAMPING * VU_OMEGA;
	double theta = VU_OMEGA * f_sqrt(1 - VU_DAMPING * VU_DAMPING), decay = f_exp(-sigma * quantum);
	double c = decay * f_cos(theta * quantum), s = decay * f_sin(theta * quantum);
	*m = (struct meter){.pole = (float)(1 - f_exp(-K_RATE * quantum))};
	for (int k = 0; k < 2; k++) {
		m->rise[k][0] = (float)(1 - f_exp(-1 / (quasi[k].fast * rate)));
		m->rise[k][1] = (float)(1 - f_exp(-1 / (quasi[k].slow * rate)));
		m->fall[k] = (float)f_pow(10, -quasi[k].fall * quantum / 20);
	}
	m->turn[0] = (float)(c + sigma / theta * s);
	m->turn[1] = (float)(VU_OMEGA / theta * s);
	m->turn[2] = -m->turn[1];
	m->turn[3] = (float)(c - sigma / theta * s);
}

static void
run_quasi(struct meter *m, int kind, const vf *l, const vf *r)
{
	float fast = m->rise[kind][0], slow = m->rise[kind][1], fall = m->fall[kind];
	vf la = m->a[0] * fall, lb = m->b[0] * fall, ra = m->a[1] * fall, rb = m->b[1] * fall;
	for (int t = 0; t < QUANTUM; t++) {
		vf x = vf_abs(l[t]), y = vf_abs(r[t]);
		la += fast * vf_above_zero(x - la);
		lb += slow * vf_above_zero(x - lb);
		ra += fast * vf_above_zero(y - ra);
		rb += slow * vf_above_zero(y - rb);
	}
	m->a[0] = la, m->b[0] = lb, m->a[1] = ra, m->b[1] = rb;
}

static void
run_rms(struct meter *m, int side, const vf *x)
{
	vf sum = vf_all(0);
	for (int t = 0; t < QUANTUM; t++)
		sum += x[t] * x[t];
	m->a[side] += m->pole * (sum * (1.0f / QUANTUM) - m->a[side]);
	m->b[side] += m->pole * (m->a[side] - m->b[side]);
}

static void
run_vu(struct meter *m, int side, const vf *x)
{
	vf sum = vf_all(0);
	for (int t = 0; t < QUANTUM; t++)
		sum += vf_abs(x[t]);
	vf mean = sum * (1.0f / QUANTUM), away = m->a[side] + (m->mean[side] - mean), speed = m->b[side];
	m->a[side] = m->turn[0] * away + m->turn[1] * speed;
	m->b[side] = m->turn[2] * away + m->turn[3] * speed;
	m->mean[side] = mean;
}

static void
meter_run(void *state, enum meter_kind kind, const float *l, const float *r)
{
	const vf *in[2] = {(const vf *)l, (const vf *)r};
	if (kind == METER_PPM || kind == METER_DIN)
		run_quasi(state, kind == METER_DIN, in[0], in[1]);
	for (int side = 0; side < 2; side++)
		if (kind == METER_K)
			run_rms(state, side, in[side]);
		else if (kind == METER_VU)
			run_vu(state, side, in[side]);
}

static void
meter_move(void *to_state, int to_lane, const void *from_state, int from_lane)
{
	struct meter *to = to_state;
	const struct meter *from = from_state;
	for (int side = 0; side < 2; side++) {
		to->a[side][to_lane] = from->a[side][from_lane];
		to->b[side][to_lane] = from->b[side][from_lane];
		to->mean[side][to_lane] = from->mean[side][from_lane];
	}
}

static float
meter_level(const void *state, enum meter_kind kind, int lane, int side)
{
	const struct meter *m = state;
	double a = (double)m->a[side][lane], b = (double)m->b[side][lane], level = 0;
	switch (kind) {
	case METER_PEAK:
	case METER_KINDS:
		break;
	case METER_K:
		level = f_sqrt(2 * b);
		break;
	case METER_PPM:
	case METER_DIN: {
		int k = kind == METER_DIN;
		level = (a * quasi[k].share + b * (1 - quasi[k].share)) / quasi[k].reads;
		break;
	}
	case METER_VU:
		level = (a + (double)m->mean[side][lane]) * F_PI / 2;
		break;
	}
	return level > 0 ? (float)level : 0;
}

extern const struct dsp_meter LANED(meter_proc);
const struct dsp_meter LANED(meter_proc) = {
    .size = sizeof(struct meter),
    .init = meter_init,
    .run = meter_run,
    .move = meter_move,
    .level = meter_level,
};
