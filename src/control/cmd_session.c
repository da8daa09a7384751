#include "control/cmd.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

const struct cli_option set_cli[] = {
	{"lenient", 0, NULL, "skip lines of the session with bad values"},
	{NULL, 0, NULL, NULL},
};

const struct cli_option get_cli[] = {
	{"lenient", 0, NULL, "skip lines of the session with bad values"},
	{NULL, 0, NULL, NULL},
};

const struct cli_option params_cli[] = {
	{"json", 0, NULL, "as JSON, a line a parameter"},
	{NULL, 0, NULL, NULL},
};

struct session *
cmd_open_session(const struct cli *cli, const char *path, struct err *err)
{
	struct session *session = session_load(path, cli_value(cli, "lenient") != NULL, err);
	if (!session)
		return NULL;
	for (size_t k = 0; session_warning(session, k); k++)
		fprintf(stderr, "%s\n", session_warning(session, k));
	return session;
}

static void
show_conversion(void *arg, const char *file, double done)
{
	static struct cli_bar bar;
	char name[256], what[300];
	(void)arg;
	if (done <= 0)
		cli_bar_begin(&bar, 0);
	text_show(file, name, sizeof name);
	snprintf(what, sizeof what, "converting %s", name);
	cli_bar_show(&bar, what, done);
}

struct stems *
cmd_open_stems(const struct cli *cli, struct session *session, const char *path)
{
	return stems_new(session, path, cli_value(cli, "skip-bad") != NULL, show_conversion, NULL);
}

int
cmd_set(const struct cli *cli)
{
	struct err err;
	struct session *session = cmd_open_session(cli, cli->word[0], &err);
	if (!session)
		return cli_fail(cli, &err);
	int failed = 0;
	session_begin(session);
	for (int k = 1; k < cli->words && !failed; k++)
		failed = session_line(session, cli->word[k], &err);
	session_commit(session);
	if (!failed && session_dirty(session))
		failed = session_save(session, cli->word[0], &err);
	session_free(session);
	return failed ? cli_fail(cli, &err) : CLI_DONE;
}

static void
print_line(void *user, const char *line)
{
	(void)user;
	puts(line);
}

int
cmd_get(const struct cli *cli)
{
	struct err err;
	struct session *session = cmd_open_session(cli, cli->word[0], &err);
	if (!session)
		return cli_fail(cli, &err);
	int failed = 0;
	for (int k = 1; k < cli->words && !failed; k++)
		failed = session_get(session, cli->word[k], print_line, NULL, &err);
	session_free(session);
	return failed ? cli_fail(cli, &err) : CLI_DONE;
}

static const char *
kind_pattern(unsigned kinds)
{
	static const struct {
		unsigned kind;
		const char *pattern;
	} names[] = {{K_STRIP, "strip/ID/"}, {K_BUS, "bus/ID/"},      {K_DCA, "dca/ID/"},
	             {K_SONG, "song/"},      {K_SEND, "strip/ID/send/BUS/"}, {K_REGION, "strip/ID/region/ID/"},
	             {K_MIX, "mix/"},        {K_MASTER, "master/"}};
	for (size_t k = 0; k < sizeof names / sizeof *names; k++)
		if (kinds & names[k].kind)
			return names[k].pattern;
	return "";
}

static void
print_range(const struct param *p, char *text, size_t size)
{
	char low[32], high[32];
	if (p->type == T_CHOICE) {
		snprintf(text, size, "%s", p->choices);
	} else if (p->type == T_SWITCH) {
		snprintf(text, size, "off on");
	} else if (p->type == T_TEXT || p->type == T_REF) {
		snprintf(text, size, p->type == T_TEXT ? "text" : "a node");
	} else {
		param_show(p, p->min, low, sizeof low);
		param_show(p, p->max, high, sizeof high);
		snprintf(text, size, "%s .. %s", low, high);
	}
}

int
cmd_params(const struct cli *cli)
{
	int json = cli_value(cli, "json") != NULL;
	for (int k = 0; k < PARAM_COUNT; k++) {
		const struct param *p = &params[k];
		char address[128], range[256], def[64] = "";
		snprintf(address, sizeof address, "%s%s", kind_pattern(p->kinds), p->address);
		if (cli->words && fnmatch(cli->word[0], address, 0) && !strstr(address, cli->word[0]))
			continue;
		print_range(p, range, sizeof range);
		if (p->type != T_TEXT && p->type != T_REF)
			param_show(p, p->def, def, sizeof def);
		if (json) {
			fputs("{\"address\":", stdout);
			cli_json_string(address);
			fputs(",\"range\":", stdout);
			cli_json_string(range);
			fputs(",\"default\":", stdout);
			cli_json_string(def);
			fputs(",\"help\":", stdout);
			cli_json_string(p->help);
			puts("}");
		} else {
			printf("%-28s %-36s %-12s %s\n", address, range, def, p->help);
		}
	}
	return CLI_DONE;
}

int
cmd_commands(const struct cli *cli)
{
	(void)cli;
	for (const struct command *c = commands; c->name; c++)
		printf("%-10s %-26s %.*s\n", c->name, c->usage, (int)strcspn(c->help, "\n"), c->help);
	return CLI_DONE;
}
