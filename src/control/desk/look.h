/*
 * The thread that looks at what plays for the views: loudness, spectra, histories. Nothing waits for it but whoever
 * asks for its newest picture, shortly. For the files of desk/ alone; new and free belong to the control thread.
 */
#ifndef CONTROL_DESK_LOOK_H
#define CONTROL_DESK_LOOK_H

#include "base/err.h"
#include "control/desk/scope.h"
#include "engine/player.h"

struct desk_look;

/* Begins to look; player_view has been called. NULL with err filled. */
struct desk_look *desk_look_new(struct player *p, double rate, struct err *err);
void desk_look_free(struct desk_look *l);

/* Any thread: the newest picture, of which more is drawn while somebody asks. */
void desk_look_scope(struct desk_look *l, struct desk_scope *scope);
void desk_look_loudness(struct desk_look *l, struct desk_loudness *loudness);
void desk_look_figures(struct desk_look *l, struct desk_figures *figures);

/* Any thread: how long the song is; a new measurement; whether it goes on; what is aimed at (NAN: nothing). */
void desk_look_song(struct desk_look *l, double seconds);
void desk_look_reset(struct desk_look *l);
/* Which spectrum of the strip is to be shown: that before its equaliser, or behind. */
void desk_look_analyse(struct desk_look *l, int before);
/* Whether the pictures stay as they are, so that they do not tell what is heard. */
void desk_look_hold(struct desk_look *l, int hold);
void desk_look_pause(struct desk_look *l, int paused);
void desk_look_target(struct desk_look *l, const char *name, double lufs, double ceiling);

#endif
