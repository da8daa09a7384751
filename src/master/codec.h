/*
 * A master's way through lossy encoders and back: what comes out of the decoder is measured, as peaks grow there.
 * Control thread, or any other but the real-time one.
 */
#ifndef MASTER_CODEC_H
#define MASTER_CODEC_H

#include <stddef.h>

#include "base/err.h"
#include "master/measure.h"
#include "media/sink.h"

/* An encoder at a quality that services use. */
struct codec {
	const char *name, *title;
	enum sink_format format;
	double quality; /* libsndfile's, above 0 to 1 */
};
extern const struct codec codecs[]; /* ended by a NULL name */

/* NULL: there is none of that name. */
const struct codec *codec_find(const char *name);

struct codec_trip {
	double kbits; /* a second, of the encoded file */
	int rate;     /* Hz, of what was encoded */
	struct measured back;
};

/*
 * Encodes the sound file at `path` and decodes it again, into a WAV of floats at `decoded` where that is not NULL;
 * measured_fini frees what trip->back holds. 0, or -1 with err filled.
 */
int codec_run(const struct codec *codec, const char *path, const char *decoded, struct codec_trip *trip,
              struct err *err);

#endif
