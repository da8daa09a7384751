#include "dsp/pcm.h"

#include <string.h>

/* Vectors of four: native everywhere, and the same arithmetic. */
typedef float v4f __attribute__((vector_size(16)));
typedef int32_t v4i __attribute__((vector_size(16)));

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

/* At 32 bits a float is out of range from 2^31 on; there is no whole step between that and the greatest float below. */
static void
limit_32(const float *in, int32_t *out, size_t n, struct pcm_clip *clip)
{
	v4i over = {0};
	size_t k = 0;
	for (; k + 4 <= n; k += 4) {
		v4f x;
		memcpy(&x, in + k, sizeof x);
		over |= (x >= 1.0f) | (x < -1.0f);
	}
	for (size_t j = any(over) ? 0 : k; j < n; j++) {
		if (in[j] >= 1.0f || in[j] < -1.0f) {
			count(clip, j);
			out[j] = in[j] > 0 ? INT32_MAX : INT32_MIN;
		}
	}
	clip->frames += n;
}

void
pcm_round(const float *in, int32_t *out, size_t n, int bits, struct pcm_clip *clip)
{
	float scale = (float)(1u << (bits - 1));
	/* Wide enough that what is out of range stays so, and within int32_t: the greatest float below 2^31. */
	v4f top = (v4f){0} + (bits == 32 ? 2147483520.0f : 2 * scale);
	v4f bottom = (v4f){0} - (bits == 32 ? scale : 2 * scale);
	for (size_t k = 0; k < n; k += 4) {
		size_t now = n - k < 4 ? n - k : 4;
		v4f x = {0};
		if (now == 4)
			memcpy(&x, in + k, sizeof x);
		else
			memcpy(&x, in + k, now * sizeof *in);
		x *= scale;
		v4i low = x<bottom, high = x> top;
		x = (v4f)((~(low | high) & (v4i)x) | (low & (v4i)bottom) | (high & (v4i)top));
		/* Truncation leaves an exact rest, which says where to go. Masks are -1. */
		v4i whole = __builtin_convertvector(x, v4i);
		v4f rest = x - __builtin_convertvector(whole, v4f);
		v4i odd = -(whole & 1);
		whole -= (rest > 0.5f) | ((rest == 0.5f) & odd);
		whole += (rest < -0.5f) | ((rest == -0.5f) & odd);
		if (now == 4)
			memcpy(out + k, &whole, sizeof whole);
		else
			memcpy(out + k, &whole, now * sizeof *out);
	}
	if (bits == 32)
		limit_32(in, out, n, clip);
	else
		pcm_clamp(out, n, bits, clip);
}

void
pcm_clamp(int32_t *steps, size_t n, int bits, struct pcm_clip *clip)
{
	int32_t top = (1 << (bits - 1)) - 1, bottom = -top - 1, most = 0, least = 0;
	for (size_t k = 0; k < n; k++) {
		most = steps[k] > most ? steps[k] : most;
		least = steps[k] < least ? steps[k] : least;
	}
	if (most > top || least < bottom) {
		for (size_t k = 0; k < n; k++) {
			if (steps[k] > top || steps[k] < bottom) {
				count(clip, k);
				steps[k] = steps[k] > top ? top : bottom;
			}
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

size_t
pcm_pack_ints(uint8_t *out, const int32_t *const *in, int channels, size_t n, int bits)
{
	const int32_t *l = in[0], *r = channels > 1 ? in[1] : in[0];
	size_t bytes = (size_t)channels * (size_t)bits / 8;
	for (size_t k = 0; k < n; k++, out += bytes) {
		if (bits == 16) {
			uint32_t both = LE32(((uint32_t)l[k] & 0xffff) | (uint32_t)r[k] << 16);
			memcpy(out, &both, sizeof both);
		} else if (bits == 24) {
			uint64_t both = LE64((uint64_t)((uint32_t)l[k] & 0xffffff) | (uint64_t)((uint32_t)r[k] & 0xffffff) << 24);
			memcpy(out, &both, sizeof both);
		} else {
			uint64_t both = LE64((uint64_t)(uint32_t)l[k] | (uint64_t)(uint32_t)r[k] << 32);
			memcpy(out, &both, sizeof both);
		}
	}
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
