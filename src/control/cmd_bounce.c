#include "config.h"
#include "control/cmd.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "base/text.h"
#include "engine/bounce.h"

const struct cli_option bounce_cli[] = {
	{"output", 'o', "FILE", "the file to write (default: beside the session, NAME.wav)"},
	{"mastered", 0, NULL, "through the master section and its limiter"},
	{"format", 0, "FORMAT", "wav rf64 w64 flac vorbis opus mp3 (default: by the file's ending)"},
	{"bits", 0, "BITS", "16 24 32 32f 64f (default 24)"},
	{"rate", 0, "HZ", "sample rate of the file (default: the song's)"},
	{"stems", 0, "FOLDER", "write each top-level strip and bus there; together they are the mix"},
	{"dither", 0, "KIND", "none tpdf shaped (default: tpdf at 16 bits)"},
	{"range", 0, "A-B", "only this part, e.g. 0:30-1:00; the sound before it is rendered too"},
	{"from", 0, "TIME", "start the desk there, as playback from there does"},
	{"tail", 0, "SECONDS", "after the last region (default: as long as reverbs and delays ring)"},
	{"variant", 0, "NAME", "lay that variant over the session; all: the song and each of its variants"},
	{"threads", 0, "N", "threads to use (default: all cores)"},
	{"lanes", 0, "N", "vector width 1, 4 or 8 (the bits are the same)"},
	{"skip-bad", 0, NULL, "leave out stems that cannot be read"},
	{"lenient", 0, NULL, "skip lines of the session with bad values"},
	{"json", 0, NULL, "the table as JSON"},
	{NULL, 0, NULL, NULL},
};

/* What the progress call needs. */
struct watch {
	struct cli_bar bar;
};

static int
show_progress(void *arg, int64_t done, int64_t all)
{
	struct watch *w = arg;
	cli_bar_show(&w->bar, "bounce", all > 0 ? (double)done / (double)all : 1);
	return 0;
}

static void
show_level(const char *name, double level, const char *unit)
{
	if (isfinite(level))
		printf("%-14s %8.2f %s\n", name, level, unit);
	else
		printf("%-14s     -inf %s\n", name, unit);
}

static const struct node *
node_by_uid(struct session *session, uint32_t uid)
{
	static const enum node_kind kinds[] = {K_STRIP, K_BUS};
	for (size_t j = 0; j < 2; j++)
		for (size_t k = 0; session_node(session, kinds[j], k); k++)
			if (session_node(session, kinds[j], k)->uid == uid)
				return session_node(session, kinds[j], k);
	return NULL;
}

static void
show_table(const struct cli *cli, struct session *session, const char *path, const struct bounce_report *r)
{
	char text[32], name[256];
	double seconds = (double)r->frames / r->rate;
	text_show(path, name, sizeof name);
	printf("%s: %s at %.0f Hz, %.0f x real time\n", name, cli_clock(seconds, text), r->rate, seconds / r->seconds_taken);
	show_level("integrated", r->integrated, "LUFS");
	show_level("range", r->range, "LU");
	show_level("short-term max", r->max_shortterm, "LUFS");
	show_level("true peak", r->true_peak, "dBTP");
	show_level("sample peak", r->sample_peak, "dBFS");
	if (cli_value(cli, "mastered"))
		show_level("limited by", r->limited, "dB");
	printf("%-14s %8llu\n", "clipped", (unsigned long long)r->clipped);
	const struct node *loudest = node_by_uid(session, r->loudest);
	if (loudest) {
		text_show(loudest->text[P_NAME], name, sizeof name);
		printf("%-14s %s, %.2f dBFS at %s\n", "loudest there", name, r->loudest_peak,
		       cli_clock((double)r->peak_frame / r->rate, text));
	}
}

static void
json_row(const char *key, double x, int decimals)
{
	printf(",\"%s\":", key);
	cli_json_number(x, decimals);
}

static void
show_json(struct session *session, const char *path, const struct bounce_report *r)
{
	const struct node *loudest = node_by_uid(session, r->loudest);
	fputs("{\"file\":", stdout);
	cli_json_string(path);
	printf(",\"frames\":%lld", (long long)r->frames);
	json_row("rate", r->rate, 0);
	json_row("integrated_lufs", r->integrated, 3);
	json_row("range_lu", r->range, 3);
	json_row("max_momentary_lufs", r->max_momentary, 3);
	json_row("max_shortterm_lufs", r->max_shortterm, 3);
	json_row("true_peak_dbtp", r->true_peak, 3);
	json_row("sample_peak_dbfs", r->sample_peak, 3);
	json_row("limited_db", r->limited, 3);
	printf(",\"clipped_samples\":%llu", (unsigned long long)r->clipped);
	printf(",\"first_clipped_frame\":%lld,\"peak_frame\":%lld", (long long)r->first_clipped, (long long)r->peak_frame);
	fputs(",\"loudest_at_peak\":", stdout);
	if (loudest)
		cli_json_string(session_address(loudest));
	else
		fputs("null", stdout);
	json_row("seconds_taken", r->seconds_taken, 3);
	puts("}");
}

static int
choose_word(const struct cli *cli, const char *option, int (*named)(const char *), int *value, struct err *err)
{
	const char *word = cli_value(cli, option);
	if (!word)
		return 0;
	*value = named(word);
	if (*value < 0)
		return err_set(err, "--%s %s: there is no such one; `stemdesk bounce --help` names them", option, word);
	return 0;
}

static int
dither_named(const char *word)
{
	static const char *const names[] = {"none", "tpdf", "shaped"};
	static const enum dither kinds[] = {DITHER_NONE, DITHER_TPDF, DITHER_SHAPED};
	for (size_t k = 0; k < sizeof names / sizeof *names; k++)
		if (!strcmp(word, names[k]))
			return (int)kinds[k];
	return -1;
}

static int
read_range(const struct cli *cli, double rate, struct bounce_options *o, struct err *err)
{
	const char *range = cli_value(cli, "range"), *dash = range ? strchr(range, '-') : NULL;
	if (!range)
		return 0;
	if (!dash || strlen(range) > 100)
		return err_set(err, "--range %s: write two times with a dash between them, e.g. 0:30-1:00", range);
	const struct param time = {.type = T_INT, .unit = U_FRAMES, .min = 0, .max = 4e9};
	char first[128];
	double from, to;
	snprintf(first, sizeof first, "%.*s", (int)(dash - range), range);
	if (param_parse(&time, first, rate, &from, err) || param_parse(&time, dash + 1, rate, &to, err))
		return err_prefix(err, "--range %s", range);
	o->from = (int64_t)from;
	o->to = (int64_t)to;
	return 0;
}

static int
read_options(const struct cli *cli, double rate, struct bounce_options *o, struct err *err)
{
	int format = SINK_AUTO, bits = SINK_BITS_DEFAULT, dither = DITHER_DEFAULT;
	double threads = 0, lanes = 0;
	o->stems = cli_value(cli, "stems");
	o->tail = -1;
	if (choose_word(cli, "format", sink_format_named, &format, err) ||
	    choose_word(cli, "bits", sink_bits_named, &bits, err) || choose_word(cli, "dither", dither_named, &dither, err) ||
	    cli_number(cli, "threads", 1, 64, &threads, err) || cli_number(cli, "lanes", 1, 8, &lanes, err) ||
	    cli_number(cli, "tail", 0, 3600, &o->tail, err) ||
	    cli_number(cli, "rate", 8000, 192000, &o->file.rate, err) || cli_time(cli, "from", rate, &o->start, err) ||
	    read_range(cli, rate, o, err))
		return -1;
	o->file.format = (enum sink_format)format;
	o->file.bits = (enum sink_bits)bits;
	o->file.dither = (enum dither)dither;
	o->threads = (int)threads;
	o->lanes = (int)lanes;
	o->mastered = cli_value(cli, "mastered") != NULL;
	return 0;
}

/* Where a bounce goes: as asked, or song.desk -> song.wav; of a variant, song-tv.wav. The caller frees it. */
static char *
output_path(const struct cli *cli, const char *session, const char *variant, int all)
{
	const char *asked = cli_value(cli, "output"), *from = asked ? asked : session;
	const char *slash = strrchr(from, '/'), *dot = strrchr(slash ? slash : from, '.');
	const char *end = asked && dot ? dot : ".wav";
	size_t stem = dot ? (size_t)(dot - from) : strlen(from), size = strlen(from) + strlen(variant) + 8;
	char *path = malloc(size);
	if (!path)
		return NULL;
	if (*variant && (all || !asked))
		snprintf(path, size, "%.*s-%s%s", (int)stem, from, variant, end);
	else
		snprintf(path, size, "%.*s%s", (int)stem, from, asked && !dot ? "" : end);
	return path;
}

/* Never over a stem of the session, whatever the names. */
static int
spare_stems(struct session *session, const struct stems *stems, const char *path, struct err *err)
{
	const struct node *strip;
	for (size_t k = 0; (strip = session_node(session, K_STRIP, k)); k++)
		for (size_t c = 0; c < strip->children; c++)
			for (int right = 0; right < 2 && strip->child[c]->kind == K_REGION; right++) {
				const char *file = strip->child[c]->text[right ? P_REGION_RIGHT : P_REGION_FILE];
				char *stem = stems_path(stems, file);
				int same = *file && stem && sink_would_overwrite(path, stem);
				free(stem);
				if (same)
					return err_set(err, "%s: is a stem of this session; choose another name with -o", path);
			}
	return 0;
}

/* Says what the listener should know: what did not fit, and what to do. */
static int
verdict(const struct cli *cli, struct session *session, const struct bounce_report *r)
{
	if (r->clipped == 0)
		return CLI_DONE;
	char name[256] = "a strip", text[32];
	const struct node *loudest = node_by_uid(session, r->loudest);
	if (loudest)
		text_show(loudest->text[P_NAME], name, sizeof name);
	cli_say(cli,
	        "the mix is %.1f dB too loud for whole numbers: %llu samples were clipped, the first at %s; \"%s\" is loudest at "
	        "the peak; lower it with `mix/trim -%.1f`, or write floats with --bits 32f",
	        r->sample_peak, (unsigned long long)r->clipped, cli_clock((double)r->first_clipped / r->rate, text), name,
	        -f_floor(-r->sample_peak * 10) / 10);
	return CLI_NEGATIVE;
}

static void
show_stem(void *arg, const char *path, const char *name)
{
	char shown[512];
	(void)arg;
	(void)name;
	text_show(path, shown, sizeof shown);
	puts(shown);
}

/* Renders one variant ("" the song itself); the exit status. */
static int
bounce_variant(const struct cli *cli, const char *variant, int all)
{
	struct err err = {""};
	struct bounce_options o = {.file = {.dither = DITHER_DEFAULT}};
	struct bounce_report report;
	struct watch watch;
	const char *path = cli->word[0];
	char history[256], hash[65];
	int status = CLI_FAILED, failed = -1;
	struct session *session = cmd_open_session(cli, path, &err);
	struct stems *stems = session ? cmd_open_stems(cli, session, path) : NULL;
	char *output = output_path(cli, path, variant, all);
	o.file.path = output;
	if (session && (!output || !stems))
		err_set(&err, "not enough memory");
	else if (session && read_options(cli, session_rate(session), &o, &err) < 0)
		status = CLI_USAGE;
	else if (session && (o.stems || spare_stems(session, stems, output, &err) == 0) &&
	         session_keep_copy(session, path, hash, &err) == 0 &&
	         (!*variant || session_apply_variant(session, variant, &err) == 0)) {
		snprintf(history, sizeof history, "T=" PACKAGE_STRING "; session=%s%s%s", hash, *variant ? "; variant=" : "", variant);
		o.file.history = history;
		cli_bar_begin(&watch.bar, 0);
		o.progress = show_progress;
		o.stem_done = show_stem;
		o.arg = &watch;
		failed = bounce(session, stems, &o, &report, &err);
		cli_bar_show(&watch.bar, "bounce", 1);
	}
	for (size_t k = 0; stems && stems_warning(stems, k); k++)
		cli_say(cli, "%s", stems_warning(stems, k));
	if (failed) {
		cli_fail(cli, &err);
	} else if (o.stems) {
		status = CLI_DONE;
	} else {
		if (cli_value(cli, "json"))
			show_json(session, output, &report);
		else
			show_table(cli, session, output, &report);
		status = verdict(cli, session, &report);
	}
	stems_free(stems);
	session_free(session);
	free(output);
	return status;
}

int
cmd_bounce(const struct cli *cli)
{
	const char *variant = cli_value(cli, "variant");
	if (!variant || strcmp(variant, "all"))
		return bounce_variant(cli, variant ? variant : "", 0);
	struct err err;
	struct session *session = cmd_open_session(cli, cli->word[0], &err);
	int worst = session ? bounce_variant(cli, "", 1) : cli_fail(cli, &err);
	for (size_t k = 0; session && session_variant(session, k); k++) {
		int status = bounce_variant(cli, session_variant(session, k), 1);
		worst = status > worst ? status : worst;
	}
	session_free(session);
	return worst;
}
