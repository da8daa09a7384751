#include "ui/entry.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ui/act.h"

int
entry_score(const char *text, const char *letters)
{
	int score = 1, run = 0;
	const char *at = text;
	for (; *letters; letters++) {
		if (*letters == ' ')
			continue;
		const char *from = at;
		while (*at && tolower((unsigned char)*at) != tolower((unsigned char)*letters))
			at++;
		if (!*at)
			return 0;
		int begins = at == text || !isalnum((unsigned char)at[-1]) ||
		             (islower((unsigned char)at[-1]) && isupper((unsigned char)*at));
		run = at == from && at != text ? run + 1 : 0;
		score += 2 + 4 * begins + 3 * (run > 0) + 4 * (at == text);
		at++;
	}
	return score * 64 / (48 + (int)strlen(text));
}

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
	prompt_begin(&s->prompt, ':', "", text);
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
		int score = entry_score(strip->kind == DESK_STRIP ? name : strip->name, p->text);
		int by_address = entry_score(strip->address, p->text);
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

/* Does what was typed. */
static void
finish(struct screen *s, char sign)
{
	struct prompt *p = &s->prompt;
	char line[1300];
	if (sign == ':') {
		snprintf(line, sizeof line, "%s", p->text);
		act_line(s, line);
	} else if (sign == '=' && p->text[strspn(p->text, " ")]) {
		snprintf(line, sizeof line, "value %s =%s", s->typing, p->text);
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
	if (sign == '/' && search_key(s, key))
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
