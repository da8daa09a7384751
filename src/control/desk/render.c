#include "control/desk/edit.h"
#include "control/desk/sheet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define WANTED 2.0 /* seconds that it is kept up to date after somebody looked */
#define EVERY 0.1  /* seconds between two pictures of it */

/* What is rendered of the variants, and what there are. */
static void
variant_words(struct desk *d, const struct desk_sheet *s, char *to, size_t size)
{
	const char *value = s->value[SHEET_VARIANT], *one;
	int all = !strcmp(value, "all"), many = sheet_variants_many(s);
	size_t n = (size_t)snprintf(to, size, "%s",
	                            !*value              ? "no variant of it; there are "
	                            : sheet_is_master(s) ? "through the song's gain"
	                            : many               ? "a file each"
	                                                 : "it alone, laid over the song");
	for (size_t k = 0; (!*value || all) && n < size && (one = session_variant(d->session, k)); k++)
		n += (size_t)snprintf(to + n, size - n, "%s%s", k ? ", " : *value ? ": " : "", one);
}

/* What the value of a row means. */
static void
row_words(struct desk *d, const struct desk_sheet *s, int k, char *to, size_t size)
{
	const struct target *t = sheet_target(d, s);
	const char *value = s->value[k];
	char in[32], out[32];
	*to = '\0';
	switch (k) {
	case SHEET_WHAT:
		snprintf(to, size, "%s", sheet_title(s));
		break;
	case SHEET_TARGET:
		if (t && isnan(t->lufs))
			snprintf(to, size, "%s: no loudness, peaks up to %.1f dBTP", t->title, t->ceiling);
		else if (t)
			snprintf(to, size, "%s: %.1f LUFS, peaks up to %.1f dBTP", t->title, t->lufs, t->ceiling);
		break;
	case SHEET_LOUDNESS:
		if (!*value)
			snprintf(to, size,
			         isnan(sheet_default(d, s, k)) ? "as loud as the limiting below lets it be" : "the target's");
		break;
	case SHEET_CEILING:
		snprintf(to, size, *value ? "" : "the target's");
		break;
	case SHEET_LIMITING:
		if (*value)
			snprintf(to, size,
			         !strcmp(value, "0")                          ? "none at all"
			         : isnan(sheet_default(d, s, SHEET_LOUDNESS)) ? "at most: it is as loud as that lets it be"
			                                                      : "at most; a louder target is then not reached");
		else if (isnan(sheet_default(d, s, SHEET_LOUDNESS)) && !*s->value[SHEET_LOUDNESS])
			snprintf(to, size, "at most: what passes without being heard much");
		else
			snprintf(to, size, "as much as the loudness takes");
		break;
	case SHEET_PLANT:
		for (size_t n = 0; n < vinyl_profiles_count; n++)
			if (!strcmp(vinyl_profiles[n].name, value))
				snprintf(to, size, "mono below %.0f Hz, high-pass %.0f Hz: %s", vinyl_profiles[n].mono_below,
				         vinyl_profiles[n].high_pass, vinyl_profiles[n].note);
		break;
	case SHEET_LIKE:
		snprintf(to, size,
		         *value ? "half of the way to its balance and width" : "its balance stays; left and right choose");
		break;
	case SHEET_VARIANT:
		variant_words(d, s, to, size);
		break;
	case SHEET_RATE:
		if (!*value)
			snprintf(to, size, "%.0f Hz", session_rate(d->session));
		break;
	case SHEET_DITHER:
		if (!*value)
			snprintf(to, size, "tpdf at 16 bits, else none");
		break;
	case SHEET_PART:
		if (d->loop.out > d->loop.in)
			snprintf(to, size, "%s%s to %s", *value ? "" : "all of it; the loop is ", desk_clock(d, d->loop.in, in),
			         desk_clock(d, d->loop.out, out));
		break;
	default:
		break;
	}
}

static void
row_text(struct desk *d, const struct desk_sheet *s, int k, char *to, size_t size)
{
	static const char *const units[] = {[SHEET_LOUDNESS] = "LUFS", [SHEET_CEILING] = "dBTP", [SHEET_LIMITING] = "dB"};
	char room[SHEET_VALUE], *file = NULL;
	const char *value = s->value[k], *first = sheet_has_default(k) ? sheet_choice(d, k, 0, room) : "";
	double number = *value ? strtod(value, NULL) : sheet_default(d, s, k);
	if (k == SHEET_LIMITING && !*value && isnan(sheet_default(d, s, SHEET_LOUDNESS)) && !*s->value[SHEET_LOUDNESS])
		number = 3;
	if (k == SHEET_FILE)
		text_show(*value ? value : (file = sheet_file(d, s)), to, size);
	else if (!sheet_is_number(k))
		text_show(*value ? value : first, to, size);
	else if (isnan(number))
		snprintf(to, size, "%s", k == SHEET_LIMITING ? "any" : "none");
	else
		snprintf(to, size, "%.1f %s", number, units[k]);
	free(file);
}

/* Everything as it is to be seen. */
static void
fill(struct desk *d, struct desk_sheet *s, struct desk_render *r)
{
	char *line = sheet_line(d, s);
	for (int k = 0; k < SHEET_ROWS; k++) {
		struct desk_render_row *row = &r->row[r->rows];
		if (!sheet_has(d, s, k))
			continue;
		snprintf(row->name, sizeof row->name, "%s", sheet_name(k));
		snprintf(row->help, sizeof row->help, "%s", sheet_help(k));
		row_text(d, s, k, row->text, sizeof row->text);
		row_words(d, s, k, row->words, sizeof row->words);
		if (k == SHEET_FILE) {
			char *path = desk_beside(d, row->text);
			snprintf(row->words, sizeof row->words,
			         path && access(path, F_OK) == 0 ? "is there already, and is replaced" : "");
			free(path);
		}
		r->rows++;
	}
	text_show(line, r->line, sizeof r->line);
	free(line);
	r->left = -1;
	r->running = desk_bounce_state(d, r->doing, sizeof r->doing, &r->percent, &r->left);
	r->report = s->report;
}

void
desk_render_update(struct desk *d)
{
	double now = clock_seconds();
	pthread_mutex_lock(&d->lock);
	int wanted = d->render_asked > 0 && now - d->render_asked < WANTED;
	pthread_mutex_unlock(&d->lock);
	struct desk_sheet *s = wanted ? desk_sheet(d) : NULL;
	struct desk_render *fresh, *old = d->render;
	if (!s || (!s->stale && !d->bounce && old) || (old && now - d->render_built < EVERY))
		return;
	if (!(fresh = calloc(1, sizeof *fresh)))
		return;
	s->stale = 0;
	d->render_built = now;
	fill(d, s, fresh);
	fresh->version = old ? old->version + 1 : 1;
	pthread_mutex_lock(&d->lock);
	d->render = fresh;
	pthread_mutex_unlock(&d->lock);
	free(old);
}

int
desk_render(struct desk *d, struct desk_render *render)
{
	pthread_mutex_lock(&d->lock);
	d->render_asked = clock_seconds();
	int newer = d->render && render->version != d->render->version;
	if (newer)
		*render = *d->render;
	pthread_mutex_unlock(&d->lock);
	return newer;
}

static void
say_sheet(struct desk *d, struct desk_sheet *s)
{
	struct desk_render *r = calloc(1, sizeof *r);
	if (!r)
		return;
	fill(d, s, r);
	for (int k = 0; k < r->rows; k++)
		desk_say(d, DESK_LINES, "%s %s%s%s", r->row[k].name, r->row[k].text, *r->row[k].words ? ": " : "",
		         r->row[k].words);
	desk_say(d, DESK_LINES, "`render start` does: %s", r->line);
	if (r->running)
		desk_say(d, DESK_LINES, "%s: %d %%", r->doing, r->percent);
	free(r);
}

static int
start(struct desk *d, struct desk_sheet *s, struct err *err)
{
	if (!strcmp(s->value[SHEET_PART], "loop") && d->loop.out <= d->loop.in)
		return err_set(err, "render: the loop is to be made, and there is none; set one, or `render part song`");
	char *line = sheet_line(d, s);
	int failed = desk_do(d, line, err);
	free(line);
	return failed;
}

/* The lines that the last master found, into the session. */
static int
apply(struct desk *d, struct desk_sheet *s, struct err *err)
{
	const struct desk_report *r = &s->report;
	char words[300];
	int failed = 0;
	if (r->made <= 0 || !r->lines)
		return err_set(err, "render apply: there is no master yet whose lines could be taken");
	if (desk_begin(d, err))
		return -1;
	for (int k = 0; k < r->lines && !failed; k++)
		failed = session_line(d->session, r->line[k], err);
	snprintf(words, sizeof words, "the master plays as %.200s was made%s", r->file,
	         d->mastered ? "" : "; `monitor master` hears it");
	return desk_end(d, failed, words, err);
}

int
desk_render_command(struct desk *d, char *args, struct err *err)
{
	struct desk_sheet *s = desk_sheet(d);
	char *value = args + strcspn(args, " ");
	int k = sheet_row(args, (size_t)(value - args)), failed = 0;
	value += strspn(value, " ");
	if (!s)
		return err_set(err, "not enough memory");
	if (!*args) {
		say_sheet(d, s);
		return 0;
	}
	if (!strcmp(args, "start"))
		return start(d, s, err);
	if (!strcmp(args, "apply"))
		return apply(d, s, err);
	if (!strcmp(args, "stop"))
		return desk_bounce(d, args, err);
	if (k < 0 || !*value || !sheet_has(d, s, k)) {
		char all[300] = "";
		for (int n = 0; n < SHEET_ROWS; n++)
			if (sheet_has(d, s, n))
				snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", *all ? ", " : "", sheet_name(n));
		return err_set(err, "render %s: say a row and its value, or start, stop or apply; the rows are %s", args, all);
	}
	if (!strcmp(value, "default"))
		sheet_reset(s, k);
	else if (!strncmp(value, "+= ", 3) || !strncmp(value, "-= ", 3))
		sheet_step(d, s, k, *value == '-' ? -atoi(value + 3) : atoi(value + 3));
	else
		failed = sheet_set(d, s, k, value, err);
	s->stale = 1;
	desk_names_update(d);
	return failed;
}

void
desk_render_close(struct desk *d)
{
	free(d->sheet);
	free(d->render);
}
