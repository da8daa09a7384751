#include "cli/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/opening.h"
#include "demo/demo_song.h"

static void
show_rendering(void *arg, double done)
{
	cli_bar_show(arg, "playing the demo song", done);
}

/* Lays the demo's mix over a session made of its stems. */
static int
mix_demo(struct session *session, struct err *err)
{
	int failed = 0;
	session_begin(session);
	for (const char *const *line = demo_lines; *line && !failed; line++)
		failed = session_line(session, *line, err);
	session_commit(session);
	return failed;
}

int
cmd_demo(const struct cli *cli)
{
	struct err err;
	struct cli_bar bar;
	char *folder = cli->word[0];
	size_t size = strlen(folder) + sizeof "/demo.desk";
	char *path = malloc(size);
	if (!path) {
		err_set(&err, "not enough memory");
		return cli_fail(cli, &err);
	}
	snprintf(path, size, "%s/demo.desk", folder);
	cli_bar_begin(&bar, 0);
	int failed = demo_render(folder, &err, show_rendering, &bar);
	cli_bar_show(&bar, "", 1);
	struct session *session = failed ? NULL : opening_make(cli, &folder, 1, path, 0, &err);
	failed = !session || mix_demo(session, &err) || session_save(session, path, &err);
	session_free(session);
	if (!failed)
		puts(path);
	free(path);
	return failed ? cli_fail(cli, &err) : CLI_DONE;
}
