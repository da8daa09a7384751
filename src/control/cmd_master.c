#include "control/cmd.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "control/mastering.h"
#include "control/show_measured.h"
#include "media/sink.h"

const struct cli_option master_cli[] = {
    {"output", 'o', "FILE", "the file to write (of one input)"},
    {"into", 0, "FOLDER", "write each master there under its input's name"},
    {"target", 't', "NAME", "a target of `stemdesk targets`: its loudness and ceiling"},
    {"lufs", 0, "LUFS", "integrated loudness (default: the target's)"},
    {"ceiling", 0, "DBTP", "greatest true peak (default: the target's, else the session's)"},
    {"with", 0, "SESSION", "take the master section of that session"},
    {"apply", 0, NULL, "write the limiter's values into the session, beside printing them"},
    {"honest", 0, NULL, "where more than 3 dB of limiting are needed, write the loudest master without beside it"},
    {"siblings", 0, NULL, "every variant of the session too, through the same gain, as NAME-VARIANT"},
    {"format", 0, "FORMAT", "wav rf64 w64 flac vorbis opus mp3 (default: by the file's ending)"},
    {"bits", 0, "BITS", "16 24 32 32f 64f (default 24)"},
    {"rate", 0, "HZ", "sample rate of the master (default: the song's); converted before the limiter"},
    {"dither", 0, "KIND", "none tpdf shaped (default: tpdf at 16 bits)"},
    {"threads", 0, "N", "threads to use (default: all cores)"},
    {"skip-bad", 0, NULL, "leave out stems that cannot be read"},
    {"lenient", 0, NULL, "skip lines of the session with bad values"},
    {"json", 0, NULL, "the report as JSON, one object a line"},
    {NULL, 0, NULL, NULL},
};

/* Loudness and ceiling from --target, --lufs and --ceiling. */
static int
read_target(const struct cli *cli, const struct targets *targets, struct mastering *m, struct err *err)
{
	const char *name = cli_value(cli, "target");
	m->lufs = m->ceiling = (double)NAN;
	if (name) {
		m->target = targets_find(targets, name);
		if (!m->target)
			return err_set(err, "--target %s: there is no such target; `stemdesk targets` prints them", name);
		m->lufs = m->target->lufs;
		m->ceiling = m->target->ceiling;
	}
	if (cli_number(cli, "lufs", -60, 0, &m->lufs, err) || cli_number(cli, "ceiling", -24, 0, &m->ceiling, err))
		return -1;
	if (isnan(m->lufs))
		return name ? err_set(err, "--target %s names no loudness; add one, e.g. --lufs=-14", name)
		            : err_set(err, "say how loud: --target NAME (`stemdesk targets` prints them) or --lufs=-14");
	return 0;
}

static int
read_options(const struct cli *cli, struct mastering *m, struct err *err)
{
	double threads = 0;
	if (cmd_read_file(cli, &m->file, err) || cli_number(cli, "threads", 1, 64, &threads, err) ||
	    cli_number(cli, "rate", 8000, 192000, &m->rate, err))
		return -1;
	if (m->rate != (double)(int)m->rate)
		return err_set(err, "--rate %g: is a whole number of Hz", m->rate);
	if (!cli_value(cli, "output") == !cli_value(cli, "into"))
		return err_set(err, "say where the master goes: -o FILE, or --into FOLDER");
	if (cli_value(cli, "output") && cli->words > 1)
		return err_set(err, "-o is one file; several masters go --into a FOLDER");
	m->threads = (int)threads;
	return 0;
}

/* FOLDER/NAME.ending of an input; the caller frees it. */
static char *
output_path(const struct cli *cli, const char *input, enum sink_format format)
{
	const char *asked = cli_value(cli, "output"), *folder = cli_value(cli, "into"), *slash = strrchr(input, '/');
	const char *name = slash ? slash + 1 : input, *dot = strrchr(name, '.');
	char *path = NULL;
	int length = dot && dot > name ? (int)(dot - name) : (int)strlen(name);
	if (asked)
		return strdup(asked);
	if (asprintf(&path, "%s/%.*s.%s", folder, length, name, sink_format_name(format == SINK_AUTO ? SINK_WAV : format)) <
	    0)
		return NULL;
	return path;
}

static const char *
name_of(struct session *session, uint32_t uid, char name[256])
{
	static const enum node_kind kinds[] = {K_STRIP, K_BUS};
	for (size_t j = 0; j < 2; j++)
		for (size_t k = 0; session_node(session, kinds[j], k); k++)
			if (session_node(session, kinds[j], k)->uid == uid)
				return text_show(session_node(session, kinds[j], k)->text[P_NAME], name, 256);
	return NULL;
}

/* "5.2 dB of limiting at 1:12.400, 70 % of it Drums (Snare)" */
static void
limiting_text(const struct mastered *r, char *out, size_t size)
{
	char at[32], top[256], within[256];
	const struct pass *pass = &r->solution.pass;
	if (pass->limited < 0.005) {
		snprintf(out, size, "no limiting");
		return;
	}
	int n = snprintf(out, size, "%.1f dB of limiting", pass->limited);
	if (pass->limited_at >= 0)
		n += snprintf(out + n, size - (size_t)n, " at %s", cli_clock((double)pass->limited_at / r->rate, at));
	if (r->blame.top && name_of(r->session, r->blame.top, top)) {
		double share = r->blame.share > 1 ? 1 : r->blame.share;
		n += snprintf(out + n, size - (size_t)n, ", %.0f %% of it %.100s", share * 100, top);
		if (r->blame.within && name_of(r->session, r->blame.within, within))
			snprintf(out + n, size - (size_t)n, " (%.100s)", within);
	}
}

static void
show_report(const struct mastering *m, const struct mastered *r)
{
	char shown[512], text[600], clock[32];
	const struct pass *pass = &r->solution.pass;
	printf("%s: %s at %.0f Hz%s%s\n", text_show(r->output, shown, sizeof shown),
	       cli_clock((double)r->frames / r->rate, clock), r->rate, m->target ? " for " : "",
	       m->target ? m->target->title : "");
	printf("%-15s %8.2f LUFS\n", "integrated", pass->integrated);
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
	for (size_t k = 0; k < r->siblings; k++)
		printf("%-15s %8.2f LUFS, %.1f dBTP, %.1f dB of limiting: %s\n", "sibling", r->sibling[k].pass.integrated,
		       r->sibling[k].pass.true_peak, r->sibling[k].pass.limited,
		       text_show(r->sibling[k].output, shown, sizeof shown));
	for (size_t k = 0; k < r->lines; k++)
		puts(r->line[k]);
}

static void
json(const char *key, double x, int decimals)
{
	printf(",\"%s\":", key);
	cli_json_number(x, decimals);
}

static void
json_text(const char *key, const char *text)
{
	printf(",\"%s\":", key);
	if (text)
		cli_json_string(text);
	else
		fputs("null", stdout);
}

static void
json_report(const struct mastering *m, const struct mastered *r)
{
	char name[256];
	const struct pass *pass = &r->solution.pass;
	fputs("{\"file\":", stdout);
	cli_json_string(r->output);
	json_text("input", r->input);
	json_text("target", m->target ? m->target->name : NULL);
	printf(",\"frames\":%lld", (long long)r->frames);
	json("rate", r->rate, 0);
	json("wanted_lufs", m->lufs, 3);
	json("integrated_lufs", pass->integrated, 3);
	json("range_lu", pass->range, 3);
	json("max_shortterm_lufs", pass->max_shortterm, 3);
	json("true_peak_dbtp", pass->true_peak, 3);
	json("sample_peak_dbfs", pass->sample_peak, 3);
	json("gain_db", (double)r->solution.limiter.gain, 3);
	json("limited_db", pass->limited, 3);
	json("limited_at_seconds", pass->limited_at < 0 ? HUGE_VAL : (double)pass->limited_at / r->rate, 3);
	json("limited_time", pass->limited_time, 4);
	json_text("limited_by", r->blame.top ? name_of(r->session, r->blame.top, name) : NULL);
	json("limited_share", r->blame.top ? r->blame.share : HUGE_VAL, 3);
	json_text("limited_within", r->blame.within ? name_of(r->session, r->blame.within, name) : NULL);
	json("honest_lufs", r->honest.passes ? r->honest.pass.integrated : HUGE_VAL, 3);
	json_text("honest_file", r->honest_output);
	printf(",\"passes\":%d,\"reached\":%s,\"lines\":[", r->solution.passes, r->solution.reached ? "true" : "false");
	for (size_t k = 0; k < r->lines; k++) {
		fputs(k ? "," : "", stdout);
		cli_json_string(r->line[k]);
	}
	fputs("],\"siblings\":[", stdout);
	for (size_t k = 0; k < r->siblings; k++) {
		fputs(k ? ",{\"file\":" : "{\"file\":", stdout);
		cli_json_string(r->sibling[k].output);
		json("integrated_lufs", r->sibling[k].pass.integrated, 3);
		json("true_peak_dbtp", r->sibling[k].pass.true_peak, 3);
		json("limited_db", r->sibling[k].pass.limited, 3);
		putchar('}');
	}
	puts("]}");
}

/* Says what the master cost; the exit status. */
static int
judge(const struct cli *cli, const struct mastering *m, const struct mastered *r)
{
	const struct pass *pass = &r->solution.pass;
	int status = CLI_DONE;
	for (size_t k = 0; k < r->faults; k++) {
		cli_say(cli, "not ready to master: %s", r->fault[k]);
		status = CLI_NEGATIVE;
	}
	if (!r->solution.reached) {
		cli_say(cli, "%.1f LUFS cannot be had: this is %.2f LUFS, at a gain of %.1f dB", m->lufs, pass->integrated,
		        (double)r->solution.limiter.gain);
		status = CLI_NEGATIVE;
	}
	if (pass->limited > LOUD_DB) {
		cli_say(cli,
		        "TOO LOUD: the limiter takes off %.1f dB; this will sound crushed. The loudest honest master is %.1f "
		        "LUFS: --lufs=%.1f",
		        pass->limited, r->honest.pass.integrated, floor(r->honest.pass.integrated * 10) / 10);
		status = CLI_NEGATIVE;
	} else if (pass->limited > HONEST_DB) {
		cli_say(cli, "the limiter takes off %.1f dB; the loudest master with %.0f dB at most is %.1f LUFS",
		        pass->limited, HONEST_DB, r->honest.pass.integrated);
	}
	return status;
}

/* One input, from beginning to end. */
static int
master_one(const struct cli *cli, const struct mastering *m, const struct targets *targets, const char *input)
{
	struct err err = {""};
	struct mastered r = {.input = input};
	int status = CLI_FAILED;
	r.output = output_path(cli, input, m->file.format);
	if (!r.output)
		err_set(&err, "not enough memory");
	else if (mastering_run(cli, m, &r, &err) == 0)
		status = CLI_DONE;
	if (status == CLI_DONE) {
		if (cli_value(cli, "json")) {
			json_report(m, &r);
		} else {
			show_report(m, &r);
			if (cli->words == 1) {
				putchar('\n');
				show_verdicts(r.solution.pass.integrated, r.solution.pass.true_peak,
				              &(struct shown_targets){targets->row, targets->count});
			}
		}
		status = judge(cli, m, &r);
	} else {
		cli_fail(cli, &err);
	}
	mastered_fini(&r);
	return status;
}

int
cmd_master(const struct cli *cli)
{
	struct err err;
	struct targets targets;
	struct mastering m = {.file = {.dither = DITHER_DEFAULT}, .with = cli_value(cli, "with")};
	const char *folder = cli_value(cli, "into");
	int status = CLI_DONE;
	if (targets_load(&targets, &err))
		return cli_fail(cli, &err);
	m.apply = cli_value(cli, "apply") != NULL;
	m.siblings = cli_value(cli, "siblings") != NULL;
	m.honest = cli_value(cli, "honest") != NULL;
	if (read_options(cli, &m, &err) || read_target(cli, &targets, &m, &err)) {
		cli_fail(cli, &err);
		status = CLI_USAGE;
	} else if (folder && mkdir(folder, 0777) && errno != EEXIST) {
		cli_say(cli, "--into %s: the folder cannot be made: %s", folder, strerror(errno));
		status = CLI_FAILED;
	}
	for (int k = 0; k < cli->words && (status == CLI_DONE || status == CLI_NEGATIVE); k++) {
		int one = master_one(cli, &m, &targets, cli->word[k]);
		status = one == CLI_DONE ? status : one;
	}
	targets_free(&targets);
	return status;
}
