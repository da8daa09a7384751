#include "media/decode.h"

#include <sndfile.h>
#include <stdlib.h>

#define BLOCK 4096 /* frames */

struct decoder {
	SNDFILE *file;
	int channels;
	float mixed[2 * BLOCK]; /* interleaved */
};

struct decoder *
decoder_open(const char *path, int *rate, int *channels, struct err *err)
{
	SF_INFO info = {0};
	struct decoder *d = calloc(1, sizeof *d);
	if (d)
		d->file = sf_open(path, SFM_READ, &info);
	if (!d || !d->file || info.channels > 2) {
		err_set(err, "what was encoded cannot be decoded: %s",
		        !d        ? "not enough memory"
		        : d->file ? "it has more than two channels"
		                  : sf_strerror(NULL));
		decoder_close(d);
		return NULL;
	}
	d->channels = *channels = info.channels;
	*rate = info.samplerate;
	return d;
}

int64_t
decoder_read(struct decoder *d, float *const *planar, int64_t most)
{
	int64_t n = sf_readf_float(d->file, d->mixed, most < BLOCK ? most : BLOCK);
	for (int64_t t = 0; t < n; t++)
		for (int c = 0; c < d->channels; c++)
			planar[c][t] = d->mixed[t * d->channels + c];
	return n;
}

void
decoder_close(struct decoder *d)
{
	if (d && d->file)
		sf_close(d->file);
	free(d);
}
