#include "engine/stems.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "media/probe.h"
#include "media/reader.h"

struct stems {
	char *folder; /* with its final slash, "" for the working directory */
	double rate;
	int skip_bad;
	stems_progress *progress;
	void *arg;
	char **warning; /* NULL ended */
	size_t warnings;
	char *broken; /* what stems_broken says */
};

struct file_source {
	struct source source;
	struct stems *stems;
	struct media_reader *reader; /* NULL: skipped, silent */
	char *file;
};

/* Where a session that is a symbolic link really lies, NULL for any other. Its stems lie beside what it leads to. */
static char *
link_target(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode) ? realpath(path, NULL) : NULL;
}

struct stems *
stems_new(struct session *session, const char *path, int skip_bad, stems_progress *progress, void *arg)
{
	struct stems *s = calloc(1, sizeof *s);
	if (!s)
		return NULL;
	char *target = path ? link_target(path) : NULL;
	const char *at = target ? target : path, *slash = at ? strrchr(at, '/') : NULL;
	s->folder = slash ? strndup(at, (size_t)(slash - at) + 1) : strdup("");
	free(target);
	s->rate = session_rate(session);
	s->skip_bad = skip_bad;
	s->progress = progress;
	s->arg = arg;
	s->warning = calloc(1, sizeof *s->warning);
	if (!s->folder || !s->warning) {
		stems_free(s);
		return NULL;
	}
	return s;
}

void
stems_free(struct stems *s)
{
	if (!s)
		return;
	for (size_t k = 0; k < s->warnings; k++)
		free(s->warning[k]);
	free(s->warning);
	free(s->broken);
	free(s->folder);
	free(s);
}

const char *
stems_warning(const struct stems *s, size_t k)
{
	return k < s->warnings ? s->warning[k] : NULL;
}

/* Keeps a sentence once, however many banks read the stem. */
static void
warn(struct stems *s, const char *text)
{
	for (size_t k = 0; k < s->warnings; k++)
		if (!strcmp(s->warning[k], text))
			return;
	char **more = realloc(s->warning, (s->warnings + 2) * sizeof *more);
	char *copy = strdup(text);
	if (more)
		s->warning = more;
	if (!more || !copy) {
		free(copy);
		return;
	}
	s->warning[s->warnings++] = copy;
	s->warning[s->warnings] = NULL;
}

char *
stems_path(const struct stems *s, const char *file)
{
	size_t size = strlen(s->folder) + strlen(file) + 1;
	char *path = malloc(size);
	if (path)
		snprintf(path, size, "%s%s", *file == '/' ? "" : s->folder, file);
	return path;
}

static void
source_read(struct source *source, int64_t frame, int frames, float *const *planar)
{
	struct file_source *f = (struct file_source *)source;
	if (f->reader) {
		reader_read(f->reader, frame, frames, planar);
		return;
	}
	for (int c = 0; c < source->channels; c++)
		if (planar[c])
			memset(planar[c], 0, (size_t)frames * sizeof(float));
}

const char *
stems_broken(const struct stems *s)
{
	return s->broken;
}

void
stems_tell_bad(struct stems *s, const char *file, int64_t bad)
{
	char shown[256], text[1400];
	text_show(file, shown, sizeof shown);
	snprintf(text, sizeof text, "%s: %lld samples are no numbers and were made silent", shown, (long long)bad);
	warn(s, text);
}

void
stems_close(struct stems *s, const char *file, struct media_reader *reader)
{
	char text[1400];
	if (!reader)
		return;
	int64_t bad = reader_bad_samples(reader);
	if (reader_error(reader) && s->skip_bad) {
		snprintf(text, sizeof text, "%s; what could not be read is silent", reader_error(reader)->text);
		warn(s, text);
	} else if (reader_error(reader) && !s->broken) {
		s->broken = strdup(reader_error(reader)->text);
	}
	if (bad)
		stems_tell_bad(s, file, bad);
	reader_close(reader);
}

static void
source_close(struct source *source)
{
	struct file_source *f = (struct file_source *)source;
	stems_close(f->stems, f->file, f->reader);
	free(f->file);
	free(f);
}

int
stem_find(const char *path, int rate, struct media_reader **reader, int64_t *bytes, struct err *err)
{
	struct media_info info, cached;
	char copy[IMPORT_PATH_SIZE];
	*reader = NULL;
	*bytes = 0;
	if (media_probe(path, &info, err))
		return -1;
	int found = info.rate == rate ? -1 : import_path(path, &info, rate, copy, &cached, err);
	if (info.rate != rate && found < 0)
		return -1;
	if (found == 0) {
		*bytes = import_size(&info, rate);
		return 1;
	}
	*reader = found > 0 ? reader_open(copy, &cached, err) : reader_open(path, &info, err);
	return *reader ? 0 : -1;
}

struct media_reader *
stem_convert(const char *path, int rate, import_progress *progress, void *arg, struct err *err)
{
	struct media_info info, cached;
	char copy[IMPORT_PATH_SIZE];
	if (media_probe(path, &info, err) || import_stem(path, &info, rate, progress, arg, copy, &cached, err))
		return NULL;
	return reader_open(copy, &cached, err);
}

struct media_reader *
stem_read(const char *path, int rate, struct err *err)
{
	struct media_reader *reader;
	int64_t bytes;
	return stem_find(path, rate, &reader, &bytes, err) == 1 ? stem_convert(path, rate, NULL, NULL, err) : reader;
}

/* What the progress of one conversion needs. */
struct converting {
	struct stems *stems;
	const char *file;
	int64_t bytes;
};

static int
show_progress(void *arg, int64_t done, int64_t all)
{
	const struct converting *c = arg;
	if (c->stems->progress)
		c->stems->progress(c->stems->arg, c->file, c->bytes, all > 0 ? (double)done / (double)all : 1);
	return 0;
}

/* The stem itself, or its copy at the song's rate, made now if need be. */
static struct media_reader *
open_reader(struct stems *s, const char *file, struct err *err)
{
	struct converting converting = {s, file, 0};
	struct media_reader *reader = NULL;
	char *path = stems_path(s, file);
	if (!path)
		err_set(err, "%s: not enough memory", file);
	else if (stem_find(path, (int)s->rate, &reader, &converting.bytes, err) == 1) {
		show_progress(&converting, 0, 1);
		reader = stem_convert(path, (int)s->rate, show_progress, &converting, err);
	}
	free(path);
	return reader;
}

int
stems_skip(struct stems *s, const struct err *why, struct err *err)
{
	char text[1400];
	if (!s->skip_bad)
		return err_set(err, "%s (--skip-bad loads the others)", why->text);
	snprintf(text, sizeof text, "%s; it is left out", why->text);
	warn(s, text);
	return 0;
}

int
stems_reader(struct stems *s, const char *file, struct media_reader **reader, struct err *err)
{
	struct err why = {""};
	*reader = open_reader(s, file, &why);
	return *reader ? 0 : stems_skip(s, &why, err);
}

static struct source *
open_source(void *arg, const char *file, int64_t shift, int64_t late, struct err *err)
{
	struct stems *s = arg;
	struct file_source *f = calloc(1, sizeof *f);
	(void)shift;
	(void)late;
	if (!f || !(f->file = strdup(file))) {
		free(f);
		err_set(err, "%s: not enough memory", file);
		return NULL;
	}
	f->stems = s;
	f->source = (struct source){.channels = MEDIA_CHANNELS, .read = source_read, .close = source_close};
	if (stems_reader(s, file, &f->reader, err)) {
		source_close(&f->source);
		return NULL;
	}
	if (f->reader) {
		f->source.channels = reader_info(f->reader)->channels;
		f->source.frames = reader_info(f->reader)->frames;
	}
	return &f->source;
}

struct source_opener
stems_opener(struct stems *s)
{
	return (struct source_opener){open_source, s};
}
