#include "cli/cmd.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/json.h"
#include "cli/mastering.h"
#include "cli/opening.h"
#include "master/match.h"
#include "master/premaster.h"

#define LINES 64
#define NARROWEST 50.0 /* percent of width that are proposed */
#define WIDEST 150.0
#define LEAST_WIDTH 3.0 /* percent that are worth a line */

const struct cli_option match_cli[] = {
    {"strength", 0, "PERCENT", "how much of the way to go (default 50; 100 is all)"},
    {"cap", 0, "DB", "most that a band does, up or down (default 6)"},
    {"apply", 0, NULL, "write the lines into the session, beside printing them"},
    {CMD_THREADS},
    {CMD_SKIP_BAD},
    {CMD_LENIENT},
    {"json", 0, NULL, "the comparison as JSON"},
    {NULL, 0, NULL, NULL},
};

/* One comparison from beginning to end. */
struct matching {
	struct session *session;
	struct stems *stems;
	struct measured before, after;
	double lufs, range, width; /* of the references together */
	struct balance_band reference[BALANCE_BANDS];
	double want[BALANCE_BANDS], left[BALANCE_BANDS]; /* dB a third: before, and after */
	double strength, cap;
	int threads;
	struct match match;
	char line[LINES][64];
	size_t lines;
};

/* FILE or FILE=WEIGHT; the name is cut there. */
static double
weight_of(char *name, struct err *err)
{
	char *sign = strrchr(name, '='), *end;
	if (!sign)
		return 1;
	double weight = strtod(sign + 1, &end);
	if (end == sign + 1 || *end)
		return 1; /* a file whose name has the sign */
	*sign = '\0';
	return weight > 0 && weight <= 1000 ? weight : err_set(err, "%s: a weight is above 0 and at most 1000", sign + 1);
}

/* The weighted mean of the references, each at its own loudness. */
static int
measure_references(const struct cli *cli, struct matching *m, struct err *err)
{
	double level[BALANCE_BANDS] = {0}, weights = 0;
	double known[BALANCE_BANDS] = {0};
	for (int k = 1; k < cli->words; k++) {
		struct measured of;
		struct cli_bar bar;
		char shown[200], what[256];
		double weight = weight_of(cli->word[k], err);
		if (weight < 0)
			return -1;
		snprintf(what, sizeof what, "measuring %s", text_show(cli->word[k], shown, sizeof shown));
		cli_bar_begin(&bar, 0);
		cli_bar_show(&bar, what, 0.5);
		int status = measure_file(cli->word[k], NULL, NULL, &of, err);
		cli_bar_show(&bar, what, 1);
		if (status)
			return -1;
		measured_fini(&of);
		if (!isfinite(of.integrated))
			return err_set(err, "%s is silent and no reference", text_show(cli->word[k], shown, sizeof shown));
		m->lufs += weight * of.integrated;
		m->range += weight * of.range;
		m->width += weight * of.width;
		weights += weight;
		for (int b = 0; b < BALANCE_BANDS; b++)
			if (isfinite(of.band[b].level)) {
				level[b] += weight * (of.band[b].level - of.integrated);
				known[b] += weight;
			}
	}
	m->lufs /= weights;
	m->range /= weights;
	m->width /= weights;
	for (int b = 0; b < BALANCE_BANDS; b++)
		m->reference[b].level = known[b] > 0 ? level[b] / known[b] : -HUGE_VAL;
	return 0;
}

static int
measure_song(struct matching *m, struct measured *out, struct err *err)
{
	struct premaster p;
	struct premaster_options o = {.threads = m->threads};
	if (premaster_render(m->session, m->stems, &o, &p, err))
		return -1;
	int status = premaster_measure(&p, 0, p.frames, out, err);
	premaster_free(&p);
	if (!status && !isfinite(out->integrated)) {
		measured_fini(out);
		return err_set(err, "there is nothing to match: it is silent");
	}
	return status;
}

static int __attribute__((format(printf, 3, 4))) set(struct matching *m, struct err *err, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(m->line[m->lines], sizeof *m->line, format, args);
	va_end(args);
	return session_line(m->session, m->line[m->lines++], err);
}

/* Places of the master's bands that do nothing yet. */
static int
free_bands(struct session *session, int place[EQ_BANDS])
{
	const double *v = session_master(session)->value;
	const int step = P_EQ2_ON - P_EQ1_ON;
	int count = 0;
	for (int k = 0; k < EQ_BANDS; k++) {
		const double *band = &v[P_EQ1_ON + k * step];
		int works = band[0] != 0 && (band[P_EQ1_GAIN - P_EQ1_ON] != 0 || band[P_EQ1_TYPE - P_EQ1_ON] > EQ_HIGHSHELF);
		if (!works)
			place[count++] = k + 1;
	}
	return count;
}

static int
apply_bands(struct matching *m, const int *place, struct err *err)
{
	static const char *const types[] = {"bell", "lowshelf", "highshelf"};
	int status = m->match.bands ? set(m, err, "master/eq/on on") : 0;
	for (int k = 0; k < m->match.bands && !status; k++) {
		const struct eq_band *b = &m->match.band[k];
		status = set(m, err, "master/eq/%d/on on", place[k]) ||
		         set(m, err, "master/eq/%d/type %s", place[k], types[b->type]) ||
		         set(m, err, "master/eq/%d/side stereo", place[k]) ||
		         set(m, err, "master/eq/%d/freq %.1f", place[k], b->freq) ||
		         set(m, err, "master/eq/%d/gain %.2f", place[k], b->gain) ||
		         set(m, err, "master/eq/%d/q %.3f", place[k], b->q);
	}
	return status ? -1 : 0;
}

/* Width is side against mid: what is to be added to it in dB is a factor of the side. */
static int
apply_width(struct matching *m, struct err *err)
{
	double now = session_master(m->session)->value[P_WIDTH], apart = m->width - m->after.width;
	if (!isfinite(apart) || m->after.width < -60 || m->width < -60)
		return 0; /* mono on one of both: no width helps */
	double width = now * pow(10, m->strength / 100 * apart / 20);
	width = width < NARROWEST ? NARROWEST : width > WIDEST ? WIDEST : width;
	return fabs(width - now) < LEAST_WIDTH ? 0 : set(m, err, "master/width %.0f", width);
}

static int
match(struct matching *m, struct err *err)
{
	int place[EQ_BANDS], bands = free_bands(m->session, place);
	double want[BALANCE_BANDS];
	if (measure_song(m, &m->before, err))
		return -1;
	match_difference(m->before.band, m->reference, m->want);
	for (int b = 0; b < BALANCE_BANDS; b++)
		want[b] = m->want[b] * m->strength / 100;
	match_fit(want, session_rate(m->session), m->cap, bands, &m->match);
	if (apply_bands(m, place, err) || measure_song(m, &m->after, err))
		return -1;
	/* what the bands do to the width is theirs */
	size_t lines = m->lines;
	if (apply_width(m, err))
		return -1;
	if (m->lines > lines) {
		measured_fini(&m->after);
		if (measure_song(m, &m->after, err))
			return -1;
	}
	match_difference(m->after.band, m->reference, m->left);
	return 0;
}

static void
pair(const char *name, double reference, double before, double after, const char *unit)
{
	printf("%-12s %9.1f %9.1f %9.1f  %s\n", name, reference, before, after, unit);
}

static void
show(const struct matching *m)
{
	printf("%-12s %9s %9s %9s\n", "", "reference", "before", "after");
	pair("integrated", m->lufs, m->before.integrated, m->after.integrated, "LUFS");
	pair("range", m->range, m->before.range, m->after.range, "LU");
	pair("width", m->width, m->before.width, m->after.width, "dB, side against mid");
	printf("\n%12s %9s %9s  dB that a third lacks against the reference, levels set aside\n", "Hz", "before", "after");
	for (int b = 0; b < BALANCE_BANDS; b++)
		if (!isnan(m->want[b]) && !isnan(m->left[b]))
			printf("%12s %+9.1f %+9.1f\n", balance_name(b), m->want[b], m->left[b]);
	putchar('\n');
	for (size_t k = 0; k < m->lines; k++)
		puts(m->line[k]);
}

static void
json_sound(const char *key, double lufs, double range, double width)
{
	json_open(key, '{');
	json_number("integrated_lufs", lufs, 3);
	json_number("range_lu", range, 3);
	json_number("width_db", width, 3);
	json_close('}');
}

static void
show_json(const struct matching *m)
{
	json_open(NULL, '{');
	json_sound("reference", m->lufs, m->range, m->width);
	json_sound("before", m->before.integrated, m->before.range, m->before.width);
	json_sound("after", m->after.integrated, m->after.range, m->after.width);
	json_numbers("lacks_before_db", m->want, BALANCE_BANDS, 2);
	json_numbers("lacks_after_db", m->left, BALANCE_BANDS, 2);
	json_open("lines", '[');
	for (size_t k = 0; k < m->lines; k++)
		json_text(NULL, m->line[k]);
	json_close(']');
	json_end('}');
}

int
cmd_match(const struct cli *cli)
{
	struct err err = {""};
	struct matching m = {.strength = 50, .cap = 6};
	const char *path = cli->word[0];
	int status = CLI_USAGE;
	if (cli_number(cli, "strength", 0, 100, &m.strength, &err) || cli_number(cli, "cap", 0.5, 6, &m.cap, &err) ||
	    cmd_read_threads(cli, &m.threads, &err) ||
	    (cli_value(cli, "apply") && !opening_is_session(path) &&
	     err_set(&err, "--apply writes into a session, and %s is none", path))) {
		cli_fail(cli, &err);
		return status;
	}
	status = CLI_FAILED;
	m.session = opening_song(cli, path, &err);
	m.stems = m.session ? opening_song_stems(cli, m.session, path) : NULL;
	if (m.stems && !measure_references(cli, &m, &err) && !match(&m, &err)) {
		status = CLI_DONE;
		if (cli_value(cli, "json"))
			show_json(&m);
		else
			show(&m);
		if (cli_value(cli, "apply") && mastering_save(m.session, path, &err))
			status = CLI_FAILED;
	}
	if (status == CLI_FAILED)
		cli_fail(cli, &err);
	measured_fini(&m.before);
	measured_fini(&m.after);
	stems_free(m.stems);
	session_free(m.session);
	return status;
}
