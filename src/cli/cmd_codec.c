#include "cli/cmd.h"

#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "cli/json.h"
#include "master/codec.h"

const struct cli_option codec_cli[] = {
    {"codec", 'c', "NAME", "through this one alone"},
    {"output", 'o', "FILE.wav", "what came back, to be heard (with --codec)"},
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

int
cmd_codec(const struct cli *cli)
{
	struct err err = {""};
	const char *name = cli_value(cli, "codec"), *decoded = cli_value(cli, "output"), *path = cli->word[0];
	char shown[512];
	int status = CLI_DONE;
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
	for (const struct codec *c = codecs; c->name; c++) {
		struct codec_trip trip;
		if (name && c != codec_find(name))
			continue;
		if (codec_run(c, path, decoded, &trip, &err)) {
			status = cli_fail(cli, &err);
			break;
		}
		measured_fini(&trip.back);
		worst = fmax(worst, trip.back.true_peak);
		if (cli_value(cli, "json"))
			show_json(c, &trip);
		else
			show(c, &trip);
	}
	if (status == CLI_DONE && worst > 0) {
		cli_say(cli, "decoded peaks go %.1f dB over full scale; a ceiling %.1f dB lower keeps them below it", worst,
		        ceil(worst * 10) / 10);
		status = CLI_NEGATIVE;
	}
	return status;
}
