#include "control/desk_edit.h"
#include "control/desk_sheet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "media/sink.h"
#include "session/text.h"

#define WANTED 2.0 /* seconds that it is kept up to date after somebody looked */
#define EVERY 0.1  /* seconds between two pictures of it */

enum { BOUNCE = 1, MASTER = 2 };

/* What can be made: renders.def. */
static const struct render {
	const char *name;
	int program;
	const char *ending, *words, *title;
} renders[] = {
#define RENDER(name, program, ending, words, title) {name, program, ending, words, title},
#include "control/renders.def"
#undef RENDER
};
#define RENDERS (sizeof renders / sizeof *renders)

enum { WHAT, TARGET, LOUDNESS, CEILING, LIMITING, PLANT, FORMAT, RATE, BITS, DITHER, PART, VARIANT, FILE_NAME, ROWS };
_Static_assert((int)ROWS <= DESK_RENDER_ROWS, "the sheet that is shown has room for all rows");

/* The rows. `option`: what it is in the command's line; `choices`: the first is the default, which the line leaves out.
 */
static const struct row {
	const char *name, *option;
	int programs;
	const char *choices; /* words; "": numbers, the default being none; NULL: others, see choice() */
	double least, most, step;
	const char *help;
} rows[ROWS] = {
    [WHAT] = {"what", NULL, BOUNCE | MASTER, NULL, 0, 0, 1, "what is to be made; the rows below take what suits it"},
    [TARGET] = {"target", "target", MASTER, NULL, 0, 0, 1, "where it will be heard, a place of `stemdesk targets`"},
    [LOUDNESS] = {"loudness", "lufs", MASTER, "", -60, 0, 0.5, "integrated loudness in LUFS, in place of the target's"},
    [CEILING] = {"ceiling", "ceiling", MASTER, "", -24, 0, 0.1, "greatest true peak in dBTP, in place of the target's"},
    [LIMITING] = {"limiting", "limiting", MASTER, "", 0, 24, 0.5, "the most that the limiter may take off, dB"},
    [PLANT] = {"plant", "vinyl", MASTER, NULL, 0, 0, 1, "what the pressing plant asks for: bass in mono, high-pass"},
    [FORMAT] = {"format", "format", BOUNCE | MASTER, "wav flac mp3 opus vorbis w64 rf64", 0, 0, 1, "kind of file"},
    [RATE] = {"rate", "rate", BOUNCE | MASTER, "song 44100 48000 88200 96000 176400 192000", 0, 0, 1,
              "sample rate, Hz"},
    [BITS] = {"bits", "bits", BOUNCE | MASTER, "24 16 32 32f 64f", 0, 0, 1, "bits of a sample; f: floating point"},
    [DITHER] = {"dither", "dither", BOUNCE | MASTER, "usual none tpdf shaped", 0, 0, 1,
                "noise that keeps soft sounds whole in 16 bits"},
    [PART] = {"part", NULL, BOUNCE | MASTER, "song loop", 0, 0, 1, "the whole song, or what the loop holds"},
    [VARIANT] = {"variant", "variant", BOUNCE, NULL, 0, 0, 1, "the song, or a variant of it (instrumental, TV ...)"},
    [FILE_NAME] = {"file", NULL, BOUNCE | MASTER, NULL, 0, 0, 0,
                   "the file to write, beside the session unless it has a folder"},
};

static const struct render *
render_of(const struct desk_sheet *s)
{
	size_t k = 0;
	while (k + 1 < RENDERS && strcmp(renders[k].name, s->value[WHAT]) != 0)
		k++;
	return &renders[k];
}

static int
has_word(const char *words, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = words; (at = strstr(at, word)); at++)
		if ((at == words || at[-1] == ' ') && (!at[n] || at[n] == ' ' || at[n] == '='))
			return 1;
	return 0;
}

/* The rows of a kind of thing, its words taken in. */
static void
choose_what(struct desk_sheet *s, const struct render *r)
{
	char name[32], value[64];
	int n;
	memset(s->value, 0, sizeof s->value);
	snprintf(s->value[WHAT], SHEET_VALUE, "%s", r->name);
	for (const char *at = r->words; sscanf(at, " %31[^ =]%n", name, &n) == 1; at += n) {
		at += n;
		n = 0;
		if (sscanf(at, "=%63[^ ]%n", value, &n) != 1)
			continue;
		for (int k = 0; k < ROWS; k++)
			if (rows[k].option && !strcmp(rows[k].option, name))
				snprintf(s->value[k], SHEET_VALUE, "%s", value);
	}
}

struct desk_sheet *
desk_sheet(struct desk *d)
{
	if (!d->sheet && (d->sheet = calloc(1, sizeof *d->sheet))) {
		choose_what(d->sheet, &renders[0]);
		d->sheet->stale = 1;
	}
	return d->sheet;
}

static int
is_lossy(const struct desk_sheet *s)
{
	return has_word("mp3 opus vorbis", *s->value[FORMAT] ? s->value[FORMAT] : "wav");
}

static int
is_there(struct desk *d, const struct desk_sheet *s, int k)
{
	const struct render *r = render_of(s);
	int disc = has_word(r->words, "disc");
	if (!(rows[k].programs & r->program))
		return 0;
	if (k == PLANT)
		return has_word(r->words, "vinyl");
	if (k == FORMAT || k == RATE)
		return !disc;
	if (k == BITS || k == DITHER)
		return !is_lossy(s) && (k == DITHER || !disc);
	return k != VARIANT || session_variant(d->session, 0) != NULL;
}

static const struct target *
target_of(struct desk *d, const struct desk_sheet *s)
{
	return *s->value[TARGET] ? targets_find(&d->targets, s->value[TARGET]) : NULL;
}

/* The n-th choice of a row, NULL behind the last; `room` may hold it. */
static const char *
choice(struct desk *d, int k, int n, char room[SHEET_VALUE])
{
	const char *at = rows[k].choices;
	if (k == WHAT)
		return n < (int)RENDERS ? renders[n].name : NULL;
	if (k == TARGET)
		return n < (int)d->targets.count ? d->targets.row[n].name : NULL;
	if (k == PLANT)
		return n < (int)vinyl_profiles_count ? vinyl_profiles[n].name : NULL;
	if (k == VARIANT)
		return n ? session_variant(d->session, (size_t)n - 1) : "song";
	for (; at && n && (at = strchr(at, ' ')); n--)
		at++;
	if (!at || !*at)
		return NULL;
	snprintf(room, SHEET_VALUE, "%.*s", (int)strcspn(at, " "), at);
	return room;
}

/* Whether the first of its choices stands for what is not said. */
static int
has_default(int k)
{
	return k == VARIANT || (rows[k].choices && *rows[k].choices);
}

static int
is_number(int k)
{
	return rows[k].choices && !*rows[k].choices;
}

/* What a number is where none is said; NAN: there is none. */
static double
default_number(struct desk *d, const struct desk_sheet *s, int k)
{
	const struct target *t = target_of(d, s);
	return k == LOUDNESS && t ? t->lufs : k == CEILING && t ? t->ceiling : (double)NAN;
}

/* song-cd.wav; the caller frees it. */
static char *
default_file(struct desk *d, const struct desk_sheet *s)
{
	const struct render *r = render_of(s);
	const char *slash = strrchr(d->path, '/'), *name = slash ? slash + 1 : d->path, *dot = strrchr(name, '.');
	const char *format = *s->value[FORMAT] ? s->value[FORMAT] : "wav";
	const char *variant = is_there(d, s, VARIANT) ? s->value[VARIANT] : "";
	int target = !strcmp(r->ending, "-TARGET");
	return text_format("%.*s%s%s%s%s%s%s.%s", dot ? (int)(dot - name) : (int)strlen(name), name, *variant ? "-" : "",
	                   variant, target ? "-" : r->ending, target ? s->value[TARGET] : "",
	                   strcmp(s->value[PART], "loop") ? "" : "-loop", "", strcmp(format, "vorbis") ? format : "ogg");
}

/* The command that makes it; the caller frees it. */
static char *
make_line(struct desk *d, const struct desk_sheet *s)
{
	const struct render *r = render_of(s);
	const struct target *t = target_of(d, s);
	char *file = *s->value[FILE_NAME] ? text_format("%s", s->value[FILE_NAME]) : default_file(d, s);
	char *quoted = strpbrk(file, " \t\"\\#=") ? text_quote(file) : text_format("%s", file);
	char *line = text_format("%s %s", r->program == MASTER ? "master" : "bounce", quoted), *more;
	for (int k = 0; k < ROWS; k++) {
		const char *value = s->value[k];
		if (!rows[k].option || !*value || !is_there(d, s, k))
			continue;
		/* the file's ending says it by itself */
		if (k == FORMAT && !*s->value[FILE_NAME])
			continue;
		more = text_format("%s %s=%s", line, rows[k].option, value);
		free(line);
		line = more;
	}
	/* a place that names no loudness: as loud as is honest */
	int open = r->program == MASTER && !*s->value[LOUDNESS] && !*s->value[LIMITING] && (!t || isnan(t->lufs));
	char part[120] = "";
	if (!strcmp(s->value[PART], "loop"))
		snprintf(part, sizeof part, " %s=%lldsmp-%lldsmp", r->program == MASTER ? "trim" : "range",
		         (long long)d->loop.in, (long long)d->loop.out);
	more = text_format("%s%s%s%s%s", line, open ? " limiting=3" : "", has_word(r->words, "disc") ? " disc" : "",
	                   has_word(r->words, "mastered") ? " mastered" : "", part);
	free(line);
	free(quoted);
	free(file);
	return more;
}

/* What the value of a row means. */
static void
row_words(struct desk *d, const struct desk_sheet *s, int k, char *to, size_t size)
{
	const struct target *t = target_of(d, s);
	const char *value = s->value[k];
	char in[32], out[32];
	*to = '\0';
	switch (k) {
	case WHAT:
		snprintf(to, size, "%s", render_of(s)->title);
		break;
	case TARGET:
		if (t && isnan(t->lufs))
			snprintf(to, size, "%s: no loudness, peaks up to %.1f dBTP", t->title, t->ceiling);
		else if (t)
			snprintf(to, size, "%s: %.1f LUFS, peaks up to %.1f dBTP", t->title, t->lufs, t->ceiling);
		break;
	case LOUDNESS:
		if (!*value)
			snprintf(to, size,
			         isnan(default_number(d, s, k)) ? "as loud as the limiting below lets it be" : "the target's");
		break;
	case CEILING:
		snprintf(to, size, *value ? "" : "the target's");
		break;
	case LIMITING:
		if (*value)
			snprintf(to, size, strcmp(value, "0") ? "at most; a louder target is then not reached" : "none at all");
		else if (isnan(default_number(d, s, LOUDNESS)) && !*s->value[LOUDNESS])
			snprintf(to, size, "at most: what passes without being heard much");
		else
			snprintf(to, size, "as much as the loudness takes");
		break;
	case PLANT:
		for (size_t n = 0; n < vinyl_profiles_count; n++)
			if (!strcmp(vinyl_profiles[n].name, value))
				snprintf(to, size, "mono below %.0f Hz, high-pass %.0f Hz: %s", vinyl_profiles[n].mono_below,
				         vinyl_profiles[n].high_pass, vinyl_profiles[n].note);
		break;
	case RATE:
		if (!*value)
			snprintf(to, size, "%.0f Hz", session_rate(d->session));
		break;
	case DITHER:
		if (!*value)
			snprintf(to, size, "tpdf at 16 bits, else none");
		break;
	case PART:
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
	static const char *const units[] = {[LOUDNESS] = "LUFS", [CEILING] = "dBTP", [LIMITING] = "dB"};
	char room[SHEET_VALUE], *file = NULL;
	const char *value = s->value[k], *first = has_default(k) ? choice(d, k, 0, room) : "";
	double number = *value ? strtod(value, NULL) : default_number(d, s, k);
	if (k == LIMITING && !*value && isnan(default_number(d, s, LOUDNESS)) && !*s->value[LOUDNESS])
		number = 3;
	if (k == FILE_NAME)
		text_show(*value ? value : (file = default_file(d, s)), to, size);
	else if (!is_number(k))
		text_show(*value ? value : first, to, size);
	else if (isnan(number))
		snprintf(to, size, "%s", k == LIMITING ? "any" : "none");
	else
		snprintf(to, size, "%.1f %s", number, units[k]);
	free(file);
}

/* Everything as it is to be seen. */
static void
fill(struct desk *d, struct desk_sheet *s, struct desk_render *r)
{
	char *line = make_line(d, s);
	for (int k = 0; k < ROWS; k++) {
		struct desk_render_row *row = &r->row[r->rows];
		if (!is_there(d, s, k))
			continue;
		snprintf(row->name, sizeof row->name, "%s", rows[k].name);
		snprintf(row->help, sizeof row->help, "%s", rows[k].help);
		row_text(d, s, k, row->text, sizeof row->text);
		row_words(d, s, k, row->words, sizeof row->words);
		if (k == FILE_NAME) {
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

static int
row_named(const char *name, size_t n)
{
	for (int k = 0; k < ROWS; k++)
		if (strlen(rows[k].name) == n && !strncmp(rows[k].name, name, n))
			return k;
	return -1;
}

/* All choices of a row with commas between. */
static void
choices_text(struct desk *d, int k, char *to, size_t size)
{
	char room[SHEET_VALUE];
	const char *one;
	size_t used = 0;
	*to = '\0';
	for (int n = 0; (one = choice(d, k, n, room)) && used < size; n++)
		used += (size_t)snprintf(to + used, size - used, "%s%s", n ? ", " : "", one);
}

/* The next value, or the one before; numbers by their step. */
static void
step_row(struct desk *d, struct desk_sheet *s, int k, int by)
{
	char room[SHEET_VALUE];
	const char *one;
	if (is_number(k)) {
		double start = k == LIMITING ? 3 : k == CEILING ? -1 : -14, now = default_number(d, s, k);
		now = *s->value[k] ? strtod(s->value[k], NULL) : isnan(now) ? start - by * rows[k].step : now;
		now += by * rows[k].step;
		now = now < rows[k].least ? rows[k].least : now > rows[k].most ? rows[k].most : now;
		snprintf(s->value[k], SHEET_VALUE, "%.10g", round(now * 100) / 100);
		return;
	}
	int count = 0, at = 0;
	for (; (one = choice(d, k, count, room)); count++)
		at = !strcmp(one, s->value[k]) ? count : at;
	if (!count)
		return;
	at = ((at + by) % count + count) % count;
	one = choice(d, k, at, room);
	if (k == WHAT)
		choose_what(s, &renders[at]);
	else
		snprintf(s->value[k], SHEET_VALUE, "%s", at == 0 && has_default(k) ? "" : one);
}

/* The value as it was typed. */
static int
set_row(struct desk *d, struct desk_sheet *s, int k, const char *value, struct err *err)
{
	char room[SHEET_VALUE], all[700], *end;
	const char *one;
	if (k == FILE_NAME) {
		struct words w;
		if (words_init(&w, value, strlen(value), err))
			return -1;
		int whole = w.count == 1 && w.word[0].quoted;
		snprintf(s->value[k], SHEET_VALUE, "%s", whole ? w.word[0].text : value);
		words_fini(&w);
		enum sink_format format = sink_format_of_path(s->value[k]);
		if (format != SINK_AUTO && is_there(d, s, FORMAT))
			snprintf(s->value[FORMAT], SHEET_VALUE, "%s", format == SINK_WAV ? "" : sink_format_name(format));
		return 0;
	}
	if (is_number(k)) {
		double x = strtod(value, &end);
		if (end == value || !(x >= rows[k].least && x <= rows[k].most) || strspn(end, " LUFSdBTP") != strlen(end))
			return err_set(err, "render %s %s: it is a number from %g to %g, or default", rows[k].name, value,
			               rows[k].least, rows[k].most);
		snprintf(s->value[k], SHEET_VALUE, "%.10g", x);
		return 0;
	}
	for (int n = 0; (one = choice(d, k, n, room)); n++)
		if (!strcmp(one, value)) {
			if (k == WHAT)
				choose_what(s, &renders[n]);
			else
				snprintf(s->value[k], SHEET_VALUE, "%s", n == 0 && has_default(k) ? "" : value);
			return 0;
		}
	choices_text(d, k, all, sizeof all);
	return err_set(err, "render %s %s: there are %s", rows[k].name, value, all);
}

/* Back to what the kind of thing has by itself. */
static void
reset_row(struct desk_sheet *s, int k)
{
	struct desk_sheet *fresh = calloc(1, sizeof *fresh);
	if (fresh)
		choose_what(fresh, k == WHAT ? &renders[0] : render_of(s));
	if (fresh && k == WHAT)
		memcpy(s->value, fresh->value, sizeof s->value);
	else if (fresh)
		memcpy(s->value[k], fresh->value[k], SHEET_VALUE);
	free(fresh);
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
	if (!strcmp(s->value[PART], "loop") && d->loop.out <= d->loop.in)
		return err_set(err, "render: the loop is to be made, and there is none; set one, or `render part song`");
	char *line = make_line(d, s);
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
	snprintf(words, sizeof words, "the master plays as %s was made", r->file);
	return desk_end(d, failed, words, err);
}

int
desk_render_command(struct desk *d, char *args, struct err *err)
{
	struct desk_sheet *s = desk_sheet(d);
	char *value = args + strcspn(args, " ");
	int k = row_named(args, (size_t)(value - args)), failed = 0;
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
	if (k < 0 || !*value || !is_there(d, s, k)) {
		char all[300] = "";
		for (int n = 0; n < ROWS; n++)
			if (is_there(d, s, n))
				snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", *all ? ", " : "", rows[n].name);
		return err_set(err, "render %s: say a row and its value, or start, stop or apply; the rows are %s", args, all);
	}
	if (!strcmp(value, "default"))
		reset_row(s, k);
	else if (!strncmp(value, "+= ", 3) || !strncmp(value, "-= ", 3))
		step_row(d, s, k, *value == '-' ? -atoi(value + 3) : atoi(value + 3));
	else
		failed = set_row(d, s, k, value, err);
	s->stale = 1;
	return failed;
}

void
desk_render_close(struct desk *d)
{
	free(d->sheet);
	free(d->render);
}
