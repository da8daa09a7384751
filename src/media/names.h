/* What file names tell: natural order, number prefixes, sides, takes; names and ids of strips. Pure functions, any
 * thread. */
#ifndef MEDIA_NAMES_H
#define MEDIA_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#define NAME_SIZE 128 /* bytes of a name with its end */
#define ID_SIZE 40    /* bytes of an id with its end */

/* As people sort: numbers by value ("2" before "10"), letters of ASCII without case; ties by bytes, so it is total. */
int name_compare(const char *a, const char *b);

/* The part of path behind the last '/'. */
const char *name_base(const char *path);

/* Writes the file's name without folder and extension into out. */
void name_stem(const char *path, char out[NAME_SIZE]);

/*
 * Length of a number prefix with its separators: "01_", "2 - ", "003." before something that is left; 0 without one.
 * A number followed by a blank alone ("808 Kick") counts only with a leading zero or where loose is set.
 */
size_t name_prefix(const char *stem, bool loose);

/* 'L' or 'R' where the stem ends in a side (.L _L -L, blank L, (L), .left ...), 0 otherwise; *length: what is before.
 */
char name_side(const char *stem, size_t *length);

/*
 * The number at a stem's end, -1 without one (or with more than nine digits). *prefix: bytes before the digits;
 * *digits: how many there are.
 */
long name_number(const char *stem, size_t *prefix, size_t *digits);

/*
 * The name of a strip from n bytes of a stem: underscores as blanks, blanks squeezed, what cannot be shown made
 * visible. "" where nothing is left.
 */
void name_clean(const char *stem, size_t n, char out[NAME_SIZE]);

/* The id that a name makes: [a-z][a-z0-9-]*, Latin letters without their accents, "strip" where nothing is left. */
void name_slug(const char *name, char out[ID_SIZE]);

#endif
