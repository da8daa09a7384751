#include "app.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/opening.h"
#include "cli/settings.h"
#include "control/desk/desk.h"
#include "control/keymap.h"
#include "control/socket.h"
#include "media/probe.h"
#include "session/session.h"
#include "ui/away.h"
#include "ui/console.h"
#include "ui/plain.h"

static const struct cli_option options[] = {
    {CMD_DEVICE},
    {CMD_PERIOD},
    {CMD_PERIODS},
    {"memory", 0, "MB", "memory for what is read ahead of stems, of all of them together (default 40)"},
    {"keys", 0, "FILE|desk", "keys of another file than $XDG_CONFIG_HOME/stemdesk/keys; desk: without vi's"},
    {"check-keys", 0, NULL, "say what is wrong with the keys, and leave"},
    {"dump-keys", 0, NULL, "print the keys that hold, and leave"},
    {"variant", 0, "NAME", "lay a variant of the session over it"},
    {"view", 0, NULL, "look and listen only"},
    {"on-hangup", 0, "leave|keep-playing", "what the desk does when its terminal is gone (default leave)"},
    {"meter", 0, "NAME", "what moves the meters: peak (default), k12, k14, k20, ppm, din or vu"},
    {"target", 0, "NAME|LUFS", "the loudness that the master's view compares with"},
    {"monitor", 0, "DB", "the monitor's level to begin with (default -20; 0: as loud as what is bounced)"},
    {"no-meters", 0, NULL, "a quiet screen for screen readers and the slowest lines: nothing moves by itself"},
    {"mouse", 0, NULL, "let the mouse choose strips, drag faders and turn its wheel"},
    {"plain", 0, NULL, "no screen: a conversation of lines on standard input and output"},
    {CMD_LENIENT},
    {NULL, 0, NULL, NULL},
};

static void
say_mistake(void *arg, const char *sentence)
{
	char *notice = arg;
	fprintf(stderr, "%s\n", sentence);
	if (!*notice)
		snprintf(notice, 1024, "%s", sentence);
}

static struct keymap *
load_keys(const struct cli *cli, char notice[1024])
{
	struct keymap *keys = keymap_new();
	if (keys)
		keymap_open(keys, cli_value(cli, "keys"), say_mistake, notice);
	return keys;
}

/* Whether the words are one finished song: a file of one or two channels, to be mastered. */
static int
is_song(char *const *words, int count)
{
	struct media_info info;
	struct err err;
	return count == 1 && !opening_is_folder(words[0]) && !opening_is_session(words[0]) &&
	       media_probe(words[0], &info, &err) == 0 && info.channels <= 2;
}

/* A song's session lies beside it, with its name. */
static struct session *
open_song(const struct cli *cli, char *const *words, char **path, struct err *err)
{
	const char *slash = strrchr(words[0], '/'), *dot = strrchr(slash ? slash : words[0], '.');
	if (asprintf(path, "%.*s.desk", dot ? (int)(dot - words[0]) : (int)strlen(words[0]), words[0]) < 0) {
		*path = NULL;
		err_set(err, "not enough memory");
		return NULL;
	}
	if (access(*path, F_OK) == 0)
		return opening_session(cli, *path, err);
	struct session *session = opening_make(cli, words, 1, *path, 0, err);
	if (session && opening_unity(session, err)) {
		session_free(session);
		return NULL;
	}
	return session;
}

/* The session that the words name, and where it lies or will lie. NULL: err is filled. */
static struct session *
open_words(const struct cli *cli, char **path, struct err *err)
{
	static char here[] = ".", *folder[] = {here};
	char **words = cli->words ? cli->word : folder;
	int count = cli->words ? cli->words : 1;
	if (is_song(words, count))
		return open_song(cli, words, path, err);
	if (count == 1 && opening_is_folder(words[0]))
		*path = opening_folder(words[0], err);
	else if (count == 1 && opening_is_session(words[0]))
		*path = strdup(words[0]);
	else {
		const char *slash = strrchr(words[0], '/');
		char *beside = slash ? strndup(words[0], (size_t)(slash - words[0] + 1)) : strdup(".");
		*path = beside ? opening_session_path(beside) : NULL;
		free(beside);
		if (!*path)
			err_set(err, "%s: there is no such folder", words[0]);
		else if (access(*path, F_OK) == 0) {
			err_set(err, "%s: there is a session beside these stems already; open it, or `stemdesk new ... -o`", *path);
			return NULL;
		}
	}
	if (!*path)
		return NULL;
	if (access(*path, F_OK) == 0 || (count == 1 && opening_is_session(words[0])))
		return opening_session(cli, *path, err);
	return opening_make(cli, words, count, *path, 0, err);
}

/* The desk does without a socket where there can be none. */
static struct socket_server *
open_socket(struct desk *desk, const char *path, int plain, char notice[1024])
{
	struct err err;
	struct socket_server *server = socket_open(desk, path, &err);
	if (!server && plain)
		fprintf(stderr, "stemdesk: %s\n", err.text);
	else if (!server)
		snprintf(notice, 1024, "%s", err.text);
	return server;
}

/* Signals of the terminal and of ending are the main thread's: no other is woken, or disturbed in its sound. */
static void
block_signals(int how)
{
	static const int mine[] = {SIGHUP, SIGINT, SIGTERM, SIGWINCH, SIGTSTP, SIGCONT};
	sigset_t set;
	sigemptyset(&set);
	for (size_t k = 0; k < sizeof mine / sizeof *mine; k++)
		sigaddset(&set, mine[k]);
	pthread_sigmask(how, &set, NULL);
}

static void
give_up(int number)
{
	(void)number;
	_exit(CLI_FAILED);
}

/* Ended from outside: what takes longer than this, a disk or device that hangs, is not waited for. */
static void
leave_in_time(void)
{
	const struct itimerval limit = {.it_value = {.tv_sec = 1, .tv_usec = 400000}};
	signal(SIGALRM, give_up);
	setitimer(ITIMER_REAL, &limit, NULL);
}

/* Whether the desk is to go on without its terminal: 1, 0, or -1 with err filled. */
static int
keeps_playing(const struct cli *cli, struct err *err)
{
	const char *how = cli_value(cli, "on-hangup");
	if (!how || !strcmp(how, "leave"))
		return 0;
	return !strcmp(how, "keep-playing") ? 1 : err_set(err, "--on-hangup=%s: say leave or keep-playing", how);
}

static int
open_console(const struct cli *cli, char notice[1024])
{
	struct err err = {""};
	char *path = NULL;
	double period = 256, periods = 3, memory = 40;
	int plain = cli_value(cli, "plain") != NULL, check = cli_value(cli, "check-keys") != NULL;
	if (check || cli_value(cli, "dump-keys"))
		return keys_print(cli_value(cli, "keys"), check);
	if (!plain && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))) {
		fputs("stemdesk: the console needs a terminal; without one, `stemdesk --plain SESSION` talks in lines, "
		      "`stemdesk bounce SESSION` renders and `stemdesk play SESSION` plays\n",
		      stderr);
		return CLI_USAGE;
	}
	int keep = keeps_playing(cli, &err);
	if (keep < 0 || cli_number(cli, "period", 16, 65536, &period, &err) ||
	    cli_number(cli, "periods", 2, 64, &periods, &err) || cli_number(cli, "memory", 1, 65536, &memory, &err)) {
		cli_fail(cli, &err);
		return CLI_USAGE;
	}
	struct keymap *keys = load_keys(cli, notice);
	const struct desk_options how = {.device = cli_value(cli, "device"),
	                                 .period = (int)period,
	                                 .periods = (int)periods,
	                                 .memory = (int)memory,
	                                 .view_only = cli_value(cli, "view") != NULL,
	                                 .meter = cli_value(cli, "meter"),
	                                 .target = cli_value(cli, "target"),
	                                 .monitor = cli_value(cli, "monitor")};
	const struct console_options screen = {.still = cli_value(cli, "no-meters") != NULL,
	                                       .mouse = cli_value(cli, "mouse") != NULL};
	if (!*notice)
		snprintf(notice, 1024, "welcome: h l choose a strip, up and down move its fader, Space plays");
	int ended = 2;
	while (ended == 2) {
		free(path);
		path = NULL;
		struct session *session = keys ? open_words(cli, &path, &err) : NULL;
		block_signals(SIG_BLOCK);
		struct desk *desk = session ? desk_open(session, path, &how, &err) : NULL;
		struct socket_server *server = desk ? open_socket(desk, path, plain, notice) : NULL;
		block_signals(SIG_UNBLOCK);
		if (desk && is_song(cli->word, cli->words)) {
			desk_send(desk, "monitor master");
			desk_send(desk, "prepare");
			desk_keep_screen(desk, "master");
		}
		ended = !desk ? -1 : plain ? plain_run(desk, &err) : console_run(desk, keys, &screen, notice, &err);
		if (ended == 3 && keep)
			away_run(desk);
		if (ended == 1 || ended == 3)
			leave_in_time();
		socket_close(server);
		desk_close(desk);
	}
	keymap_free(keys);
	free(path);
	if (ended < 0) {
		fprintf(stderr, "stemdesk: %s\n", err.text);
		return CLI_FAILED;
	}
	return CLI_DONE;
}

static int
run_console(const struct cli *called)
{
	struct cli cli = *called;
	char notice[1024] = "", *memory;
	settings_read(&cli, &memory, say_mistake, notice);
	int status = open_console(&cli, notice);
	free(memory);
	return status;
}

const struct command app_console = {
    .name = "console",
    .usage = "[SESSION | FOLDER | SONG | STEM...]",
    .help =
        "Open the desk: a session, a folder of stems (which becomes a session beside them when saved), or stems.\n"
        "One file of one or two channels is a song to be mastered: it goes straight into the master, which is heard.\n"
        "Without a word, the folder you are in.",
    .more = -1,
    .options = options,
    .run = run_console,
};
