#include "dsp/output.h"

#include "dsp/dsp.h"
#include "dsp/glide.h"
#include "dsp/lanes.h"
#include "dsp/ops.h"

/*
 * width, pan_l, pan_r, fader   the four values on their way
 * peak                         greatest magnitude of the last quantum by side, behind the fader
 */
struct state {
	struct glide width, pan[2], fader;
	vf peak[2];
};

static void
output_init(void *state, double rate)
{
	struct state *s = state;
	glide_init(&s->width, rate, 1);
	glide_init(&s->pan[0], rate, 1);
	glide_init(&s->pan[1], rate, 1);
	glide_init(&s->fader, rate, 0);
	s->peak[0] = s->peak[1] = vf_all(0);
}

static void
output_set(void *state, int lane, const void *params, int snap)
{
	struct state *s = state;
	const struct output_params *p = params;
	glide_set(&s->width, lane, (float)p->width, snap);
	glide_set(&s->pan[0], lane, (float)p->pan_l, snap);
	glide_set(&s->pan[1], lane, (float)p->pan_r, snap);
	glide_set(&s->fader, lane, (float)p->fader, snap);
}

/* Scales the sides against the middle; lanes at width 1 keep their bits. */
static void
apply_width(struct state *s, vf *l, vf *r)
{
	for (int t = 0; t < QUANTUM; t++) {
		vf w = s->width.moving ? glide_step(&s->width) : s->width.y;
		vf mid = (l[t] + r[t]) * 0.5f, side = (l[t] - r[t]) * 0.5f * w;
		vi as_is = w == 1.0f;
		l[t] = vf_select(as_is, l[t], mid + side);
		r[t] = vf_select(as_is, r[t], mid - side);
	}
	if (s->width.moving)
		glide_settle(&s->width);
}

/* x times a gain that may be on its way, into out; the value in force is left in *gain for each frame. */
static void
gains(struct glide *g, vf *gain)
{
	if (g->moving) {
		for (int t = 0; t < QUANTUM; t++)
			gain[t] = glide_step(g);
		glide_settle(g);
	} else {
		for (int t = 0; t < QUANTUM; t++)
			gain[t] = g->y;
	}
}

static void
output_run(void *state, const struct dsp_io *io, float *const post[2], float *const pre[2])
{
	struct state *s = state;
	vf *in[2] = {(vf *)io->l, (vf *)(io->r ? io->r : io->l)};
	if (io->r && (s->width.moving || vi_any(s->width.y != 1.0f)))
		apply_width(s, in[0], in[1]);
	int constant = !pre && !s->fader.moving && !s->pan[0].moving && !s->pan[1].moving;
	if (constant) {
		for (int c = 0; c < 2; c++) {
			vf g = s->pan[c].y * s->fader.y, peak = vf_all(0);
			vf *out = (vf *)post[c];
			for (int t = 0; t < QUANTUM; t++) {
				vf y = in[c][t] * g;
				out[t] = y;
				peak = vf_max(vf_abs(y), peak);
			}
			s->peak[c] = peak;
		}
		return;
	}
	vf fader[QUANTUM], pan[QUANTUM];
	gains(&s->fader, fader);
	for (int c = 0; c < 2; c++) {
		gains(&s->pan[c], pan);
		vf *out = (vf *)post[c], peak = vf_all(0);
		for (int t = 0; t < QUANTUM; t++) {
			vf y = in[c][t] * (pan[t] * fader[t]);
			if (pre)
				((vf *)pre[c])[t] = in[c][t] * pan[t];
			out[t] = y;
			peak = vf_max(vf_abs(y), peak);
		}
		s->peak[c] = peak;
	}
}

static void
output_move(void *to, int to_lane, const void *from, int from_lane)
{
	struct state *t = to;
	const struct state *f = from;
	glide_move(&t->width, to_lane, &f->width, from_lane);
	glide_move(&t->fader, to_lane, &f->fader, from_lane);
	for (int c = 0; c < 2; c++)
		glide_move(&t->pan[c], to_lane, &f->pan[c], from_lane);
}

static float
output_peak(const void *state, int lane, int side)
{
	return ((const struct state *)state)->peak[side][lane];
}

extern const struct dsp_output LANED(output_proc);
const struct dsp_output LANED(output_proc) = {
    .size = sizeof(struct state),
    .init = output_init,
    .set = output_set,
    .run = output_run,
    .move = output_move,
    .peak = output_peak,
};
