#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/desk/look.h"
#include "control/desk/parts.h"
#include "master/targets.h"

/* What the look is to be at, where that has changed. The queue may be full: then it is tried again. */
void
desk_measure_update(struct desk *d)
{
	static const enum meter_kind kinds[DESK_NEEDLES] = {
	    [DESK_PEAK] = METER_PEAK, [DESK_K12] = METER_K,   [DESK_K14] = METER_K, [DESK_K20] = METER_K,
	    [DESK_PPM] = METER_PPM,   [DESK_DIN] = METER_DIN, [DESK_VU] = METER_VU,
	};
	struct player_view view = {.on = 1, .uid = d->selected, .meter = kinds[d->meters.needle]};
	if (view.uid != d->looked.uid || view.meter != d->looked.meter || !d->looked.on)
		if (player_view(d->player, &view) == 0)
			d->looked = view;
	if (d->look)
		desk_look_song(d->look, (double)d->length / session_rate(d->session));
}

static int
set_needle(struct desk *d, const char *name, struct err *err)
{
	int needle = desk_needle_find(name);
	if (needle < 0)
		return err_set(err, "meter %s: it is peak, k12, k14, k20, ppm, din or vu", name);
	pthread_mutex_lock(&d->lock);
	d->meters.needle = (enum desk_needle)needle;
	pthread_mutex_unlock(&d->lock);
	return 0;
}

int
desk_meter(struct desk *d, char *args, struct err *err)
{
	if (*args && set_needle(d, args, err))
		return -1;
	enum desk_needle needle = d->meters.needle;
	desk_say(d, DESK_SAYS, "meters: %s, %s", desk_needle_title(needle), desk_needle_help(needle));
	return 0;
}

int
desk_analyser(struct desk *d, char *args, struct err *err)
{
	if (strcmp(args, "before") != 0 && strcmp(args, "after") != 0)
		return err_set(err, "analyser %s: say before or after the equaliser", args);
	desk_look_analyse(d->look, *args == 'b');
	desk_say(d, DESK_SAYS, "the spectrum is that %s the equaliser", *args == 'b' ? "before" : "behind");
	return 0;
}

int
desk_clear_peaks(struct desk *d, char *args, struct err *err)
{
	(void)args, (void)err;
	pthread_mutex_lock(&d->lock);
	desk_meters_clear(&d->meters);
	pthread_mutex_unlock(&d->lock);
	return 0;
}

/* "-14.2 LUFS", "-inf LUFS". */
static const char *
figure(float x, const char *unit, char text[32])
{
	if (isnan(x))
		snprintf(text, 32, "none");
	else if (!isfinite(x))
		snprintf(text, 32, "-inf %s", unit);
	else
		snprintf(text, 32, "%.1f %s", (double)x, unit);
	return text;
}

/* What a unit takes off its bands, where it does anything. */
static void
say_taken(struct desk *d, const char *name, const float *taken, int bands)
{
	char text[64] = "";
	size_t n = 0;
	int any = 0;
	for (int k = 0; k < bands; k++) {
		any |= fabsf(taken[k]) >= 0.05f;
		n += (size_t)snprintf(text + n, sizeof text - n, " %.1f", (double)taken[k]);
	}
	if (any)
		desk_say(d, DESK_LINES, "%s: takes%s dB", name, text);
}

static void
say_loudness(struct desk *d)
{
	struct desk_loudness m;
	char a[32], b[32], c[32];
	desk_look_loudness(d->look, &m);
	desk_say(d, DESK_LINES, "%s: integrated %s, short-term %s, momentary %s", m.mastered ? "master" : "mix",
	         figure(m.integrated, "LUFS", a), figure(m.shortterm, "LUFS", b), figure(m.momentary, "LUFS", c));
	float peak = m.true_peak[0] > m.true_peak[1] ? m.true_peak[0] : m.true_peak[1];
	desk_say(d, DESK_LINES, "range %s, true peak %s, PLR %s", figure(m.range, "LU", a), figure(peak, "dBTP", b),
	         figure(m.plr, "dB", c));
	if (m.mastered && m.limited_most > 0)
		desk_say(d, DESK_LINES, "limiter: now %.1f dB, most %.1f dB", (double)m.limited, (double)m.limited_most);
	say_taken(d, "compressor in four bands", m.multi, 4);
	say_taken(d, "dynamic equaliser", m.dyneq, 4);
	say_taken(d, "clipper", &m.clipped, 1);
	if (!isnan(m.target) && isfinite(m.integrated))
		desk_say(d, DESK_LINES, "%.1f LU %s the target of %.1f LUFS", fabs((double)(m.integrated - m.target)),
		         m.integrated > m.target ? "above" : "below", (double)m.target);
	desk_say(d, DESK_LINES, "%s, %.0f s so far%s",
	         m.paused      ? "paused"
	         : m.measuring ? "measuring"
	                       : "waiting for sound",
	         m.seconds, m.lost ? ", with gaps: the machine was too busy" : "");
}

/* Aims at a loudness: LUFS, a place of the table of targets, or none. In `words` what is aimed at. */
static int
aim(struct desk *d, const char *at, char *words, size_t size, struct err *err)
{
	char *end;
	double lufs = strtod(at, &end);
	if (!strcmp(at, "none")) {
		desk_look_target(d->look, "", NAN, NAN);
		snprintf(words, size, "no loudness is aimed at");
	} else if (end != at && (!*end || !strcmp(end, " LUFS")) && lufs >= -60 && lufs <= 0) {
		desk_look_target(d->look, "", lufs, NAN);
		snprintf(words, size, "loudness target: %.1f LUFS", lufs);
	} else {
		const struct target *row = targets_find(&d->targets, at);
		if (!row)
			return err_set(err, "loudness target %s: it is LUFS (-14), none, or a place of `stemdesk targets`", at);
		if (isnan(row->lufs))
			return err_set(err, "loudness target %s: %s names no loudness", at, row->title);
		desk_look_target(d->look, row->name, row->lufs, row->ceiling);
		snprintf(words, size, "loudness target: %s, %.1f LUFS", row->title, row->lufs);
	}
	snprintf(d->aim, sizeof d->aim, "%s", strcmp(at, "none") ? at : "");
	return 0;
}

int
desk_measure_options(struct desk *d, const struct desk_options *options, struct err *err)
{
	if (options->target)
		snprintf(d->aim, sizeof d->aim, "%s", options->target);
	return options->meter ? set_needle(d, options->meter, err) : 0;
}

int
desk_measure_begin(struct desk *d, struct err *err)
{
	char words[160], was[sizeof d->aim];
	struct err other;
	desk_measure_update(d);
	if (!(d->look = desk_look_new(d->player, session_rate(d->session), err)))
		return -1;
	memcpy(was, d->aim, sizeof was);
	if (*was && aim(d, was, words, sizeof words, &other)) {
		d->aim[0] = '\0';
		desk_say(d, DESK_ERROR, "%s", other.text);
	}
	return 0;
}

int
desk_loudness_command(struct desk *d, char *args, struct err *err)
{
	if (!*args) {
		say_loudness(d);
	} else if (!strcmp(args, "reset")) {
		desk_look_reset(d->look);
		desk_say(d, DESK_SAYS, "loudness is measured anew");
	} else if (!strcmp(args, "pause") || !strcmp(args, "run")) {
		desk_look_pause(d->look, *args == 'p');
		desk_say(d, DESK_SAYS, *args == 'p' ? "loudness is not measured for now" : "loudness is measured on");
	} else if (!strncmp(args, "target ", 7)) {
		char words[160];
		if (aim(d, args + 7 + strspn(args + 7, " "), words, sizeof words, err))
			return -1;
		desk_say(d, DESK_SAYS, "%s", words);
	} else {
		return err_set(err, "loudness %s: it is reset, pause, run, target NAME, target LUFS or target none", args);
	}
	return 0;
}
