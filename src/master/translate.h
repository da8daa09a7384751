/*
 * What becomes of a song, and of each of its strips, on what people listen with. Control thread, or any other but the
 * real-time one; one at a time.
 */
#ifndef MASTER_TRANSLATE_H
#define MASTER_TRANSLATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/stems.h"
#include "master/speakers.h"

/* A strip, or the mix, as the song plays it: behind its fader. */
struct translate_part {
	uint32_t uid;
	char name[64]; /* fit to be shown; "Mix" */
	struct balance_band band[BALANCE_BANDS];
	struct balance_band coded[BALANCE_BANDS]; /* of the mix: what SBC changes of it */
	double loudness; /* dB, K-weighted mean power over the song; -HUGE_VAL: it does not sound */
	double sounds;   /* part of the time that it sounds, 0 to 1 */
	int heaviest;    /* the third that weighs most in it */
};

struct translation {
	struct translate_part *part; /* strips in desk order, the mix last */
	size_t parts;
	double rate; /* Hz */
};

/* Plays the session once, faster than time. progress as in a bounce. 0; 1: stopped; -1 with err filled. */
int translate_session(struct session *session, struct stems *stems,
                      int (*progress)(void *arg, int64_t done, int64_t all), void *arg, struct translation *t,
                      struct err *err);

/* The mix alone, a sound file of one or two channels. The same. */
int translate_file(const char *path, int (*progress)(void *arg, int64_t done, int64_t all), void *arg,
                   struct translation *t, struct err *err);
void translation_fini(struct translation *t);

/* What a part loses on a speaker. */
struct translate_loss {
	double change;  /* dB of its loudness */
	double against; /* dB: the same against what the mix changes by */
	double
	    drowned;  /* part of its loudness, 0 to 1, that lies below the speaker's noise or the codec's while it sounds */
	double coded; /* part of its loudness, 0 to 1, that lies below what the codec adds to the mix there */
	double added; /* dB: what the codec adds, against it; -HUGE_VAL: there is none */
	double side;  /* dB that it loses by being mono there */
	int lost;     /* it is gone: 6 dB less than the mix, or nine tenths drowned */
};

#define TRANSLATE_LOST -6.0   /* dB against the mix */
#define TRANSLATE_DROWNED 0.9 /* of its loudness */

/* `mix` is the song's; the noise stands against its loudness, and what a codec adds is what it adds to the mix. */
void translate_judge(const struct speaker *speaker, const struct translate_part *part, const struct translate_part *mix,
                     struct translate_loss *loss);

#endif
