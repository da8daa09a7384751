/* What main() runs beside the commands: the console on a session, a folder or stems. Main thread. */
#ifndef APP_H
#define APP_H

#include "cli/cli.h"

/* `stemdesk [SESSION | FOLDER | STEM...]`, as a command without a name. */
extern const struct command app_console;

#endif
