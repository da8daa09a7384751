#include "cli/show_mastered.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "cli/json.h"
#include "cli/show_match.h"
#include "master/measure.h"

/* "5.2 dB of limiting at 1:12.400, 70 % of it Drums (Snare)" */
static void
limiting_text(const struct mastered *r, char *out, size_t size)
{
	char at[32], whom[256];
	const struct pass *pass = &r->solution.pass;
	if (pass->limited < 0.005) {
		snprintf(out, size, "no limiting");
		return;
	}
	int n = snprintf(out, size, "%.1f dB of limiting", pass->limited);
	if (pass->limited_at >= 0)
		n += snprintf(out + n, size - (size_t)n, " at %s", cli_clock((double)pass->limited_at / r->rate, at));
	if (blame_text(r->session, &r->blame, whom, sizeof whom))
		snprintf(out + n, size - (size_t)n, ", %s", whom);
}

/* The mix before it was mastered. */
static void
show_origin(const struct mastered *r)
{
	const struct origin *o = &r->origin;
	char head[32], tail[32];
	printf("%-15s %8.2f LUFS, range %.1f LU, true peak %.1f dBTP\n", "the mix", o->integrated, o->range, o->true_peak);
	printf("%-15s %s of silence before, %s behind; DC %.0f dBFS; in mono %.1f dB less\n", "",
	       cli_clock((double)o->head / o->rate, head), cli_clock((double)o->tail / o->rate, tail), origin_dc(o),
	       o->mono);
	uint64_t runs = origin_cuts(o);
	printf("%-15s peaks %.1f dB above its loudness; ", "", o->true_peak - o->integrated);
	if (runs)
		printf("cut off at the top %llu times\n", (unsigned long long)runs);
	else
		puts("nowhere cut off at the top");
}

static void
show_report(const struct mastering *m, const struct mastered *r)
{
	char shown[512], text[600], clock[32];
	const struct pass *pass = &r->solution.pass;
	printf("%s: %s at %.0f Hz%s%s\n", text_show(r->output, shown, sizeof shown),
	       cli_clock((double)r->frames / r->rate, clock), r->rate, m->target ? " for " : "",
	       m->target ? m->target->title : "");
	show_origin(r);
	printf("%-15s %8.2f LUFS%s\n", "integrated", pass->integrated, r->mono ? " (one channel)" : "");
	printf("%-15s %8.2f LU\n", "range", pass->range);
	printf("%-15s %8.2f LUFS\n", "short-term max", pass->max_shortterm);
	printf("%-15s %8.2f dBTP\n", "true peak", pass->true_peak);
	limiting_text(r, text, sizeof text);
	printf("%-15s %s\n", "limiter", text);
	if (pass->limited > 1)
		printf("%-15s %.1f %% of the time more than 1 dB\n", "", pass->limited_time * 100);
	if (r->honest.passes)
		printf("%-15s %8.2f LUFS with %.1f dB of limiting%s%s\n", "honest", r->honest.pass.integrated,
		       r->honest.pass.limited, r->honest_output ? ": " : "",
		       r->honest_output ? text_show(r->honest_output, shown, sizeof shown) : "");
	if (m->disc)
		printf("%-15s with CUE and TOC sheets beside it\n", "disc");
	for (size_t k = 0; k < r->siblings; k++)
		printf("%-15s %8.2f LUFS, %.1f dBTP, %.1f dB of limiting: %s\n", "sibling", r->sibling[k].pass.integrated,
		       r->sibling[k].pass.true_peak, r->sibling[k].pass.limited,
		       text_show(r->sibling[k].output, shown, sizeof shown));
	if (m->like) {
		putchar('\n');
		show_matching(&r->matching);
	}
	for (size_t k = 0; k < r->lines; k++)
		puts(r->line[k]);
}

/* A line of JSON, or a row of CSV or its head, field by field. */
struct row {
	enum mastered_report kind;
	int head, fields;
};

static void
csv_text(const char *text)
{
	int quotes = strpbrk(text, ",\"\r\n") != NULL;
	if (quotes)
		putchar('"');
	for (; *text; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	if (quotes)
		putchar('"');
}

/* Begins a field of a row: whether its value is to follow. */
static int
begin_field(struct row *row, const char *key)
{
	fputs(row->fields++ ? "," : "", stdout);
	if (row->head)
		fputs(key, stdout);
	return !row->head;
}

static void
number(struct row *row, const char *key, double x, int decimals)
{
	if (row->kind == REPORT_JSON)
		json_number(key, x, decimals);
	else if (begin_field(row, key) && isfinite(x))
		printf("%.*f", decimals, x);
}

static void
text(struct row *row, const char *key, const char *value)
{
	if (row->kind == REPORT_JSON)
		json_text(key, value);
	else if (begin_field(row, key))
		csv_text(value ? value : "");
}

/* Several texts: a list in JSON, in CSV with semicolons between. */
static void
texts(struct row *row, const char *key, const char *first, size_t stride, size_t count)
{
	char all[2048] = "";
	size_t n = 0;
	if (row->kind == REPORT_JSON) {
		json_open(key, '[');
		for (size_t k = 0; k < count; k++)
			json_text(NULL, first + k * stride);
		json_close(']');
		return;
	}
	if (!begin_field(row, key))
		return;
	for (size_t k = 0; k < count && n < sizeof all; k++)
		n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", k ? "; " : "", first + k * stride);
	csv_text(all);
}

static void
siblings(const struct mastered *r)
{
	json_open("siblings", '[');
	for (size_t k = 0; k < r->siblings; k++) {
		json_open(NULL, '{');
		json_text("file", r->sibling[k].output);
		json_number("integrated_lufs", r->sibling[k].pass.integrated, 3);
		json_number("true_peak_dbtp", r->sibling[k].pass.true_peak, 3);
		json_number("limited_db", r->sibling[k].pass.limited, 3);
		json_close('}');
	}
	json_close(']');
}

/* All fields of a report, in the order of the columns. */
static void
fields(struct row *row, const struct mastering *m, const struct mastered *r, const char *status, const char *error)
{
	char name[256];
	const struct pass *pass = &r->solution.pass;
	const struct origin *o = &r->origin;
	double rate = r->rate > 0 ? r->rate : 1, song = o->rate > 0 ? o->rate : 1;
	if (row->kind == REPORT_JSON)
		json_open(NULL, '{');
	text(row, "file", r->output);
	text(row, "input", r->input);
	text(row, "status", status);
	text(row, "error", error);
	text(row, "target", m && m->target ? m->target->name : NULL);
	number(row, "frames", (double)r->frames, 0);
	number(row, "rate", r->rate, 0);
	number(row, "channels", r->mono ? 1 : 2, 0);
	number(row, "wanted_lufs", m ? m->lufs : HUGE_VAL, 3);
	number(row, "integrated_lufs", pass->integrated, 3);
	number(row, "range_lu", pass->range, 3);
	number(row, "max_shortterm_lufs", pass->max_shortterm, 3);
	number(row, "true_peak_dbtp", pass->true_peak, 3);
	number(row, "sample_peak_dbfs", pass->sample_peak, 3);
	number(row, "gain_db", m ? (double)r->solution.limiter.gain : HUGE_VAL, 3);
	number(row, "limited_db", m ? pass->limited : HUGE_VAL, 3);
	number(row, "limited_at_seconds", pass->limited_at < 0 || !m ? HUGE_VAL : (double)pass->limited_at / rate, 3);
	number(row, "limited_time", m ? pass->limited_time : HUGE_VAL, 4);
	text(row, "limited_by", r->blame.top ? blame_node(r->session, r->blame.top, name, sizeof name) : NULL);
	number(row, "limited_share", r->blame.top ? r->blame.share : HUGE_VAL, 3);
	text(row, "limited_within", r->blame.within ? blame_node(r->session, r->blame.within, name, sizeof name) : NULL);
	number(row, "honest_lufs", r->honest.passes ? r->honest.pass.integrated : HUGE_VAL, 3);
	text(row, "honest_file", r->honest_output);
	number(row, "source_lufs", m ? o->integrated : HUGE_VAL, 3);
	number(row, "source_range_lu", m ? o->range : HUGE_VAL, 3);
	number(row, "source_true_peak_dbtp", m ? o->true_peak : HUGE_VAL, 3);
	number(row, "source_dc_dbfs", m ? origin_dc(o) : HUGE_VAL, 1);
	number(row, "source_head_seconds", m ? (double)o->head / song : HUGE_VAL, 3);
	number(row, "source_tail_seconds", m ? (double)o->tail / song : HUGE_VAL, 3);
	number(row, "source_correlation", m ? o->correlation : HUGE_VAL, 3);
	number(row, "source_mono_db", m ? o->mono : HUGE_VAL, 2);
	number(row, "source_clipped_runs", m ? (double)(o->clips[0].runs + o->clips[1].runs) : HUGE_VAL, 0);
	texts(row, "faults", *r->fault, sizeof *r->fault, r->faults);
	texts(row, "lines", *r->line, sizeof *r->line, r->lines);
	if (row->kind == REPORT_JSON) {
		json_number("passes", r->solution.passes, 0);
		json_flag("reached", r->solution.reached);
		siblings(r);
		if (m && m->like) {
			json_open("matched", '{');
			show_matching_json(&r->matching);
			json_close('}');
		}
		json_end('}');
	} else {
		putchar('\n');
	}
}

void
show_mastered_head(enum mastered_report kind)
{
	static const struct mastered none;
	struct row row = {.kind = kind, .head = 1};
	if (kind == REPORT_CSV)
		fields(&row, NULL, &none, NULL, NULL);
}

void
show_mastered(enum mastered_report kind, const struct mastering *m, const struct mastered *r)
{
	struct row row = {.kind = kind};
	int good = r->solution.reached && !r->faults && !r->refusals && r->solution.pass.limited <= LOUD_DB;
	if (kind == REPORT_TEXT)
		show_report(m, r);
	else
		fields(&row, m, r, good ? "done" : "negative", NULL);
}

void
show_mastered_failed(enum mastered_report kind, const char *input, const char *error)
{
	const struct mastered none = {.input = input,
	                              .solution.pass = {.integrated = HUGE_VAL,
	                                                .range = HUGE_VAL,
	                                                .max_shortterm = HUGE_VAL,
	                                                .true_peak = HUGE_VAL,
	                                                .sample_peak = HUGE_VAL}};
	struct row row = {.kind = kind};
	if (kind != REPORT_TEXT)
		fields(&row, NULL, &none, "failed", error);
}

int
show_mastered_kept(enum mastered_report kind, const struct mastering *m, const char *input, const char *output,
                   struct err *err)
{
	struct measured found;
	struct row row = {.kind = kind};
	char shown[512];
	if (measure_file(output, NULL, NULL, &found, err))
		return -1;
	measured_fini(&found);
	if (!(fabs(found.integrated - m->lufs) <= 2 * SOLVE_TOLERANCE) ||
	    (!isnan(m->ceiling) && found.true_peak > m->ceiling + 2 * SOLVE_TOLERANCE) ||
	    (m->rate > 0 && found.rate != (int)m->rate))
		return 1;
	const struct mastered r = {.input = input,
	                           .output = (char *)output,
	                           .rate = found.rate,
	                           .frames = found.frames,
	                           .mono = found.channels == 1,
	                           .solution = {.pass = {.integrated = found.integrated,
	                                                 .range = found.range,
	                                                 .max_shortterm = found.max_shortterm,
	                                                 .true_peak = found.true_peak,
	                                                 .sample_peak = found.sample_peak},
	                                        .reached = 1}};
	if (kind == REPORT_TEXT)
		printf("%s: is there already, %.2f LUFS, %.2f dBTP\n", text_show(output, shown, sizeof shown),
		       r.solution.pass.integrated, r.solution.pass.true_peak);
	else
		fields(&row, NULL, &r, "kept", NULL);
	return 0;
}

int
judge_mastered(const struct cli *cli, const struct mastering *m, const struct mastered *r)
{
	const struct pass *pass = &r->solution.pass;
	char whose[520] = "", shown[512];
	int status = CLI_DONE;
	if (cli->words > 1)
		snprintf(whose, sizeof whose, "%s: ", text_show(r->input, shown, sizeof shown));
	for (size_t k = 0; k < r->faults; k++) {
		cli_say(cli, "%sNot ready to master: %s", whose, r->fault[k]);
		status = CLI_NEGATIVE;
	}
	for (size_t k = 0; k < r->refusals; k++) {
		cli_say(cli, "%s%s", whose, r->refused[k]);
		status = CLI_NEGATIVE;
	}
	if (!r->solution.reached) {
		cli_say(cli, "%s%.1f LUFS cannot be had: this is %.2f LUFS, at a gain of %.1f dB", whose, m->lufs,
		        pass->integrated, (double)r->solution.limiter.gain);
		status = CLI_NEGATIVE;
	}
	if (!isnan(m->lufs) && pass->limited <= m->limiting && pass->integrated < m->lufs - SOLVE_TOLERANCE)
		cli_say(cli, "%s%.2f LUFS, not %.1f: more would need more than %.1f dB of limiting", whose, pass->integrated,
		        m->lufs, m->limiting);
	if (pass->limited > LOUD_DB) {
		cli_say(cli,
		        "%sTOO LOUD: the limiter takes off %.1f dB; this will sound crushed. The loudest honest master is %.1f "
		        "LUFS: --lufs=%.1f, or --honest for both",
		        whose, pass->limited, r->honest.pass.integrated, floor(r->honest.pass.integrated * 10) / 10);
		status = CLI_NEGATIVE;
	} else if (pass->limited > HONEST_DB) {
		cli_say(cli, "%sthe limiter takes off %.1f dB; the loudest master with %.0f dB at most is %.1f LUFS (--honest)",
		        whose, pass->limited, HONEST_DB, r->honest.pass.integrated);
	}
	return status;
}
