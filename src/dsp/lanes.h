/*
 * The vector of LANES strips that every kernel is written in, with the few operations the compiler lacks.
 * Kernels are compiled once a width: LANES comes from the build, and LANED(name) is the name with the width in it.
 * Everything here is arithmetic on registers; any thread. No operation mixes lanes, so a lane's bits depend
 * neither on its neighbours nor on the width.
 */
#ifndef DSP_LANES_H
#define DSP_LANES_H

#include <stdint.h>

#ifndef LANES
#error "compile kernels with -DLANES=1, 4 or 8"
#endif

#define LANED_PASTE(name, lanes) name##_w##lanes
#define LANED_EXPAND(name, lanes) LANED_PASTE(name, lanes)
#define LANED(name) LANED_EXPAND(name, LANES)

typedef float vf __attribute__((vector_size(4 * LANES)));
typedef int32_t vi __attribute__((vector_size(4 * LANES))); /* also masks: each lane 0 or -1 */
typedef uint32_t vu __attribute__((vector_size(4 * LANES)));

static inline vf
vf_all(float x)
{
	return (vf){0} + x;
}

static inline vi
vi_all(int32_t x)
{
	return (vi){0} + x;
}

/* a where the mask is set, else b */
static inline vf
vf_select(vi mask, vf a, vf b)
{
	return (vf)((mask & (vi)a) | (~mask & (vi)b));
}

/* The larger; b where either is NaN. */
static inline vf
vf_max(vf a, vf b)
{
	return vf_select(a > b, a, b);
}

/* The smaller; b where either is NaN. */
static inline vf
vf_min(vf a, vf b)
{
	return vf_select(a < b, a, b);
}

/* The larger of a and 0; 0 where a is NaN. */
static inline vf
vf_above_zero(vf a)
{
	return (vf)((vi)a & (a > 0.0f));
}

static inline vf
vf_abs(vf a)
{
	return (vf)((vi)a & 0x7fffffff);
}

/* Whether any lane of a mask is set. */
static inline int
vi_any(vi mask)
{
	int32_t any = 0;
	for (int k = 0; k < LANES; k++)
		any |= mask[k];
	return any != 0;
}

/*
 * log2 for x >= 2^-126 (smaller counts as that), absolute error below 1.1e-7 + half a step of the result; exactly 0
 * at 1. Minimax polynomial (Remez) of log2(1 + t) / t on 1 + t in [sqrt(1/2), sqrt 2): 4.9e-8. No division: those are
 * slow on small ARM cores. By Estrin's scheme, which halves the chain of operations that wait for each other.
 */
static inline vf
vf_log2(vf x)
{
	x = vf_max(x, vf_all(1.17549435e-38f));
	vi bits = (vi)x;
	vi e = (bits - 0x3f3504f3) >> 23; /* 0x3f3504f3: sqrt(1/2) */
	vf t = (vf)(bits - (e << 23)) - 1.0f, t2 = t * t;
	vf p0 = vf_all(-0.72135715f) * t + 1.44269477f, p2 = vf_all(-0.36008722f) * t + 0.48093944f;
	vf p4 = vf_all(-0.25006903f) * t + 0.28670745f, p6 = vf_all(-0.14574452f) * t + 0.23689040f;
	vf p = (p6 * t2 + p4) * (t2 * t2) + (p2 * t2 + p0);
	return p * t + __builtin_convertvector(e, vf);
}

/*
 * 2^x for x in [-126, 127], clamped there; relative error below 2.5e-7, exactly 1 at 0. Minimax polynomial (Remez) of
 * (2^f - 1) / f on |f| <= 1/2: 9.2e-8. Adding 1.5 * 2^23 rounds x to a whole number and leaves it in the low bits.
 */
static inline vf
vf_exp2(vf x)
{
	x = vf_min(vf_max(x, vf_all(-126.0f)), vf_all(127.0f));
	vf k = x + 12582912.0f, f = x - (k - 12582912.0f);
	vf f2 = f * f;
	vf p1 = vf_all(2.4022242e-1f) * f + 6.9314698e-1f, p3 = vf_all(9.6715126e-3f) * f + 5.5507337e-2f;
	vf p = ((vf_all(1.3264727e-3f) * f2 + p3) * f2 + p1) * f + 1.0f;
	return (vf)((vi)p + ((vi)k << 23));
}

/*
 * Logarithms of many vectors in place, count a multiple of VF_STRIDE: the same bits as one by one, but steps of
 * neighbours stand side by side, so that the processor need not look far ahead for something to do.
 */
#define VF_STRIDE 4
#define VF_STEP(statement)                                                                                             \
	for (int k = 0; k < VF_STRIDE; k++)                                                                                \
	statement

static inline void
vf_log2_all(vf *x, int count)
{
	for (; count > 0; count -= VF_STRIDE, x += VF_STRIDE) {
		vi e[VF_STRIDE];
		vf t[VF_STRIDE], p0[VF_STRIDE], p2[VF_STRIDE], p4[VF_STRIDE], p6[VF_STRIDE];
		VF_STEP(t[k] = vf_max(x[k], vf_all(1.17549435e-38f)));
		VF_STEP(e[k] = ((vi)t[k] - 0x3f3504f3) >> 23);
		VF_STEP(t[k] = (vf)((vi)t[k] - (e[k] << 23)) - 1.0f);
		VF_STEP(p6[k] = vf_all(-0.14574452f) * t[k] + 0.23689040f);
		VF_STEP(p4[k] = vf_all(-0.25006903f) * t[k] + 0.28670745f);
		VF_STEP(p2[k] = vf_all(-0.36008722f) * t[k] + 0.48093944f);
		VF_STEP(p0[k] = vf_all(-0.72135715f) * t[k] + 1.44269477f);
		VF_STEP(p4[k] = p6[k] * (t[k] * t[k]) + p4[k]);
		VF_STEP(p0[k] = p2[k] * (t[k] * t[k]) + p0[k]);
		VF_STEP(p0[k] = p4[k] * (t[k] * t[k] * (t[k] * t[k])) + p0[k]);
		VF_STEP(x[k] = p0[k] * t[k] + __builtin_convertvector(e[k], vf));
	}
}

#undef VF_STEP

#endif
