/* Lines typed at the prompt, kept from one time to the next in $XDG_STATE_HOME/stemdesk/history. One thread at a time.
 */
#ifndef CONTROL_HISTORY_H
#define CONTROL_HISTORY_H

#define HISTORY_KEPT 1000 /* lines that the file keeps */

/* Reads the last lines, the newest first, at most `room`; returns how many. The caller frees each. */
int history_load(char **line, int room);

/* Adds a line, if it is another than the last one that was added. What fails is no reason to stop. */
void history_add(const char *line);

#endif
