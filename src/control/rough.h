/* A first balance for a fresh folder, as ordinary lines: trims from measured loudness, faders and pans from names. */
#ifndef CONTROL_ROUGH_H
#define CONTROL_ROUGH_H

#include "base/err.h"
#include "engine/stems.h"
#include "session/session.h"

/*
 * Calls emit with the lines proposed, those that change the session. Every strip is measured alone (BS.1770 gated
 * loudness) and trimmed to one loudness; its fader and pan come from a table of instruments looked up by words of its
 * name (control/roles.h); all others are lowered until the leading voices stand above them; then the sum is rendered
 * and the mix trimmed so that it peaks at -6 dBFS. The session itself is not changed. -1: err is filled.
 */
int rough_mix(struct session *session, struct stems *stems, void (*emit)(void *arg, const char *line), void *arg,
              struct err *err);

#endif
