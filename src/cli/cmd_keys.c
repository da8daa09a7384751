#include "cli/cmd.h"

#include <stdio.h>
#include <stdlib.h>

#include "control/keymap.h"

const struct cli_option keys_cli[] = {
    {"check", 0, "FILE", "say what is wrong in a keymap of your own, and print nothing else"},
    {"default", 0, NULL, "print the built-in keymap as it stands, to begin your own from"},
    {"keys", 0, "FILE|desk", "print those of another file, or of the keymap for those who do not know vi"},
    {NULL, 0, NULL, NULL},
};

static void
say_mistake(void *arg, const char *sentence)
{
	(void)arg;
	fprintf(stderr, "%s\n", sentence);
}

int
keys_print(const char *choice, int check)
{
	struct keymap *keys = keymap_new();
	const struct keymap_bind *b;
	if (!keys)
		return CLI_FAILED;
	int mistakes = keymap_open(keys, choice, say_mistake, NULL);
	for (size_t k = 0; !check && (b = keymap_bind(keys, k)); k++)
		printf("bind %s %s %s\n", b->view, b->keys, b->command);
	keymap_free(keys);
	return mistakes ? CLI_NEGATIVE : CLI_DONE;
}

int
cmd_keys(const struct cli *cli)
{
	const char *check = cli_value(cli, "check");
	if (cli_value(cli, "default")) {
		fputs(keymap_texts->text, stdout);
		return CLI_DONE;
	}
	return keys_print(check ? check : cli_value(cli, "keys"), check != NULL);
}
