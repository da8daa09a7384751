#include "cli/cmd.h"

#include <math.h>

#include "cli/albuming.h"
#include "cli/show_album.h"
#include "master/disc.h"

const struct cli_option album_cli[] = {
    {"into", 0, "FOLDER", "write a file for each song there, and their checksums"},
    {"image", 0, NULL, "with --into: one file of all with its CUE and TOC sheets (44100 Hz, 16 bits)"},
    {"vinyl", 0, "PROFILE",
     "with --into: a record's sides with their CUE sheets, as that plant asks (`stemdesk targets`)"},
    {"target", 't', "NAME", "a target of `stemdesk targets` (default: the album's)"},
    {"lufs", 0, "LUFS", "loudness that the album's rule is held to (default: the target's)"},
    {"ceiling", 0, "DBTP", "greatest true peak (default: the target's, else the chain's)"},
    {"variant", 0, "NAME", "lay that variant of the album over, for another medium"},
    {CMD_FORMAT},
    {CMD_BITS},
    {"rate", 0, "HZ", "sample rate (default: the album's, else the first song's)"},
    {CMD_DITHER},
    {CMD_THREADS},
    {CMD_SKIP_BAD},
    {CMD_LENIENT},
    {"lines", 0, NULL, "print nothing but the lines that bring songs closer which stand apart"},
    {"apply", 0, NULL, "write these lines into the album too"},
    {"json", 0, NULL, "the figures as JSON"},
    {NULL, 0, NULL, NULL},
};

static int
read_options(const struct cli *cli, struct albuming *m, struct err *err)
{
	m->into = cli_value(cli, "into");
	m->image = cli_value(cli, "image") != NULL;
	if (cmd_read_vinyl(cli, &m->vinyl, err))
		return -1;
	m->target = cli_value(cli, "target");
	m->variant = cli_value(cli, "variant");
	m->lufs = m->ceiling = (double)NAN;
	if (cmd_read_file(cli, &m->file, err) || cmd_read_threads(cli, &m->threads, err) ||
	    cli_number(cli, "lufs", -60, 0, &m->lufs, err) || cli_number(cli, "ceiling", -24, 0, &m->ceiling, err))
		return -1;
	m->rate = m->file.rate;
	if (m->image && !m->into)
		return err_set(err, "--image: say where to with --into FOLDER");
	if (m->image && m->vinyl)
		return err_set(err, "--image is of a disc and --vinyl of a record: make one after the other");
	if (m->image && m->rate == 0)
		m->rate = DISC_RATE;
	if (m->image && m->file.bits == SINK_BITS_DEFAULT)
		m->file.bits = SINK_16;
	return 0;
}

/* Writes what is proposed into the album; files of this run are without it. */
static int
apply(const struct cli *cli, const struct albuming *m, const struct albumed *r, int status)
{
	struct err err;
	size_t lines;
	if (show_album_apply(r, m->path, m->variant, &lines, &err))
		return cli_fail(cli, &err);
	cli_say(cli, "%zu line%s written to %s%s", lines, lines == 1 ? "" : "s", m->path,
	        lines && m->into ? "; once more to master with them" : "");
	return status;
}

int
cmd_album(const struct cli *cli)
{
	struct err err = {""};
	struct targets targets;
	struct albuming m = {.path = cli->word[0], .file = {.dither = DITHER_DEFAULT}};
	struct albumed r = {.album = NULL};
	int status = CLI_FAILED;
	if (targets_load(&targets, &err))
		return cli_fail(cli, &err);
	if (read_options(cli, &m, &err)) {
		cli_fail(cli, &err);
		status = CLI_USAGE;
	} else if (albuming_run(cli, &m, &targets, &r, &err)) {
		cli_fail(cli, &err);
	} else {
		if (cli_value(cli, "json"))
			show_album_json(&r);
		else if (cli_value(cli, "lines"))
			show_album_lines(&r);
		else
			show_album(&r);
		status = show_album_faults(cli, &r, m.image) ? CLI_NEGATIVE : CLI_DONE;
		if (cli_value(cli, "apply"))
			status = apply(cli, &m, &r, status);
	}
	albumed_fini(&r);
	targets_free(&targets);
	return status;
}
