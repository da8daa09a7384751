#include "device/sample.h"

#include <alsa/asoundlib.h>
#include <string.h>

const struct sample_format sample_formats[] = {
    {SND_PCM_FORMAT_FLOAT, 4, "FLOAT"}, {SND_PCM_FORMAT_S32, 4, "S32"}, {SND_PCM_FORMAT_S24_3LE, 3, "S24_3LE"},
    {SND_PCM_FORMAT_S24, 4, "S24"},     {SND_PCM_FORMAT_S16, 2, "S16"}, {0, 0, NULL},
};

/* Adding it to a double and taking it away rounds to nearest, ties to even. */
#define ROUND 6755399441055744.0 /* 1.5 * 2^52 */

/* Two steps of a linear congruential generator: one step wide to either side, in steps of the integer. */
static double
triangular(uint32_t *seed)
{
	uint32_t a = *seed * 1664525u + 1013904223u, b = a * 1664525u + 1013904223u;
	*seed = b;
	return ((double)(a >> 8) - (double)(b >> 8)) / 16777216.0;
}

/* Nearest integer within [-scale, scale - 1]. */
static int32_t
whole(double y, double scale)
{
	if (y <= -scale)
		return (int32_t)-scale;
	if (y >= scale - 1)
		return (int32_t)(scale - 1);
	return (int32_t)((y + ROUND) - ROUND);
}

static void
put(const struct sample_format *format, float x, unsigned char *out, uint32_t *seed)
{
	int32_t word;
	int16_t half;
	x = x - x == 0 ? x : 0;
	switch (format->alsa) {
	case SND_PCM_FORMAT_FLOAT:
		memcpy(out, &x, 4);
		return;
	case SND_PCM_FORMAT_S16:
		half = (int16_t)whole((double)x * 32768.0 + triangular(seed), 32768.0);
		memcpy(out, &half, 2);
		return;
	case SND_PCM_FORMAT_S32:
		word = whole((double)x * 2147483648.0, 2147483648.0);
		memcpy(out, &word, 4);
		return;
	}
	word = whole((double)x * 8388608.0, 8388608.0);
	if (format->bytes == 4) {
		memcpy(out, &word, 4);
		return;
	}
	for (int k = 0; k < 3; k++)
		out[k] = (unsigned char)((uint32_t)word >> (8 * k));
}

void
sample_convert(const struct sample_format *format, const struct sample_layout *layout, const float *stereo,
               unsigned char *out, int frames, uint32_t *seed)
{
	int one = layout->channels - layout->first < 2;
	for (int c = 0; c < layout->channels; c++) {
		unsigned char *to = out + (size_t)c * layout->channel;
		int side = c - layout->first;
		for (int t = 0; t < frames; t++, to += layout->frame) {
			if (side < 0 || side > 1)
				memset(to, 0, (size_t)format->bytes);
			else if (one)
				put(format, 0.5f * stereo[2 * t] + 0.5f * stereo[2 * t + 1], to, seed);
			else
				put(format, stereo[2 * t + side], to, seed);
		}
	}
}
