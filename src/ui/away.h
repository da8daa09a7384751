/* The desk after its terminal is gone, where its user wants it to go on: it plays and is reached by its socket. Main
 * thread. */
#ifndef UI_AWAY_H
#define UI_AWAY_H

#include "control/desk/desk.h"

/* Runs until a signal asks for the end or the desk is left. The program has no terminal from then on. */
void away_run(struct desk *d);

#endif
