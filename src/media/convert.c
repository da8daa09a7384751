/* The loops are meant for the vectoriser, which -O2 of gcc 12 all but leaves off. All of them are exact, so the bits
 * of the result do not depend on how they are compiled. */
#pragma GCC optimize("O3")

#include "media/convert.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the loads here are little-endian");

typedef int32_t v4i __attribute__((vector_size(16)));
typedef float v4f __attribute__((vector_size(16)));
typedef uint64_t v2u __attribute__((vector_size(16)));

#define SCALE32 0x1p-31f

static inline uint32_t
load32(const unsigned char *p)
{
	uint32_t v;
	memcpy(&v, p, 4);
	return v;
}

static inline uint64_t
load64(const unsigned char *p)
{
	uint64_t v;
	memcpy(&v, p, 8);
	return v;
}

static inline float
from_bits(uint32_t bits)
{
	float v;
	memcpy(&v, &bits, 4);
	return v;
}

/* A sample as the top bits of a 32-bit integer. */
static inline int32_t
top(const unsigned char *p, enum media_sample sample, bool big_endian)
{
	switch (sample) {
	case MEDIA_U8:
		return (int32_t)((uint32_t)(p[0] ^ 0x80) << 24);
	case MEDIA_S8:
		return (int32_t)((uint32_t)p[0] << 24);
	case MEDIA_S16:
		return (int32_t)(big_endian ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16
		                            : (uint32_t)p[1] << 24 | (uint32_t)p[0] << 16);
	case MEDIA_S24:
		return (int32_t)(big_endian ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8
		                            : (uint32_t)p[2] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[0] << 8);
	case MEDIA_S32:
		return (int32_t)(big_endian ? __builtin_bswap32(load32(p)) : load32(p));
	case MEDIA_CODED:
	case MEDIA_F32:
	case MEDIA_F64:
		break;
	}
	return 0;
}

/* One channel of any integer format; the constants make it a loop of its own for each. */
static inline void
one(const unsigned char *p, int64_t stride, int64_t n, float *out, enum media_sample sample, bool big_endian)
{
	for (int64_t k = 0; k < n; k++)
		out[k] = (float)top(p + k * stride, sample, big_endian) * SCALE32;
}

/* Four pairs of 24-bit samples, each the first six of eight bytes, as the top bits of integers. */
static inline void
split24(v2u a, v2u b, bool big_endian, v4f *first, v4f *second)
{
	v4i low = __builtin_shuffle((v4i)a, (v4i)b, (v4i){0, 2, 4, 6});
	v4i high = __builtin_shuffle((v4i)a, (v4i)b, (v4i){1, 3, 5, 7});
	v4i l = big_endian ? high & ~0xff : low << 8;
	v4i r = big_endian ? high << 24 | (low >> 8 & 0xffff00) : ((low >> 16 & 0xff00) | high << 16) & ~0xff;
	*first = __builtin_convertvector(l, v4f) * SCALE32;
	*second = __builtin_convertvector(r, v4f) * SCALE32;
}

static inline uint64_t
six(const unsigned char *p, bool big_endian)
{
	return big_endian ? __builtin_bswap64(load64(p)) : load64(p);
}

/*
 * Two neighbouring 24-bit channels, four frames a step: one load of eight bytes has both samples of a frame. It takes
 * two bytes more than the pair has, so the last frame goes alone.
 */
static inline void
pair24(const unsigned char *p, int64_t stride, int64_t n, float *l, float *r, bool be)
{
	int64_t k = 0;
	for (; k + 5 <= n; k += 4, p += 4 * stride) {
		v4f fl, fr;
		split24((v2u){six(p, be), six(p + stride, be)}, (v2u){six(p + 2 * stride, be), six(p + 3 * stride, be)}, be,
		        &fl, &fr);
		memcpy(l + k, &fl, 16);
		memcpy(r + k, &fr, 16);
	}
	one(p, stride, n - k, l + k, MEDIA_S24, be);
	one(p + 3, stride, n - k, r + k, MEDIA_S24, be);
}

/* 24-bit mono is taken as pairs and put back into one row. */
static inline void
mono24(const unsigned char *p, int64_t n, float *out, bool be)
{
	int64_t k = 0;
	for (; k + 9 <= n; k += 8, p += 24) {
		v4f even, odd;
		split24((v2u){six(p, be), six(p + 6, be)}, (v2u){six(p + 12, be), six(p + 18, be)}, be, &even, &odd);
		v4f first = __builtin_shuffle(even, odd, (v4i){0, 4, 1, 5});
		v4f second = __builtin_shuffle(even, odd, (v4i){2, 6, 3, 7});
		memcpy(out + k, &first, 16);
		memcpy(out + k + 4, &second, 16);
	}
	one(p, 3, n - k, out + k, MEDIA_S24, be);
}

static inline void
pair16(const unsigned char *p, int64_t n, float *restrict l, float *restrict r, bool be)
{
	for (int64_t k = 0; k < n; k++) {
		uint32_t both = load32(p + 4 * k);
		if (be)
			both = (both & 0xff00ff) << 8 | (both >> 8 & 0xff00ff);
		l[k] = (float)(int32_t)(both << 16) * SCALE32;
		r[k] = (float)(int32_t)(both & 0xffff0000) * SCALE32;
	}
}

/* In shifts, which every vector unit has. */
static inline uint32_t
swap32(uint32_t v, bool be)
{
	return be ? v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24 : v;
}

static inline void
pair32(const unsigned char *p, int64_t n, float *restrict l, float *restrict r, bool be)
{
	for (int64_t k = 0; k < n; k++) {
		l[k] = (float)(int32_t)swap32(load32(p + 8 * k), be) * SCALE32;
		r[k] = (float)(int32_t)swap32(load32(p + 8 * k + 4), be) * SCALE32;
	}
}

/* The bits of a float, or of silence where it is NaN or infinite. */
static inline uint32_t
clean(uint32_t bits, uint32_t *bad)
{
	uint32_t is = (bits & 0x7f800000) == 0x7f800000;
	*bad += is;
	return bits & (is - 1);
}

static inline int64_t
pair_float(const unsigned char *p, int64_t n, float *restrict l, float *restrict r, bool be)
{
	int64_t total = 0;
	for (int64_t k = 0; k < n;) {
		uint32_t bad = 0;
		int64_t end = n - k > 65536 ? k + 65536 : n;
		for (; k < end; k++) {
			uint64_t both = load64(p + 8 * k);
			l[k] = from_bits(clean(swap32((uint32_t)both, be), &bad));
			r[k] = from_bits(clean(swap32((uint32_t)(both >> 32), be), &bad));
		}
		total += bad;
	}
	return total;
}

static inline int64_t
one_float(const unsigned char *p, int64_t stride, int64_t n, float *out, bool big_endian)
{
	uint32_t bad = 0;
	for (int64_t k = 0; k < n; k++) {
		uint32_t v = load32(p + k * stride);
		out[k] = from_bits(clean(big_endian ? __builtin_bswap32(v) : v, &bad));
	}
	return bad;
}

static inline int64_t
one_double(const unsigned char *p, int64_t stride, int64_t n, float *out, bool big_endian)
{
	uint32_t bad = 0;
	for (int64_t k = 0; k < n; k++) {
		uint64_t v = load64(p + k * stride);
		double d;
		v = big_endian ? __builtin_bswap64(v) : v;
		memcpy(&d, &v, 8);
		float f = (float)d;
		uint32_t bits;
		memcpy(&bits, &f, 4);
		out[k] = from_bits(clean(bits, &bad));
	}
	return bad;
}

int64_t
media_silence_bad(float *p, int64_t n)
{
	int64_t bad = 0;
	for (int64_t k = 0; k < n; k += 65536)
		bad += one_float((const unsigned char *)(p + k), 4, n - k < 65536 ? n - k : 65536, p + k, false);
	return bad;
}

static int64_t
channel(const struct media_info *info, const unsigned char *p, int64_t n, float *out)
{
	int64_t stride = info->frame_bytes;
	bool be = info->big_endian;
	switch (info->sample) {
	case MEDIA_U8:
		one(p, stride, n, out, MEDIA_U8, false);
		return 0;
	case MEDIA_S8:
		one(p, stride, n, out, MEDIA_S8, false);
		return 0;
	case MEDIA_S16:
		if (be)
			one(p, stride, n, out, MEDIA_S16, true);
		else if (stride == 2)
			one(p, 2, n, out, MEDIA_S16, false);
		else
			one(p, stride, n, out, MEDIA_S16, false);
		return 0;
	case MEDIA_S24:
		if (stride == 3 && be)
			mono24(p, n, out, true);
		else if (stride == 3)
			mono24(p, n, out, false);
		else
			one(p, stride, n, out, MEDIA_S24, be);
		return 0;
	case MEDIA_S32:
		if (be)
			one(p, stride, n, out, MEDIA_S32, true);
		else if (stride == 4)
			one(p, 4, n, out, MEDIA_S32, false);
		else
			one(p, stride, n, out, MEDIA_S32, false);
		return 0;
	case MEDIA_F32:
		if (be)
			return one_float(p, stride, n, out, true);
		return stride == 4 ? one_float(p, 4, n, out, false) : one_float(p, stride, n, out, false);
	case MEDIA_F64:
		if (be)
			return one_double(p, stride, n, out, true);
		return stride == 8 ? one_double(p, 8, n, out, false) : one_double(p, stride, n, out, false);
	case MEDIA_CODED:
		break;
	}
	memset(out, 0, (size_t)n * sizeof *out);
	return 0;
}

/* Two neighbouring channels at once where there is a loop for that; the constants make each call one of its own. */
static bool
pair(const struct media_info *info, const unsigned char *p, int64_t n, float *l, float *r, int64_t *bad)
{
	bool be = info->big_endian, stereo = info->channels == 2;
	if (info->sample == MEDIA_S24) {
		if (be)
			pair24(p, info->frame_bytes, n, l, r, true);
		else if (stereo)
			pair24(p, 6, n, l, r, false);
		else
			pair24(p, info->frame_bytes, n, l, r, false);
	} else if (stereo && info->sample == MEDIA_S16) {
		be ? pair16(p, n, l, r, true) : pair16(p, n, l, r, false);
	} else if (stereo && info->sample == MEDIA_S32) {
		be ? pair32(p, n, l, r, true) : pair32(p, n, l, r, false);
	} else if (stereo && info->sample == MEDIA_F32) {
		*bad += be ? pair_float(p, n, l, r, true) : pair_float(p, n, l, r, false);
	} else {
		return false;
	}
	return true;
}

int64_t
media_convert(const struct media_info *info, const void *raw, int64_t frames, float *const *planar)
{
	static const int bytes[] = {[MEDIA_CODED] = 0, [MEDIA_U8] = 1,  [MEDIA_S8] = 1,  [MEDIA_S16] = 2,
	                            [MEDIA_S24] = 3,   [MEDIA_S32] = 4, [MEDIA_F32] = 4, [MEDIA_F64] = 8};
	const unsigned char *p = raw;
	int64_t bad = 0;
	for (int c = 0; c < info->channels; c++) {
		const unsigned char *at = p + c * bytes[info->sample];
		float *l = planar[c], *r = c + 1 < info->channels ? planar[c + 1] : NULL;
		if (!l)
			continue;
		if (!r || !pair(info, at, frames, l, r, &bad))
			bad += channel(info, at, frames, l);
		else
			c++;
	}
	return bad;
}
