/*
 * Commands of the command line: their table, their options and how they talk. Control thread.
 *
 * Results go to stdout, progress and messages to stderr; exit status 0 done, 1 failed, 2 bad usage, 3 done with a
 * negative verdict.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

enum { CLI_DONE, CLI_FAILED, CLI_USAGE, CLI_NEGATIVE };

/* An option of a command: --name, -letter (0: none), the word for its value in the help (NULL: a switch). */
struct cli_option {
	const char *name;
	int letter;
	const char *value, *help; /* value: NULL where it takes none; in brackets where it may */
};

#define CLI_OPTIONS 40 /* that a command can have */
#define CLI_GIVEN 128  /* that can be given at once */

/* A command as it was called. */
struct cli {
	const struct command *command;
	const char *given[CLI_OPTIONS]; /* by option of the command: its value, "" for a switch, NULL where not given */
	const char *every[CLI_GIVEN];   /* values in the order they were given, and whose they are */
	int whose[CLI_GIVEN], count;
	char **word; /* what is left */
	int words;
};

struct command {
	const char *name, *usage, *help;
	int least;                        /* words it needs */
	const struct cli_option *options; /* ended by a NULL name; NULL: none */
	int (*run)(const struct cli *cli);
	int more; /* words it takes beyond those; -1: any number */
};

/* All commands, ended by a NULL name. */
extern const struct command commands[];
const struct command *command_find(const char *name);

/* Reads argv (argv[0]: the command's own name) and runs the command; the exit status. Answers --help itself. */
int cli_run(const struct command *command, int argc, char **argv);

/* The value of an option, NULL where it was not given. */
const char *cli_value(const struct cli *cli, const char *option);

/* The n-th value of an option that may be given several times, NULL behind the last. */
const char *cli_each(const struct cli *cli, const char *option, int n);

/* A value as a number: 0, or -1 with err filled ("--threads x: ..."). Leaves *number where the option is not given. */
int cli_number(const struct cli *cli, const char *option, double least, double most, double *number, struct err *err);

/* A value as a time of the song (1:23.5, 12s, 4800smp) in frames. */
int cli_time(const struct cli *cli, const char *option, double rate, int64_t *frames, struct err *err);

/* Says "stemdesk COMMAND: SENTENCE" on stderr; returns CLI_FAILED. */
int cli_fail(const struct cli *cli, const struct err *err);
/* The same for a remark. */
void cli_say(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* cli_say for those who call back with a sentence; arg is the cli. */
void cli_sentence(void *arg, const char *sentence);

/*
 * A bar with time left on a terminal, done from 0 to 1, at 1 it is wiped; elsewhere nothing, but with `lines`
 * "progress PERCENT" for programs.
 */
struct cli_bar {
	double began, shown, seconds; /* seconds: of sound in all, for "x real time"; 0: not told */
	int terminal;
	int lines, percent; /* lines: may be set after cli_bar_begin; percent: as told last */
};
void cli_bar_begin(struct cli_bar *bar, double seconds);
void cli_bar_show(struct cli_bar *bar, const char *what, double done);

/* A text in lines of at most CLI_COLS columns, the first of which stands at column `at` already, the others begin at
 * `left`; line ends in it stay. */
#define CLI_COLS 80
void cli_wrap(FILE *to, const char *text, int at, int left);

/* time_text() to the millisecond. */
const char *cli_clock(double seconds, char text[32]);

#endif
