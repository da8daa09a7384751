#include "dsp/bank.h"

#include <string.h>

#include "dsp/dsp.h"
#include "dsp/lanes.h"
#include "dsp/ops.h"

#if LANES == 8
#define LOW 0, 8, 1, 9, 2, 10, 3, 11
#define HIGH 4, 12, 5, 13, 6, 14, 7, 15
#elif LANES == 4
#define LOW 0, 4, 1, 5
#define HIGH 2, 6, 3, 7
#endif

#if LANES > 1
static inline vf
interleave_low(vf a, vf b)
{
#ifdef __clang__
	return __builtin_shufflevector(a, b, LOW);
#else
	return __builtin_shuffle(a, b, (vi){LOW});
#endif
}

static inline vf
interleave_high(vf a, vf b)
{
#ifdef __clang__
	return __builtin_shufflevector(a, b, HIGH);
#else
	return __builtin_shuffle(a, b, (vi){HIGH});
#endif
}
#endif

/* Rows stay in registers only when every loop over them is unrolled. */
#define UNROLLED _Pragma("GCC unroll 16")

/* LANES rows of LANES become columns: log2(LANES) rounds of interleaving the upper half with the lower. */
static inline __attribute__((always_inline)) void
transpose(vf row[LANES])
{
#if LANES > 1
	UNROLLED
	for (int round = 1; round < LANES; round *= 2) {
		vf next[LANES];
		UNROLLED
		for (int k = 0; k < LANES / 2; k++) {
			next[2 * k] = interleave_low(row[k], row[k + LANES / 2]);
			next[2 * k + 1] = interleave_high(row[k], row[k + LANES / 2]);
		}
		UNROLLED
		for (int k = 0; k < LANES; k++)
			row[k] = next[k];
	}
#else
	(void)row;
#endif
}

/* A vector that may lie at any float. */
typedef vf loose __attribute__((aligned(4), may_alias));

/* Few strips in a wide bank are moved one by one: a transposition costs the same for one as for all. */
#define FEW (LANES / 4)

static void
load_few(float *bank, const float *const *planar, int count)
{
	memset(bank, 0, QUANTUM * sizeof(vf));
	for (int k = 0; k < count; k++)
		for (int t = 0; planar[k] && t < QUANTUM; t++)
			bank[t * LANES + k] = planar[k][t];
}

static void
store_few(float *const *planar, const float *bank, int count)
{
	for (int k = 0; k < count; k++)
		for (int t = 0; planar[k] && t < QUANTUM; t++)
			planar[k][t] = bank[t * LANES + k];
}

static void
bank_load(float *bank, const float *const *planar, int count)
{
	static const float silence[QUANTUM];
	const float *from[LANES];
	vf *out = (vf *)bank;
	if (count <= FEW) {
		load_few(bank, planar, count);
		return;
	}
	for (int k = 0; k < LANES; k++)
		from[k] = k < count && planar[k] ? planar[k] : silence;
	for (int t = 0; t < QUANTUM; t += LANES) {
		vf row[LANES];
		UNROLLED
		for (int k = 0; k < LANES; k++)
			row[k] = *(const loose *)(from[k] + t);
		transpose(row);
		UNROLLED
		for (int k = 0; k < LANES; k++)
			out[t + k] = row[k];
	}
}

static void
bank_store(float *const *planar, const float *bank, int count)
{
	float unheard[QUANTUM], *to[LANES];
	const vf *in = (const vf *)bank;
	if (count <= FEW) {
		store_few(planar, bank, count);
		return;
	}
	for (int k = 0; k < LANES; k++)
		to[k] = k < count && planar[k] ? planar[k] : unheard;
	for (int t = 0; t < QUANTUM; t += LANES) {
		vf row[LANES];
		UNROLLED
		for (int k = 0; k < LANES; k++)
			row[k] = in[t + k];
		transpose(row);
		UNROLLED
		for (int k = 0; k < LANES; k++)
			*(loose *)(to[k] + t) = row[k];
	}
}

/* Adds the signals one after the other, a few frames of the sum at a time so that it stays in registers. */
static void
sum_add(double *restrict sum, const float *const *x, int count, int frames)
{
	for (int t = 0; t < frames; t += 16) {
		double part[16];
		memcpy(part, sum + t, sizeof part);
		for (int k = 0; k < count; k++) {
			const float *from = x[k] + t;
			UNROLLED
			for (int f = 0; f < 16; f++)
				part[f] += (double)from[f];
		}
		memcpy(sum + t, part, sizeof part);
	}
}

static void
sum_add_scaled(double *restrict sum, const float *restrict x, const float *restrict gain, int frames)
{
	for (int t = 0; t < frames; t++)
		sum[t] += (double)(x[t] * gain[t]);
}

static void
sum_round(float *restrict out, const double *restrict sum, int frames)
{
	for (int t = 0; t < frames; t++)
		out[t] = (float)sum[t];
}

static float
peak(const float *x, int frames)
{
	vf most = vf_all(0);
	int t = 0;
	for (; t + LANES <= frames; t += LANES) {
		vf v;
		memcpy(&v, x + t, sizeof v);
		most = vf_max(vf_abs(v), most);
	}
	float peak = 0;
	for (int k = 0; k < LANES; k++)
		peak = most[k] > peak ? most[k] : peak;
	for (; t < frames; t++)
		peak = x[t] > peak ? x[t] : -x[t] > peak ? -x[t] : peak;
	return peak;
}

extern const struct dsp_bank LANED(bank_ops);
const struct dsp_bank LANED(bank_ops) = {
    .load = bank_load,
    .store = bank_store,
    .add = sum_add,
    .add_scaled = sum_add_scaled,
    .round = sum_round,
    .peak = peak,
};
