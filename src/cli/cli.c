#include "cli/cli.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/times.h"
#include "session/params.h"

#define HELP_LEFT 29 /* column where the words about an option begin */

const struct command *
command_find(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

void
cli_wrap(FILE *to, const char *text, int at, int left)
{
	while (*text) {
		int room = CLI_COLS - at, n = (int)strcspn(text, "\n");
		if (n > room)
			for (n = room; n > 0 && text[n] != ' '; n--)
				;
		n = n > 0 ? n : (int)strcspn(text, " \n");
		fprintf(to, "%.*s\n", n, text);
		text += n;
		text += *text == '\n' ? 1 : strspn(text, " ");
		at = left;
		if (*text)
			fprintf(to, "%*s", left, "");
	}
}

static void
print_help(const struct command *c)
{
	printf("usage: stemdesk %s %s\n\n", c->name, c->usage);
	cli_wrap(stdout, c->help, 0, 0);
	if (!c->options)
		return;
	putchar('\n');
	for (const struct cli_option *o = c->options; o->name; o++) {
		char left[64];
		int n = snprintf(left, sizeof left, o->letter ? "-%c, " : "    ", o->letter);
		n += snprintf(left + n, sizeof left - (size_t)n, "--%s%s%s", o->name, o->value && *o->value != '[' ? "=" : "",
		              o->value ? o->value : "");
		if (n + 3 < HELP_LEFT)
			printf("  %-26s ", left);
		else
			printf("  %s\n%*s", left, HELP_LEFT, "");
		cli_wrap(stdout, o->help, HELP_LEFT, HELP_LEFT);
	}
}

/* Fills getopt's tables from ours. */
static int
make_tables(const struct command *c, struct option *longs, char *shorts)
{
	int count = 0;
	for (const struct cli_option *o = c->options; o && o->name && count < CLI_OPTIONS; o++, count++) {
		longs[count] = (struct option){o->name,
		                               !o->value          ? no_argument
		                               : *o->value == '[' ? optional_argument
		                                                  : required_argument,
		                               NULL, 256 + count};
		if (o->letter)
			*shorts++ = (char)o->letter;
		if (o->letter && o->value)
			*shorts++ = ':';
	}
	longs[count] = (struct option){"help", no_argument, NULL, 'h'};
	*shorts++ = 'h';
	*shorts = '\0';
	return count;
}

static int
take_option(struct cli *cli, int got)
{
	const struct cli_option *o = cli->command->options;
	for (int k = 0; o && o[k].name; k++)
		if (got == 256 + k || (o[k].letter && got == o[k].letter)) {
			if (cli->count == CLI_GIVEN)
				return -1;
			cli->given[k] = cli->every[cli->count] = optarg ? optarg : "";
			cli->whose[cli->count++] = k;
			return 0;
		}
	return -1;
}

int
cli_run(const struct command *command, int argc, char **argv)
{
	struct cli cli = {.command = command};
	struct option longs[CLI_OPTIONS + 2] = {{0}};
	char shorts[3 * CLI_OPTIONS];
	make_tables(command, longs, shorts);
	optind = 0; /* GNU: begin anew */
	for (int got; (got = getopt_long(argc, argv, shorts, longs, NULL)) != -1;) {
		if (got == 'h') {
			print_help(command);
			return CLI_DONE;
		}
		if (got == '?' || take_option(&cli, got)) {
			fprintf(stderr, "usage: stemdesk %s %s\n`stemdesk %s --help` lists its options\n", command->name,
			        command->usage, command->name);
			return CLI_USAGE;
		}
	}
	cli.word = argv + optind;
	cli.words = argc - optind;
	if (cli.words < command->least) {
		fprintf(stderr, "usage: stemdesk %s %s\n", command->name, command->usage);
		return CLI_USAGE;
	}
	if (command->more >= 0 && cli.words > command->least + command->more) {
		char shown[256];
		text_show(cli.word[command->least + command->more], shown, sizeof shown);
		fprintf(stderr, "stemdesk %s: \"%s\" is one word too many\nusage: stemdesk %s %s\n", command->name, shown,
		        command->name, command->usage);
		return CLI_USAGE;
	}
	return command->run(&cli);
}

const char *
cli_value(const struct cli *cli, const char *option)
{
	for (int k = 0; cli->command->options && cli->command->options[k].name; k++)
		if (!strcmp(cli->command->options[k].name, option))
			return cli->given[k];
	return NULL;
}

const char *
cli_each(const struct cli *cli, const char *option, int n)
{
	for (int k = 0; k < cli->count; k++)
		if (!strcmp(cli->command->options[cli->whose[k]].name, option) && n-- == 0)
			return cli->every[k];
	return NULL;
}

int
cli_number(const struct cli *cli, const char *option, double least, double most, double *number, struct err *err)
{
	const char *value = cli_value(cli, option);
	if (!value)
		return 0;
	char name[64];
	snprintf(name, sizeof name, "--%s", option);
	const struct param plain = {.address = name, .type = T_REAL, .unit = U_NONE, .min = least, .max = most};
	return param_parse(&plain, value, 48000, number, err);
}

int
cli_time(const struct cli *cli, const char *option, double rate, int64_t *frames, struct err *err)
{
	const char *value = cli_value(cli, option);
	double number;
	char name[64];
	if (!value)
		return 0;
	snprintf(name, sizeof name, "--%s", option);
	const struct param time = {.address = name, .type = T_INT, .unit = U_FRAMES, .min = 0, .max = 4e9};
	if (param_parse(&time, value, rate, &number, err))
		return -1;
	*frames = (int64_t)number;
	return 0;
}

int
cli_fail(const struct cli *cli, const struct err *err)
{
	cli_say(cli, "%s", err->text);
	return CLI_FAILED;
}

void
cli_say(const struct cli *cli, const char *format, ...)
{
	char text[2048], shown[4096];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	fprintf(stderr, "stemdesk %s: %s\n", cli->command->name, text_show(text, shown, sizeof shown));
}

void
cli_sentence(void *arg, const char *sentence)
{
	cli_say(arg, "%s", sentence);
}

void
cli_bar_begin(struct cli_bar *bar, double seconds)
{
	*bar = (struct cli_bar){.began = clock_seconds(), .seconds = seconds, .terminal = isatty(STDERR_FILENO)};
}

void
cli_bar_show(struct cli_bar *bar, const char *what, double done)
{
	if (bar->lines && (int)(done * 100) > bar->percent) {
		bar->percent = (int)(done * 100);
		fprintf(stderr, "progress %d\n", bar->percent);
	}
	if (!bar->terminal)
		return;
	double time = clock_seconds(), passed = time - bar->began;
	if (done >= 1) {
		fputs("\r\033[K", stderr);
		return;
	}
	if (time - bar->shown < 0.1 || done <= 0)
		return;
	bar->shown = time;
	int cells = (int)(done * 30);
	fprintf(stderr, "\r%s [%.*s%*s] %3.0f %%", what, cells, "##############################", 30 - cells, "",
	        done * 100);
	if (bar->seconds > 0)
		fprintf(stderr, "  %.0f x real time", done * bar->seconds / passed);
	fprintf(stderr, "  %.0f s left\033[K", passed / done - passed);
}

const char *
cli_clock(double seconds, char text[32])
{
	return time_text(seconds, 3, text);
}
