#include "device/sample.h"

#include <alsa/asoundlib.h>
#include <string.h>

const struct sample_format sample_formats[] = {
    {SND_PCM_FORMAT_FLOAT, 4, "FLOAT"}, {SND_PCM_FORMAT_S32, 4, "S32"}, {SND_PCM_FORMAT_S24_3LE, 3, "S24_3LE"},
    {SND_PCM_FORMAT_S24, 4, "S24"},     {SND_PCM_FORMAT_S16, 2, "S16"}, {0, 0, NULL},
};

static double
triangular(uint32_t *seed)
{
	uint32_t a = *seed * 1664525u + 1013904223u, b = a * 1664525u + 1013904223u;
	*seed = b;
	return ((double)(a >> 8) - (double)(b >> 8)) / 16777216.0;
}

/* Nearest integer of x * scale, within [-scale, scale - 1]. */
static int32_t
whole(double x, double scale)
{
	double y = x * scale;
	if (!(y > -scale))
		return (int32_t)-scale;
	if (y >= scale - 1)
		return (int32_t)(scale - 1);
	return (int32_t)(y < 0 ? y - 0.5 : y + 0.5);
}

static void
put(const struct sample_format *format, float x, unsigned char *out, uint32_t *seed)
{
	int32_t word;
	int16_t half;
	switch (format->alsa) {
	case SND_PCM_FORMAT_FLOAT:
		memcpy(out, &x, 4);
		return;
	case SND_PCM_FORMAT_S16:
		half = (int16_t)whole((double)x + triangular(seed) / 32768.0, 32768.0);
		memcpy(out, &half, 2);
		return;
	case SND_PCM_FORMAT_S32:
		word = whole((double)x, 2147483648.0);
		memcpy(out, &word, 4);
		return;
	}
	word = whole((double)x, 8388608.0);
	if (format->bytes == 4) {
		memcpy(out, &word, 4);
		return;
	}
	for (int k = 0; k < 3; k++)
		out[k] = (unsigned char)((uint32_t)word >> (8 * k));
}

void
sample_convert(const struct sample_format *format, const float *stereo, unsigned char *out, int frames, int channels,
               uint32_t *seed)
{
	for (int t = 0; t < frames; t++) {
		for (int c = 0; c < channels; c++, out += format->bytes) {
			if (c >= 2)
				memset(out, 0, (size_t)format->bytes);
			else if (channels == 1)
				put(format, 0.5f * (stereo[2 * t] + stereo[2 * t + 1]), out, seed);
			else
				put(format, stereo[2 * t + c], out, seed);
		}
	}
}
