#include "cli/cmd.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/units.h"
#include "cli/json.h"
#include "cli/matching.h"
#include "cli/show_measured.h"
#include "master/measure.h"
#include "master/plot.h"
#include "master/targets.h"

const struct cli_option measure_cli[] = {
    {"target", 't', "NAME", "judge by this target alone; exit status 3 where it is not met"},
    {"verbose", 'v', NULL, "all figures of every file (as for a single one)"},
    {"reference", 0, "FILE[=WEIGHT]", "compare with that song; any number, together one reference"},
    {"plot", 0, "FILE.svg", "a picture: loudness over time with the targets, and the balance (of one file)"},
    {"json", 0, NULL, "all figures as JSON, one object a line"},
    {NULL, 0, NULL, NULL},
};

const struct cli_option targets_cli[] = {
    {"json", 0, NULL, "the table as JSON, one object a line"},
    {NULL, 0, NULL, NULL},
};

/* What the bar of one file needs. */
struct bar {
	struct cli_bar bar;
	char what[128];
};

static int
show_progress(void *arg, int64_t done, int64_t all)
{
	struct bar *b = arg;
	cli_bar_show(&b->bar, b->what, (double)done / (double)all);
	return 0;
}

static int
measure_one(const char *path, struct measured *m, struct err *err)
{
	struct bar bar;
	char shown[100];
	snprintf(bar.what, sizeof bar.what, "measuring %s", text_show(path, shown, sizeof shown));
	cli_bar_begin(&bar.bar, 0);
	int status = measure_any_file(path, show_progress, &bar, m, err);
	cli_bar_show(&bar.bar, bar.what, 1);
	return status;
}

/* Where our own meter and libebur128 do not agree, one of them is wrong: that must not pass in silence. */
static void
tell_apart(const struct cli *cli, const char *path, const struct measured *m)
{
	if (fabs(m->apart) > 0.1)
		cli_say(cli, "%s: two meters differ by %.2f LU; the figure shown is libebur128's", path, m->apart);
}

/* The targets that verdicts are given by: all, or the one asked for. NULL with err filled. */
static const struct target *
choose_target(const struct cli *cli, const struct targets *targets, struct err *err)
{
	const char *name = cli_value(cli, "target");
	const struct target *only = name ? targets_find(targets, name) : NULL;
	if (name && !only)
		err_set(err, "--target %s: there is no such target; `stemdesk targets` prints them", name);
	return only;
}

static int
measure_all(const struct cli *cli, const struct targets *targets, const struct target *only,
            const struct reference *reference)
{
	struct err err;
	int status = CLI_DONE, json = cli_value(cli, "json") != NULL;
	int detail = cli->words == 1 || cli_value(cli, "verbose") || reference;
	struct shown_targets by = {only ? only : targets->row, only ? 1 : targets->count};
	if (!detail && !json)
		show_measured_head();
	for (int k = 0; k < cli->words; k++) {
		struct measured m;
		const char *path = cli->word[k];
		if (measure_one(path, &m, &err)) {
			status = cli_fail(cli, &err);
			continue;
		}
		if (m.channels > 2 && (reference || cli_value(cli, "plot"))) {
			cli_say(cli, "%s: has %d channels; --reference and --plot are of mono and stereo", path, m.channels);
			status = CLI_FAILED;
			measured_fini(&m);
			continue;
		}
		tell_apart(cli, path, &m);
		if (json)
			show_measured_json(path, &m, &by, reference);
		else if (detail)
			show_measured(path, &m, &by, reference);
		else
			show_measured_row(path, &m);
		struct verdict v;
		if (only)
			target_judge(only, m.integrated, m.true_peak, &v);
		if (only && !verdict_good(&v) && status == CLI_DONE)
			status = CLI_NEGATIVE;
		if (cli_value(cli, "plot") && plot_write(cli_value(cli, "plot"), path, &m, targets, reference, &err))
			status = cli_fail(cli, &err);
		measured_fini(&m);
	}
	return status;
}

int
cmd_measure(const struct cli *cli)
{
	struct err err = {""};
	struct targets targets;
	if (cli_value(cli, "plot") && cli->words > 1) {
		cli_say(cli, "--plot draws one file; give one");
		return CLI_USAGE;
	}
	if (targets_load(&targets, &err))
		return cli_fail(cli, &err);
	const struct target *only = choose_target(cli, &targets, &err);
	struct reference reference;
	const char *word;
	int given = cli_value(cli, "reference") != NULL, status = *err.text ? CLI_USAGE : CLI_DONE;
	reference_begin(&reference);
	for (int k = 0; status == CLI_DONE && (word = cli_each(cli, "reference", k)); k++)
		status = matching_reference(word, &reference, &err) ? CLI_FAILED : CLI_DONE;
	reference_finish(&reference);
	if (status == CLI_DONE)
		status = measure_all(cli, &targets, only, given ? &reference : NULL);
	else
		cli_fail(cli, &err);
	targets_free(&targets);
	return status;
}

static void
vinyl_lines(void)
{
	puts("\n# vinyl           mono below  high-pass  no boost above  low-pass  side/mid  minutes of 12\"");
	for (size_t k = 0; k < vinyl_profiles_count; k++) {
		const struct vinyl_profile *v = &vinyl_profiles[k];
		char low[16] = "-", side[16] = "-";
		if (v->low_pass > 0)
			snprintf(low, sizeof low, "%.0f Hz", v->low_pass);
		if (!isnan(v->side))
			snprintf(side, sizeof side, "%.0f dB", v->side);
		printf("# %-15s %7.0f Hz %7.0f Hz %12.0f Hz %9s %9s  %.0f to %.0f  %s\n", v->name, v->mono_below, v->high_pass,
		       v->no_boost_above, low, side, v->minutes, v->most_minutes, v->note);
	}
}

static void
target_json(const struct target *row)
{
	static const char *const uses[] = {"stream", "delivery", "medium"};
	static const char *const turns[] = {"none", "down", "both", "limit"};
	static const char *const albums[] = {"none", "track", "album", "loudest"};
	json_open(NULL, '{');
	json_text("name", row->name);
	json_text("use", uses[row->use]);
	json_number("lufs", row->lufs, 2);
	json_number("tolerance_lu", row->tolerance, 2);
	json_number("ceiling_dbtp", row->ceiling, 2);
	json_text("turn", turns[row->turn]);
	json_number("headroom_db", row->headroom, 2);
	json_text("album", albums[row->album]);
	json_number("tier", row->tier, 0);
	json_text("date", row->date);
	json_text("title", row->title);
	json_text("note", row->note);
	json_end('}');
}

/* The table, in the columns of the user's own file. */
int
cmd_targets(const struct cli *cli)
{
	struct err err;
	struct targets targets;
	char line[TARGET_LINE];
	if (targets_load(&targets, &err))
		return cli_fail(cli, &err);
	int json = cli_value(cli, "json") != NULL;
	if (!json)
		puts(targets_header);
	for (size_t k = 0; k < targets.count; k++) {
		if (json)
			target_json(&targets.row[k]);
		else
			puts(target_line(&targets.row[k], line));
	}
	if (!json)
		vinyl_lines();
	targets_free(&targets);
	return CLI_DONE;
}
