#include "cli/cmd.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cores.h"
#include "base/text.h"
#include "cli/batch.h"
#include "cli/mastering.h"
#include "cli/matching.h"
#include "cli/show_mastered.h"
#include "cli/show_measured.h"
#include "master/disc.h"
#include "media/sink.h"

const struct cli_option master_cli[] = {
    {"output", 'o', "FILE", "the file to write (of one input)"},
    {"into", 0, "FOLDER", "write each master there under its input's name"},
    {"name", 0, "TEMPLATE", "with --into: its name, of {name} {folder} {number} {target} {lufs} (default {name})"},
    {"target", 't', "NAME", "a target of `stemdesk targets`: its loudness and ceiling"},
    {"lufs", 0, "LUFS", "integrated loudness (default: the target's)"},
    {"ceiling", 0, "DBTP", "greatest true peak (default: the target's, else the session's)"},
    {"limiting", 0, "DB", "the most that the limiter may take off; without a loudness, as loud as that lets it be"},
    {"vinyl", 0, "PROFILE", "what a pressing plant asks for: mono below, high-pass, low-pass (`stemdesk targets`)"},
    {"disc", 0, NULL, "a disc of one song: WAV, 44100 Hz, 16 bits, whole sectors, CUE and TOC sheets beside it"},
    {"with", 0, "LINE|SESSION",
     "set a parameter (\"master/multi/on on\"), or take a session's master section; any number"},
    {"reference", 0, "FILE[=WEIGHT]", "bring its balance and width to that song's, as `match` does; any number"},
    {CMD_STRENGTH},
    {CMD_CAP},
    {"trim", 0, "A-B", "master that part of the song only; A or B may be left out"},
    {"fade-in", 0, "TIME", "fade in over that time (`--with 'master/fade/shape db'` shapes it)"},
    {"fade-out", 0, "TIME", "fade out over that time"},
    {"mono", 0, NULL, "write one channel (what a file of one channel becomes anyway)"},
    {"apply", 0, NULL, "write what was set and found into the session, beside printing it"},
    {"honest", 0, NULL, "where more than 3 dB of limiting are needed, write the loudest master without beside it"},
    {"siblings", 0, "[=NAME,...]", "variants of the session too, all or those, through the same gain, as NAME-VARIANT"},
    {CMD_FORMAT},
    {CMD_BITS},
    {"rate", 0, "HZ", "sample rate of the master (default: the song's); converted before the limiter"},
    {CMD_DITHER},
    {CMD_THREADS},
    {"jobs", 0, "N", "masters made at a time (default 1)"},
    {"keep-going", 0, NULL, "go on with the others where one cannot be made"},
    {"resume", 0, NULL, "leave masters alone that are newer than their input"},
    {CMD_SKIP_BAD},
    {CMD_LENIENT},
    {"copy", 0, "HASH", "of one session: its copy with that hash, as `recall` finds it"},
    {"progress", 0, NULL, "for programs: lines \"progress PERCENT\" on standard error"},
    {"json", 0, NULL, "the report as JSON, one object a line"},
    {"csv", 0, NULL, "the report as CSV, one row a master below their names"},
    {NULL, 0, NULL, NULL},
};

#define WITHS 64 /* lines and sessions that --with and the like give */

/* The command as it was called. */
struct order {
	const struct cli *cli;
	struct mastering m;
	struct targets targets;
	enum mastered_report report;
	int jobs, resume;
	struct matching like;
	const char *with[WITHS];
	char line[4][128]; /* those that --trim and the fades stand for */
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
	m->limiting = (double)NAN;
	if (cli_number(cli, "limiting", 0, 24, &m->limiting, err))
		return -1;
	if (isnan(m->lufs) && isnan(m->limiting))
		return name ? err_set(err,
		                      "--target %s names no loudness; add one, e.g. --lufs=-14, or --limiting=3 for the "
		                      "loudest that this much limiting gives",
		                      name)
		            : err_set(err, "say how loud: --target NAME (`stemdesk targets` prints them) or --lufs=-14");
	return 0;
}

static int
add_with(struct order *o, const char *with, struct err *err)
{
	if (o->m.withs == WITHS)
		return err_set(err, "--with is given more than %d times; put the lines into a session and give that", WITHS);
	o->with[o->m.withs++] = with;
	return 0;
}

/* What becomes a record or a disc. */
static int
read_medium(const struct cli *cli, struct mastering *m, struct err *err)
{
	m->disc = cli_value(cli, "disc") != NULL;
	if (cmd_read_vinyl(cli, &m->vinyl, err))
		return -1;
	if (!m->disc)
		return 0;
	if ((m->rate > 0 && m->rate != DISC_RATE) || (m->file.bits != SINK_BITS_DEFAULT && m->file.bits != SINK_16) ||
	    (m->file.format != SINK_AUTO && m->file.format != SINK_WAV) || cli_value(cli, "mono"))
		return err_set(err, "--disc: is a stereo WAV of 16 bits at 44100 Hz; leave out --rate, --bits, --format and "
		                    "--mono");
	m->rate = DISC_RATE;
	m->file.bits = SINK_16;
	m->file.format = SINK_WAV;
	return 0;
}

/* --with in turn, then --trim and the fades as the lines that they stand for. */
static int
read_lines(struct order *o, struct err *err)
{
	static const struct {
		const char *option, *address;
	} fades[] = {{"fade-in", "master/fade/in"}, {"fade-out", "master/fade/out"}};
	const char *with, *trim = cli_value(o->cli, "trim"), *dash = trim ? strchr(trim, '-') : NULL;
	int lines = 0, status = 0;
	for (int k = 0; !status && (with = cli_each(o->cli, "with", k)); k++)
		status = add_with(o, with, err);
	if (trim && !dash)
		return err_set(err, "--trim %s: is two times with a dash between, as 0:02.5-3:41 or 2.5s-", trim);
	for (int k = 0; k < 2 && dash && !status; k++) {
		const char *from = k ? dash + 1 : trim;
		int length = k ? (int)strlen(from) : (int)(dash - trim);
		if (length == 0)
			continue;
		snprintf(o->line[lines], sizeof *o->line, "master/cut/%s %.*s", k ? "to" : "from", length, from);
		status = add_with(o, o->line[lines++], err);
	}
	for (size_t k = 0; k < 2 && !status; k++) {
		const char *time = cli_value(o->cli, fades[k].option);
		if (!time)
			continue;
		snprintf(o->line[lines], sizeof *o->line, "%s %s", fades[k].address, time);
		status = add_with(o, o->line[lines++], err);
	}
	o->m.with = o->with;
	return status;
}

/* Measures what --reference names, as often as it is given. */
static int
measure_references(struct order *o, struct err *err)
{
	const char *word;
	if (!cli_value(o->cli, "reference"))
		return 0;
	for (int k = 0; (word = cli_each(o->cli, "reference", k)); k++)
		if (matching_reference(word, &o->like.reference, err))
			return -1;
	reference_finish(&o->like.reference);
	o->like.threads = o->m.threads;
	o->m.like = &o->like;
	return 0;
}

static int
read_options(struct order *o, struct err *err)
{
	const struct cli *cli = o->cli;
	struct mastering *m = &o->m;
	double jobs = 1;
	if (cmd_read_file(cli, &m->file, err) || cmd_read_threads(cli, &m->threads, err) ||
	    cli_number(cli, "jobs", 1, 256, &jobs, err) || read_lines(o, err))
		return -1;
	m->rate = m->file.rate;
	if (read_medium(cli, m, err))
		return -1;
	if (cli_value(cli, "copy") && cli->words > 1)
		return err_set(err, "--copy: goes with one session");
	if (matching_read(cli, &o->like, err))
		return -1;
	if (!cli_value(cli, "reference") && (cli_value(cli, "strength") || cli_value(cli, "cap")))
		return err_set(err, "--strength and --cap go with --reference FILE");
	if (!cli_value(cli, "output") == !cli_value(cli, "into"))
		return err_set(err, "say where the master goes: -o FILE, or --into FOLDER");
	if (cli_value(cli, "output") && cli->words > 1)
		return err_set(err, "-o is one file; several masters go --into a FOLDER");
	if (cli_value(cli, "name") && !cli_value(cli, "into"))
		return err_set(err, "--name goes with --into FOLDER; -o names its file itself");
	m->apply = cli_value(cli, "apply") != NULL;
	m->siblings = cli_value(cli, "siblings");
	if (m->siblings && !*m->siblings)
		m->siblings = "all";
	m->honest = cli_value(cli, "honest") != NULL;
	m->mono = cli_value(cli, "mono") != NULL;
	o->resume = cli_value(cli, "resume") != NULL;
	o->report = cli_value(cli, "json") ? REPORT_JSON : cli_value(cli, "csv") ? REPORT_CSV : REPORT_TEXT;
	o->jobs = (int)jobs;
	if (o->jobs > 1 && !m->threads) {
		int cores = core_count();
		m->threads = cores > o->jobs ? cores / o->jobs : 1;
	}
	return 0;
}

/* What a word of a template stands for, NULL where there is no such word. */
static const char *
template_word(const struct order *o, const char *word, size_t length, size_t number, char value[256])
{
	const char *input = o->cli->word[number], *slash = strrchr(input, '/'), *name = slash ? slash + 1 : input;
	const char *dot = strrchr(name, '.');
	if (length == 4 && !strncmp(word, "name", 4)) {
		snprintf(value, 256, "%.*s", dot && dot > name ? (int)(dot - name) : (int)strlen(name), name);
	} else if (length == 6 && !strncmp(word, "folder", 6)) {
		const char *first = slash;
		while (first && first > input && first[-1] != '/')
			first--;
		snprintf(value, 256, "%.*s", slash ? (int)(slash - first) : 1, slash ? first : ".");
	} else if (length == 6 && !strncmp(word, "number", 6)) {
		snprintf(value, 256, "%02zu", number + 1);
	} else if (length == 6 && !strncmp(word, "target", 6)) {
		snprintf(value, 256, "%s", o->m.target ? o->m.target->name : "");
	} else if (length == 4 && !strncmp(word, "lufs", 4)) {
		snprintf(value, 256, isnan(o->m.lufs) ? "" : "%g", o->m.lufs);
	} else {
		return NULL;
	}
	return value;
}

/* FOLDER/NAME.ending of an input, the name from the template; the caller frees it. NULL with err filled. */
static char *
output_path(const struct order *o, size_t number, struct err *err)
{
	const char *asked = cli_value(o->cli, "output"), *template = cli_value(o->cli, "name");
	enum sink_format format = o->m.file.format == SINK_AUTO ? SINK_WAV : o->m.file.format;
	char name[1024] = "", value[256], *path = NULL;
	size_t n = 0;
	for (const char *c = template ? template : "{name}"; *c && !asked && n < sizeof name; c++) {
		const char *end = *c == '{' ? strchr(c, '}') : NULL;
		if (!end) {
			n += (size_t)snprintf(name + n, sizeof name - n, "%c", *c == '/' ? '-' : *c);
			continue;
		}
		if (!template_word(o, c + 1, (size_t)(end - c - 1), number, value)) {
			err_set(err, "--name %s: there is no %.*s; it takes {name} {folder} {number} {target} {lufs}", template,
			        (int)(end - c + 1), c);
			return NULL;
		}
		n += (size_t)snprintf(name + n, sizeof name - n, "%s", value);
		c = end;
	}
	if (asked)
		path = strdup(asked);
	else if (asprintf(&path, "%s/%s.%s", cli_value(o->cli, "into"), name, sink_format_name(format)) < 0)
		path = NULL;
	if (!path)
		err_set(err, "not enough memory");
	return path;
}

static int
compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* No two inputs become the same file. */
static int
check_paths(const struct order *o, struct err *err)
{
	size_t count = (size_t)o->cli->words;
	char **path = calloc(count, sizeof *path), shown[512];
	int status = path ? 0 : err_set(err, "not enough memory");
	for (size_t k = 0; k < count && !status; k++)
		status = (path[k] = output_path(o, k, err)) ? 0 : -1;
	if (!status)
		qsort(path, count, sizeof *path, compare_paths);
	for (size_t k = 1; k < count && !status; k++)
		if (!strcmp(path[k - 1], path[k]))
			status = err_set(err, "%s: is what two inputs would become; name them apart, as --name '{folder}-{name}'",
			                 text_show(path[k], shown, sizeof shown));
	for (size_t k = 0; path && k < count; k++)
		free(path[k]);
	free(path);
	return status;
}

/* Whether the master is there and newer than what it was made of: files are put in their place when they are whole. */
static int
is_there(const char *input, const char *output)
{
	struct stat in, out;
	if (stat(input, &in) || stat(output, &out) || out.st_size == 0)
		return 0;
	return out.st_mtim.tv_sec != in.st_mtim.tv_sec ? out.st_mtim.tv_sec > in.st_mtim.tv_sec
	                                               : out.st_mtim.tv_nsec >= in.st_mtim.tv_nsec;
}

/* One input, from beginning to end. */
static int
master_one(void *arg, size_t number)
{
	struct order *o = arg;
	const char *input = o->cli->word[number];
	struct err err = {""};
	struct mastered r = {.input = input};
	int status = CLI_FAILED;
	r.output = output_path(o, number, &err);
	if (r.output && o->resume && is_there(input, r.output) &&
	    !show_mastered_kept(o->report, &o->m, input, r.output, &err)) {
		free(r.output);
		return CLI_DONE;
	}
	if (r.output && mastering_run(o->cli, &o->m, &r, &err) == 0) {
		show_mastered(o->report, &o->m, &r);
		if (o->report == REPORT_TEXT && o->cli->words == 1) {
			putchar('\n');
			show_verdicts(r.solution.pass.integrated, r.solution.pass.true_peak,
			              &(struct shown_targets){o->targets.row, o->targets.count});
		}
		status = judge_mastered(o->cli, &o->m, &r);
	} else {
		cli_fail(o->cli, &err);
		show_mastered_failed(o->report, input, err.text);
	}
	mastered_fini(&r);
	return status;
}

int
cmd_master(const struct cli *cli)
{
	struct err err;
	struct order o = {.cli = cli, .m = {.file = {.dither = DITHER_DEFAULT}}};
	const char *folder = cli_value(cli, "into");
	int status = CLI_DONE;
	if (targets_load(&o.targets, &err))
		return cli_fail(cli, &err);
	if (read_options(&o, &err) || read_target(cli, &o.targets, &o.m, &err) || check_paths(&o, &err)) {
		cli_fail(cli, &err);
		status = CLI_USAGE;
	} else if (folder && mkdir(folder, 0777) && errno != EEXIST) {
		cli_say(cli, "--into %s: the folder cannot be made: %s", folder, strerror(errno));
		status = CLI_FAILED;
	}
	if (status == CLI_DONE && measure_references(&o, &err))
		status = cli_fail(cli, &err);
	if (status == CLI_DONE) {
		show_mastered_head(o.report);
		status = batch_run(cli, &(struct batch){.count = (size_t)cli->words,
		                                        .jobs = o.jobs,
		                                        .keep_going = cli_value(cli, "keep-going") != NULL,
		                                        .what = "mastering",
		                                        .work = master_one,
		                                        .arg = &o});
	}
	targets_free(&o.targets);
	return status;
}
