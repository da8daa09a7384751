#include "control/desk/left.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"
#include "base/text.h"
#include "control/desk/parts.h"
#include "session/folder.h"

#define NAME "rendering" /* of the note, in the folder beside the session */
#define NOTE_MAX 16384   /* bytes */
#define LOOK_SECONDS 0.5 /* between two looks */
#define FIRST_SECONDS 4  /* until the first: what was recovered is not to be talked over */

/* The note: three lines, "PID START", the file as it was called, its path ("" where that is not known). */
struct desk_left {
	long pid;
	unsigned long long start;
	char file[256]; /* fit to be shown */
	char *path;
	struct timespec noted;
	double look; /* seconds: when to look next */
	int told;    /* that it is under way */
};

void
desk_left_begin(struct desk *d, pid_t pid, const char *file, const char *path)
{
	struct folder f;
	char note[NOTE_MAX];
	int n = snprintf(note, sizeof note, "%ld %llu\n%s\n%s\n", (long)pid, process_start(pid), file, path ? path : "");
	/* what cannot be noted is rendered all the same */
	if (n >= (int)sizeof note || (path && strchr(path, '\n')) || folder_open(&f, d->path, 1, NULL))
		return;
	folder_write(&f, f.beside, NAME, note, (size_t)n, 0);
	folder_close(&f);
}

void
desk_left_end(struct desk *d)
{
	struct folder f;
	if (folder_open(&f, d->path, 0, NULL))
		return;
	if (f.beside >= 0)
		unlinkat(f.beside, NAME, 0);
	folder_close(&f);
}

/* The note, or NULL where there is none that makes sense. */
static struct desk_left *
read_note(const struct desk *d)
{
	struct folder f;
	struct stat st;
	size_t len;
	struct desk_left *l = NULL;
	if (folder_open(&f, d->path, 0, NULL))
		return NULL;
	char *text = f.beside < 0 || fstatat(f.beside, NAME, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode)
	                 ? NULL
	                 : folder_read(f.beside, NAME, NOTE_MAX, &len);
	char *rest = text, *who = strsep(&rest, "\n"), *file = strsep(&rest, "\n"), *path = strsep(&rest, "\n");
	if (path && (l = calloc(1, sizeof *l))) {
		l->noted = st.st_mtim;
		text_show(file, l->file, sizeof l->file);
		if (sscanf(who, "%ld %llu", &l->pid, &l->start) != 2 || l->pid <= 0 || !(l->path = strdup(path))) {
			free(l);
			l = NULL;
		}
	}
	free(text);
	folder_close(&f);
	return l;
}

/* Whether the file was written since the note was. */
static int
is_made(const struct desk_left *l)
{
	struct stat st;
	return stat(l->path, &st) == 0 && (st.st_mtim.tv_sec > l->noted.tv_sec || (st.st_mtim.tv_sec == l->noted.tv_sec &&
	                                                                           st.st_mtim.tv_nsec >= l->noted.tv_nsec));
}

void
desk_left_close(struct desk *d)
{
	if (d->before)
		free(d->before->path);
	free(d->before);
	d->before = NULL;
}

/* It has ended: how, as far as that is known. */
static void
tell_end(struct desk *d)
{
	const struct desk_left *l = d->before;
	if (!*l->path)
		desk_say(d, DESK_SAYS, "rendering %s, which the desk before began, has ended", l->file);
	else if (is_made(l))
		desk_say(d, DESK_SAYS, "%s, which the desk before began to render, is done", l->file);
	else
		desk_say(d, DESK_ERROR, "%s, which the desk before began to render, was not finished", l->file);
	if (!d->bounce) /* else the note is of another */
		desk_left_end(d);
	desk_left_close(d);
}

void
desk_left_open(struct desk *d)
{
	/* only whoever holds the session takes it from who held it before */
	if (!d->view_only && (d->before = read_note(d)))
		d->before->look = clock_seconds() + FIRST_SECONDS;
}

void
desk_left_tick(struct desk *d)
{
	struct desk_left *l = d->before;
	double now = clock_seconds();
	if (!l || now < l->look)
		return;
	l->look = now + LOOK_SECONDS;
	if (!process_lives(l->pid, l->start))
		tell_end(d);
	else if (!l->told++)
		desk_say(d, DESK_SAYS, "%s is still being rendered, as the desk before began it (pid %ld)", l->file, l->pid);
}
