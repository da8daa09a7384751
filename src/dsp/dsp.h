/*
 * What the engine sees of the kernels: one table of functions a vector width (`struct dsp_ops`), picked at start.
 *
 * Strips are packed into banks of `lanes` strips; a bank is mono (one vector a frame) or stereo (two: all left sides,
 * all right sides). Lane k of every vector belongs to the bank's k-th strip, so the two sides of a strip meet in one
 * lane of two vectors and no kernel mixes lanes. Processors that work lane by lane are `dsp_proc`; those that own long
 * memories or work on one stereo signal (reverb, delay, limiter, meters) are `dsp_unit` and take planar buffers.
 *
 * Threads: `run` and `set` are real-time safe (no allocation, locks, I/O, libm) and belong to the thread that runs the
 * graph. `size`, `init` and `table` functions may be called from any thread.
 */
#ifndef DSP_DSP_H
#define DSP_DSP_H

#include <stddef.h>
#include <stdint.h>

#ifndef QUANTUM
#define QUANTUM 64 /* frames a kernel processes at a time; the grid of the song */
#endif
#define DSP_ALIGN 64 /* bytes, of every state and buffer */
#define DSP_MAX_LANES 8

/* One quantum of a bank. Buffers are vectors: QUANTUM x lanes floats, frame by frame. */
struct dsp_io {
	float *l, *r;         /* in place; r is NULL in a mono bank */
	const float *kl, *kr; /* what external keys hear, lanes as above; NULL where no lane has an external key */
};

/*
 * A processor of a bank of strips. Its state is `size` bytes, DSP_ALIGN aligned, holding nothing that points into
 * itself. Rules every processor keeps:
 * - `init` puts all lanes at rest and off. `set` takes its own struct of user units for one lane, at a quantum edge;
 *   with snap != 0 values are in force at once (the start of a graph), else they glide: no click, settled in 60 ms.
 * - A lane that is off (and has finished fading) leaves `run` with the bits it came in with, its state at rest; a run
 * in which every lane is off returns at once. A lane's bits never depend on other lanes, on the width, nor on how often
 *   `set` repeats the values it already has.
 * - Latency is `latency` frames, on or off, for every lane.
 */
struct dsp_proc {
	const char *name;
	size_t size;
	int latency;
	void (*init)(void *state, double rate);
	void (*set)(void *state, int lane, const void *params, int snap);
	void (*run)(void *state, const struct dsp_io *io);
	/* Moves one strip's whole state (values, glides, memories) to a lane of another bank of the same width. */
	void (*move)(void *to, int to_lane, const void *from, int from_lane);
	/* Greatest gain reduction of the last quantum in dB (>= 0); NULL where there is none to show. */
	float (*reduction)(const void *state, int lane);
	/* The level that drives it at the end of the last quantum, as a factor; 0 while off. NULL where there is none. */
	float (*level)(const void *state, int lane);
};

/*
 * A processor of one stereo signal in planar buffers. State: size(rate) zeroed bytes, DSP_ALIGN aligned, no pointers.
 * Off (and faded out) it leaves the bits alone, but for its latency, which it has on or off.
 */
struct dsp_unit {
	const char *name;
	size_t (*size)(double rate);
	void (*init)(void *state, double rate);
	void (*set)(void *state, const void *params, int snap);
	void (*run)(void *state, float *l, float *r); /* QUANTUM frames in place */
	int (*busy)(const void *state);               /* whether run would change anything now; NULL: it must be run */
	int latency;                                  /* frames */
};

/* What a unit of the master shows; its state begins with it. Written by run. */
struct unit_meter {
	float reduction[4]; /* dB turned down, by band: the greatest of the last quantum; below 0 where it lifts */
};

#endif
