#include "session/store.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

int
session_save(struct session *s, const char *path, struct err *err)
{
	size_t len;
	char *text = session_text(s, &len);
	char *temp = text_format("%s.new-%ld", path, (long)getpid());
	int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	int result = fd < 0 || write_all(fd, text, len) || fsync(fd) ? -1 : 0;
	if (fd >= 0 && close(fd))
		result = -1;
	if (!result && rename(temp, path))
		result = -1;
	if (result) {
		err_set(err, "%s: cannot be saved: %s", path, strerror(errno));
		unlink(temp);
	} else {
		s->saved_at = s->op_at;
	}
	free(temp);
	free(text);
	return result;
}
