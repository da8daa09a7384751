#include "control/userfiles.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_MAX (1 << 20) /* bytes of a file that is read */

char *
userfiles_path(enum userfiles_kind kind, const char *name)
{
	static const struct {
		const char *variable, *below_home;
	} where[] = {[USER_CONFIG] = {"XDG_CONFIG_HOME", ".config"},
	             [USER_DATA] = {"XDG_DATA_HOME", ".local/share"},
	             [USER_STATE] = {"XDG_STATE_HOME", ".local/state"}};
	const char *folder = getenv(where[kind].variable), *home = getenv("HOME");
	char *path = NULL;
	int n = -1;
	if (folder && *folder == '/')
		n = asprintf(&path, "%s/stemdesk/%s", folder, name);
	else if (home && *home)
		n = asprintf(&path, "%s/%s/stemdesk/%s", home, where[kind].below_home, name);
	return n < 0 ? NULL : path;
}

int
userfiles_name(const char *name)
{
	size_t len = strlen(name);
	if (!len || len > 64 || !isalnum((unsigned char)*name) || name[len - 1] == '.')
		return 0;
	for (const char *at = name; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("-_.", *at))
			return 0;
	return !strstr(name, "..");
}

char *
userfiles_read(const char *path, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = NULL;
	ssize_t n = 0;
	if (fd < 0) {
		err_set(err, "%s: %s", path, strerror(errno));
		return NULL;
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size >= TEXT_MAX)
		err_set(err, "%s: is no file of this kind", path);
	else if (!(text = malloc((size_t)st.st_size + 1)) || (n = read(fd, text, (size_t)st.st_size)) < 0)
		err_set(err, "%s: %s", path, strerror(errno));
	if (text && n >= 0)
		text[n] = '\0';
	if (n < 0) {
		free(text);
		text = NULL;
	}
	close(fd);
	return text;
}

/* Makes the folders that lead to a file. */
static void
make_folders(char *path)
{
	for (char *at = path + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(path, 0700);
		*at = '/';
	}
}

int
userfiles_write(const char *path, const char *text, size_t len, struct err *err)
{
	char *other = NULL;
	if (asprintf(&other, "%s.new.%d", path, (int)getpid()) < 0)
		return err_set(err, "not enough memory");
	make_folders(other);
	int fd = open(other, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600), failed = fd < 0;
	for (size_t at = 0; !failed && at < len;) {
		ssize_t n = write(fd, text + at, len - at);
		failed = n < 0 && errno != EINTR;
		at += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0)
		failed |= close(fd);
	failed = failed || rename(other, path);
	if (failed) {
		err_set(err, "%s: cannot be written: %s", path, strerror(errno));
		unlink(other);
	}
	free(other);
	return failed ? -1 : 0;
}

static int
wanted(const struct dirent *entry)
{
	return userfiles_name(entry->d_name) && !strstr(entry->d_name, ".new.");
}

void
userfiles_list(const char *folder, void (*each)(void *user, const char *name), void *user)
{
	struct dirent **list;
	int count = scandir(folder, &list, wanted, alphasort);
	for (int k = 0; k < count; k++) {
		each(user, list[k]->d_name);
		free(list[k]);
	}
	if (count >= 0)
		free(list);
}
