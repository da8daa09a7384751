#include "cli/applying.h"
#include "cli/cmd.h"

#include "cli/json.h"
#include "cli/mastering.h"
#include "cli/matching.h"
#include "cli/opening.h"
#include "cli/show_match.h"

const struct cli_option match_cli[] = {
    {CMD_STRENGTH},
    {CMD_CAP},
    {"apply", 0, NULL, "write the lines into the session, beside printing them"},
    {CMD_THREADS},
    {CMD_SKIP_BAD},
    {CMD_LENIENT},
    {"json", 0, NULL, "the comparison as JSON"},
    {NULL, 0, NULL, NULL},
};

static int
match(const struct cli *cli, struct session *session, struct stems *stems, struct matching *m, struct err *err)
{
	for (int k = 1; k < cli->words; k++)
		if (matching_reference(cli->word[k], &m->reference, err))
			return -1;
	reference_finish(&m->reference);
	if (matching_run(session, stems, m, err))
		return -1;
	if (cli_value(cli, "json")) {
		json_open(NULL, '{');
		show_matching_json(m);
		json_end('}');
	} else {
		show_matching(m);
	}
	return cli_value(cli, "apply") ? applying_save(cli, session, cli->word[0], err) : 0;
}

int
cmd_match(const struct cli *cli)
{
	struct err err = {""};
	struct matching m = {.lines = 0};
	const char *path = cli->word[0];
	if (matching_read(cli, &m, &err) || cmd_read_threads(cli, &m.threads, &err) ||
	    (cli_value(cli, "apply") && !opening_is_session(path) &&
	     err_set(&err, "--apply writes into a session, and %s is none", path))) {
		cli_fail(cli, &err);
		return CLI_USAGE;
	}
	struct session *session = opening_song(cli, path, &err);
	struct stems *stems = session ? opening_song_stems(cli, session, path) : NULL;
	int status = stems && !match(cli, session, stems, &m, &err) ? CLI_DONE : cli_fail(cli, &err);
	matching_fini(&m);
	stems_free(stems);
	session_free(session);
	return status;
}
