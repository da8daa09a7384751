#include "control/cmd.h"

#include <stdio.h>
#include <stdlib.h>

#include "control/keymap.h"

const struct cli_option keys_cli[] = {
    {"check", 0, "FILE", "say what is wrong in a keymap of your own, and print nothing else"},
    {"default", 0, NULL, "print the built-in keymap as it stands, to begin your own from"},
    {NULL, 0, NULL, NULL},
};

static void
say_mistake(void *arg, const char *sentence)
{
	(void)arg;
	fprintf(stderr, "%s\n", sentence);
}

int
cmd_keys(const struct cli *cli)
{
	const char *check = cli_value(cli, "check");
	if (cli_value(cli, "default")) {
		fputs(keymap_default, stdout);
		return CLI_DONE;
	}
	struct keymap *keys = keymap_new();
	char *own = check ? NULL : keymap_user_path();
	const struct keymap_bind *b;
	int mistakes = 0;
	if (!keys)
		return CLI_FAILED;
	mistakes += keymap_parse(keys, keymap_default, "default.keys", 0, say_mistake, NULL);
	if (check || own) {
		int found = keymap_load(keys, check ? check : own, say_mistake, NULL);
		mistakes += found < 0 ? 1 : found;
	}
	for (size_t k = 0; !check && (b = keymap_bind(keys, k)); k++)
		printf("%-6s %-10s %s\n", b->view, b->keys, b->command);
	keymap_free(keys);
	free(own);
	return mistakes ? CLI_NEGATIVE : CLI_DONE;
}
