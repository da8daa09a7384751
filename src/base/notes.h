/* Musical and clock times in whole frames, by integers alone: the same on every machine. Any thread; real-time safe. */
#ifndef BASE_NOTES_H
#define BASE_NOTES_H

#include <stdint.h>

/* How many places the note table has, the choices of ECHO_NOTE: none 1/1 1/2 1/2d 1/2t ... 1/16t. */
#define NOTE_COUNT 14

/*
 * The length of note `note` (its place in the table) at `bpm` quarter notes a minute, in frames of `rate`, to the
 * nearest (a half goes up). Tempo counts to a millionth. 0 for "none", for a place beyond the table and for a tempo not
 * above 0.
 */
int64_t note_frames(int note, double bpm, double rate);

/* The same for a time in milliseconds, which counts to a millionth. 0 below 0. */
int64_t ms_frames(double ms, double rate);

#endif
