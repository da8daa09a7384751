/* What is usual for an instrument, told by its strip's name: the tables behind a rough mix. Pure; any thread. */
#ifndef CONTROL_ROLES_H
#define CONTROL_ROLES_H

#include <stddef.h>

enum role_flag {
	ROLE_LEAD = 1,   /* stands above all others together */
	ROLE_MUTE = 2,   /* is for the musicians, not for the mix */
	ROLE_SPREAD = 4, /* several stand from left to right as they come */
};

struct role {
	const char *words;
	double fader;   /* dB, of all of its sort together as far as `share` goes */
	double pan;     /* percent from the middle, where mono */
	double share;   /* each of n is share * log10(n) dB lower: 10 for microphones at one source, 0 for soloists */
	unsigned flags; /* bits of enum role_flag */
};

/* The role of a strip of that name; the last one, of unknown things, fits all. Never NULL; roles lie in one array. */
const struct role *role_of(const char *name);

/* The number of a role, from 0 on, below ROLE_COUNT. */
size_t role_number(const struct role *role);
enum { ROLE_COUNT_MAX = 32 };

/* -1 or 1 where a name says left or right ("OH L", "gtr_right"), 0 where it does not. */
int role_side(const char *name);

/* The place (percent, right is positive) of the k-th of n mono strips of a role; lean: the sum of the places so far,
 * so that a single one goes to the lighter side. */
double role_pan(const struct role *role, int k, int n, double lean);

#endif
