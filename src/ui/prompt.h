/* A line being typed, with simple editing and what was typed before. The UI's thread. */
#ifndef UI_PROMPT_H
#define UI_PROMPT_H

#include "ui/grid.h"

#define PROMPT_HISTORY 100

struct prompt {
	char open; /* the sign that it shows, ':' or what stands for a value; 0: nothing is typed */
	char text[1024];
	size_t length, at;             /* bytes; at: where the next character goes */
	char *history[PROMPT_HISTORY]; /* the newest first */
	int place;                     /* in the history, -1: the line itself */
	char kept[1024];               /* the line itself meanwhile */
};

/* Begins a line behind a sign, that holds text already. */
void prompt_begin(struct prompt *p, char sign, const char *text);
void prompt_fini(struct prompt *p);

enum { PROMPT_TYPING, PROMPT_DONE, PROMPT_LEFT };

/* Takes a key. PROMPT_DONE: text is the line; PROMPT_LEFT: it was given up. */
int prompt_key(struct prompt *p, const char *key);

/* Draws it into a row of the grid, where the cursor goes too. */
void prompt_draw(const struct prompt *p, struct grid *g, int row);

#endif
