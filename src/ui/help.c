#include "ui/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/popup.h"

#define KEYS 15     /* columns of the keys */
#define COMMANDS 26 /* and of the command behind them */

/* The help being written: lines before the first that is shown and behind the last are counted alone. */
struct page {
	const struct screen *s;
	struct grid *g;
	int first, line;
	const char *view, *group; /* headings that stand above what comes, told once something does */
	const char *name;         /* of the view, "" for all */
	char told_view[80], told_group[80];
};

static void
put(struct page *p, unsigned style, const char *text)
{
	int row = p->line++ - p->first;
	if (row >= 0 && row < p->g->rows - 1)
		grid_text(p->g, row, 0, p->g->cols, style, text);
}

/* Whether each word of the filter stands somewhere in the texts. */
static int
is_wanted(const struct page *p, const char *keys, const char *command, const char *help)
{
	const char *at = p->s->help_filter;
	while (*(at += strspn(at, " "))) {
		char word[80];
		int n = (int)strcspn(at, " ");
		snprintf(word, sizeof word, "%.*s", n, at);
		if (!strcasestr(keys, word) && !strcasestr(command, word) && !strcasestr(help, word) &&
		    !strcasestr(p->name, word) && !strcasestr(p->group, word))
			return 0;
		at += n;
	}
	return 1;
}

/* A line of three columns, the last of them over as many lines as it takes. */
static void
entry(struct page *p, const char *keys, const char *command, const char *help)
{
	char text[1024];
	if (!is_wanted(p, keys, command, help))
		return;
	if (strcmp(p->told_view, p->view)) {
		if (p->line)
			put(p, 0, "");
		put(p, GRID_BOLD | GRID_REVERSE, p->view);
		snprintf(p->told_view, sizeof p->told_view, "%s", p->view);
		p->told_group[0] = '\0';
	}
	if (strcmp(p->told_group, p->group)) {
		put(p, GRID_BOLD | GRID_UNDERLINE, p->group);
		snprintf(p->told_group, sizeof p->told_group, "%s", p->group);
	}
	int left = 2 + KEYS + 1 + (*command ? COMMANDS + 1 : 0), room = p->g->cols - left;
	room = room < 16 ? 16 : room;
	int over = (int)strlen(command) > COMMANDS || (int)strlen(keys) > KEYS;
	if (over) {
		snprintf(text, sizeof text, "  %-*s %s", KEYS, keys, command);
		put(p, 0, text);
	}
	do {
		int n = (int)grid_line(p->g, help, room);
		if (over)
			snprintf(text, sizeof text, "%*s%.*s", left, "", n, help);
		else if (*command)
			snprintf(text, sizeof text, "  %-*s %-*s %.*s", KEYS, keys, COMMANDS, command, n, help);
		else
			snprintf(text, sizeof text, "  %-*s %.*s", KEYS, keys, n, help);
		put(p, 0, text);
		help += n + strspn(help + n, " ");
		keys = command = "";
		over = 1;
	} while (*help);
}

/* The first binding of a view from the k-th on that has a command; NULL: there is none. */
static const struct keymap_bind *
find(const struct keymap *m, size_t *k, const char *view, const char *command)
{
	const struct keymap_bind *b;
	while ((b = keymap_bind(m, *k)) && (strcmp(b->view, view) || (command && strcmp(b->command, command))))
		++*k;
	return b;
}

/* The keys of a view, those with the same command together. */
static void
keys_of(struct page *p, const char *view, const char *title)
{
	const struct keymap *m = p->s->keys;
	const struct keymap_bind *b, *other;
	p->view = title;
	p->name = strcmp(view, "any") ? view : "";
	for (size_t k = 0; (b = find(m, &k, view, NULL)); k++) {
		char keys[128] = "", words[300];
		size_t n = 0;
		if (find(m, &n, view, b->command) != b)
			continue; /* told already */
		for (; (other = find(m, &n, view, b->command)); n++)
			snprintf(keys + strlen(keys), sizeof keys - strlen(keys), "%s%s", *keys ? " " : "", other->keys);
		p->group = b->group;
		popup_words(p->s, b->command, words, sizeof words);
		entry(p, keys, b->command, words);
	}
	p->view = ""; /* the title is the caller's */
}

static void
all_keys(struct page *p)
{
	const struct view *from = p->s->help_from;
	char title[100];
	if (from) {
		snprintf(title, sizeof title, "Keys here: %s", from->title);
		keys_of(p, from->name, title);
	}
	keys_of(p, "any", "Keys in all views");
	for (const struct view *v = views; v->name; v++) {
		snprintf(title, sizeof title, "Keys of the view %s: %s", v->name, v->title);
		if (v != from)
			keys_of(p, v->name, title);
	}
}

static void
all_commands(struct page *p)
{
	p->view = "Commands, typed after :";
	p->group = p->name = "";
	for (const struct desk_command *c = desk_commands; c->name; c++) {
		char name[200];
		snprintf(name, sizeof name, "%s%s%s%s%s", c->name, *c->usage ? " " : "", c->usage, c->alias ? "  or " : "",
		         c->alias ? c->alias : "");
		entry(p, keymap_keys_of(p->s->keys, "mixer", c->name), name, c->help);
	}
	p->view = "Lines of the language, typed after : too";
	entry(p, "", "strip/kick/fader -6.5", "set a value: 1.2k, 30ms, L30, 50%, on, off");
	entry(p, "", "@/pan += 5", "change it from where it is; @ is what is marked, or else the chosen strip");
	entry(p, "", "strip/{kick,tom*}/mute on", "several at once; strip/* is all of them, strip/1-4 the first four");
	entry(p, "", "@/eq/2/gain default", "back to its default; and: toggle");
}

void
help_draw(struct screen *s, struct grid *g)
{
	struct page p = {
	    .s = s, .g = g, .first = s->help_first < 0 ? 0 : s->help_first, .view = "", .group = "", .name = ""};
	all_keys(&p);
	all_commands(&p);
	int most = p.line - (g->rows - 1), shown = p.line < p.first + g->rows - 1 ? p.line : p.first + g->rows - 1;
	s->help_first = p.first > most ? most > 0 ? most : 0 : p.first;
	if (s->help_first != p.first) {
		grid_clear(g);
		help_draw(s, g);
		return;
	}
	char filter[120] = "";
	if (*s->help_filter)
		snprintf(filter, sizeof filter, " with \"%s\"", s->help_filter);
	grid_printf(g, g->rows - 1, 0, g->cols, GRID_REVERSE, "help %d-%d of %d%s   %s move   %s filter   %s back",
	            p.line ? p.first + 1 : 0, shown, p.line, filter, keymap_keys_of(s->keys, "help", "scroll"),
	            keymap_keys_of(s->keys, "help", "search"), keymap_keys_of(s->keys, "help", "back"));
	g->cursor_row = 0;
	g->cursor_col = 0;
}

int
help_command(struct screen *s, const char *name, const char *args)
{
	if (!strcmp(name, "scroll"))
		s->help_first += atoi(args);
	else if (!strcmp(name, "filter"))
		snprintf(s->help_filter, sizeof s->help_filter, "%s", args), s->help_first = 0;
	else
		return 0;
	return 1;
}
