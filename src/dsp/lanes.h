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

static inline vf
vf_max(vf a, vf b)
{
	return vf_select(a > b, a, b);
}

static inline vf
vf_min(vf a, vf b)
{
	return vf_select(a < b, a, b);
}

static inline vf
vf_abs(vf a)
{
	return (vf)((vi)a & 0x7fffffff);
}

static inline vf
vf_sqrt(vf a)
{
	for (int k = 0; k < LANES; k++)
		a[k] = __builtin_sqrtf(a[k]);
	return a;
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

/* The largest integer not above x, as a float; |x| < 2^30. */
static inline vf
vf_floor(vf x)
{
	vf t = __builtin_convertvector(__builtin_convertvector(x, vi), vf);
	return t - vf_select(t > x, vf_all(1), vf_all(0));
}

/*
 * log2 for x >= 2^-126 (smaller counts as that), absolute error below 3e-7 + half a step of the result.
 * 2 atanh((m - 1) / (m + 1)) / ln 2 on m in [sqrt(1/2), sqrt 2), by its series.
 */
static inline vf
vf_log2(vf x)
{
	x = vf_max(x, vf_all(1.17549435e-38f));
	vi bits = (vi)x;
	vi e = (bits - 0x3f3504f3) >> 23; /* 0x3f3504f3: sqrt(1/2) */
	vf m = (vf)(bits - (e << 23));
	vf s = (m - 1.0f) / (m + 1.0f), z = s * s;
	vf p = vf_all(0.32059990f) * z + 0.41219858f; /* 2/(9 ln 2), 2/(7 ln 2), ... */
	p = p * z + 0.57707802f;
	p = p * z + 0.96179669f;
	p = p * z + 2.88539008f;
	return p * s + __builtin_convertvector(e, vf);
}

/* 2^x for x in [-126, 127], clamped there; relative error below 2.5e-7. Taylor's series on |f| <= 1/2. */
static inline vf
vf_exp2(vf x)
{
	x = vf_min(vf_max(x, vf_all(-126.0f)), vf_all(127.0f));
	vf k = vf_floor(x + 0.5f), f = x - k;
	vf p = vf_all(1.5403530e-4f) * f + 1.3333558e-3f;
	p = p * f + 9.6181291e-3f;
	p = p * f + 5.5504109e-2f;
	p = p * f + 2.4022651e-1f;
	p = p * f + 6.9314718e-1f;
	p = p * f + 1.0f;
	return p * (vf)((__builtin_convertvector(k, vi) + 127) << 23);
}

#endif
