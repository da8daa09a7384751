#include "control/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/userfiles.h"

int
history_load(char **line, int room)
{
	char *path = userfiles_path(USER_STATE, "history");
	char *text = path ? userfiles_read(path, NULL) : NULL;
	int count = 0;
	for (char *end = text ? text + strlen(text) : NULL; end && end > text && count < room;) {
		while (end > text && end[-1] == '\n')
			*--end = '\0';
		while (end > text && end[-1] != '\n')
			end--;
		if (*end && (line[count] = strdup(end)))
			count++;
	}
	free(text);
	free(path);
	return count;
}

void
history_add(const char *line)
{
	char *path = userfiles_path(USER_STATE, "history"), *whole = NULL;
	char *text = path ? userfiles_read(path, NULL) : NULL;
	const char *from = text ? text : "";
	size_t n = strlen(line);
	if (!path || !n || strchr(line, '\n'))
		goto out;
	/* the last line again? */
	size_t len = strlen(from);
	if (len > n && !strncmp(from + len - n - 1, line, n) && (len == n + 1 || from[len - n - 2] == '\n'))
		goto out;
	int lines = 0;
	for (const char *at = from; (at = strchr(at, '\n')); at++)
		lines++;
	for (; lines >= HISTORY_KEPT; lines--)
		from = strchr(from, '\n') + 1;
	if (asprintf(&whole, "%s%s%s\n", from, *from && from[strlen(from) - 1] != '\n' ? "\n" : "", line) >= 0)
		userfiles_write(path, whole, strlen(whole), NULL);
out:
	free(whole);
	free(text);
	free(path);
}
