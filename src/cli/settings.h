/*
 * Options of the console that the user wants always: lines `NAME [VALUE]` in a file, as they stand on the command line
 * without their dashes. Main thread.
 */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "cli/cli.h"

/*
 * Gives the command those options of $XDG_CONFIG_HOME/stemdesk/options that were not given. *memory holds their values
 * and is the caller's to free. Each mistake is told as "FILE:LINE: ..." and its line passed over.
 */
void settings_read(struct cli *cli, char **memory, void (*emit)(void *arg, const char *sentence), void *arg);

#endif
