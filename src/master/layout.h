/*
 * Which speaker each channel of a file feeds, and what that counts in loudness (ITU-R BS.1770-4, tables 3 and 4). Pure
 * functions; any thread.
 */
#ifndef MASTER_LAYOUT_H
#define MASTER_LAYOUT_H

#include "base/err.h"
#include "media/probe.h"

#define LAYOUT_CHANNELS 18 /* speakers that a file can name */
#define LAYOUT_TEXT 96

struct layout {
	int channels;
	int place[LAYOUT_CHANNELS];     /* libebur128's channel */
	double weight[LAYOUT_CHANNELS]; /* of its power: 1.41 at the sides, 0 of low frequency effects, else 1 */
	char text[LAYOUT_TEXT];         /* "L R C LFE Ls Rs" */
};

/*
 * By the mask of an extensible WAV, or the usual order of as many channels (that of FLAC). 0, or -1 with err filled
 * with the reason alone: then nobody knows which is which.
 */
int layout_of(const struct media_info *info, struct layout *layout, struct err *err);

#endif
