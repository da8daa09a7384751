#include "config.h"
#include "cli/batch.h"
#include "cli/cmd.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fmath.h"
#include "base/text.h"
#include "cli/json.h"
#include "cli/opening.h"
#include "cli/variants.h"
#include "control/held.h"
#include "engine/bounce.h"

const struct cli_option bounce_cli[] = {
    {"output", 'o', "FILE", "the file to write (default: beside the session, NAME.wav)"},
    {"mastered", 0, NULL, "through the master section and its limiter"},
    {CMD_FORMAT},
    {CMD_BITS},
    {"rate", 0, "HZ", "sample rate of the file (default: the song's)"},
    {"stems", 0, "FOLDER", "write each top-level strip and bus there; together they are the mix"},
    {CMD_DITHER},
    {"range", 0, "A-B",
     "only this part, e.g. 0:30-1:00 (bare numbers are frames); what sounds before it is rendered too"},
    {"from", 0, "TIME", "start the desk there, as playback from there does, e.g. 0:30"},
    {"tail", 0, "SECONDS", "after the last region (default: as long as reverbs and delays ring)"},
    {"variant", 0, "NAME,...",
     "lay that variant over the session; of several (song: without any; all: the song and each) a file each"},
    {CMD_THREADS},
    {"lanes", 0, "N", "vector width 1, 4 or 8 (the bits are the same)"},
    {CMD_SKIP_BAD},
    {CMD_LENIENT},
    {"copy", 0, "HASH", "the copy of the session with that hash, as `recall` finds it, instead of the session"},
    {"progress", 0, NULL, "for programs: lines \"progress PERCENT\" on standard error"},
    {"json", 0, NULL, "the table as JSON"},
    {NULL, 0, NULL, NULL},
};

/* What the calls of a bounce need. */
struct watch {
	const struct cli *cli;
	double rate;     /* of the song, Hz */
	int files, file; /* how many are written, one after the other, and which is under way, from 0 */
	struct cli_bar bar;
};

static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};
#define STOP_SIGNALS (sizeof stop_signals / sizeof *stop_signals)
static volatile sig_atomic_t stopped; /* the signal that asked a bounce to stop */

static void
stop(int number)
{
	stopped = number;
}

/* From here on Ctrl-C ends the bounce in order; a second one ends the program at once. */
static void
heed_signals(void)
{
	struct sigaction heed = {.sa_handler = stop, .sa_flags = (int)SA_RESETHAND | SA_RESTART}, was;
	for (size_t k = 0; k < STOP_SIGNALS; k++)
		if (sigaction(stop_signals[k], NULL, &was) == 0 && was.sa_handler != SIG_IGN)
			sigaction(stop_signals[k], &heed, NULL);
}

static void
leave_signals(void)
{
	struct sigaction was;
	for (size_t k = 0; k < STOP_SIGNALS; k++)
		if (sigaction(stop_signals[k], NULL, &was) == 0 && was.sa_handler != SIG_IGN)
			signal(stop_signals[k], SIG_DFL);
}

static int
show_progress(void *arg, int64_t done, int64_t all)
{
	struct watch *w = arg;
	double part = all > 0 ? (double)done / (double)all : 1;
	if (done == 0) {
		heed_signals();
		if (w->file == 0)
			cli_bar_begin(&w->bar, (double)all * w->files / w->rate);
		w->bar.lines = cli_value(w->cli, "progress") != NULL;
	}
	cli_bar_show(&w->bar, "bounce", (w->file + part) / w->files);
	return stopped != 0;
}

static void
show_level(const char *name, double level, const char *unit)
{
	if (isfinite(level) && level > -300) /* the last of a tail is less than any file holds */
		printf("%-14s %8.2f %s\n", name, level, unit);
	else
		printf("%-14s     -inf %s\n", name, unit);
}

static void
show_table(const struct cli *cli, struct session *session, const char *path, const struct bounce_report *r)
{
	char text[32], name[256];
	double seconds = (double)r->frames / r->rate;
	text_show(path, name, sizeof name);
	printf("%s: %s at %.0f Hz, %.0f x real time\n", name, cli_clock(seconds, text), r->rate,
	       seconds / r->seconds_taken);
	show_level("integrated", r->integrated, "LUFS");
	show_level("range", r->range, "LU");
	show_level("short-term max", r->max_shortterm, "LUFS");
	show_level("true peak", r->true_peak, "dBTP");
	show_level("sample peak", r->sample_peak, "dBFS");
	if (cli_value(cli, "mastered"))
		show_level("limited by", r->limited, "dB");
	printf("%-14s %8llu\n", "clipped", (unsigned long long)r->clipped);
	const struct node *loudest = held_node(session, r->loudest);
	if (loudest) {
		text_show(loudest->text[P_NAME], name, sizeof name);
		printf("%-14s %s, %.2f dBFS at %s\n", "loudest there", name, r->loudest_peak,
		       cli_clock((double)r->peak_frame / r->rate, text));
	}
}

static void
show_json(struct session *session, const char *path, const struct bounce_report *r, int mastered)
{
	const struct node *loudest = held_node(session, r->loudest);
	json_open(NULL, '{');
	json_text("file", path);
	json_number("frames", (double)r->frames, 0);
	json_number("rate", r->rate, 0);
	json_number("integrated_lufs", r->integrated, 3);
	json_number("range_lu", r->range, 3);
	json_number("max_momentary_lufs", r->max_momentary, 3);
	json_number("max_shortterm_lufs", r->max_shortterm, 3);
	json_number("true_peak_dbtp", r->true_peak, 3);
	json_number("sample_peak_dbfs", r->sample_peak, 3);
	json_number("limited_db", mastered ? r->limited : HUGE_VAL, 3);
	json_number("clipped_samples", (double)r->clipped, 0);
	json_number("first_clipped_frame", (double)r->first_clipped, 0);
	json_number("peak_frame", (double)r->peak_frame, 0);
	json_text("loudest_at_peak", loudest ? session_address(loudest) : NULL);
	json_number("seconds_taken", r->seconds_taken, 3);
	json_end('}');
}

static int
read_range(const struct cli *cli, double rate, struct bounce_options *o, struct err *err)
{
	const char *range = cli_value(cli, "range"), *dash = range ? strchr(range, '-') : NULL;
	if (!range)
		return 0;
	if (!dash || strlen(range) > 100)
		return err_set(err, "--range %s: write two times with a dash between them, e.g. 0:30-1:00", range);
	const struct param time = {.address = "--range", .type = T_INT, .unit = U_FRAMES, .min = 0, .max = 4e9};
	char first[128];
	double from, to;
	snprintf(first, sizeof first, "%.*s", (int)(dash - range), range);
	if (param_parse(&time, first, rate, &from, err) || param_parse(&time, dash + 1, rate, &to, err))
		return -1;
	o->from = (int64_t)from;
	o->to = (int64_t)to;
	return o->to > o->from ? 0 : err_set(err, "--range %s: ends before it begins; write the earlier time first", range);
}

/* What does not go together. */
static int
check_options(const struct cli *cli, const struct bounce_options *o, struct err *err)
{
	if (o->stems && cli_value(cli, "output"))
		return err_set(err, "--stems writes files into a folder of its own; leave out -o");
	if (o->stems && o->mastered)
		return err_set(err, "--stems are parts of the mix, and --mastered works on the whole; leave out one of them");
	if (o->lanes != 0 && o->lanes != 1 && o->lanes != 4 && o->lanes != 8)
		return err_set(err, "--lanes %d: there are 1, 4 and 8", o->lanes);
	if (o->to > 0 && o->start >= o->to)
		return err_set(err, "--from %s: is behind the end of --range %s", cli_value(cli, "from"),
		               cli_value(cli, "range"));
	return 0;
}

static int
read_options(const struct cli *cli, double rate, struct bounce_options *o, struct err *err)
{
	double lanes = 0;
	o->stems = cli_value(cli, "stems");
	o->tail = -1;
	if (cmd_read_file(cli, &o->file, err) || cmd_read_threads(cli, &o->threads, err) ||
	    cli_number(cli, "lanes", 1, 8, &lanes, err) || cli_number(cli, "tail", 0, 3600, &o->tail, err) ||
	    cli_time(cli, "from", rate, &o->start, err) || read_range(cli, rate, o, err))
		return -1;
	o->lanes = (int)lanes;
	o->mastered = cli_value(cli, "mastered") != NULL;
	return check_options(cli, o, err);
}

/* Where a bounce goes: as asked, or song.desk -> song.wav; of a variant, song-tv.wav. The caller frees it. */
static char *
output_path(const struct cli *cli, const char *session, enum sink_format format, const char *variant, int all)
{
	const char *asked = cli_value(cli, "output"), *from = asked ? asked : session;
	const char *slash = strrchr(from, '/'), *dot = strrchr(slash ? slash : from, '.');
	char end[32];
	if (!asked && dot && strcmp(dot, ".desk") != 0)
		dot = NULL;
	snprintf(end, sizeof end, ".%s", sink_format_name(format == SINK_AUTO ? SINK_WAV : format));
	size_t stem = dot ? (size_t)(dot - from) : strlen(from), size = strlen(from) + strlen(variant) + sizeof end;
	char *path = malloc(size + 2);
	if (!path)
		return NULL;
	int named = *variant && (all || !asked);
	snprintf(path, size + 2, "%.*s%s%s%s", (int)stem, from, named ? "-" : "", named ? variant : "",
	         asked ? (dot ? dot : "") : end);
	return path;
}

/* The folder of the stems, made if need be: as asked, of all variants one in it for each. The caller frees it. */
static char *
stems_folder(const char *asked, const char *variant, struct err *err)
{
	size_t size = strlen(asked) + strlen(variant) + 2;
	char *path = malloc(size), shown[512];
	if (!path) {
		err_set(err, "not enough memory");
		return NULL;
	}
	strcpy(path, asked);
	for (int k = 0; k < 2; k++) {
		if (mkdir(path, 0777) && errno != EEXIST) {
			err_set(err, "--stems %s: the folder cannot be made: %s", text_show(path, shown, sizeof shown),
			        strerror(errno));
			free(path);
			return NULL;
		}
		if (!*variant)
			break;
		snprintf(path, size, "%s/%s", asked, variant);
	}
	return path;
}

/* Never over the session itself. */
static int
spare_session(const char *path, const char *session, struct err *err)
{
	char shown[512];
	if (sink_would_overwrite(path, session))
		return err_set(err, "%s: is the session itself and is not written over; choose another place with -o",
		               text_show(path, shown, sizeof shown));
	return 0;
}

/* Says what the listener should know: what did not fit, and what to do. */
static int
verdict(const struct cli *cli, struct session *session, const struct bounce_report *r)
{
	if (r->clipped == 0)
		return CLI_DONE;
	char name[256] = "a strip", text[32];
	const struct node *loudest = held_node(session, r->loudest);
	if (loudest)
		text_show(loudest->text[P_NAME], name, sizeof name);
	double over = -f_floor(-r->sample_peak * 10) / 10;
	cli_say(cli,
	        "the mix is %.1f dB too loud for whole numbers: %llu samples were clipped, the first at %s; \"%s\" is "
	        "loudest at "
	        "the peak; lower it with `mix/trim -= %.1f`, or write floats with --bits 32f",
	        r->sample_peak, (unsigned long long)r->clipped, cli_clock((double)r->first_clipped / r->rate, text), name,
	        over > 0.1 ? over : 0.1);
	return CLI_NEGATIVE;
}

static void
show_stem(void *arg, const struct bounce_stem *stem)
{
	const struct watch *w = arg;
	char shown[512];
	if (cli_value(w->cli, "json")) {
		json_open(NULL, '{');
		json_text("file", stem->path);
		json_text("name", stem->name);
		json_number("sample_peak_dbfs", stem->sample_peak, 3);
		json_number("clipped_samples", (double)stem->clipped, 0);
		json_end('}');
	} else {
		puts(text_show(stem->path, shown, sizeof shown));
	}
	if (stem->clipped)
		cli_say(w->cli, "%s: %llu samples were clipped, it peaks at %.1f dBFS; write floats with --bits 32f",
		        text_show(stem->path, shown, sizeof shown), (unsigned long long)stem->clipped, stem->sample_peak);
}

/* Keeps the session that this bounce is made of, for `stemdesk recall`. A folder that cannot be written is no reason to
 * stop. */
static void
keep_copy(const struct cli *cli, struct session *session, char hash[65])
{
	struct err err;
	session_hash(session, hash);
	if (session_keep_copy(session, cli->word[0], hash, &err))
		cli_say(cli, "%s; `stemdesk recall` will find this session only as long as it is not changed", err.text);
}

/* All that one bounce is made with. */
struct job {
	const char *variant; /* "": the song itself */
	int all;             /* one of all variants */
	struct session *session;
	struct stems *stems;
	char *output, *folder; /* a file, or a folder of stems */
};

static int
prepare(const struct cli *cli, struct job *j, struct bounce_options *o, struct err *err)
{
	const char *path = cli->word[0];
	j->session = opening_session(cli, path, err);
	if (!j->session)
		return CLI_FAILED;
	if (read_options(cli, session_rate(j->session), o, err))
		return CLI_USAGE;
	j->stems = opening_stems(cli, j->session, path);
	if (o->stems) {
		if (!(j->folder = stems_folder(o->stems, j->all ? *j->variant ? j->variant : "song" : "", err)))
			return CLI_FAILED;
		o->stems = j->folder;
	} else {
		j->output = output_path(cli, path, o->file.format, j->variant, j->all);
	}
	if (!j->stems || (!j->output && !j->folder)) {
		err_set(err, "not enough memory");
		return CLI_FAILED;
	}
	o->file.path = j->output;
	return j->output && spare_session(j->output, path, err) ? CLI_FAILED : CLI_DONE;
}

/* Renders one variant ("" the song itself); the exit status. */
static int
bounce_variant(struct watch *watch, const char *variant, int all)
{
	const struct cli *cli = watch->cli;
	struct err err = {""};
	struct bounce_options o = {.file = {.dither = DITHER_DEFAULT}};
	struct bounce_report report;
	struct job j = {.variant = variant, .all = all};
	char history[512], hash[65];
	int failed = -1, status = prepare(cli, &j, &o, &err);
	if (status == CLI_DONE && *variant && session_apply_variant(j.session, variant, &err))
		status = CLI_FAILED;
	if (status == CLI_DONE) {
		keep_copy(cli, j.session, hash);
		snprintf(history, sizeof history, "T=" PACKAGE_STRING "; session=%s%s%s", hash, *variant ? "; variant=" : "",
		         variant);
		o.file.history = history;
		watch->rate = session_rate(j.session);
		o.progress = show_progress;
		o.stem_done = show_stem;
		o.arg = watch;
		failed = bounce(j.session, j.stems, &o, &report, &err);
		leave_signals();
		watch->file++;
		cli_bar_show(&watch->bar, "bounce", (double)watch->file / watch->files);
		status = failed ? CLI_FAILED : CLI_DONE;
	}
	for (size_t k = 0; j.stems && stems_warning(j.stems, k); k++)
		cli_say(cli, "%s", stems_warning(j.stems, k));
	if (failed > 0) {
		cli_say(cli, "stopped; what was there before is as it was");
	} else if (failed) {
		cli_fail(cli, &err);
	} else if (o.stems) {
		status = report.clipped ? CLI_NEGATIVE : CLI_DONE;
	} else {
		if (cli_value(cli, "json"))
			show_json(j.session, j.output, &report, o.mastered);
		else
			show_table(cli, j.session, j.output, &report);
		status = verdict(cli, j.session, &report);
	}
	stems_free(j.stems);
	session_free(j.session);
	free(j.output);
	free(j.folder);
	return status;
}

int
cmd_bounce(const struct cli *cli)
{
	const char *names = cli_value(cli, "variant"), *variant;
	struct watch watch = {.cli = cli, .files = 1};
	if (!names || !variants_many(names))
		return bounce_variant(&watch, names ? names : "", 0);
	struct err err;
	struct session *session = opening_session(cli, cli->word[0], &err);
	if (!session || variants_check(session, "variant", names, &err)) {
		session_free(session);
		return cli_fail(cli, &err);
	}
	watch.files = variants_has(names, "");
	for (size_t k = 0; (variant = session_variant(session, k)); k++)
		watch.files += variants_has(names, variant);
	int worst = variants_has(names, "") ? bounce_variant(&watch, "", 1) : CLI_DONE;
	for (size_t k = 0; !stopped && worst != CLI_USAGE && (variant = session_variant(session, k)); k++)
		if (variants_has(names, variant))
			worst = batch_worse(worst, bounce_variant(&watch, variant, 1));
	session_free(session);
	return worst;
}
