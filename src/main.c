#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app.h"
#include "config.h"
#include "cli/cli.h"

#define FILES_WANTED 16384
#define HELP_LEFT 13 /* column where the words about a command begin */

static void
print_usage(FILE *to)
{
	fputs("usage: stemdesk [SESSION | FOLDER | STEM...]    the desk in the terminal\n       stemdesk COMMAND ...\n\n",
	      to);
	for (const struct command *c = commands; c->name; c++) {
		char first[300];
		snprintf(first, sizeof first, "%.*s", (int)strcspn(c->help, "\n"), c->help);
		cli_wrap(to, first, fprintf(to, "  %-10s ", c->name), HELP_LEFT);
	}
	putc('\n', to);
	cli_wrap(to,
	         "A mix is lines such as `strip/kick/fader -6.5`: `stemdesk set --help` shows what they can say, `stemdesk "
	         "params` all that can be set. `stemdesk COMMAND --help` tells more; so does stemdesk(1).",
	         0, 0);
}

/* Each stem is an open file, and a thousand are more than the usual limit lets a program have unless it asks. */
static void
allow_files(void)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < FILES_WANTED) {
		files.rlim_cur = files.rlim_max < FILES_WANTED ? files.rlim_max : FILES_WANTED;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

int
main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "");
	/* a file that may not grow fails its write, which is told, instead of ending the program */
	signal(SIGXFSZ, SIG_IGN);
	allow_files();
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		puts(PACKAGE_STRING);
		return CLI_DONE;
	}
	if (argc > 1 && !strcmp(argv[1], "--help")) {
		print_usage(stdout);
		return CLI_DONE;
	}
	const struct command *command = argc > 1 ? command_find(argv[1]) : NULL;
	if (!command) {
		/* not a command: an option of the console, or something to open */
		if (argc > 1 && *argv[1] != '-' && access(argv[1], F_OK)) {
			fprintf(stderr, "stemdesk: \"%s\" is no command, and there is no such file; `stemdesk --help` lists them\n",
			        argv[1]);
			return CLI_USAGE;
		}
		return cli_run(&app_console, argc, argv);
	}
	return cli_run(command, argc - 1, argv + 1);
}
