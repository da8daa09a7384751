#include "cli/show_measured.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/show_match.h"

#define COLUMNS 8 /* thirds on a line */

/* A figure as text: "-inf" for silence, "-" where there is none. */
static const char *
figure(double x, char text[32])
{
	if (isnan(x))
		return "-";
	if (!isfinite(x))
		return x < 0 ? "-inf" : "inf";
	snprintf(text, 32, "%.2f", x);
	return text;
}

static void
row(const char *name, double x, const char *unit)
{
	char text[32];
	printf("%-15s %8s %s\n", name, figure(x, text), unit);
}

static void
clip_row(const struct measured *m)
{
	char at[32];
	if (m->clipped_runs == 0)
		printf("%-15s %8s\n", "clipped runs", "none");
	else
		printf("%-15s %8llu the first at %s, the longest %llu frames\n", "clipped runs",
		       (unsigned long long)m->clipped_runs, cli_clock((double)m->first_clip / m->rate, at),
		       (unsigned long long)m->longest_clip);
}

static void
show_dc(const struct measured *m)
{
	const char *at = m->channels == 1 ? "" : m->channels == 2 ? "left right" : m->speakers;
	for (int c = 0; c < m->channels; c++) {
		char name[16];
		int length = (int)strcspn(at, " ");
		snprintf(name, sizeof name, "DC%s%.*s", length ? " " : "", length, at);
		row(name, gain_to_db(m->dc[c]), "dBFS");
		at += length + (at[length] == ' ');
	}
}

static void
show_balance(const struct measured *m)
{
	double all = balance_whole(m->band);
	if (!isfinite(all))
		return;
	printf("\nbalance: thirds of an octave, dB of the whole%s\n",
	       m->channels > 1 ? "; below it side against mid, dB" : "");
	for (int from = 0; from < BALANCE_BANDS; from += COLUMNS) {
		int to = from + COLUMNS < BALANCE_BANDS ? from + COLUMNS : BALANCE_BANDS;
		for (int k = from; k < to; k++)
			printf("%s%7s", k == from ? "    Hz" : "", balance_name(k));
		putchar('\n');
		for (int k = from; k < to; k++)
			printf(isfinite(m->band[k].level) ? "%s%7.1f" : "%s      -", k == from ? " level" : "",
			       m->band[k].level - all);
		putchar('\n');
		for (int k = from; k < to && m->channels > 1; k++)
			printf(m->band[k].width > -100 && m->band[k].width < 100 ? "%s%7.1f"
			       : m->band[k].width < 0                            ? "%s   mono"
			                                                         : "%s   side",
			       k == from ? " width" : "", m->band[k].width);
		putchar('\n');
	}
}

void
show_verdicts(double integrated, double true_peak, const struct shown_targets *by)
{
	for (size_t k = 0; k < by->count; k++) {
		struct verdict v;
		char text[256];
		target_judge(&by->row[k], integrated, true_peak, &v);
		printf("%-24s %s\n", by->row[k].title, verdict_text(&by->row[k], &v, text, sizeof text));
	}
}

void
show_measured(const char *path, const struct measured *m, const struct shown_targets *by,
              const struct reference *reference)
{
	char shown[512], text[32];
	const char *sides = m->channels == 1 ? "mono" : m->channels == 2 ? "stereo" : m->speakers;
	printf("%s: %s, %d Hz, %s\n", text_show(path, shown, sizeof shown), sides, m->rate,
	       cli_clock((double)m->frames / m->rate, text));
	row("integrated", m->integrated, "LUFS");
	row("range", m->range, "LU");
	row("momentary max", m->max_momentary, "LUFS");
	row("short-term max", m->max_shortterm, "LUFS");
	row("true peak", m->true_peak, "dBTP");
	row("sample peak", m->sample_peak, "dBFS");
	row("PLR", m->plr, "dB");
	row("PSR", m->psr, "dB");
	clip_row(m);
	show_dc(m);
	if (m->channels == 2) {
		row("correlation", m->correlation, "");
		row("width", m->width, "dB, side against mid");
	}
	if (m->channels > 2)
		puts("correlation, width and balance are of mono and stereo alone");
	show_balance(m);
	putchar('\n');
	if (reference) {
		struct lacking lacks;
		matching_compare(reference, m, &lacks);
		show_lacking(reference, m, &lacks, NULL, NULL);
		putchar('\n');
	}
	show_verdicts(m->integrated, m->true_peak, by);
}

void
show_measured_head(void)
{
	puts("    LUFS   LRA   S max    dBTP   PLR   PSR   clips  file");
}

void
show_measured_row(const char *path, const struct measured *m)
{
	char shown[512], a[32], b[32], c[32], e[32], f[32];
	printf("%8s %5.1f %7s %7s %5.4s %5.4s %7llu  %s\n", figure(m->integrated, a), m->range, figure(m->max_shortterm, b),
	       figure(m->true_peak, c), figure(m->plr, e), figure(m->psr, f), (unsigned long long)m->clipped_runs,
	       text_show(path, shown, sizeof shown));
}

static void
json_verdicts(const struct measured *m, const struct shown_targets *by)
{
	json_open("verdicts", '[');
	for (size_t k = 0; k < by->count; k++) {
		struct verdict v;
		char text[256];
		target_judge(&by->row[k], m->integrated, m->true_peak, &v);
		json_open(NULL, '{');
		json_text("target", by->row[k].name);
		json_text("fate", fate_name(v.fate));
		json_flag("good", verdict_good(&v));
		json_number("gain_db", v.gain, 3);
		json_number("loudness_lufs", v.loudness, 3);
		json_number("peak_dbtp", v.peak, 3);
		json_number("over_db", v.over, 3);
		json_number("limited_db", v.limited, 3);
		json_text("text", verdict_text(&by->row[k], &v, text, sizeof text));
		json_close('}');
	}
	json_close(']');
}

void
show_measured_json(const char *path, const struct measured *m, const struct shown_targets *by,
                   const struct reference *reference)
{
	json_open(NULL, '{');
	json_text("file", path);
	json_number("rate", m->rate, 0);
	json_number("channels", m->channels, 0);
	json_text("speakers", m->channels > 2 ? m->speakers : NULL);
	json_number("frames", (double)m->frames, 0);
	json_number("integrated_lufs", m->integrated, 3);
	json_number("range_lu", m->range, 3);
	json_number("max_momentary_lufs", m->max_momentary, 3);
	json_number("max_shortterm_lufs", m->max_shortterm, 3);
	json_number("true_peak_dbtp", m->true_peak, 3);
	json_number("sample_peak_dbfs", m->sample_peak, 3);
	json_number("plr_db", m->plr, 3);
	json_number("psr_db", m->psr, 3);
	json_number("clipped_runs", (double)m->clipped_runs, 0);
	json_number("longest_clip", (double)m->longest_clip, 0);
	json_number("first_clip", (double)m->first_clip, 0);
	json_numbers("dc", m->dc, (size_t)m->channels, 9);
	json_number("correlation", m->correlation, 4);
	json_number("width_db", m->width, 3);
	json_open("balance", '[');
	double all = balance_whole(m->band);
	for (int k = 0; k < BALANCE_BANDS; k++) {
		json_open(NULL, '{');
		json_number("hz", balance_hertz(k), 2);
		json_number("level_db", m->band[k].level - all, 2);
		json_number("width_db", m->band[k].width, 2);
		json_close('}');
	}
	json_close(']');
	json_verdicts(m, by);
	if (reference) {
		struct lacking lacks;
		matching_compare(reference, m, &lacks);
		json_open("against", '{');
		show_lacking_json(reference, m, &lacks, NULL, NULL);
		json_close('}');
	}
	json_end('}');
}
