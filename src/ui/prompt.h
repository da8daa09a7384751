/* A line being typed: editing, what was typed before, and what it may mean. The UI's thread. */
#ifndef UI_PROMPT_H
#define UI_PROMPT_H

#include "ui/grid.h"

#define PROMPT_HISTORY 100
#define PROMPT_OFFERS 64

/* Something that the line may mean. */
struct prompt_offer {
	char text[160]; /* what it is, or what stands in the line for it */
	char help[160]; /* a few words */
	int score;      /* the greatest are offered first */
};

struct prompt {
	char open;                     /* the sign that it shows: ':' a command, '=' a value, '/' a search; 0: none */
	char label[200];               /* before the line */
	char text[1024];               /* the line */
	size_t length, at;             /* bytes; at: where the next character goes */
	char *history[PROMPT_HISTORY]; /* lines of ':', the newest first */
	int place;                     /* in the history, -1: the line itself */
	char kept[1024];               /* the line itself meanwhile */

	struct prompt_offer offer[PROMPT_OFFERS];
	int offers, chosen; /* chosen: which of them, -1: none */
	size_t from;        /* where in the line an offer goes */
};

/* Begins a line behind a sign and a label, that holds text already. */
void prompt_begin(struct prompt *p, char sign, const char *label, const char *text);
void prompt_fini(struct prompt *p);

enum { PROMPT_TYPING, PROMPT_DONE, PROMPT_LEFT };

/* Takes a key. PROMPT_DONE: text is the line; PROMPT_LEFT: it was given up. */
int prompt_key(struct prompt *p, const char *key);

/* Takes a key that was pasted: letters are letters, the ends of lines are blanks, and nothing else is anything. */
void prompt_paste(struct prompt *p, const char *key);

/* Puts text in place of what stands from `from` to the cursor. */
void prompt_replace(struct prompt *p, size_t from, const char *text);

/* Offers begin anew; another one, kept in order of their scores where there is room. */
void prompt_offer_none(struct prompt *p);
void prompt_offer(struct prompt *p, int score, const char *text, const char *help);

/* Draws it into a row of the grid, where the cursor goes too, and its offers above. */
void prompt_draw(const struct prompt *p, struct grid *g, int row);

#endif
