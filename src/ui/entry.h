/* What is typed at the prompt: a command, a value or a search, on its way to a line for the desk. The UI's thread. */
#ifndef UI_ENTRY_H
#define UI_ENTRY_H

#include "ui/view.h"

/* Begins a command that holds text already, a value of an address, or a search. */
void entry_command(struct screen *s, const char *text);
void entry_value(struct screen *s, const char *address, const char *text);
void entry_search(struct screen *s, const char *text);

/* Takes a key; one that was pasted. */
void entry_key(struct screen *s, const char *key);
void entry_paste(struct screen *s, const char *key);

/* The range of a value in words, "" where it has none. */
void entry_range(const struct desk_value *v, char *to, size_t size);

#endif
