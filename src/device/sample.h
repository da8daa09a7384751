/* From the desk's floats to a device's sample format. Real-time safe; the table is constant. */
#ifndef DEVICE_SAMPLE_H
#define DEVICE_SAMPLE_H

#include <stdint.h>

struct sample_format {
	int alsa;  /* snd_pcm_format_t */
	int bytes; /* 0 ends the table */
	const char *name;
};

/* Best first: float, 32, packed 24, 24 in 32, 16 bits. */
extern const struct sample_format sample_formats[];

/*
 * Interleaved stereo to interleaved `channels`: further channels are silent; one channel gets the mean of the sides.
 * Integers are rounded to nearest and clipped; 16 bits get triangular dither from *seed.
 */
void sample_convert(const struct sample_format *format, const float *stereo, unsigned char *out, int frames,
                    int channels, uint32_t *seed);

#endif
