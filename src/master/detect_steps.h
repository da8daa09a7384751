/*
 * How much the coefficients of a block look like those that a coder rounded: many of them nothing, and the others in
 * few steps. Pure; any thread but the real-time one.
 */
#ifndef MASTER_DETECT_STEPS_H
#define MASTER_DETECT_STEPS_H

/* How the steps of a coder grow: alike (Vorbis), or with the power 4/3 (MP3, AAC). */
enum steps_law { STEPS_ALIKE, STEPS_GROWING };

/* What is summed over blocks; each the lower the more it looks so. */
struct steps {
	double zeros; /* logarithms of powers */
	double steps; /* logarithms of what is left beside the nearest step */
};

/* Adds a block of n coefficients, from the `from`th on in groups of STEPS_GROUP, of sound that was rounded to `step`.
 */
#define STEPS_GROUP 16
void steps_add(struct steps *to, enum steps_law law, const float *coefficient, int n, int from, float step);

#endif
