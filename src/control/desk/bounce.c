#include "control/desk/left.h"
#include "control/desk/sheet.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cores.h"
#include "base/text.h"
#include "session/text.h"

#define TELL_SECONDS 5.0 /* between two words on how far it is */

/* A bounce or master under way, or one whose file is still compared with the one before. */
struct desk_bounce {
	struct errand errand;
	int running, asked; /* asked: to stop */
	struct desk_report report;
	char *path; /* that is written, NULL: the session's own name */
	int old;    /* the file that was there before, -1: none */
	struct compare *compare;
	double told; /* seconds: when it was told last how far it is */
};

/* What commands of this program have of words without a value, that may be said here. */
static const struct program {
	const char *name, *doing, *done;
	const char *switches[6];
} programs[] = {
    {"bounce", "bouncing", "bounced", {"mastered", NULL}},
    {"master", "mastering", "mastered", {"disc", "mono", "honest", "siblings", NULL}},
};

char *
desk_beside(const struct desk *d, const char *name)
{
	const char *slash = strrchr(d->path, '/');
	if (*name == '/' || !slash)
		return text_format("%s", name);
	return text_format("%.*s%s", (int)(slash - d->path + 1), d->path, name);
}

static int
is_switch(const struct program *p, const char *word)
{
	for (int k = 0; p->switches[k]; k++)
		if (!strcmp(p->switches[k], word))
			return 1;
	return 0;
}

/* What a word says about who is to be asked what becomes of it. */
static void
note_word(const struct desk *d, const char *word, struct desk_report *r)
{
	const struct target *t = strncmp(word, "target=", 7) ? NULL : targets_find(&d->targets, word + 7);
	r->disc |= !strcmp(word, "disc");
	if (t) {
		r->use = (int)t->use;
		snprintf(r->target, sizeof r->target, "%s", t->name);
	} else if (r->use < 0 && (!strcmp(word, "mastered") || !strncmp(word, "lufs=", 5))) {
		r->use = (int)USE_STREAM;
	}
}

/* Words of the command as options of the program: the file, bits=24, mastered. */
static int
read_words(struct desk *d, const struct program *p, const char *args, struct errand_line *line, char **path,
           struct desk_report *r, struct err *err)
{
	struct words w;
	int failed = 0;
	if (words_init(&w, args, strlen(args), err))
		return -1;
	for (size_t k = 0; k < w.count && !failed; k++) {
		const char *word = w.word[k].text, *equals = strchr(word, '=');
		if (equals && !strncmp(word, "stems=", 6)) {
			char *folder = desk_beside(d, equals + 1);
			errand_add(line, text_format("--stems=%s", folder));
			text_show(equals + 1, r->file, sizeof r->file);
			free(folder);
		} else if (equals && !strncmp(word, "reference=", 10)) {
			char *file = desk_beside(d, equals + 1);
			errand_add(line, text_format("--reference=%s", file));
			free(file);
		} else if (equals || is_switch(p, word)) {
			errand_add(line, text_format("--%s", word));
			note_word(d, word, r);
		} else if (*word == '-' || *path) {
			failed = err_set(err, "%s %s: say the file, then what it is to be, as in `%s`", p->name, word,
			                 p == programs ? "bounce mix.flac bits=24 mastered" : "master song.wav target=spotify");
		} else {
			*path = desk_beside(d, word);
			text_show(word, r->file, sizeof r->file);
		}
	}
	words_fini(&w);
	return failed;
}

/* The program's command line but for the words of the user. */
static int
begin_line(struct desk *d, const struct program *p, const char *args, struct errand_line *line, struct err *err)
{
	char hash[65];
	int cores = core_count();
	/* the session as it is now, under the name that the bounce keeps its copy by anyway */
	if (session_keep_copy(d->session, d->path, hash, err))
		return -1;
	errand_add(line, text_format("stemdesk"));
	errand_add(line, text_format("%s", p->name));
	errand_add(line, text_format("%s", d->path));
	errand_add(line, text_format("--copy=%s", hash));
	errand_add(line, text_format("--progress"));
	errand_add(line, text_format("--json"));
	if (cores > 1 && !strstr(args, "threads="))
		errand_add(line, text_format("--threads=%d", cores - 1)); /* one is for the desk */
	return 0;
}

static void
bounce_free(struct desk_bounce *b)
{
	if (b->running)
		errand_close(&b->errand);
	if (b->old >= 0)
		close(b->old);
	compare_free(b->compare);
	free(b->path);
	free(b);
}

static int
start(struct desk *d, const struct program *p, const char *args, struct err *err)
{
	struct desk_bounce *b = d->bounce;
	struct errand_line line = {.count = 0};
	const char *name = strrchr(d->path, '/');
	if (!strcmp(args, "stop")) {
		if (!b || !b->running)
			return err_set(err, "%s stop: nothing is under way", p->name);
		b->asked = 1;
		errand_stop(&b->errand);
		return 0;
	}
	if (b && b->running)
		return err_set(err, "%s is being written (%d %%); `%s stop` stops it", b->report.file, b->errand.percent,
		               p->name);
	struct desk_sheet *sheet = desk_sheet(d);
	b = calloc(1, sizeof *b);
	if (!b || !sheet) {
		free(b);
		return err_set(err, "not enough memory");
	}
	b->old = -1;
	b->report.master = p != programs;
	b->report.use = -1;
	text_show(name ? name + 1 : d->path, b->report.file, sizeof b->report.file);
	int failed = begin_line(d, p, args, &line, err) || read_words(d, p, args, &line, &b->path, &b->report, err);
	if (!failed && b->path)
		errand_add(&line, text_format("--output=%s", b->path));
	if (!failed && b->path) /* what is replaced stays readable as long as it is open */
		b->old = open(b->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	failed = failed || errand_start(&b->errand, &line, err);
	errand_line_fini(&line);
	if (failed) {
		bounce_free(b);
		return -1;
	}
	if (d->bounce)
		bounce_free(d->bounce);
	b->running = 1;
	b->told = clock_seconds();
	d->bounce = b;
	desk_left_begin(d, b->errand.pid, b->report.file, b->path);
	sheet->stale = 1;
	desk_say(d, DESK_SAYS, "%s of %s begun; it comes to its end even if you leave", p->name, b->report.file);
	return 0;
}

int
desk_bounce(struct desk *d, char *args, struct err *err)
{
	return start(d, &programs[0], args, err);
}

int
desk_master(struct desk *d, char *args, struct err *err)
{
	return *args ? start(d, &programs[1], args, err) : desk_speak_master(d, args, err);
}

int
desk_bounce_state(const struct desk *d, char *doing, size_t size, int *percent, double *left)
{
	const struct desk_bounce *b = d->bounce;
	if (!b || !b->running)
		return 0;
	snprintf(doing, size, "%s %s", programs[b->report.master].doing, b->report.file);
	*percent = b->errand.percent;
	*left = errand_left(&b->errand);
	return 1;
}

static void
tell_end(struct desk *d, const struct desk_bounce *b)
{
	const struct desk_report *r = &b->report;
	const struct program *p = &programs[r->master];
	char words[800];
	desk_report_words(r, words, sizeof words);
	if (b->asked && r->made < 0)
		desk_say(d, DESK_SAYS, "stopped; what was there before is as it was");
	else if (r->made < 0)
		desk_say(d, DESK_ERROR, "no %s of %s: %s", p->name, r->file, *b->errand.last ? b->errand.last : r->said);
	else if (r->good)
		desk_say(d, DESK_SAYS, "%s %s", p->done, words);
	else
		desk_say(d, DESK_ERROR, "%s %s; %s", p->done, words, b->errand.last);
}

/* The errand has ended: its report, and the two files against each other where there was one before. */
static void
finish(struct desk *d, struct desk_bounce *b, struct desk_sheet *sheet)
{
	struct desk_report *r = &b->report;
	desk_report_fill(d, r, &b->errand);
	if (b->asked && r->made < 0)
		snprintf(r->said, sizeof r->said, "stopped; what was there before is as it was");
	tell_end(d, b);
	errand_close(&b->errand);
	b->running = 0;
	desk_left_end(d);
	if (r->made > 0 && b->old >= 0) {
		b->compare = compare_new(b->old, b->path);
		b->old = -1;
		r->change = b->compare ? DESK_COMPARING : DESK_FIRST;
	}
	sheet->report = *r;
	sheet->stale = 1;
}

void
desk_bounce_poll(struct desk *d)
{
	struct desk_bounce *b = d->bounce;
	struct desk_sheet *sheet = b ? desk_sheet(d) : NULL;
	struct compared compared;
	if (!sheet)
		return;
	int percent = b->errand.percent;
	if (b->running && !errand_poll(&b->errand)) {
		sheet->stale |= b->errand.percent != percent;
		if (b->errand.percent < 100 && clock_seconds() - b->told > TELL_SECONDS) {
			b->told = clock_seconds();
			desk_say(d, DESK_SAYS, "%s of %s: %d %%", programs[b->report.master].name, b->report.file,
			         b->errand.percent);
		}
		return;
	}
	if (b->running)
		finish(d, b, sheet);
	if (b->compare && !compare_done(b->compare, &compared))
		return;
	if (b->compare) {
		desk_report_compare(&sheet->report, &compared);
		sheet->stale = 1;
		desk_say(d, DESK_SAYS, "%s against the last one: %s", sheet->report.file, sheet->report.difference);
	}
	bounce_free(b);
	d->bounce = NULL;
}

void
desk_bounce_close(struct desk *d)
{
	if (d->bounce)
		bounce_free(d->bounce);
	d->bounce = NULL;
}
