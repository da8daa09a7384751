/*
 * What each place makes of what plays, as it was measured so far; and one of them in front of the ears. Any thread may
 * call desk_verdicts, one at a time.
 */
#ifndef CONTROL_DESK_VERDICTS_H
#define CONTROL_DESK_VERDICTS_H

#include "control/desk/desk.h"

#define DESK_VERDICTS 64 /* places that there is room for */

struct desk_verdicts {
	int mastered;                /* of the master, else of the mix */
	float integrated, true_peak; /* LUFS, dBTP; -HUGE_VAL: nothing yet */
	int heard;                   /* the place or codec that is heard, -1: none */
	uint32_t stamp;              /* of what else it was made from */
	int count;
	struct desk_verdict {
		char name[32], title[48];
		int codec;           /* it is one, and no place */
		float lufs, ceiling; /* that it names; NAN: none */
		int good;            /* taken or played as it stands */
		float turn;          /* dB that it turns it by */
		char text[128];      /* in words */
		char brief[12]; /* "-3.2": dB that it turns it by, or LU that it lacks; "as is"; "peak": that alone is too high;
		                   "" before anything is known */
	} row[DESK_VERDICTS];
};

/* What *v holds from the last call is kept where nothing has changed since; zero it before the first. */
void desk_verdicts(struct desk *d, struct desk_verdicts *v);

/* desk/codec.c: the codecs behind the places; for desk_verdicts alone. */
void desk_codec_verdicts(struct desk *d, struct desk_verdicts *v);

#endif
