#include "cli/matching.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "master/premaster.h"

#define BASS 120.0 /* Hz: below it nothing is made wider, as clubs, records and small rooms play it as one */

/* FILE or FILE=WEIGHT; the caller frees the name. Below 0: err is filled. */
static double
weight_of(const char *word, char **name, struct err *err)
{
	const char *sign = strrchr(word, '=');
	char *end;
	double weight = sign ? strtod(sign + 1, &end) : 1;
	int given = sign && end > sign + 1 && !*end; /* else a file whose name has the sign */
	*name = given ? strndup(word, (size_t)(sign - word)) : strdup(word);
	if (!*name)
		return err_set(err, "not enough memory");
	if (given && !(weight > 0 && weight <= 1000))
		return err_set(err, "%s: a weight is above 0 and at most 1000", sign + 1);
	return given ? weight : 1;
}

int
matching_read(const struct cli *cli, struct matching *m, struct err *err)
{
	m->strength = MATCHING_STRENGTH;
	m->cap = MATCHING_CAP;
	reference_begin(&m->reference);
	return cli_number(cli, "strength", 0, 100, &m->strength, err) || cli_number(cli, "cap", 0.5, 6, &m->cap, err) ? -1
	                                                                                                              : 0;
}

int
matching_reference(const char *word, struct reference *reference, struct err *err)
{
	struct measured of;
	struct cli_bar bar;
	char *name, shown[200], what[256];
	double weight = weight_of(word, &name, err);
	int status = weight < 0 ? -1 : 0;
	if (!status) {
		snprintf(what, sizeof what, "measuring %s", text_show(name, shown, sizeof shown));
		cli_bar_begin(&bar, 0);
		cli_bar_show(&bar, what, 0.5);
		status = measure_file(name, NULL, NULL, &of, err);
		cli_bar_show(&bar, what, 1);
	}
	if (!status) {
		measured_fini(&of);
		if (isfinite(of.integrated))
			reference_add(reference, &of, weight);
		else
			status = err_set(err, "%s is silent and no reference", shown);
	}
	free(name);
	return status;
}

void
matching_compare(const struct reference *reference, const struct measured *song, struct lacking *lacking)
{
	match_difference(song->band, reference->band, lacking->level);
	widths_difference(song->band, reference->band, lacking->width);
}

static int
measure_song(struct session *session, struct stems *stems, int threads, struct measured *out, struct err *err)
{
	struct premaster p;
	struct premaster_options o = {.threads = threads};
	if (premaster_render(session, stems, &o, &p, err))
		return -1;
	int status = premaster_measure(&p, 0, p.frames, out, err);
	premaster_free(&p);
	if (!status && !isfinite(out->integrated))
		return err_set(err, "there is nothing to match: it is silent");
	return status;
}

/* Lines that are kept and set. */
struct setting {
	struct session *session;
	struct matching *m;
	struct err *err;
	int failed;
};

static void
set(void *arg, const char *line)
{
	struct setting *s = arg;
	if (s->failed || s->m->lines == MATCHING_LINES)
		return;
	snprintf(s->m->line[s->m->lines++], sizeof *s->m->line, "%s", line);
	s->failed = session_line(s->session, line, s->err);
}

static void __attribute__((format(printf, 2, 3))) setf(struct setting *s, const char *format, ...)
{
	char line[64];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	set(s, line);
}

/* The widths that are proposed; what they do to each third's level goes into `band`. */
static void
set_widths(struct setting *s, const struct matching *m, struct balance_band band[BALANCE_BANDS])
{
	const double *v = session_master(s->session)->value, rate = session_rate(s->session);
	struct stereo_params now = {.on = v[P_STEREO_ON] != 0}, to;
	double want[BALANCE_BANDS], is[BALANCE_BANDS], will[BALANCE_BANDS];
	for (int k = 0; k < STEREO_BANDS; k++)
		now.width[k] = v[P_STEREO1_WIDTH + k];
	for (int k = 0; k < STEREO_BANDS - 1; k++)
		now.cross[k] = v[P_STEREO_CROSS1 + k];
	for (int b = 0; b < BALANCE_BANDS; b++)
		want[b] = m->lacks.width[b] * m->strength / 100;
	for (int b = 0; balance_hertz(b) < BASS; b++)
		if (want[b] > 0)
			want[b] = 0;
	widths_fit(want, rate, m->cap, &now, &to);
	if (!to.on)
		return;
	if (!now.on)
		setf(s, "master/stereo/on on");
	for (int k = 0; k < STEREO_BANDS - 1; k++)
		if (fabs(to.cross[k] - now.cross[k]) >= 0.5)
			setf(s, "master/stereo/cross/%d %.0f", k + 1, to.cross[k]);
	for (int k = 0; k < STEREO_BANDS; k++)
		if (fabs(to.width[k] - now.width[k]) >= 0.5)
			setf(s, "master/stereo/%d/width %.0f", k + 1, to.width[k]);
	widths_response(&now, rate, is);
	widths_response(&to, rate, will);
	for (int b = 0; b < BALANCE_BANDS; b++) {
		double ratio = balance_power(band[b].width), wider = ratio * balance_power(will[b] - is[b]);
		if (isfinite(band[b].level) && isfinite(ratio))
			band[b].level += 10 * log10((1 + wider) / (1 + ratio));
	}
}

static void
set_bands(struct setting *s, const struct matching *m, const struct balance_band band[BALANCE_BANDS])
{
	int place[EQ_BANDS], bands = match_places(session_master(s->session), place);
	double want[BALANCE_BANDS];
	char address[32];
	struct match match;
	match_difference(band, m->reference.band, want);
	for (int b = 0; b < BALANCE_BANDS; b++)
		want[b] *= m->strength / 100;
	match_fit(want, session_rate(s->session), m->cap, bands, &match);
	if (match.bands && session_master(s->session)->value[P_EQ_ON] == 0)
		setf(s, "master/eq/on on");
	for (int k = 0; k < match.bands; k++) {
		snprintf(address, sizeof address, "master/eq/%d", place[k]);
		match_lines(&match.band[k], address, set, s);
	}
}

int
matching_run(struct session *session, struct stems *stems, struct matching *m, struct err *err)
{
	struct setting s = {.session = session, .m = m, .err = err};
	struct balance_band band[BALANCE_BANDS];
	if (measure_song(session, stems, m->threads, &m->before, err))
		return -1;
	matching_compare(&m->reference, &m->before, &m->lacks);
	memcpy(band, m->before.band, sizeof band);
	session_begin(session);
	set_widths(&s, m, band);
	set_bands(&s, m, band);
	session_commit(session);
	if (s.failed)
		return -1;
	if (!m->lines) { /* as it was */
		m->after = m->before;
		m->after.momentary = m->after.shortterm = NULL;
	} else if (measure_song(session, stems, m->threads, &m->after, err)) {
		return -1;
	}
	matching_compare(&m->reference, &m->after, &m->left);
	return 0;
}

void
matching_fini(struct matching *m)
{
	measured_fini(&m->before);
	measured_fini(&m->after);
}
