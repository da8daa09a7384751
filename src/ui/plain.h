/*
 * The desk without a screen: a conversation of lines on standard input and output, for screen readers and scripts. Main
 * thread.
 */
#ifndef UI_PLAIN_H
#define UI_PLAIN_H

#include "control/desk/desk.h"

/*
 * Talks until the input ends, the desk is left, or a signal asks for the end. 0, 2 where the session is to be opened
 * again, 3 where the line was hung up; -1 with err filled where nobody reads what it says or there is no memory.
 */
int plain_run(struct desk *d, struct err *err);

#endif
