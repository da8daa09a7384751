#include "control/desk/edit.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "session/journal_file.h"
#include "session/text.h"

#define HEARD_DB -50.0   /* what is softer than this is no listening */
#define STEP_MOST 1.0    /* seconds between two looks: more is a machine that slept */
#define WRITE_SECONDS 60 /* between two writings of how long was listened */

static int
by_place(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;
	double by = x->value[P_NOTE_AT] - y->value[P_NOTE_AT];
	return by != 0 ? (by > 0) - (by < 0) : (x->uid > y->uid) - (x->uid < y->uid);
}

struct node **
desk_notes_by_place(struct desk *d, int *count)
{
	const struct node *song = session_song(d->session);
	struct node **note = text_alloc((song->children + 1) * sizeof *note);
	*count = 0;
	for (size_t k = 0; k < song->children; k++)
		if (song->child[k]->kind == K_NOTE)
			note[(*count)++] = song->child[k];
	qsort(note, (size_t)*count, sizeof *note, by_place);
	return note;
}

int
desk_note(struct desk *d, char *args, struct err *err)
{
	char seed[512], id[7], line[200], date[32], clock[32], shown[300], words[400];
	time_t now = time(NULL);
	struct tm local;
	struct node *note;
	if (!args[strspn(args, " \t")])
		return err_set(err,
		               "note what? note TEXT keeps it, with this place of the song and the time; notes lists them");
	if (desk_begin(d, err))
		return -1;
	snprintf(seed, sizeof seed, "%.200s %ld %ld %" PRId64 " %.100s", d->path, (long)getpid(), (long)now, d->position,
	         args);
	session_region_id(d->session, seed, id);
	char *quoted = text_quote(args), *text = text_format("song/note/%s/text %s", id, quoted);
	int failed = session_line(d->session, text, err);
	free(text);
	free(quoted);
	snprintf(line, sizeof line, "song/note/%s", id);
	if (!failed && (note = session_find(d->session, line))) {
		localtime_r(&now, &local);
		strftime(date, sizeof date, "%Y-%m-%d %H:%M", &local);
		failed = session_set(d->session, note, P_NOTE_AT, (double)d->position, err) ||
		         session_set_text(d->session, note, P_NOTE_DATE, date, err);
	}
	snprintf(words, sizeof words, "note at %s: %s", desk_clock(d, d->position, clock),
	         text_show(args, shown, sizeof shown));
	return desk_end(d, failed ? -1 : 0, words, err);
}

static void
describe(struct desk *d, int k, const struct node *note, char *text, size_t size)
{
	char clock[32], shown[300], date[40];
	text_show(note->text[P_NOTE_TEXT], shown, sizeof shown);
	text_show(note->text[P_NOTE_DATE], date, sizeof date);
	snprintf(text, size, "note %d at %s: %s%s%s%s", k + 1, desk_clock(d, (int64_t)note->value[P_NOTE_AT], clock), shown,
	         *date ? " (" : "", date, *date ? ")" : "");
}

/* Which note is meant: its place among `count`, or -1. */
static int
find_note(const struct desk *d, const char *args, struct node *const *note, int count)
{
	int k = 0;
	if (*args >= '0' && *args <= '9')
		return atoi(args) <= count ? atoi(args) - 1 : -1;
	if (!strcmp(args, "next")) {
		while (k < count && note[k]->value[P_NOTE_AT] <= (double)d->position)
			k++;
		return k < count ? k : -1;
	}
	while (k < count && note[k]->value[P_NOTE_AT] < (double)d->position)
		k++;
	return k - 1;
}

static int
run_notes(struct desk *d, const char *args, struct node *const *note, int count, struct err *err)
{
	char text[500];
	if (!count) {
		desk_say(d, DESK_SAYS, "there are no notes yet: note TEXT keeps one at this place of the song");
		return 0;
	}
	for (int k = 0; k < count && !*args; k++) {
		describe(d, k, note[k], text, sizeof text);
		desk_say(d, DESK_LINES, "%s", text);
	}
	if (!*args)
		return 0;
	if (strcmp(args, "next") != 0 && strcmp(args, "prev") != 0 && (*args < '0' || *args > '9'))
		return err_set(err, "notes %s: it is next, prev or a number; without one it lists them", args);
	int k = find_note(d, args, note, count);
	if (k < 0)
		return err_set(err, "notes %s: there is no such note; there are %d", args, count);
	int64_t frame = (int64_t)note[k]->value[P_NOTE_AT];
	if (desk_engine_start(d, frame > d->length ? d->length : frame, err))
		return -1;
	describe(d, k, note[k], text, sizeof text);
	desk_say(d, DESK_SAYS, "%s", text);
	return 0;
}

int
desk_notes(struct desk *d, char *args, struct err *err)
{
	int count;
	struct node **note = desk_notes_by_place(d, &count);
	int failed = run_notes(d, args, note, count, err);
	free(note);
	return failed;
}

void
desk_say_brief(struct desk *d)
{
	char shown[800];
	const char *brief = session_song(d->session)->text[P_BRIEF];
	size_t redos;
	/* what came back from the last time, and what went wrong, is not to be talked over: the view has the brief too */
	int more = session_steps(d->session, &redos) || redos;
	pthread_mutex_lock(&d->lock);
	for (const struct desk_item *item = d->events.first; item; item = item->next)
		more |= item->kind == DESK_ERROR;
	pthread_mutex_unlock(&d->lock);
	if (*brief && !more)
		desk_say(d, DESK_SAYS, "brief: %s", text_show(brief, shown, sizeof shown));
}

/* Whether the mix is heard now. */
static int
is_heard(struct desk *d)
{
	const struct player_meters *m = &d->played;
	const float least = (float)pow(10, HEARD_DB / 20);
	const uint32_t mix = session_mix(d->session)->uid;
	for (int k = 0; d->playing && k < m->nodes; k++)
		if (m->uid[k] == mix)
			return m->peak[k][0] > least || m->peak[k][1] > least;
	return 0;
}

void
desk_hours_open(struct desk *d)
{
	char *text = journal_file_read_small(d->path, "listened");
	double seconds = text ? strtod(text, NULL) : 0;
	if (seconds > 0 && seconds < 1e9)
		d->edit->hours.listened = d->edit->hours_kept = seconds;
	free(text);
}

void
desk_hours_tick(struct desk *d, int ending)
{
	struct desk_edit *e = d->edit;
	double now = clock_seconds(), passed = e->hours_at > 0 ? now - e->hours_at : 0;
	e->hours_at = now;
	/* a word of the song is seldom loud: what is heard is heard for a second */
	if (is_heard(d))
		e->heard_at = now;
	int minutes = hours_add(&e->hours, passed < STEP_MOST ? passed : 0, now < e->heard_at + 1 && e->heard_at > 0);
	if (minutes)
		desk_say(d, DESK_SAYS, "%d minutes of listening: ten of quiet rest the ears", minutes);
	if (e->hours.listened > e->hours_kept + (ending ? 0 : WRITE_SECONDS)) {
		char text[40];
		snprintf(text, sizeof text, "%.0f\n", e->hours.listened);
		e->hours_kept = e->hours.listened;
		desk_journal_listened(d, text);
	}
}
