/*
 * JSON on standard output, for all commands that have --json. Control thread.
 *
 * Commas are the writer's own. A key of NULL is an item of a list, or the whole. What has no value is null: a text that
 * is NULL, a number that is not finite.
 */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stddef.h>

/* An object ('{') or a list ('['), closed by json_close with its own closing bracket. */
void json_open(const char *key, char bracket);
void json_close(char bracket);
/* Closes the outermost one and its line; the next begins anew. */
void json_end(char bracket);

void json_text(const char *key, const char *text);
void json_number(const char *key, double x, int decimals);
void json_flag(const char *key, int on);
void json_numbers(const char *key, const double *x, size_t count, int decimals);

#endif
