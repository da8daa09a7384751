#include "control/desk/edit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "control/saver.h"
#include "session/journal.h"
#include "session/journal_file.h"

#define STATE_SECONDS 1.0  /* after a change of where the user is, until it is written */
#define PLAYED_SECONDS 5.0 /* likewise while it plays */
#define TOUCH_SECONDS 5.0  /* between two signs of life on the lock */
#define DRAIN_MS 500       /* that a save waits for the journal, so that it never lies behind the file */

struct desk_journal {
	struct journal *journal;
	struct saver *saver;
	char *state; /* as handed over last, or NULL */
	double stated, touched;
	int begun; /* edits of this run are in it: the lock is ours */

	pthread_mutex_t lock;
	int trouble; /* guarded; 1: writing fails, -1: it works again */
	char reason[1024];
};

/* From the saver's thread: kept until the control thread says it. */
static void
tell(void *user, int failed, const char *text)
{
	struct desk_journal *j = user;
	pthread_mutex_lock(&j->lock);
	j->trouble = failed ? 1 : -1;
	snprintf(j->reason, sizeof j->reason, "%s", text);
	pthread_mutex_unlock(&j->lock);
}

static void
say_trouble(struct desk *d)
{
	struct desk_journal *j = d->journal;
	char reason[sizeof j->reason];
	pthread_mutex_lock(&j->lock);
	int trouble = j->trouble;
	j->trouble = 0;
	strcpy(reason, j->reason);
	pthread_mutex_unlock(&j->lock);
	if (trouble > 0)
		desk_say(d, DESK_ERROR,
		         "the journal of unsaved edits cannot be written (%s): the desk goes on and keeps trying", reason);
	else if (trouble < 0)
		desk_say(d, DESK_SAYS, "the journal is written again");
}

/* A session without a file is locked by its first edit, as before that nothing is written. */
static int
is_ours(struct desk *d)
{
	struct err err;
	int held = d->locked ? 0 : session_lock(d->path, &err);
	d->locked |= held == 0;
	int others = held == SESSION_HELD || held == SESSION_HELD_FAR;
	if (others) {
		d->view_only = 1;
		desk_say(d, DESK_ERROR, "%s; from here on you can look and listen, not change", err.text);
	}
	return !others;
}

/* The journal's bytes on their way to the file. */
static void
put(void *user, enum journal_how how, const char *text, size_t len)
{
	struct desk *d = user;
	struct desk_journal *j = d->journal;
	if (!j->begun && !is_ours(d))
		return;
	j->begun = 1;
	if (how == JOURNAL_ANEW)
		saver_begin(j->saver, text, len, 0, NULL, 0);
	else
		saver_add(j->saver, text, len);
}

static void
say_what_came_back(struct desk *d, const struct journal_back *back)
{
	char kept[256] = "";
	if (*back->aside) {
		const char *name = strrchr(d->path, '/');
		snprintf(kept, sizeof kept, "; it is kept as .%.100s.d/%s", name ? name + 1 : d->path, back->aside);
	}
	if (back->other)
		desk_say(d, DESK_ERROR, "there are unsaved edits of another version of this session%s", kept);
	else if (back->edits)
		desk_say(d, DESK_SAYS, "recovered %zu edit%s of %s, u undoes them%s%s", back->edits,
		         back->edits == 1 ? "" : "s", back->when, back->damaged ? "; behind them the journal was damaged" : "",
		         kept);
	else if (back->damaged)
		desk_say(d, DESK_ERROR, "the journal of unsaved edits was damaged from its beginning%s", kept);
}

void
desk_keep_screen(struct desk *d, const char *view)
{
	pthread_mutex_lock(&d->lock);
	snprintf(d->screen, sizeof d->screen, "%s", view);
	pthread_mutex_unlock(&d->lock);
}

void
desk_kept_screen(struct desk *d, char view[16])
{
	pthread_mutex_lock(&d->lock);
	memcpy(view, d->screen, sizeof d->screen);
	pthread_mutex_unlock(&d->lock);
}

/*
 * Takes up where the user was: lines `select ADDRESS`, `mark ADDRESS`, `locate FRAMEsmp`, `loop FRAMEsmp FRAMEsmp`,
 * `monitor mix|master`, `level DB`, `meter NEEDLE`, `aim LOUDNESS`, `view NAME`. The loop is there again, but off;
 * the monitor comes back softer than it begins, not louder.
 */
static void
take_state(struct desk *d)
{
	char *text = journal_file_read_small(d->path, "state"), *rest = text, address[128], tap[16];
	double level;
	for (char *line; rest && (line = strsep(&rest, "\n"));) {
		int64_t frame, to;
		struct node *node;
		if (sscanf(line, "select %127s", address) == 1 && (node = session_find(d->session, address)) && node->live)
			d->selected = node->uid;
		else if (sscanf(line, "mark %127s", address) == 1 && (node = session_find(d->session, address)) &&
		         d->edit->marks < DESK_STRIPS)
			d->edit->mark[d->edit->marks++] = node->uid;
		else if (sscanf(line, "locate %" SCNd64 "smp", &frame) == 1 && frame >= 0 && frame < INT64_C(1) << 40)
			d->position = frame;
		else if (sscanf(line, "loop %" SCNd64 "smp %" SCNd64 "smp", &frame, &to) == 2 && frame >= 0 &&
		         to - frame >= LOOP_LEAST && to < INT64_C(1) << 40)
			d->loop = (struct loop){frame / QUANTUM * QUANTUM, to / QUANTUM * QUANTUM};
		else if (sscanf(line, "level %lf", &level) == 1 && level < d->monitor.level && level >= -60)
			d->monitor.level = level;
		else if (sscanf(line, "monitor %15s", tap) == 1)
			d->mastered = !strcmp(tap, "master");
		else if (sscanf(line, "meter %15s", tap) == 1 && desk_needle_find(tap) >= 0)
			d->meters.needle = (enum desk_needle)desk_needle_find(tap);
		else if (!strncmp(line, "aim ", 4) && strlen(line + 4) < sizeof d->aim)
			strcpy(d->aim, line + 4);
		else if (sscanf(line, "view %15s", tap) == 1)
			desk_keep_screen(d, tap);
	}
	free(text);
}

void
desk_journal_before(struct desk *d)
{
	struct err err;
	int there = access(d->path, F_OK) == 0;
	struct session *unsaved = there ? NULL : journal_unsaved(d->path);
	int held = there || unsaved ? session_lock(d->path, &err) : 0;
	d->locked = (there || unsaved) && !held;
	int others = held == SESSION_HELD || held == SESSION_HELD_FAR;
	if (others) {
		d->view_only = 1;
		desk_say(d, DESK_ERROR, "%s; you can look and listen, not change; %s", err.text,
		         held == SESSION_HELD ? ":takeover asks it to leave" : "to change it, leave it there first");
	} else if (held) {
		desk_say(d, DESK_ERROR, "%s; the desk goes on, but cannot save until that works", err.text);
	}
	if (unsaved && !others) {
		session_free(d->session);
		d->session = unsaved;
	} else {
		session_free(unsaved);
	}
}

int
desk_journal_open(struct desk *d, struct err *err)
{
	struct journal_back back;
	struct desk_journal *j = calloc(1, sizeof *j);
	size_t len, base_len;
	if (j)
		pthread_mutex_init(&j->lock, NULL);
	if (!j || !(j->saver = saver_new(d->path, tell, j))) {
		free(j);
		return err_set(err, "the desk cannot be opened: no memory or thread for its journal");
	}
	d->journal = j;
	j->journal = journal_new(d->session);
	journal_recover(j->journal, d->path, &back);
	const char *text = journal_text(j->journal, &len), *base = journal_base(j->journal, &base_len);
	saver_begin(j->saver, text, len, back.whole, base, base_len);
	journal_follow(j->journal, put, d);
	take_state(d);
	say_what_came_back(d, &back);
	return 0;
}

void
desk_journal_save(struct desk *d)
{
	if (d->journal)
		saver_drain(d->journal->saver, DRAIN_MS);
}

void
desk_journal_saved(struct desk *d)
{
	if (d->journal)
		journal_saved(d->journal->journal);
}

static void
hand_state(struct desk *d)
{
	struct desk_journal *j = d->journal;
	struct node *node;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (!out)
		return;
	for (int k = 0; (node = desk_view_node(d, k)); k++) {
		if (node->uid == d->selected)
			fprintf(out, "select %s\nlocate %" PRId64 "smp\nmonitor %s\n", session_address(node), d->position,
			        d->mastered ? "master" : "mix");
		if (desk_is_marked(d, node->uid))
			fprintf(out, "mark %s\n", session_address(node));
	}
	if (d->monitor.level != 0)
		fprintf(out, "level %.1f\n", d->monitor.level);
	if (d->meters.needle)
		fprintf(out, "meter %s\n", desk_needle_name(d->meters.needle));
	if (*d->aim)
		fprintf(out, "aim %s\n", d->aim);
	if (d->loop.out)
		fprintf(out, "loop %" PRId64 "smp %" PRId64 "smp\n", d->loop.in, d->loop.out);
	char screen[16];
	desk_kept_screen(d, screen);
	if (*screen)
		fprintf(out, "view %s\n", screen);
	if (fclose(out) || (j->state && !strcmp(text, j->state))) {
		free(text);
		return;
	}
	free(j->state);
	j->state = text;
	saver_state(j->saver, text);
}

void
desk_journal_listened(struct desk *d, const char *text)
{
	/* a session without a file keeps nothing */
	if (d->journal && d->locked)
		saver_listened(d->journal->saver, text);
}

void
desk_journal_tick(struct desk *d, int worked)
{
	struct desk_journal *j = d->journal;
	double now = clock_seconds();
	if (j)
		say_trouble(d);
	if (!j || !d->locked)
		return;
	if (worked && now > j->touched + TOUCH_SECONDS) {
		session_touch(d->path);
		j->touched = now;
	}
	if (now > j->stated + (d->playing ? PLAYED_SECONDS : STATE_SECONDS)) {
		hand_state(d);
		j->stated = now;
	}
}

void
desk_journal_close(struct desk *d)
{
	struct desk_journal *j = d->journal;
	struct err err;
	char aside[80];
	if (!j)
		return;
	int unsaved = session_dirty(d->session), left = d->on_purpose;
	if (d->edit)
		desk_hours_tick(d, 1);
	if (left)
		saver_state(j->saver, "");
	else if (d->locked)
		hand_state(d);
	saver_free(j->saver, left && !unsaved);
	/* what was left on purpose does not come back, and yet is not lost */
	if (left && unsaved)
		journal_lay_aside(d->path, "left", aside, &err);
	journal_free(j->journal);
	pthread_mutex_destroy(&j->lock);
	free(j->state);
	free(j);
	d->journal = NULL;
}

int
desk_takeover(struct desk *d, char *args, struct err *err)
{
	if (*args)
		return err_set(err, "takeover takes no name: it is the session that is open here");
	if (!d->view_only)
		return err_set(err, "the session is open here for changes already");
	if (session_takeover(d->path, err))
		return -1;
	desk_say(d, DESK_QUIT, "again");
	return 0;
}
