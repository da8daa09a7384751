/*
 * A running measurement of what is heard: loudness, peaks, stereo, limiting, and their histories, quantum by quantum.
 * One thread at a time for each; not the real-time one.
 */
#ifndef CONTROL_DESK_HEARD_H
#define CONTROL_DESK_HEARD_H

#include "control/desk/scope.h"
#include "engine/player.h"

struct desk_heard;

/* NULL: no memory. */
struct desk_heard *desk_heard_new(double rate);
void desk_heard_free(struct desk_heard *h);

/* A new measurement. The quantum at the beginning of the song begins one by itself, and so does another tap. */
void desk_heard_reset(struct desk_heard *h);

/* How long the song is, seconds: another step of the curve over it begins the curve anew. */
void desk_heard_song(struct desk_heard *h, double seconds);

/* Takes a quantum in; while paused, loudness and peaks stay as they are. */
void desk_heard_take(struct desk_heard *h, const struct player_look *look, int paused);

/* Fills what is measured; integrated loudness and range cost some 20 us, and are left as they are where !gated. */
void desk_heard_read(const struct desk_heard *h, struct desk_loudness *m, int gated);

#endif
