#include "cli/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/opening.h"
#include "cli/show_check.h"
#include "cli/show_faults.h"
#include "master/detect.h"

const struct cli_option check_cli[] = {
    {"mix", 0, NULL, "listen to the mix and its master instead: which strip makes which fault, and when"},
    {"masking", 0, NULL, "listen for strips that cover each other; with --mix beside its faults"},
    {"only", 0, "NAMES", "listen for these faults alone, with commas between (--detectors names them)"},
    {"without", 0, "NAMES", "do not listen for these"},
    {"detectors", 0, NULL, "print the table of what is listened for"},
    {"lines", 0, NULL,
     "print nothing but the lines that mend what can be mended, as `stemdesk set SESSION -` takes them"},
    {"apply", 0, NULL, "write these lines into the session too"},
    {CMD_THREADS},
    {"json", 0, NULL, "a JSON object for each finding, one a line"},
    {"skip-bad", 0, NULL, "with --mix or --masking, leave out stems that cannot be read"},
    {CMD_LENIENT},
    {NULL, 0, NULL, NULL},
};

/* What of the table is chosen: bits by place; 0 with err filled where a name is not there or nothing is left. */
static uint64_t
chosen_detectors(const struct cli *cli, struct err *err)
{
	static const char *const options[2] = {"only", "without"};
	uint64_t all = 0, bits[2] = {0, 0};
	for (int k = 0; detectors[k].name; k++)
		all |= (uint64_t)1 << k;
	for (int o = 0; o < 2; o++) {
		const char *at = cli_value(cli, options[o]);
		while (at && *at) {
			char name[32], shown[64];
			size_t len = strcspn(at, ",");
			snprintf(name, sizeof name, "%.*s", (int)(len < 31 ? len : 31), at);
			int k = detector_named(name);
			if (k < 0) {
				err_set(err, "--%s: there is no detector \"%s\"; `stemdesk check --detectors` names them", options[o],
				        text_show(name, shown, sizeof shown));
				return 0;
			}
			bits[o] |= (uint64_t)1 << k;
			at += len + (at[len] == ',');
		}
	}
	uint64_t left = (bits[0] ? bits[0] : all) & ~bits[1];
	if (!left)
		err_set(err, "--only and --without leave nothing to listen for");
	return left;
}

static int
show_progress(void *arg, int64_t done, int64_t all)
{
	cli_bar_show(arg, "listening", (double)done / (double)all);
	return 0;
}

/* The session that was named, or one of the folder or stems; *path is where its stems are seen from (NULL: here). */
static struct session *
open_subject(const struct cli *cli, char **path, struct err *err)
{
	*path = NULL;
	if (cli->words == 1 && opening_is_session(cli->word[0])) {
		*path = strdup(cli->word[0]);
		return *path ? opening_session(cli, cli->word[0], err) : NULL;
	}
	if (cli->words == 1 && opening_is_folder(cli->word[0]) && !(*path = opening_session_path(cli->word[0]))) {
		err_set(err, "%s: cannot be looked into", cli->word[0]);
		return NULL;
	}
	return opening_make(cli, cli->word, cli->words, *path ? *path : "check.desk", 0, err);
}

/* Writes the lines into the session, all or none. */
static int
apply(struct session *session, const char *path, const struct detected *d, size_t *lines, struct err *err)
{
	int failed = session_lock(path, err) != 0;
	if (failed)
		return -1;
	session_begin(session);
	*lines = 0;
	for (size_t k = 0; k < d->findings.count && !failed; k++)
		for (int i = 0; i < DETECT_FIXES && !failed; i++) {
			const char *line = d->findings.found[k].fix[i];
			failed = *line && session_line(session, line, err);
			*lines += *line && !failed;
		}
	session_commit(session);
	failed = failed || (*lines && session_save(session, path, err));
	session_unlock(path);
	return failed ? -1 : 0;
}

static int
is_negative(const struct detected *d)
{
	for (size_t k = 0; k < d->findings.count; k++)
		if (d->findings.found[k].weight > DETECT_NOTE)
			return 1;
	return 0;
}

static int
check(const struct cli *cli, struct session *session, const char *path, const struct detect_options *options)
{
	struct err err;
	struct detected d;
	size_t lines = 0;
	if (detect_song(session, path, options, &d, &err))
		return cli_fail(cli, &err);
	cli_bar_show(options->arg, "", 1);
	int status = is_negative(&d) ? CLI_NEGATIVE : CLI_DONE;
	if (cli_value(cli, "json"))
		show_check_json(&d);
	else if (cli_value(cli, "lines"))
		show_check_lines(&d);
	else
		show_check(cli->words == 1 ? cli->word[0] : "stems", &d);
	if (cli_value(cli, "apply")) {
		if (apply(session, path, &d, &lines, &err))
			status = cli_fail(cli, &err);
		else
			cli_say(cli, "%zu line%s written to %s", lines, lines == 1 ? "" : "s", path);
	}
	detect_free(&d);
	return status;
}

/* What of the mix is to be looked for; 0: it is the stems that are meant. */
static unsigned
chosen_faults(const struct cli *cli)
{
	unsigned masking = 1u << FAULT_MASKING, all = (1u << FAULT_KINDS) - 1;
	return (cli_value(cli, "mix") ? all & ~masking : 0) | (cli_value(cli, "masking") ? masking : 0);
}

static int
check_mix(const struct cli *cli, struct session *session, const char *path, const struct faults_options *options)
{
	struct err err = {""};
	struct faults found;
	struct stems *stems = opening_stems(cli, session, path ? path : "check.desk");
	int status = stems ? faults_find(session, stems, options, &found, &err) : err_set(&err, "not enough memory");
	cli_bar_show(options->arg, "", 1);
	for (size_t k = 0; stems && stems_warning(stems, k); k++)
		cli_say(cli, "%s", stems_warning(stems, k));
	stems_free(stems);
	if (status)
		return cli_fail(cli, &err);
	if (cli_value(cli, "json"))
		show_faults_json(session, &found, options->kinds);
	else
		show_faults(cli->words == 1 ? cli->word[0] : "stems", session, &found, options->kinds);
	status = faults_heavy(&found) ? CLI_NEGATIVE : CLI_DONE;
	faults_fini(&found);
	return status;
}

/* Options that are the stems' alone; NULL: none of them was given. */
static const char *
of_stems(const struct cli *cli)
{
	static const char *const options[] = {"only", "without", "lines", "apply"};
	for (size_t k = 0; k < sizeof options / sizeof *options; k++)
		if (cli_value(cli, options[k]))
			return options[k];
	return NULL;
}

int
cmd_check(const struct cli *cli)
{
	struct err err = {""};
	struct cli_bar bar;
	char *path = NULL;
	if (cli_value(cli, "detectors")) {
		show_detectors();
		puts("\nof the mix (--mix, --masking)");
		show_fault_types();
		return CLI_DONE;
	}
	if (cli->words == 0) {
		cli_say(cli, "say what to check: a session, a folder or stems");
		return CLI_USAGE;
	}
	struct detect_options options = {.progress = show_progress, .arg = &bar};
	options.detectors = chosen_detectors(cli, &err);
	if (!options.detectors || cmd_read_threads(cli, &options.threads, &err))
		return cli_fail(cli, &err), CLI_USAGE;
	if (cli_value(cli, "apply") && (cli->words != 1 || !opening_is_session(cli->word[0]))) {
		cli_say(cli, "--apply writes into a session; make one first with `stemdesk new`");
		return CLI_USAGE;
	}
	struct faults_options mix = {
	    .kinds = chosen_faults(cli), .threads = options.threads, .progress = show_progress, .arg = &bar};
	if (mix.kinds && of_stems(cli)) {
		cli_say(cli, "--%s is for stems, and --mix and --masking listen to the mix; check the two one after the other",
		        of_stems(cli));
		return CLI_USAGE;
	}
	struct session *session = open_subject(cli, &path, &err);
	if (!session) {
		free(path);
		return cli_fail(cli, &err);
	}
	cli_bar_begin(&bar, 0);
	int status = mix.kinds ? check_mix(cli, session, path, &mix) : check(cli, session, path, &options);
	session_free(session);
	free(path);
	return status;
}
