/*
 * The table of kernels, one a vector width, and its choice at start. Constant; any thread.
 */
#ifndef DSP_OPS_H
#define DSP_OPS_H

#include "dsp/dsp.h"

/*
 * Lane processors in the order of a strip's chain, then units. `load` and `store` move planar floats into a lane's place
 * and back (QUANTUM frames; lanes beyond `count` are silence or are skipped).
 */
struct dsp_ops {
	int lanes;
	const char *cpu; /* what the build needs: "avx2", "sse2", "neon", "any" */
	struct dsp_proc input, filter, gate, deess, eq, comp, transient, sat, output;
	void (*load)(float *bank, const float *const *planar, int count);
	void (*store)(float *const *planar, const float *bank, int count);
};

extern const struct dsp_ops dsp_ops_w1, dsp_ops_w4, dsp_ops_w8;

/* The table for `lanes` (1, 4 or 8), or for 0 the widest that this CPU runs natively; NULL where the CPU cannot run it. */
const struct dsp_ops *dsp_ops_pick(int lanes);

#endif
