#include "cli/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "control/userfiles.h"

/* One line, which is cut into its words. Returns what is wrong, or NULL. */
static const char *
take(struct cli *cli, char *line, char wrong[400])
{
	char name[64], value[128];
	line += strspn(line, " \t");
	size_t n = strcspn(line, " \t\r");
	char *rest = line + n + strspn(line + n, " \t");
	rest[strcspn(rest, "\r")] = '\0';
	for (size_t end = strlen(rest); end && (rest[end - 1] == ' ' || rest[end - 1] == '\t'); end--)
		rest[end - 1] = '\0';
	if (!n || *line == '#')
		return NULL;
	line[n] = '\0';
	text_show(line, name, sizeof name);
	text_show(rest, value, sizeof value);
	for (int k = 0; cli->command->options[k].name; k++) {
		const struct cli_option *o = &cli->command->options[k];
		if (strcmp(o->name, line) != 0)
			continue;
		if (!o->value != !*rest) {
			snprintf(wrong, 400, o->value ? "%s needs a value (%s)" : "%s takes no value", name, o->value);
			return wrong;
		}
		if (!cli->given[k])
			cli->given[k] = rest;
		return NULL;
	}
	snprintf(wrong, 400, "\"%s\" is no option of the console; `stemdesk console --help` lists them", name);
	return wrong;
}

void
settings_read(struct cli *cli, char **memory, void (*emit)(void *arg, const char *sentence), void *arg)
{
	char *path = userfiles_path(USER_CONFIG, "options"), *next, wrong[400], sentence[800];
	struct err err = {""};
	int number = 1;
	*memory = path && access(path, F_OK) == 0 ? userfiles_read(path, &err) : NULL;
	if (*err.text)
		emit(arg, err.text);
	for (char *line = *memory; line; line = next, number++) {
		if ((next = strchr(line, '\n')))
			*next++ = '\0';
		const char *mistake = take(cli, line, wrong);
		if (!mistake)
			continue;
		snprintf(sentence, sizeof sentence, "%s:%d: %s", path, number, mistake);
		emit(arg, sentence);
	}
	free(path);
}
