#include "cli/cmd.h"

#include <stdio.h>

#include "base/text.h"
#include "media/probe.h"

/* Mends one file; the exit status. */
static int
repair(const struct cli *cli, const char *path)
{
	struct err err;
	struct media_info info;
	char shown[512];
	if (media_probe(path, &info, &err))
		return cli_fail(cli, &err);
	text_show(path, shown, sizeof shown);
	if (!info.unfinished) {
		printf("%s: nothing to repair\n", shown);
		return CLI_DONE;
	}
	if (media_repair(path, &err))
		return cli_fail(cli, &err);
	printf("%s: its header now tells %.1f s, before %.1f s\n", shown, (double)info.frames_found / info.rate,
	       (double)info.frames / info.rate);
	return CLI_DONE;
}

int
cmd_repair(const struct cli *cli)
{
	int worst = CLI_DONE;
	for (int k = 0; k < cli->words; k++) {
		int status = repair(cli, cli->word[k]);
		worst = status > worst ? status : worst;
	}
	return worst;
}
