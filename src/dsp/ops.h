/*
 * The table of kernels, one a vector width, and its choice at start. Constant; any thread may read it. The functions'
 * threads and rules are those of dsp/dsp.h.
 */
#ifndef DSP_OPS_H
#define DSP_OPS_H

#include "dsp/dsp.h"
#include "dsp/loudness.h"
#include "dsp/meter.h"

/* The end of a strip (dsp/output.h). pre is NULL, or two vectors a frame for what is heard before the fader. */
struct dsp_output {
	size_t size;
	void (*init)(void *state, double rate);
	void (*set)(void *state, int lane, const void *params, int snap);
	void (*run)(void *state, const struct dsp_io *io, float *const post[2], float *const pre[2]);
	void (*move)(void *to, int to_lane, const void *from, int from_lane);
	float (*peak)(const void *state, int lane, int side); /* greatest magnitude of the last quantum */
};

/* Between planar buffers and lanes: one quantum. Lanes from `count` on, and those with NULL, are silent or are skipped.
 */
struct dsp_bank {
	void (*load)(float *bank, const float *const *planar, int count);
	void (*store)(float *const *planar, const float *bank, int count);
	void (*add)(double *sum, const float *const *x, int count,
	            int frames); /* `count` signals, in order; frames % 16 == 0 */
	void (*add_scaled)(double *sum, const float *x, const float *gain, int frames);
	void (*round)(float *out, const double *sum, int frames);
	float (*peak)(const float *x, int frames); /* greatest magnitude */
};

/* A strip's lane processors, in the order of its chain; equaliser and compressor can swap. */
enum dsp_stage {
	STAGE_INPUT,
	STAGE_FILTER,
	STAGE_GATE,
	STAGE_DEESS,
	STAGE_EQ,
	STAGE_COMP,
	STAGE_TRANSIENT,
	STAGE_SAT,
	STAGES
};

/* The units of the master, in the order of its chain: three at its insert point, before the saturation; two at its end.
 */
enum dsp_master {
	MASTER_MULTI,
	MASTER_DYNEQ,
	MASTER_STEREO,
	MASTER_INSERTS,
	MASTER_CLIPPER = MASTER_INSERTS,
	MASTER_LIMITER,
	MASTER_UNITS
};

struct dsp_ops {
	int lanes;
	const char *cpu;                      /* what the build needs: "avx2", "any" */
	const struct dsp_proc *stage[STAGES]; /* NULL: the build has none */
	const struct dsp_output *output;
	const struct dsp_bank *bank;
	const struct dsp_meter *meter;
	const struct dsp_unit *reverb, *echo, *master[MASTER_UNITS];
	const struct loudness_unit *loudness;
};

extern const struct dsp_ops dsp_ops_w1, dsp_ops_w4, dsp_ops_w8;

/* The table for `lanes` (1, 4 or 8), or for 0 the widest that this CPU runs natively; NULL where the CPU cannot run it.
 */
const struct dsp_ops *dsp_ops_pick(int lanes);

#endif
