/*
 * This program run as a process of its own, which ends whatever becomes of the desk: how far it is, and what it said in
 * the end. The control thread.
 */
#ifndef CONTROL_ERRAND_H
#define CONTROL_ERRAND_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

#define ERRAND_WORDS 48 /* of a command line, the last NULL included */

/* A command line that owns its words. */
struct errand_line {
	char *word[ERRAND_WORDS];
	int count;
};

/* Takes a word over (NULL: no memory, or one too many, which errand_start tells). */
void errand_add(struct errand_line *line, char *word);
void errand_line_fini(struct errand_line *line);

struct errand {
	pid_t pid;
	int said, result; /* descriptors: its standard error and output */
	char line[512];   /* of the first, not whole yet */
	size_t length;
	char text[16384];  /* of the second */
	size_t size, from; /* from: where values are looked for, see errand_seek */
	char words[1024];  /* sentences that it said, a line each, without its own name before them */
	char last[512];    /* the last of them */
	double began;      /* seconds of clock_seconds */
	int percent;
	int status; /* once it has ended: its exit status, -1 where it was ended from outside */
};

/* Starts it; the line's first word is the program's name, the second its command. -1 with err filled. */
int errand_start(struct errand *e, const struct errand_line *line, struct err *err);

/* Reads what it said; whether it has ended. */
int errand_poll(struct errand *e);

/* Seconds that it will take yet, as far as can be said; below 0: it cannot. */
double errand_left(const struct errand *e);

/* Asks it to stop. */
void errand_stop(const struct errand *e);

/* Lets go of it; it goes on alone. */
void errand_close(struct errand *e);

/* Values are looked for from the nth (from 0) value of a key on, as in one of several objects. -1: there is none. */
int errand_seek(struct errand *e, const char *key, int nth);

/*
 * A value of the JSON object that it printed: 0, or -1 where it is not there or null. Texts are made fit to be shown;
 * `nth` of a list of texts.
 */
int errand_number(const struct errand *e, const char *key, double *number);
/* Those of a list, null as NAN, at most so many; how many there are. */
int errand_numbers(const struct errand *e, const char *key, double *numbers, int most);
int errand_text(const struct errand *e, const char *key, int nth, char *to, size_t size);

#endif
