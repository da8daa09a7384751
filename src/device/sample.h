/* From the desk's floats to a device's sample format. Real-time safe; the table is constant. */
#ifndef DEVICE_SAMPLE_H
#define DEVICE_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

struct sample_format {
	int alsa;  /* snd_pcm_format_t */
	int bytes; /* 0 ends the table */
	const char *name;
};

/* Best first: float, 32, packed 24, 24 in 32, 16 bits. */
extern const struct sample_format sample_formats[];

/* How a device's frames lie: bytes from one frame to the next, and from one channel to the next. */
struct sample_layout {
	int channels, first; /* first: the channel of the left side */
	size_t frame, channel;
};

/*
 * Interleaved stereo to the device's channels: further channels are silent; a device of one channel gets the mean of
 * the sides. Integers are rounded to nearest (ties to even, as in files) and clipped; 16 bits get triangular dither
 * from *seed. What is no number is silence.
 */
void sample_convert(const struct sample_format *format, const struct sample_layout *layout, const float *stereo,
                    unsigned char *out, int frames, uint32_t *seed);

#endif
