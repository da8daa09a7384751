#include "dsp/pcm.h"

#include <string.h>

/* Vectors of four: native everywhere, and the same arithmetic. */
typedef float v4f __attribute__((vector_size(16)));
typedef int32_t v4i __attribute__((vector_size(16)));
typedef double v2d __attribute__((vector_size(16)));

/* The place of a double's low half among 32-bit integers. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_HALF 1
#else
#define LOW_HALF 0
#endif

static int
any(v4i mask)
{
	return (mask[0] | mask[1] | mask[2] | mask[3]) != 0;
}

static void
count(struct pcm_clip *clip, size_t at)
{
	if (clip->clipped++ == 0)
		clip->first = clip->frames + at;
}

void
pcm_finite(const float *in, float *out, size_t n, int limit, struct pcm_clip *clip)
{
	v4i odd = {0};
	size_t k = 0;
	for (; k + 4 <= n; k += 4) {
		v4f x;
		memcpy(&x, in + k, sizeof x);
		v4i size = (v4i)x & 0x7fffffff; /* as integers, magnitudes keep their order and NaN is the greatest */
		odd |= size > (limit ? 0x3f800000 : 0x7f7fffff);
		memcpy(out + k, &x, sizeof x);
	}
	if (k < n)
		memcpy(out + k, in + k, (n - k) * sizeof *out);
	for (size_t j = any(odd) ? 0 : k; j < n; j++) {
		int32_t size;
		memcpy(&size, in + j, sizeof size);
		size &= 0x7fffffff;
		if (size > 0x7f7fffff) {
			out[j] = 0;
			clip->nonfinite++;
		} else if (limit && size > 0x3f800000) {
			count(clip, j);
		}
	}
	clip->frames += n;
}

/* The mark of a double's whole numbers: adding and taking it away rounds to nearest, ties to even. */
#define ROUND 6755399441055744.0 /* 1.5 * 2^52 */

/* A block in which something may be out of range. */
static void
round_limited(const float *in, int32_t *out, size_t n, int bits, struct pcm_clip *clip)
{
	double scale = (double)(1u << (bits - 1)), top = scale - 1;
	for (size_t k = 0; k < n; k++) {
		double x = (double)in[k] * scale;
		x = x > 2 * scale ? 2 * scale : x < -2 * scale ? -2 * scale : x;
		x = (x + ROUND) - ROUND;
		if (x > top || x < -scale)
			count(clip, k);
		out[k] = (int32_t)(x > top ? top : x < -scale ? -scale : x);
	}
}

void
pcm_round(const float *in, int32_t *out, size_t n, int bits, struct pcm_clip *clip)
{
	/* Added to a number below 1, this leaves it in the low bits of the double, rounded to steps. */
	v2d mark = (v2d){0} + ROUND / (double)(1u << (bits - 1));
	/* From the first magnitude on that could round beyond the range. */
	v4i edge = (v4i){0} + (bits <= 16 ? 0x3f7fff00 : bits <= 24 ? 0x3f7fffff : 0x3f800000);
	v4i over = {0};
	size_t k = 0;
	for (; k + 4 <= n; k += 4) {
		v4f x;
		memcpy(&x, in + k, sizeof x);
		over |= ((v4i)x & 0x7fffffff) >= edge;
		v2d low = __builtin_convertvector(__builtin_shufflevector(x, x, 0, 1), v2d) + mark;
		v2d high = __builtin_convertvector(__builtin_shufflevector(x, x, 2, 3), v2d) + mark;
		v4i whole = __builtin_shufflevector((v4i)low, (v4i)high, LOW_HALF, LOW_HALF + 2, LOW_HALF + 4, LOW_HALF + 6);
		memcpy(out + k, &whole, sizeof whole);
	}
	if (any(over))
		round_limited(in, out, k, bits, clip);
	struct pcm_clip rest = {clip->frames + k, clip->clipped, clip->first, clip->nonfinite};
	round_limited(in + k, out + k, n - k, bits, &rest);
	*clip = rest;
	clip->frames += n - k;
}

void
pcm_clamp(int32_t *steps, size_t n, int bits, struct pcm_clip *clip)
{
	int32_t top = (1 << (bits - 1)) - 1, bottom = -top - 1;
	v4i over = {0};
	size_t done = 0;
	for (; done + 4 <= n; done += 4) {
		v4i x;
		memcpy(&x, steps + done, sizeof x);
		over |= (x > top) | (x < bottom);
	}
	for (size_t k = any(over) ? 0 : done; k < n; k++) {
		if (steps[k] > top || steps[k] < bottom) {
			count(clip, k);
			steps[k] = steps[k] > top ? top : bottom;
		}
	}
	clip->frames += n;
}

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LE32(x) __builtin_bswap32(x)
#define LE64(x) __builtin_bswap64(x)
#else
#define LE32(x) (x)
#define LE64(x) (x)
#endif

static void
pack_16(uint8_t *out, const int32_t *l, const int32_t *r, size_t n, size_t bytes)
{
	for (size_t k = 0; k < n; k++, out += bytes) {
		uint32_t both = LE32(((uint32_t)l[k] & 0xffff) | (uint32_t)r[k] << 16);
		memcpy(out, &both, sizeof both);
	}
}

static void
pack_24(uint8_t *out, const int32_t *l, const int32_t *r, size_t n, size_t bytes)
{
	size_t k = 0;
	for (; bytes == 6 && k + 4 <= n; k += 4, out += 24) {
		uint64_t f[4];
		for (size_t j = 0; j < 4; j++)
			f[j] = ((uint32_t)l[k + j] & 0xffffff) | (uint64_t)((uint32_t)r[k + j] & 0xffffff) << 24;
		uint64_t words[3] = {LE64(f[0] | f[1] << 48), LE64(f[1] >> 16 | f[2] << 32), LE64(f[2] >> 32 | f[3] << 16)};
		memcpy(out, words, sizeof words);
	}
	for (; k < n; k++, out += bytes) {
		uint64_t both = LE64(((uint32_t)l[k] & 0xffffff) | (uint64_t)((uint32_t)r[k] & 0xffffff) << 24);
		memcpy(out, &both, sizeof both);
	}
}

static void
pack_32(uint8_t *out, const int32_t *l, const int32_t *r, size_t n, size_t bytes)
{
	for (size_t k = 0; k < n; k++, out += bytes) {
		uint64_t both = LE64((uint32_t)l[k] | (uint64_t)(uint32_t)r[k] << 32);
		memcpy(out, &both, sizeof both);
	}
}

/* A mono file's frame is packed with its double behind it, which the next frame overwrites: hence PCM_SLACK. */
size_t
pcm_pack_ints(uint8_t *out, const int32_t *const *in, int channels, size_t n, int bits)
{
	const int32_t *l = in[0], *r = channels > 1 ? in[1] : in[0];
	size_t bytes = (size_t)channels * (size_t)bits / 8;
	if (bits == 16)
		pack_16(out, l, r, n, bytes);
	else if (bits == 24)
		pack_24(out, l, r, n, bytes);
	else
		pack_32(out, l, r, n, bytes);
	return n * bytes;
}

size_t
pcm_pack_floats(uint8_t *out, const float *const *in, int channels, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		for (int c = 0; c < channels; c++, out += sizeof(uint32_t)) {
			uint32_t bits;
			memcpy(&bits, in[c] + k, sizeof bits);
			bits = LE32(bits);
			memcpy(out, &bits, sizeof bits);
		}
	}
	return n * (size_t)channels * sizeof(float);
}

size_t
pcm_pack_doubles(uint8_t *out, const float *const *in, int channels, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		for (int c = 0; c < channels; c++, out += sizeof(uint64_t)) {
			double x = (double)in[c][k];
			uint64_t bits;
			memcpy(&bits, &x, sizeof bits);
			bits = LE64(bits);
			memcpy(out, &bits, sizeof bits);
		}
	}
	return n * (size_t)channels * sizeof(double);
}
