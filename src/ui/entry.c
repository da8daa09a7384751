#include "ui/entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/complete.h"
#include "control/history.h"
#include "ui/act.h"

void
entry_range(const struct desk_value *v, char *to, size_t size)
{
	static const char *const units[] = {"", " dB", " Hz", " ms", " frames", " %", "", ":1", "", " bpm", " degrees"};
	*to = '\0';
	if (v->type == DESK_SWITCH)
		snprintf(to, size, "on or off");
	else if (v->unit == DESK_PAN)
		snprintf(to, size, "L100 to R100");
	else if (v->type == DESK_REAL || v->type == DESK_INT)
		snprintf(to, size, "%.10g to %.10g%s", v->min, v->max, units[v->unit]);
}

void
entry_command(struct screen *s, const char *text)
{
	struct prompt *p = &s->prompt;
	if (!p->history[0])
		history_load(p->history, PROMPT_HISTORY);
	prompt_begin(p, ':', "", text);
}

void
entry_value(struct screen *s, const char *address, const char *text)
{
	const struct desk_strip *strip = &s->view.strip[s->view.selected];
	const struct desk_value *v = screen_value(s, address);
	char label[sizeof s->prompt.label], range[80] = "";
	const char *below = !strncmp(address, "@/", 2) ? address + 2 : address;
	if (v)
		entry_range(v, range, sizeof range);
	if (s->view.marks && below != address)
		snprintf(label, sizeof label, "%d marked: %s", s->view.marks, below);
	else
		snprintf(label, sizeof label, "%s%s%s", below == address ? "" : strip->name, below == address ? "" : " ",
		         below);
	size_t n = strlen(label);
	if (v)
		snprintf(label + n, sizeof label - n, "%s%s%s, now %s", *range ? " (" : "", range, *range ? ")" : "", v->text);
	n = strlen(label);
	snprintf(label + n, sizeof label - n, ": ");
	snprintf(s->typing, sizeof s->typing, "%s", address);
	prompt_begin(&s->prompt, '=', label, text);
}

/* All strips whose number or name has the letters. */
static void
offer_strips(struct screen *s)
{
	struct prompt *p = &s->prompt;
	prompt_offer_none(p);
	for (int k = 0; k < s->view.strips; k++) {
		const struct desk_strip *strip = &s->view.strip[k];
		char name[100];
		snprintf(name, sizeof name, "%d %s", strip->number, strip->name);
		int score = complete_score(strip->kind == DESK_STRIP ? name : strip->name, p->text);
		int by_address = complete_score(strip->address, p->text);
		score = score * 2 > by_address ? score * 2 : by_address;
		if (score > 0)
			prompt_offer(p, p->length ? score : 1, strip->kind == DESK_STRIP ? name : strip->name, strip->address);
	}
	p->chosen = p->offers && p->length ? 0 : -1;
}

/* Views that have lines to look through do so while the search is typed; in others it looks for strips. */
static int
filter(struct screen *s, const char *text)
{
	return s->current->command && s->current->command(s, "filter", text);
}

static void
follow(struct screen *s)
{
	if (filter(s, s->prompt.text))
		prompt_offer_none(&s->prompt);
	else
		offer_strips(s);
}

void
entry_search(struct screen *s, const char *text)
{
	prompt_begin(&s->prompt, '/', "", text);
	follow(s);
}

static void
walk_offers(struct prompt *p, int step)
{
	if (p->offers)
		p->chosen = (p->chosen + step + p->offers) % p->offers;
}

/* Tab and arrows walk through what a search found. */
static int
search_key(struct screen *s, const char *key)
{
	if (!strcmp(key, "Down") || !strcmp(key, "Tab") || !strcmp(key, "C-n"))
		walk_offers(&s->prompt, 1);
	else if (!strcmp(key, "Up") || !strcmp(key, "S-Tab") || !strcmp(key, "C-p"))
		walk_offers(&s->prompt, s->prompt.chosen < 0 ? 0 : -1);
	else
		return 0;
	return 1;
}

/* Puts the chosen offer into the line; where it is the only one, what comes next can be typed at once. */
static void
put_offer(struct prompt *p)
{
	char text[200];
	const char *offer = p->offer[p->chosen].text;
	size_t n = strlen(offer);
	snprintf(text, sizeof text, "%s%s", offer, p->offers == 1 && n && offer[n - 1] != '/' ? " " : "");
	prompt_replace(p, p->from, text);
	if (p->offers == 1)
		prompt_offer_none(p);
}

/* Tab completes the word before the cursor, and then walks through what it may be; any other key takes it as it is. */
static int
complete_key(struct screen *s, const char *key)
{
	struct prompt *p = &s->prompt;
	int back = !strcmp(key, "S-Tab");
	if (strcmp(key, "Tab") && !back) {
		prompt_offer_none(p);
		return 0;
	}
	if (!p->offers) {
		struct completion *c = malloc(sizeof *c);
		if (!c)
			return 1;
		/* a value is completed as the line that it becomes */
		char line[sizeof s->typing + sizeof p->text + 2];
		size_t before = (size_t)(p->open == '=' ? snprintf(line, sizeof line, "%s ", s->typing)
		                                        : snprintf(line, sizeof line, "%s", ""));
		snprintf(line + before, sizeof line - before, "%s", p->text);
		desk_complete(s->desk, line, before + p->at, c);
		for (int k = 0; k < c->count && c->from >= before; k++)
			prompt_offer(p, c->offer[k].score, c->offer[k].text, c->offer[k].help);
		p->from = c->from - before;
		free(c);
	}
	if (p->offers) {
		walk_offers(p, p->chosen < 0 && back ? 0 : back ? -1 : 1);
		put_offer(p);
	}
	return 1;
}

/* The line that a typed value becomes; a text needs no quotes here. */
static void
value_line(const struct screen *s, char *line, size_t size)
{
	const struct desk_value *v = screen_value(s, s->typing);
	const char *text = s->prompt.text;
	if (!v || v->type != DESK_TEXT || *text == '"' || !strcmp(text, "default")) {
		snprintf(line, size, "value %s =%s", s->typing, text);
		return;
	}
	size_t n = (size_t)snprintf(line, size, "value %s =\"", s->typing);
	for (; *text && n + 4 < size; text++) {
		if (*text == '"' || *text == '\\')
			line[n++] = '\\';
		line[n++] = *text;
	}
	snprintf(line + n, size - n, "\"");
}

/* Whether a line begins with a word that can be neither a command nor an address. */
static int
is_unknown(const char *line)
{
	line += strspn(line, " ");
	size_t n = strcspn(line, " ");
	return n && *line != '#' && !desk_command_of(line, NULL) && !memchr(line, '/', n);
}

/* Does what was typed. */
static void
finish(struct screen *s, char sign)
{
	struct prompt *p = &s->prompt;
	char line[1300];
	if (sign == ':') {
		snprintf(line, sizeof line, "%s", p->text);
		if (line[strspn(line, " ")])
			history_add(line);
		if (is_unknown(line))
			screen_say(s, 1,
			           "%s: there is no such command, and addresses have a / in them; Tab completes, %s lists all",
			           line, keymap_keys_of(s->keys, s->current->name, "help"));
		else
			act_line(s, line);
	} else if (sign == '=' && p->text[strspn(p->text, " ")]) {
		value_line(s, line, sizeof line);
		act_line(s, line);
	} else if (sign == '/' && p->chosen >= 0) {
		snprintf(line, sizeof line, "select %s", p->offer[p->chosen].help);
		act_line(s, line);
	} else if (sign == '/' && p->length && !filter(s, p->text)) {
		screen_say(s, 1, "no strip has the letters \"%s\" in its name", p->text);
	}
}

void
entry_key(struct screen *s, const char *key)
{
	char sign = s->prompt.open;
	if ((sign == '/' && search_key(s, key)) || (sign != '/' && complete_key(s, key)))
		return;
	switch (prompt_key(&s->prompt, key)) {
	case PROMPT_DONE:
		finish(s, sign);
		break;
	case PROMPT_TYPING:
		if (sign == '/')
			follow(s);
		break;
	case PROMPT_LEFT:
		if (sign == '/')
			filter(s, "");
		break;
	}
}

void
entry_paste(struct screen *s, const char *key)
{
	prompt_paste(&s->prompt, key);
	if (s->prompt.open == '/')
		follow(s);
}
