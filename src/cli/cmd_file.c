#include "cli/cmd.h"

#include <string.h>

#include "master/targets.h"

static int
choose(const struct cli *cli, const char *option, int (*named)(const char *), int *value, struct err *err)
{
	const char *word = cli_value(cli, option);
	if (!word)
		return 0;
	*value = named(word);
	if (*value < 0)
		return err_set(err, "--%s %s: there is no such one; `stemdesk %s --help` names them", option, word,
		               cli->command->name);
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

int
cmd_read_file(const struct cli *cli, struct sink_spec *file, struct err *err)
{
	int format = SINK_AUTO, bits = SINK_BITS_DEFAULT, dither = DITHER_DEFAULT;
	if (choose(cli, "format", sink_format_named, &format, err) || choose(cli, "bits", sink_bits_named, &bits, err) ||
	    choose(cli, "dither", dither_named, &dither, err))
		return -1;
	double rate = 0;
	if (cli_number(cli, "rate", 8000, 192000, &rate, err))
		return -1;
	if (rate != (double)(int)rate)
		return err_set(err, "--rate %g: is a whole number of Hz", rate);
	file->rate = rate;
	file->format = (enum sink_format)format;
	file->bits = (enum sink_bits)bits;
	file->dither = (enum dither)dither;
	return 0;
}

int
cmd_read_threads(const struct cli *cli, int *threads, struct err *err)
{
	double count = 0;
	if (cli_number(cli, "threads", 1, 64, &count, err))
		return -1;
	*threads = (int)count;
	return 0;
}

int
cmd_read_vinyl(const struct cli *cli, const struct vinyl_profile **vinyl, struct err *err)
{
	const char *name = cli_value(cli, "vinyl");
	*vinyl = NULL;
	for (size_t k = 0; name && k < vinyl_profiles_count; k++)
		if (!strcmp(vinyl_profiles[k].name, name))
			*vinyl = &vinyl_profiles[k];
	if (name && !*vinyl)
		return err_set(err, "--vinyl %s: there is no such profile; `stemdesk targets` prints them", name);
	return 0;
}
