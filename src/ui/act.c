#include "ui/act.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/entry.h"
#include "ui/focus.h"
#include "ui/popup.h"

#define LONG_SECONDS 3.0 /* that a message of several lines stands whatever is typed */

void
screen_say(struct screen *s, int error, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(s->message, sizeof s->message, format, args);
	va_end(args);
	s->error = error;
	s->told = s->now;
}

static void
do_view(struct screen *s, const char *name)
{
	char text[200];
	const struct view *view = view_find(name);
	if (view) {
		s->current = view;
		return;
	}
	int n = 0;
	for (const struct view *v = views; v->name && n < (int)sizeof text; v++)
		n += snprintf(text + n, sizeof text - (size_t)n, "%s %s", v == views ? "" : ",", v->name);
	screen_say(s, 1, "view %s: there are%s", name, text);
}

static void
do_prompt(struct screen *s, const char *args)
{
	entry_command(s, args);
}

static void
do_search(struct screen *s, const char *args)
{
	entry_search(s, args);
}

static void
do_help(struct screen *s, const char *args)
{
	(void)args;
	int there = !strcmp(s->current->name, "help");
	const struct view *from = there ? s->help_from : s->current;
	if (there) {
		s->current = from ? from : views; /* it may be what the desk was opened with */
		return;
	}
	do_view(s, "help");
	s->help_from = from;
	s->help_first = 0;
	s->help_filter[0] = '\0';
}

static void
do_how_to_leave(struct screen *s, const char *args)
{
	(void)args;
	screen_say(s, 0, "%s saves and leaves, :quit leaves when all is saved, :quit! without saving",
	           keymap_keys_of(s->keys, s->current->name, "exit"));
}

static void
do_back(struct screen *s, const char *args)
{
	if (s->current == views)
		do_how_to_leave(s, args);
	s->current = strcmp(s->current->name, "help") || !s->help_from ? views : s->help_from;
}

/* In the list, wherever it was asked for. */
static void
do_find(struct screen *s, const char *args)
{
	do_view(s, "list");
	s->current->command(s, "find", args);
}

static void
do_cancel(struct screen *s, const char *args)
{
	(void)args;
	s->message[0] = '\0';
}

static void
do_redraw(struct screen *s, const char *args)
{
	(void)args;
	s->redraw = 1;
}

static void
do_row(struct screen *s, const char *args)
{
	if (s->current->row)
		focus_walk(s, atoi(args));
}

/* The address that has the focus; -1 where the view has none, which is said. */
static int
focus(struct screen *s, char *address, size_t size)
{
	if (screen_focus(s, address, size) == 0)
		return 0;
	screen_say(s, 1, "there is no value to change in this view: %s goes back to the overview",
	           keymap_keys_of(s->keys, s->current->name, "back"));
	return -1;
}

static void
do_step(struct screen *s, const char *args)
{
	char address[160], line[256];
	if (focus(s, address, sizeof address))
		return;
	int minus = *args == '-';
	snprintf(line, sizeof line, "%s %s %sstep", address, minus ? "-=" : "+=", *args ? args + minus : "1");
	act_line(s, line);
}

static void
do_reset(struct screen *s, const char *args)
{
	char address[160], line[256];
	(void)args;
	if (focus(s, address, sizeof address))
		return;
	snprintf(line, sizeof line, "%s default", address);
	act_line(s, line);
}

/* Address of the processor that has the value in focus ("master/multi"); -1: that was said. */
static int
processor(struct screen *s, char *address, size_t size)
{
	if (focus(s, address, size))
		return -1;
	char *at = *address == '@' ? address + 1 : address + strcspn(address, "/");
	if (*address != '@' && strncmp(address, "master/", 7) != 0 && *at)
		at += 1 + strcspn(at + 1, "/"); /* strip/ID */
	if (*at)
		at[1 + strcspn(at + 1, "/")] = '\0';
	return 0;
}

static void
do_bypass_focus(struct screen *s, const char *args)
{
	char address[160], line[256];
	(void)args;
	if (processor(s, address, sizeof address))
		return;
	if (strncmp(address, "master/", 7)) {
		screen_say(s, 1, "processors of the master are bypassed at equal loudness: choose a value of one in its view");
		return;
	}
	snprintf(line, sizeof line, "bypass %s", address + 7);
	act_line(s, line);
}

static void
do_abx_focus(struct screen *s, const char *args)
{
	char address[160], line[400];
	(void)args;
	if (processor(s, address, sizeof address))
		return;
	snprintf(line, sizeof line, "abx %s/on on | %s/on off", address, address);
	act_line(s, line);
}

static void
do_type(struct screen *s, const char *args)
{
	char address[160];
	if (focus(s, address, sizeof address) == 0)
		entry_value(s, address, args);
}

static void
do_press(struct screen *s, const char *args)
{
	char address[160], line[256];
	if (focus(s, address, sizeof address))
		return;
	const struct desk_value *v = screen_value(s, address);
	if (v && (v->type == DESK_SWITCH || v->type == DESK_CHOICE)) {
		snprintf(line, sizeof line, "%s toggle", address);
		act_line(s, line);
		return;
	}
	do_type(s, args);
}

/* What a line would do, in words. */
static void
describe_line(struct screen *s, const char *keys, const char *line)
{
	char words[300];
	popup_words(s, line, words, sizeof words);
	screen_say(s, 0, "%s%s%s: %s", keys, *keys ? ": " : "", line, words);
}

static void
describe_value(struct screen *s, const char *address)
{
	const struct desk_value *v = screen_value(s, address);
	char range[80];
	if (!v) {
		screen_say(s, 0, "%s", address);
		return;
	}
	entry_range(v, range, sizeof range);
	screen_say(s, 0, "%s: %s; %s%snow %s%s", v->address, v->help, range, *range ? ", " : "",
	           *v->text ? v->text : "none", v->changed ? "" : ", the default");
}

static void
do_describe(struct screen *s, const char *args)
{
	char address[160];
	const struct desk_command *c = desk_command_of(args, NULL);
	if (c) {
		screen_say(s, 0, "%s%s%s: %s", c->name, *c->usage ? " " : "", c->usage, c->help);
	} else if (*args) {
		describe_value(s, args);
	} else if (focus(s, address, sizeof address) == 0) {
		describe_value(s, address);
	}
}

static void
do_describe_key(struct screen *s, const char *args)
{
	(void)args;
	s->describing = 1;
	screen_say(s, 0, "type a key to hear what it does");
}

static const struct {
	const char *name;
	void (*run)(struct screen *s, const char *args);
} acts[] = {
    {"row", do_row},
    {"step", do_step},
    {"type", do_type},
    {"press", do_press},
    {"find", do_find},
    {"reset", do_reset},
    {"describe", do_describe},
    {"describe-key", do_describe_key},
    {"bypass-focus", do_bypass_focus},
    {"abx-focus", do_abx_focus},
    {"prompt", do_prompt},
    {"search", do_search},
    {"view", do_view},
    {"help", do_help},
    {"back", do_back},
    {"cancel", do_cancel},
    {"redraw", do_redraw},
    {"how-to-leave", do_how_to_leave},
};

/* Commands of the screen itself; those that are a view's own go there first. */
static void
run_own(struct screen *s, const char *name, const char *args)
{
	if (s->current->command && s->current->command(s, name, args))
		return;
	for (size_t k = 0; k < sizeof acts / sizeof *acts; k++)
		if (!strcmp(acts[k].name, name)) {
			acts[k].run(s, args);
			return;
		}
	screen_say(s, 1, "%s does nothing in this view", name);
}

void
act_line(struct screen *s, const char *line)
{
	const char *args;
	const struct desk_command *command = desk_command_of(line, &args);
	if (command && command->of_ui)
		run_own(s, command->name, args);
	else if (line[strspn(line, " ")])
		desk_send(s->desk, line);
}

void
act_key(struct screen *s, const char *key)
{
	char line[256], typed[sizeof s->typed.keys];
	/* a message that stands over a view is in the way once it is read */
	if (s->told_rows > 1 && s->now - s->told > LONG_SECONDS)
		s->message[0] = '\0';
	if (!strcmp(key, "Paste") || !strcmp(key, "Pasted")) {
		s->pasting = !strcmp(key, "Paste");
		if (s->pasting && !s->prompt.open)
			screen_say(s, 1, "pasted text was refused: no line is being typed; %s begins one",
			           keymap_keys_of(s->keys, s->current->name, "prompt"));
		return;
	}
	if (s->pasting && s->prompt.open)
		entry_paste(s, key);
	if (s->pasting)
		return;
	if (s->prompt.open) {
		entry_key(s, key);
		return;
	}
	const char *view = s->current->name;
	strcpy(typed, s->typed.keys);
	if (!*typed && !s->typed.count)
		s->typed_at = s->now;
	int describing = s->describing;
	switch (keymap_key(s->keys, view, key, &s->typed, line, sizeof line)) {
	case KEYMAP_COMMAND:
		s->describing = 0;
		if (describing)
			describe_line(s, key, line);
		else
			act_line(s, line);
		break;
	case KEYMAP_NONE:
		s->describing = 0;
		if (!strcmp(key, "Esc") && *typed)
			break;
		screen_say(s, 1, "%s%s is no key here; %s shows the keys", typed, key, keymap_keys_of(s->keys, view, "help"));
		break;
	case KEYMAP_MORE:
		break;
	}
}

void
act_hint(const struct screen *s, char *text, size_t size)
{
	if (s->typed.count || *s->typed.keys) {
		char count[16] = "";
		if (s->typed.count)
			snprintf(count, sizeof count, "%d", s->typed.count);
		snprintf(text, size, "%s%s ...", count, s->typed.keys);
		return;
	}
	static const struct {
		const char *command, *words;
	} hints[] = {
	    {"help", "help"}, {"view", "views"},  {"exit", "save+leave"}, {"prompt", "command"}, {"type", "type value"},
	    {"row", "value"}, {"column", "next"}, {"step", "change"},     {"search", "find"},
	};
	int n = 0;
	*text = '\0';
	for (size_t k = 0; k < sizeof hints / sizeof *hints && n < (int)size; k++) {
		const char *keys = keymap_keys_of(s->keys, s->current->name, hints[k].command);
		/* of keys that follow each other the first, which then tells the others */
		int many = !strcmp(hints[k].command, "view"), length = many ? 1 : (int)strlen(keys);
		if (*keys && !(many && *keys == '<'))
			n += snprintf(text + n, size - (size_t)n, "%s%.*s %s", n ? "  " : "", length, keys, hints[k].words);
	}
}
