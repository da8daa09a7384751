#include "session/store.h"

#include <stdlib.h>
#include <string.h>

bool
variant_cut(const struct line *line, const char *word, struct words *w)
{
	const char *text = line->text;
	if (line->kind != LINE_VARIANT)
		return false;
	text += strspn(text, " \t");
	if (word && strncmp(text, word, strlen(word)) != 0)
		return false;
	if (words_init(w, line->text, line->len, NULL))
		return false;
	if (w->count >= 4 && (!word || !strcmp(w->word[0].text, word)))
		return true;
	words_fini(w);
	return false;
}

bool
variant_is_title(const struct words *w)
{
	return !strcmp(w->word[0].text, "scene") && !strcmp(w->word[2].text, "name");
}

/* Whether a variant may change a parameter: what shapes the song itself stays. */
static bool
may_vary(const struct param *p)
{
	return p->id != P_NAME && p->id != P_RATE;
}

/* The lines' values for all that they name now; with a list to fill, or only judged. */
static int
read_line(struct session *s, const struct words *w, struct targets *found, struct err *err)
{
	if (pattern_expand(s, w->word[2].text, PATTERN_QUIET, found, err))
		return -1;
	for (size_t k = 0; k < found->count; k++) {
		const struct param *p = found->target[k].param;
		struct overlay value;
		int result = 0;
		if (k && p == found->target[k - 1].param)
			continue; /* judged already */
		if (!p)
			result = err_set(err, "%s is no parameter", w->word[2].text);
		else if (!may_vary(p))
			result = err_set(err, "a %s cannot change the %s", w->word[0].text, p->address);
		else
			result = command_value(s, p, w->word + 3, w->count - 3, &value, err);
		if (result)
			return err_prefix(err, "%s %s", w->word[0].text, w->word[1].text);
		free(value.string);
	}
	return 0;
}

int
variant_name(const char *word, const char *name, struct err *err)
{
	bool scene = !strcmp(word, "scene");
	static const char *const taken[] = {"store", "recall", "diff", "fade", "stop", "name"};
	if (scene && *name >= '1' && *name <= '8' && !name[1])
		return 0;
	if (!text_is_id(name, strlen(name)))
		return err_set(err, "\"%.60s\" is no name for a %s: %sa letter a-z, then letters, digits and -", name, word,
		               scene ? "a number from 1 to 8, or " : "");
	for (size_t k = 0; scene && k < sizeof taken / sizeof *taken; k++)
		if (!strcmp(name, taken[k]))
			return err_set(err, "\"%s\" is what is done with a scene, and no name for one", name);
	return 0;
}

int
variant_check(struct session *s, const struct line *line, size_t *hits, struct err *err)
{
	struct words w;
	struct targets found;
	*hits = 0;
	const char *word = line->text[strspn(line->text, " \t")] == 's' ? "scene" : "variant";
	if (!variant_cut(line, NULL, &w))
		return err_set(err, "a %s's line reads: %s NAME ADDRESS VALUE", word, word);
	int result = variant_name(w.word[0].text, w.word[1].text, err);
	if (!result && variant_is_title(&w)) {
		*hits = 1;
		result = w.count == 4 ? 0 : err_set(err, "a scene's name with spaces stands in double quotes");
	} else if (!result) {
		result = read_line(s, &w, &found, err);
		*hits = found.count;
		pattern_fini(&found);
	}
	words_fini(&w);
	return result;
}

const char *
session_variant(struct session *s, size_t k)
{
	size_t count = 0;
	for (size_t n = 0; n < s->variant_count; n++)
		free(s->variants[n]);
	s->variant_count = 0;
	for (struct line *l = s->head.next; l; l = l->next) {
		struct words w;
		if (!variant_cut(l, "variant", &w))
			continue;
		size_t n = 0;
		while (n < count && strcmp(s->variants[n], w.word[1].text) != 0)
			n++;
		if (n == count) {
			s->variants = text_realloc(s->variants, (count + 1) * sizeof *s->variants);
			s->variants[count++] = text_copy(w.word[1].text, strlen(w.word[1].text));
			s->variant_count = count;
		}
		words_fini(&w);
	}
	return k < count ? s->variants[k] : NULL;
}

void
variant_fini(struct session *s)
{
	for (size_t k = 0; k < s->overlay_count; k++)
		free(s->overlay[k].string);
	free(s->overlay);
	free(s->variant);
	for (size_t k = 0; k < s->variant_count; k++)
		free(s->variants[k]);
	free(s->variants);
	for (size_t k = 0; k < s->scene_count; k++) {
		free(s->scene[k].name);
		free(s->scene[k].title);
	}
	free(s->scene);
	s->scene = NULL;
	s->scene_count = 0;
	s->overlay = NULL;
	s->overlay_count = s->overlay_room = s->variant_count = 0;
	s->variant = NULL;
	s->variants = NULL;
}

static void
add(struct session *s, struct node *node, struct overlay value)
{
	if (s->overlay_count == s->overlay_room) {
		s->overlay_room = s->overlay_room ? s->overlay_room * 2 : 16;
		s->overlay = text_realloc(s->overlay, s->overlay_room * sizeof *s->overlay);
	}
	value.node = node;
	s->overlay[s->overlay_count++] = value;
}

/* Lays one line over; false where it is of another variant. */
static int
lay(struct session *s, const struct line *line, const char *name, bool *known, struct err *err)
{
	struct words w;
	struct targets found = {NULL, 0, 0};
	if (!variant_cut(line, "variant", &w))
		return 0;
	int result = 0;
	if (!strcmp(w.word[1].text, name)) {
		*known = true;
		result = read_line(s, &w, &found, err);
		for (size_t k = 0; k < found.count && !result; k++) {
			struct overlay value;
			result = command_value(s, found.target[k].param, w.word + 3, w.count - 3, &value, err);
			if (!result)
				add(s, found.target[k].node, value);
		}
		pattern_fini(&found);
	}
	words_fini(&w);
	return result;
}

/* Takes the values of all that is or was laid over anew. */
static void
refresh(struct session *s, const struct overlay *old, size_t count)
{
	for (size_t k = 0; k < count; k++)
		model_recompute(s, old[k].node, old[k].param);
	for (size_t k = 0; k < s->overlay_count; k++)
		model_recompute(s, s->overlay[k].node, s->overlay[k].param);
}

int
session_apply_variant(struct session *s, const char *name, struct err *err)
{
	struct overlay *old = s->overlay;
	size_t count = s->overlay_count;
	int result = 0;
	bool known = !name || !*name;
	s->overlay = NULL;
	s->overlay_count = s->overlay_room = 0;
	for (struct line *l = s->head.next; l && name && *name && !result; l = l->next)
		result = lay(s, l, name, &known, err);
	if (!result && !known)
		result = err_set(err, "there is no variant \"%.60s\"", name);
	refresh(s, old, count);
	if (!result && s->reroute && session_check_routing(s, err))
		result = err_prefix(err, "variant %s", name);
	if (result) {
		/* What was laid over before comes back. */
		struct overlay *failed = s->overlay;
		size_t failed_count = s->overlay_count;
		s->overlay = old;
		s->overlay_count = s->overlay_room = count;
		refresh(s, failed, failed_count);
		old = failed;
		count = failed_count;
	} else {
		free(s->variant);
		s->variant = name && *name ? text_copy(name, strlen(name)) : NULL;
	}
	for (size_t k = 0; k < count; k++)
		free(old[k].string);
	free(old);
	s->reroute = false;
	edit_tell(s);
	return text_clean(err, result);
}

int
variant_line(struct session *s, const char *text, const struct words *w, struct err *err)
{
	size_t hits;
	struct line *line = line_new(text, w->count ? w->word[w->count - 1].end : 0, END_LF);
	line->kind = LINE_VARIANT;
	int result = variant_check(s, line, &hits, err);
	if (!result && !hits)
		result = err_set(err, "%.80s: there is nothing of that name", w->word[2].text);
	const char *word = w->word[0].text;
	struct line *same = NULL, *last = NULL, *other = NULL;
	size_t count = 0;
	for (struct line *l = s->head.next; l && !result; l = l->next) {
		struct words is;
		if (!variant_cut(l, word, &is))
			continue;
		other = l;
		count++;
		if (!strcmp(is.word[1].text, w->word[1].text)) {
			last = l;
			if (!strcmp(is.word[2].text, w->word[2].text))
				same = l;
		}
		words_fini(&is);
	}
	if (!result && !same && count >= (size_t)(*word == 's' ? STORE_SCENES_MAX : STORE_VARIANTS_MAX))
		result = err_set(err, "the session has %zu lines of %ss, more than which it may not have", count, word);
	if (!result && same) {
		const char *whole = line->text + strspn(line->text, " \t");
		struct words is;
		variant_cut(same, word, &is);
		size_t begin = is.word[0].at, end = is.word[is.count - 1].end;
		words_fini(&is);
		char *changed = text_format("%.*s%s%s", (int)begin, same->text, whole, same->text + end);
		if (strcmp(changed, same->text) != 0)
			edit_change(s, same, changed);
		free(changed);
	} else if (!result) {
		edit_insert(s, last ? last : other ? other : s->tail, line->text + strspn(line->text, " \t"));
	}
	line_free(line);
	return result;
}

int
variant_get(struct session *s, const char *word, const char *name, void (*each)(void *user, const char *line),
            void *user, struct err *err)
{
	bool found = !name;
	for (struct line *l = s->head.next; l; l = l->next) {
		struct words w;
		if (!variant_cut(l, word, &w))
			continue;
		if (!name || !strcmp(w.word[1].text, name)) {
			char *text = text_format("%.*s", (int)(w.word[w.count - 1].end - w.word[0].at), l->text + w.word[0].at);
			each(user, text);
			free(text);
			found = true;
		}
		words_fini(&w);
	}
	return found ? 0 : text_clean(err, err_set(err, "there is no %s \"%.60s\"", word, name));
}

int
variant_delete(struct session *s, const char *word, const char *name, struct err *err)
{
	bool found = false;
	for (struct line *l = s->head.next, *next; l; l = next) {
		struct words w;
		next = l->next;
		if (!variant_cut(l, word, &w))
			continue;
		if (!strcmp(w.word[1].text, name)) {
			found = true;
			edit_remove(s, l);
		}
		words_fini(&w);
	}
	return found ? 0 : err_set(err, "there is no %s \"%.60s\"", word, name);
}
