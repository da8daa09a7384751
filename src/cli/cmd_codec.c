#include "cli/cmd.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/json.h"
#include "cli/opening.h"
#include "engine/bounce.h"
#include "master/codec.h"

#define RENDERING 0.7 /* part of the time that the rendering of a session takes */

const struct cli_option codec_cli[] = {
    {"codec", 'c', "NAME", "through this one alone"},
    {"output", 'o', "FILE.wav", "what came back, to be heard (with --codec)"},
    {"mastered", 0, NULL, "of a session: its master, else its mix"},
    {CMD_THREADS},
    {CMD_SKIP_BAD},
    {CMD_LENIENT},
    {"copy", 0, "HASH", "the copy of the session with that hash, as `recall` finds it"},
    {"progress", 0, NULL, "for programs: lines \"progress PERCENT\" on standard error"},
    {"json", 0, NULL, "the figures as JSON, one object a line"},
    {NULL, 0, NULL, NULL},
};

static void
show(const struct codec *c, const struct codec_trip *t)
{
	printf("%-10s %-30s %4.0f kbit/s %7.2f LUFS %7.2f dBTP", c->name, c->title, t->kbits, t->back.integrated,
	       t->back.true_peak);
	if (t->back.true_peak > 0)
		printf("  %.1f dB over: clips in players that decode to whole numbers", t->back.true_peak);
	putchar('\n');
}

static void
show_json(const struct codec *c, const struct codec_trip *t)
{
	json_open(NULL, '{');
	json_text("codec", c->name);
	json_number("kbits", t->kbits, 1);
	json_number("rate", t->rate, 0);
	json_number("integrated_lufs", t->back.integrated, 3);
	json_number("true_peak_dbtp", t->back.true_peak, 3);
	json_end('}');
}

static int
show_progress(void *arg, int64_t done, int64_t all)
{
	cli_bar_show(arg, "rendering", all > 0 ? (double)done / (double)all * RENDERING : 0);
	return 0;
}

/* A session rendered to `to`, as floats. */
static int
render(const struct cli *cli, const char *to, struct cli_bar *bar, struct err *err)
{
	const char *path = cli->word[0];
	int threads;
	struct bounce_report report;
	struct session *session = cmd_read_threads(cli, &threads, err) ? NULL : opening_session(cli, path, err);
	struct stems *stems = session ? opening_stems(cli, session, path) : NULL;
	struct bounce_options o = {.file = {.path = to, .bits = SINK_32F, .dither = DITHER_NONE},
	                           .mastered = cli_value(cli, "mastered") != NULL,
	                           .threads = threads,
	                           .tail = -1,
	                           .progress = show_progress,
	                           .arg = bar};
	int status = stems ? bounce(session, stems, &o, &report, err) : -1;
	for (size_t k = 0; stems && stems_warning(stems, k); k++)
		cli_say(cli, "%s", stems_warning(stems, k));
	stems_free(stems);
	session_free(session);
	return status;
}

/* Through those that were asked for; *worst: the highest peak that came back. */
static int
run_codecs(const struct cli *cli, const char *path, struct cli_bar *bar, double *worst, struct err *err)
{
	const char *name = cli_value(cli, "codec");
	for (const struct codec *c = codecs; c->name; c++) {
		struct codec_trip trip;
		if (name && c != codec_find(name))
			continue;
		if (codec_run(c, path, cli_value(cli, "output"), &trip, err))
			return -1;
		measured_fini(&trip.back);
		*worst = fmax(*worst, trip.back.true_peak);
		cli_bar_show(bar, "encoding", 1);
		if (cli_value(cli, "json"))
			show_json(c, &trip);
		else
			show(c, &trip);
	}
	return 0;
}

/* A session is rendered into a folder of its own first. */
static int
run(const struct cli *cli, double *worst, struct err *err)
{
	const char *path = cli->word[0], *folder = getenv("TMPDIR");
	char home[4096], mix[4200];
	struct cli_bar bar;
	cli_bar_begin(&bar, 0);
	bar.lines = cli_value(cli, "progress") != NULL;
	if (!opening_is_session(path))
		return run_codecs(cli, path, &bar, worst, err);
	snprintf(home, sizeof home, "%s/stemdesk-codec-XXXXXX", folder && *folder ? folder : "/var/tmp");
	if (!mkdtemp(home))
		return err_set(err, "%s: no folder for the mix can be made: %s; set TMPDIR to one", home, strerror(errno));
	snprintf(mix, sizeof mix, "%s/mix.wav", home);
	int status = render(cli, mix, &bar, err) || run_codecs(cli, mix, &bar, worst, err) ? -1 : 0;
	unlink(mix);
	rmdir(home);
	return status;
}

int
cmd_codec(const struct cli *cli)
{
	struct err err = {""};
	const char *name = cli_value(cli, "codec"), *decoded = cli_value(cli, "output"), *path = cli->word[0];
	char shown[512];
	double worst = -HUGE_VAL;
	if (name && !codec_find(name))
		err_set(&err, "--codec %s: there are opus, vorbis, mp3 and mp3-low", name);
	else if (decoded && !name)
		err_set(&err, "-o writes what one codec gave back; name it with --codec");
	else if (decoded && sink_would_overwrite(decoded, path))
		err_set(&err, "%s: is what is encoded and is not written over; choose another place",
		        text_show(decoded, shown, sizeof shown));
	if (*err.text) {
		cli_fail(cli, &err);
		return CLI_USAGE;
	}
	if (run(cli, &worst, &err))
		return cli_fail(cli, &err);
	if (worst <= 0)
		return CLI_DONE;
	cli_say(cli, "decoded peaks go %.1f dB over full scale; a ceiling %.1f dB lower keeps them below it", worst,
	        ceil(worst * 10) / 10);
	return CLI_NEGATIVE;
}
