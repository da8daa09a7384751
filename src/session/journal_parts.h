/* The journal's inside, for session/journal*.c alone. Control thread. */
#ifndef SESSION_JOURNAL_PARTS_H
#define SESSION_JOURNAL_PARTS_H

#include <time.h>

#include "session/journal.h"
#include "session/store.h"

struct journal {
	struct session *session;
	char *text; /* what the file is to hold, as far as it was not given out */
	size_t len, room;
	uint32_t crc; /* of the last line */
	uint64_t number;
	time_t time;  /* of lines that are done again; 0: the clock's */
	bool unsaved; /* `base` is in no file */
	char *base;   /* the text of a session that was never saved */
	size_t base_len;

	char *now; /* the session's text after the last edit */
	size_t now_len;
	uint64_t *state; /* hashes of the text: at each undo step from the journal's beginning on */
	size_t states, at, state_room;
	char *selection; /* as written last */

	journal_put put;
	void *user;
};

/* CRC-32 (the one of Ethernet and gzip), going on from another. */
uint32_t journal_crc(uint32_t crc, const char *text, size_t len);

/* Forgets all, and begins with the session as it is. */
void journal_begin(struct journal *j);

/* Tells the journal that lines of the file were replaced, as one undo step. */
void journal_replaced(struct journal *j);

/* Sets what @ stands for, from the words behind `select`. */
void journal_select(struct session *s, const struct words *w);

/* The journal's file, or NULL; never follows a link. */
char *journal_read(int beside, size_t *len);

#endif
