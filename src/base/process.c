#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Its start, and its state as a letter (NUL: not known). */
static unsigned long long
look_at(long pid, char *state)
{
	char path[64], text[1024];
	*state = '\0';
	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	if (len <= 0)
		return 0;
	text[len] = '\0';
	/* The name in brackets may hold anything: count fields from its end. The start is the 22nd, the state the 3rd. */
	char *at = strrchr(text, ')');
	if (at && at[1] == ' ')
		*state = at[2];
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at + 1, NULL, 10) : 0;
}

unsigned long long
process_start(long pid)
{
	char state;
	return look_at(pid, &state);
}

int
process_lives(long pid, unsigned long long start)
{
	char state;
	if (pid <= 0 || pid > INT_MAX) /* cut to a pid it might be -1, which is everybody */
		return 0;
	if (kill((pid_t)pid, 0) && errno == ESRCH)
		return 0;
	unsigned long long now = look_at(pid, &state);
	/* one that has ended and that nobody has asked for yet is no process any more */
	return state != 'Z' && state != 'X' && !(start && now && start != now);
}
