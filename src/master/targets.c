#include "master/targets.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "session/text.h"

#define PEAK_SLACK 0.05 /* dB: what meters differ by */

static const char *const use_names[] = {"stream", "delivery", "medium"};
static const char *const turn_names[] = {"-", "down", "both", "limit"};
static const char *const album_names[] = {"-", "track", "album", "loudest"};

#define NONE NAN
#define TARGET(name, use, lufs, tolerance, ceiling, turn, headroom, album, date, tier, title, note)                    \
	{name, USE_##use, lufs, tolerance, ceiling, TURN_##turn, headroom, ALBUM_##album, date, tier, title, note},
#define VINYL(...)
static const struct target built_in[] = {
#include "master/targets.def"
};
#undef TARGET
#undef VINYL
#define TARGET(...)
#define VINYL(...) {__VA_ARGS__},
const struct vinyl_profile vinyl_profiles[] = {
#include "master/targets.def"
};
#undef TARGET
#undef VINYL
const size_t vinyl_profiles_count = sizeof vinyl_profiles / sizeof *vinyl_profiles;

#define COLUMNS 12
const char targets_header[] =
    "# name          use         LUFS   +-LU   dBTP turn  headroom album   date     tier title note";

static int
figure(const char *word, double least, double most, double *value)
{
	char *end;
	*value = NAN;
	if (!strcmp(word, "-"))
		return 0;
	double x = strtod(word, &end);
	if (end == word || *end || !(x >= least && x <= most))
		return -1;
	*value = x;
	return 0;
}

static int
choice(const char *word, const char *const *names, size_t count)
{
	for (size_t k = 0; k < count; k++)
		if (!strcmp(word, names[k]))
			return (int)k;
	return -1;
}
#define CHOICE(word, names) choice(word, names, sizeof(names) / sizeof *(names))

static int
fill_text(char *field, size_t size, const char *text, const char *what, struct err *err)
{
	if (strlen(text) >= size || !*text)
		return err_set(err, "%s \"%.60s\": has 1 to %zu bytes", what, text, size - 1);
	snprintf(field, size, "%s", text);
	return 0;
}

/* One row from its words. */
static int
read_row(const struct words *w, struct target *row, struct err *err)
{
	char *const text[COLUMNS] = {w->word[0].text, w->word[1].text, w->word[2].text,  w->word[3].text,
	                             w->word[4].text, w->word[5].text, w->word[6].text,  w->word[7].text,
	                             w->word[8].text, w->word[9].text, w->word[10].text, w->word[11].text};
	double tier;
	if (!text_is_id(text[0], strlen(text[0])))
		return err_set(err, "\"%.60s\" is no name; write small letters, digits and -", text[0]);
	int use = CHOICE(text[1], use_names), turn = CHOICE(text[5], turn_names), album = CHOICE(text[7], album_names);
	if (use < 0)
		return err_set(err, "\"%.60s\" is no use; there are stream, delivery and medium", text[1]);
	if (turn < 0)
		return err_set(err, "\"%.60s\": places turn down, both, limit, or - for not at all", text[5]);
	if (album < 0)
		return err_set(err, "\"%.60s\": albums go by track, album, loudest or -", text[7]);
	if (figure(text[2], -70, 0, &row->lufs))
		return err_set(err, "\"%.60s\" is no loudness; write -70 to 0 (LUFS), or - for none", text[2]);
	if (figure(text[3], 0, 20, &row->tolerance))
		return err_set(err, "\"%.60s\" is no tolerance; write 0 to 20 (LU), or - for none", text[3]);
	if (figure(text[4], -24, 0, &row->ceiling))
		return err_set(err, "\"%.60s\" is no ceiling; write -24 to 0 (dBTP), or - for none", text[4]);
	if (figure(text[6], 0, 24, &row->headroom))
		return err_set(err, "\"%.60s\" is no headroom; write 0 to 24 (dB), or - for none", text[6]);
	if (figure(text[9], 1, 3, &tier) || !(tier == 1 || tier == 2 || tier == 3))
		return err_set(err, "\"%.60s\" is no tier; write 1, 2 or 3", text[9]);
	if (isnan(row->lufs) && turn != TURN_NONE)
		return err_set(err, "a place that turns needs a loudness to turn to");
	row->use = (enum target_use)use;
	row->turn = (enum target_turn)turn;
	row->album = (enum target_album)album;
	row->tier = (int)tier;
	return fill_text(row->name, sizeof row->name, text[0], "the name", err) ||
	               fill_text(row->date, sizeof row->date, text[8], "the date", err) ||
	               fill_text(row->title, sizeof row->title, text[10], "the title", err) ||
	               fill_text(row->note, sizeof row->note, text[11], "the note", err)
	           ? -1
	           : 0;
}

static int
put_row(struct targets *t, const struct target *row)
{
	for (size_t k = 0; k < t->count; k++)
		if (!strcmp(t->row[k].name, row->name)) {
			t->row[k] = *row;
			return 0;
		}
	struct target *more = realloc(t->row, (t->count + 1) * sizeof *more);
	if (!more)
		return -1;
	t->row = more;
	t->row[t->count++] = *row;
	return 0;
}

static int
read_line(struct targets *t, const char *line, size_t length, struct err *err)
{
	struct words w;
	struct target row;
	if (words_init(&w, line, length, err))
		return -1;
	int status = 0;
	if (w.count > 0 && w.count != COLUMNS)
		status = err_set(err, "has %zu columns; there are %d, as `stemdesk targets` prints them", w.count, COLUMNS);
	else if (w.count > 0)
		status = read_row(&w, &row, err);
	if (!status && w.count > 0 && put_row(t, &row))
		status = err_set(err, "not enough memory");
	words_fini(&w);
	return status;
}

int
targets_parse(struct targets *t, const char *text, size_t length, const char *name, struct err *err)
{
	*t = (struct targets){NULL, 0};
	int status = 0;
	for (size_t k = 0; k < sizeof built_in / sizeof *built_in && !status; k++)
		status = put_row(t, &built_in[k]) ? err_set(err, "not enough memory") : 0;
	int number = 1;
	for (size_t at = 0; at < length && !status; number++) {
		const char *end = memchr(text + at, '\n', length - at);
		size_t n = end ? (size_t)(end - (text + at)) : length - at;
		if (read_line(t, text + at, n > 0 && text[at + n - 1] == '\r' ? n - 1 : n, err)) {
			char shown[256];
			status = err_prefix(err, "%s:%d", text_show(name, shown, sizeof shown), number);
		}
		at += n + 1;
	}
	if (status)
		targets_free(t);
	return status;
}

void
targets_free(struct targets *t)
{
	free(t->row);
	*t = (struct targets){NULL, 0};
}

/* The user's file; XDG says that a relative path is to be ignored. The caller frees it. */
static char *
user_path(void)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *path = NULL;
	if (xdg && *xdg == '/' && asprintf(&path, "%s/stemdesk/targets", xdg) < 0)
		return NULL;
	if (!path && home && *home == '/' && asprintf(&path, "%s/.config/stemdesk/targets", home) < 0)
		return NULL;
	return path;
}

int
targets_load(struct targets *t, struct err *err)
{
	enum { MOST = 1 << 20 };
	char *path = user_path(), *text = NULL, shown[512];
	FILE *file = path ? fopen(path, "rb") : NULL;
	size_t length = 0;
	int status = 0;
	*t = (struct targets){NULL, 0};
	if (path && !file && errno != ENOENT && errno != ENOTDIR)
		status = err_set(err, "%s: cannot be read: %s", text_show(path, shown, sizeof shown), strerror(errno));
	if (file) {
		text = malloc(MOST);
		length = text ? fread(text, 1, MOST, file) : 0;
		if (!text || ferror(file) || length == MOST)
			status = err_set(err, "%s: cannot be read, or is larger than a table of targets",
			                 text_show(path, shown, sizeof shown));
		fclose(file);
	}
	if (!status)
		status = targets_parse(t, text ? text : "", length, path ? path : "targets", err);
	free(text);
	free(path);
	return status;
}

const struct target *
targets_find(const struct targets *t, const char *name)
{
	for (size_t k = 0; k < t->count; k++)
		if (!strcmp(t->row[k].name, name))
			return &t->row[k];
	return NULL;
}

static const char *
show_figure(double x, char text[24])
{
	if (isnan(x))
		return "-";
	snprintf(text, 24, "%.10g", x);
	return text;
}

char *
target_line(const struct target *row, char out[TARGET_LINE])
{
	char a[24], b[24], c[24], d[24];
	char *title = text_quote(row->title), *note = text_quote(row->note);
	snprintf(out, TARGET_LINE, "%-15s %-8s %6s %6s %6s %-5s %8s %-7s %-8s %4d %s %s", row->name, use_names[row->use],
	         show_figure(row->lufs, a), show_figure(row->tolerance, b), show_figure(row->ceiling, c),
	         turn_names[row->turn], show_figure(row->headroom, d), album_names[row->album], row->date, row->tier,
	         title ? title : "", note ? note : "");
	free(title);
	free(note);
	return out;
}

/* What a place that turns does. */
static void
turn(const struct target *row, struct verdict *v)
{
	double wanted = row->lufs - v->loudness, headroom = isnan(row->headroom) ? 0 : row->headroom;
	double room = -headroom - v->peak;
	if (wanted <= 0) {
		v->fate = wanted < 0 ? FATE_DOWN : FATE_AS_IS;
		v->gain = wanted;
	} else if (row->turn == TURN_LIMIT) {
		v->fate = wanted > room ? FATE_LIMITED : FATE_UP;
		v->gain = wanted;
		v->limited = wanted > room ? wanted - room : 0;
	} else if (row->turn == TURN_BOTH && room > 0) {
		v->fate = wanted > room ? FATE_PART_UP : FATE_UP;
		v->gain = wanted > room ? room : wanted;
	}
	v->loudness += v->gain;
	v->peak += v->gain - v->limited;
}

void
target_judge(const struct target *row, double integrated, double true_peak, struct verdict *v)
{
	*v = (struct verdict){.fate = FATE_AS_IS, .peak = true_peak, .loudness = integrated};
	if (true_peak > row->ceiling + PEAK_SLACK)
		v->over = true_peak - row->ceiling;
	if (isnan(row->lufs) || !isfinite(integrated))
		return;
	if (row->turn != TURN_NONE) {
		turn(row, v);
		return;
	}
	double away = integrated - row->lufs, most = isnan(row->tolerance) ? HUGE_VAL : row->tolerance;
	v->fate = away > most ? FATE_LOUD : away < -most ? FATE_QUIET : FATE_AS_IS;
	v->gain = v->fate == FATE_AS_IS ? 0 : -away;
}

int
verdict_good(const struct verdict *v)
{
	return v->fate != FATE_LOUD && v->fate != FATE_QUIET && v->over == 0;
}

const char *
fate_name(enum fate fate)
{
	static const char *const names[] = {"as-is", "down", "up", "part-up", "limited", "too-loud", "too-quiet"};
	return names[fate];
}

/* A change that rounds to nothing is none. */
static int
seen(double db)
{
	return fabs(db) >= 0.05;
}

char *
verdict_text(const struct target *row, const struct verdict *v, char *out, size_t size)
{
	char what[160], peak[48] = "", over[96] = "";
	switch (v->fate) {
	case FATE_DOWN:
	case FATE_UP:
		snprintf(what, sizeof what, "turned %s %.1f dB", v->gain < 0 ? "down" : "up", fabs(v->gain));
		break;
	case FATE_PART_UP:
		snprintf(what, sizeof what, "turned up %.1f dB, to %.1f LUFS: its peaks allow no more", v->gain, v->loudness);
		break;
	case FATE_LIMITED:
		snprintf(what, sizeof what, "turned up %.1f dB, %.1f dB of it into a limiter", v->gain, v->limited);
		break;
	case FATE_LOUD:
	case FATE_QUIET:
		snprintf(what, sizeof what, "%.1f LU too %s", fabs(v->gain), v->fate == FATE_LOUD ? "loud" : "soft");
		break;
	case FATE_AS_IS:
		snprintf(what, sizeof what, "%s", row->use == USE_DELIVERY ? "within its tolerance" : "played as it is");
		break;
	}
	if ((v->fate == FATE_DOWN || v->fate == FATE_UP) && !seen(v->gain))
		snprintf(what, sizeof what, "played as it is");
	if (isfinite(v->peak) && row->use != USE_DELIVERY)
		snprintf(peak, sizeof peak, " -> peaks at %.1f dBTP", v->peak);
	if (v->over > 0)
		snprintf(over, sizeof over, "; the file's peak is %.1f dB above the %.1f dBTP asked for", v->over,
		         row->ceiling);
	snprintf(out, size, "%s%s%s", what, peak, over);
	return out;
}
