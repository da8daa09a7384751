#include "control/desk/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/groups.h"
#include "session/text.h"

#define FADE_LONGEST 600.0 /* seconds */

/* A value on its way. */
struct moving {
	uint32_t uid; /* of the strip */
	char *bus;    /* of a send, else NULL */
	enum param_id id;
	double from, to, now; /* now: as it was set last, to notice when somebody else sets it */
	int late;             /* changes at the end */
};

struct desk_fade {
	char name[72];
	double began, seconds;
	size_t steps; /* of undo behind its beginning */
	struct moving *moving;
	size_t count, room;
};

void
desk_fade_free(struct desk *d)
{
	struct desk_fade *f = d->edit->fade;
	for (size_t k = 0; f && k < f->count; k++)
		free(f->moving[k].bus);
	if (f)
		free(f->moving);
	free(f);
	d->edit->fade = NULL;
}

static void
add_moving(void *user, struct node *node, int param, double value)
{
	struct desk_fade *f = user;
	const struct param *p = &params[param];
	int mutes = param == P_MUTE && value != 0;
	/* a switch turns at once, but a strip that is muted sounds until the end */
	if (!(p->flags & FLAG_GLIDE) || (p->type != T_REAL && !mutes))
		return;
	if (f->count == f->room) {
		f->room = f->room ? f->room * 2 : 64;
		f->moving = text_realloc(f->moving, f->room * sizeof *f->moving);
	}
	const struct node *strip = node->kind == K_SEND ? node->parent : node;
	f->moving[f->count++] = (struct moving){.uid = strip->uid,
	                                        .bus = node->kind == K_SEND ? text_copy(node->id, strlen(node->id)) : NULL,
	                                        .id = p->id,
	                                        .from = node->live ? node->value[param] : p->def,
	                                        .to = value,
	                                        .late = mutes};
}

static struct node *
node_of(struct desk *d, const struct moving *m)
{
	char address[256];
	struct node *strip = held_node(d->session, m->uid);
	if (!strip || !m->bus)
		return strip;
	snprintf(address, sizeof address, "%s/send/%s", session_address(strip), m->bus);
	return session_find(d->session, address);
}

/* A value on its way: along the taper, so that a fader moves like a hand and a frequency in ratios. */
static double
between(const struct moving *m, double part)
{
	const struct param *p = &params[m->id];
	double a = param_place(p, m->from), b = param_place(p, m->to);
	if (part <= 0)
		return m->from;
	return part >= 1 ? m->to : param_at(p, a + (b - a) * part);
}

/* Whether nobody else has set it. */
static int
is_ours(struct desk *d, const struct moving *m, struct node *node)
{
	return node->value[m->id] == m->now && session_said(d->session, node, (int)m->id) == m->to;
}

/* Puts all values where they are at that part of the way; those that somebody else has set are left to him. */
static void
move(struct desk *d, struct desk_fade *f, double part, int begin)
{
	size_t kept = 0;
	d->edit->quiet = 1;
	desk_words_begin(d);
	for (size_t k = 0; k < f->count; k++) {
		struct moving *m = &f->moving[k];
		struct node *node = node_of(d, m);
		if (!node || (!begin && !is_ours(d, m, node))) {
			free(m->bus);
			continue;
		}
		m->now = m->late && part < 1 ? m->from : between(m, part);
		session_glide(d->session, node, (int)m->id, m->now);
		f->moving[kept++] = *m;
	}
	f->count = kept;
	desk_words_begin(d);
	d->edit->quiet = 0;
}

void
desk_fade_tick(struct desk *d)
{
	struct desk_fade *f = d->edit->fade;
	if (!f)
		return;
	double part = (clock_seconds() - f->began) / f->seconds;
	move(d, f, part, 0);
	if (part < 1 && f->count) {
		desk_engine_send(d);
		return;
	}
	desk_engine_send(d);
	desk_say(d, DESK_SAYS, part < 1 ? "scene %s: the fade ended, as its values were changed" : "scene %s is reached",
	         f->name);
	desk_fade_free(d);
}

/* Stops where it is: what is heard becomes what the lines say, in the step that began the fade where that is the last.
 */
static int
stop_fade(struct desk *d, struct err *err)
{
	struct desk_fade *f = d->edit->fade;
	char words[160];
	if (!f)
		return err_set(err, "no scene is being faded to");
	snprintf(words, sizeof words, "the fade to scene %s stopped on its way", f->name);
	size_t redos, steps = session_steps(d->session, &redos);
	if (steps == f->steps && !redos ? desk_begin_again(d, err) : desk_begin(d, err))
		return -1;
	int failed = 0;
	for (size_t k = 0; k < f->count && !failed; k++) {
		struct moving *m = &f->moving[k];
		struct node *node = node_of(d, m);
		if (node && is_ours(d, m, node))
			failed = session_set(d->session, node, m->id, m->now, err);
	}
	desk_fade_free(d);
	return desk_end(d, failed, words, err);
}

/* Counts what would change. */
static void
count_change(void *user, struct node *node, int param, double value)
{
	(void)node, (void)param, (void)value;
	++*(int *)user;
}

static int
recall(struct desk *d, const struct words *w, double seconds, char *const *part, size_t parts, struct err *err)
{
	const char *name = w->word[1].text, *title = NULL;
	char words[300];
	int count = 0;
	size_t redos;
	struct desk_fade *f = calloc(1, sizeof *f);
	if (!f)
		return err_set(err, "not enough memory");
	if (session_scene_changes(d->session, name, part, parts, count_change, &count, err) || desk_begin(d, err)) {
		free(f);
		return -1;
	}
	desk_fade_free(d);
	if (seconds > 0)
		session_scene_changes(d->session, name, part, parts, add_moving, f, err);
	for (size_t k = 0; session_scene(d->session, k, &title); k++)
		if (!strcmp(session_scene(d->session, k, &title), name))
			break;
	/* the language does it: one line in the journal */
	char *line = text_format("scene recall %s", name);
	for (size_t k = 0; k < parts; k++) {
		char *quoted = text_quote(part[k]), *more = text_format("%s %s", line, quoted);
		free(quoted);
		free(line);
		line = more;
	}
	int failed = session_line(d->session, line, err);
	free(line);
	snprintf(f->name, sizeof f->name, "%s", name);
	f->seconds = seconds;
	f->began = clock_seconds();
	d->edit->fade = f;
	if (failed || !f->count)
		desk_fade_free(d);
	else
		move(d, f, 0, 1);
	int n = snprintf(words, sizeof words, "scene %s%s%.100s%s: ", name, title && *title ? " (" : "", title ? title : "",
	                 title && *title ? ")" : "");
	if (!count)
		snprintf(words + n, sizeof words - (size_t)n, "all is so already");
	else if (seconds > 0)
		snprintf(words + n, sizeof words - (size_t)n, "%d value%s over %g s", count, count == 1 ? "" : "s", seconds);
	else
		snprintf(words + n, sizeof words - (size_t)n, "%d value%s changed", count, count == 1 ? "" : "s");
	failed = desk_end(d, failed, words, err);
	if (d->edit->fade)
		d->edit->fade->steps = session_steps(d->session, &redos);
	return failed;
}

/* One line of a difference. */
static void
say_change(void *user, struct node *node, int param, double value)
{
	struct desk *d = user;
	const struct param *p = &params[param];
	char name[200], then[64], now[64];
	desk_node_name(d, node, name, sizeof name);
	param_show(p, value, then, sizeof then);
	param_show(p, node->value[param], now, sizeof now);
	desk_say(d, DESK_LINES, "%s %s %s (is %s)", name, p->address, then, now);
}

static int
diff(struct desk *d, const char *name, char *const *part, size_t parts, struct err *err)
{
	int count = 0;
	if (session_scene_changes(d->session, name, part, parts, count_change, &count, err))
		return -1;
	session_scene_changes(d->session, name, part, parts, say_change, d, err);
	desk_say(d, DESK_SAYS, count ? "scene %s would change %d value%s" : "scene %s would change nothing", name, count,
	         count == 1 ? "" : "s");
	return 0;
}

static int
store(struct desk *d, const char *args, const struct words *w, struct err *err)
{
	char words[300];
	const char *title = "", *name;
	if (w->count < 2)
		return err_set(err, "scene store wants a number from 1 to 8 or a name, and a title if you like");
	char *line = text_format("scene %s", args);
	int failed = desk_begin(d, err);
	if (!failed) {
		failed = session_line(d->session, line, err);
		for (size_t k = 0; (name = session_scene(d->session, k, &title)); k++)
			if (!strcmp(name, w->word[1].text))
				break;
		snprintf(words, sizeof words, "stored scene %s%s%.150s%s", w->word[1].text, title && *title ? " (" : "",
		         title ? title : "", title && *title ? ")" : "");
		failed = desk_end(d, failed, words, err);
	}
	free(line);
	return failed;
}

static int
run(struct desk *d, char *args, const struct words *w, struct err *err)
{
	static const struct param time = {
	    .address = "scene fade", .type = T_REAL, .unit = U_MS, .min = 0, .max = FADE_LONGEST * 1000};
	const char *what = w->count ? w->word[0].text : "";
	double ms = 0;
	int fade = !strcmp(what, "fade"), is_diff = !strcmp(what, "diff"), is_recall = !strcmp(what, "recall");
	if (!strcmp(what, "store"))
		return store(d, args, w, err);
	if (!strcmp(what, "stop"))
		return stop_fade(d, err);
	if (!fade && !is_diff && !is_recall && w->count >= 3) {
		/* a line of the language */
		char *line = text_format("scene %s", args);
		int failed = desk_apply(d, line, err);
		free(line);
		return failed;
	}
	if ((!fade && !is_diff && !is_recall) || w->count < (fade ? 3u : 2u))
		return err_set(err,
		               "it reads: scene store N [TITLE], scene recall N [PART...], scene fade N SECONDS [PART...], "
		               "scene stop or scene diff N [PART...]");
	if (fade) {
		const char *text = w->word[2].text;
		char *seconds = text[strspn(text, "0123456789.")] ? text_copy(text, strlen(text)) : text_format("%ss", text);
		int bad = param_parse(&time, seconds, session_rate(d->session), &ms, err);
		free(seconds);
		if (bad)
			return -1;
	}
	size_t first = fade ? 3 : 2, parts = w->count - first;
	char **part = text_alloc((parts + 1) * sizeof *part);
	for (size_t k = 0; k < parts; k++)
		part[k] = w->word[first + k].text;
	int failed = is_diff ? diff(d, w->word[1].text, part, parts, err) : recall(d, w, ms / 1000, part, parts, err);
	free(part);
	return failed;
}

int
desk_scene_is_line(const char *line)
{
	static const char *const desks[] = {"fade", "stop", "diff"};
	line += strspn(line, " \t");
	line += strcspn(line, " \t");
	line += strspn(line, " \t");
	for (size_t k = 0; k < sizeof desks / sizeof *desks; k++)
		if (strlen(desks[k]) == strcspn(line, " \t") && !strncmp(line, desks[k], strlen(desks[k])))
			return 0;
	return 1;
}

int
desk_scene(struct desk *d, char *args, struct err *err)
{
	struct words w;
	char recall[64];
	if (*args && !args[strspn(args, "0123456789")]) { /* its number alone */
		snprintf(recall, sizeof recall, "recall %s", args);
		args = recall;
	}
	if (words_init(&w, args, strlen(args), err))
		return -1;
	int failed = run(d, args, &w, err);
	words_fini(&w);
	return failed;
}

int
desk_scenes(struct desk *d, char *args, struct err *err)
{
	const char *name, *title;
	size_t count = 0;
	if (*args)
		return err_set(err, "scenes takes nothing: it lists them");
	for (; (name = session_scene(d->session, count, &title)); count++)
		desk_say(d, DESK_LINES, *title ? "scene %s: %s" : "scene %s", name, title);
	if (!count)
		desk_say(d, DESK_SAYS, "no scene is stored yet: scene store 1 keeps how the desk stands");
	return 0;
}
