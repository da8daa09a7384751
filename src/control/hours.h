/*
 * How long a session was listened to, and when ears want a pause. Pure but for its own struct; the control thread's.
 */
#ifndef CONTROL_HOURS_H
#define CONTROL_HOURS_H

#define HOURS_SITTING (60 * 60) /* seconds of listening until a word */
#define HOURS_PAUSE (10 * 60)   /* seconds of quiet that rest the ears */

struct hours {
	double listened; /* seconds in all, sessions before this one too */
	double sitting;  /* since the last pause */
	double quiet;    /* since something was heard */
	int told;        /* words in this sitting */
};

/* Some time went by in which something was `heard`, or not. Returns the minutes of this sitting where it is time for a
 * word, after each hour once; else 0. */
int hours_add(struct hours *h, double seconds, int heard);

#endif
