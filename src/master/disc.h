/*
 * A compact disc of an album: what the Red Book (IEC 60908) asks of its tracks and codes, and the sheets that burners
 * and plants read. Pure functions but for the text they make; any thread.
 */
#ifndef MASTER_DISC_H
#define MASTER_DISC_H

#include <stdint.h>

#include "base/err.h"

#define DISC_RATE 44100
#define DISC_SECTOR 588 /* frames, 75 a second */
#define DISC_TRACKS 99
#define DISC_SHORTEST (4 * 75)                     /* sectors of a track */
#define DISC_SECTORS (79 * 60 * 75 + 57 * 75 + 74) /* that plants take: 79:57.74 */

struct disc_track {
	const char *title, *artist; /* "": the disc's */
	const char *isrc;           /* "": none */
	int64_t pause, begin; /* sectors from the beginning: INDEX 00 and INDEX 01; the same where there is no pause */
};

struct disc {
	const char *title, *artist, *upc, *date, *genre;
	const struct disc_track *track;
	int tracks;
	int64_t sectors; /* of all */
};

/* Whether a code is one: "DE-ABC-26-00001" and "DEABC2600001" (ISO 3901); 12 or 13 digits with their check digit. */
int disc_isrc(const char *text, char plain[13], struct err *err);
int disc_upc(const char *text, char plain[14], struct err *err);

/* What is no code of the disc and its tracks, a sentence each; returns how many. */
int disc_check_codes(const struct disc *d, void (*each)(void *arg, const char *sentence), void *arg);

/* All that the Red Book would refuse, those codes too. */
int disc_check(const struct disc *d, void (*each)(void *arg, const char *sentence), void *arg);

/* The sheets, of an image that the sheet's reader finds under `image`; the caller frees them. NULL: no memory. */
char *disc_cue(const struct disc *d, const char *image);
char *disc_toc(const struct disc *d, const char *image);

/* "12:34:56": minutes, seconds and sectors. */
const char *disc_time(int64_t sectors, char text[24]);

#endif
