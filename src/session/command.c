#include "session/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "base/sha256.h"

/* The address that an id alone means as a reference: a bus to play to; a strip or bus to be keyed by. NULL: none. */
static const char *
address_of(struct session *s, const struct param *p, const char *id)
{
	static const char *const kinds[] = {"bus", "strip"};
	const struct node *found = NULL;
	for (int k = 0; k < (p->id == P_OUT ? 1 : 2) && !found; k++) {
		char *address = text_format("%s/%s", kinds[k], id);
		found = text_is_id(id, strlen(id)) ? session_find(s, address) : NULL;
		free(address);
	}
	return found ? session_address(found) : NULL;
}

/* Reads a reference or a list of DCAs for an edit, where the nodes named must be there. */
static int
read_string(struct session *s, const struct param *p, const char *text, char **string, struct err *err)
{
	bool word = !strcmp(text, "mix") || !strcmp(text, "none");
	const char *address = p->type == T_REF && !word ? address_of(s, p, text) : NULL;
	char *line_text, *quoted = text_quote(address ? address : text);
	/* The store's own reader judges it, as it would in a file. */
	const char *owner = p->kinds & K_STRIP ? "strip/x" : p->kinds & K_BUS ? "bus/x" : NULL;
	*string = NULL;
	if (p->type == T_TEXT && p->id != P_DCA) {
		free(quoted);
		*string = text_copy(text, strlen(text));
		return 0;
	}
	line_text = text_format("%s/%s %s", owner ? owner : "mix", p->address, quoted);
	free(quoted);
	struct line *line = line_new(line_text, strlen(line_text), END_LF);
	free(line_text);
	int result = line_read(s, line, err);
	if (!result) {
		*string = line->string;
		line->string = NULL;
		struct node *target = p->type == T_REF ? model_target(s, *string) : NULL;
		if (target && !target->live)
			result = err_set(err, "%s: there is no %s", p->address, inner(target)->address);
		for (const char *at = *string; p->id == P_DCA && !result && *at;) {
			size_t len = strcspn(at, ",");
			char *dca = text_format("dca/%.*s", (int)len, at);
			if (!session_find(s, dca))
				result = err_set(err, "dca: there is no %s", dca);
			free(dca);
			at += len + (at[len] == ',');
		}
	}
	if (result) {
		free(*string);
		*string = NULL;
	}
	line_free(line);
	return result;
}

static int
read_number(struct session *s, const struct param *p, const struct word *word, size_t words, double *number,
            struct err *err)
{
	char *joined = words_value(word, words);
	int result = param_parse(p, joined, p->id == P_RATE ? 1 : session_rate(s), number, err);
	free(joined);
	return result;
}

int
command_value(struct session *s, const struct param *p, const struct word *word, size_t words, struct overlay *value,
              struct err *err)
{
	*value = (struct overlay){.param = (int)p->id};
	if (!words)
		return err_set(err, "%s: a value is missing", p->address);
	const char *text = word[0].text;
	bool minus = !word[0].quoted && !strncmp(text, "-=", 2);
	if (!word[0].quoted && (minus || !strncmp(text, "+=", 2))) {
		struct word amount[2] = {{.text = word[0].text + 2}};
		size_t amounts = text[2] ? 1 : 0;
		for (size_t k = 1; k < words && amounts < 2; k++)
			amount[amounts++] = word[k];
		if (words > (text[2] ? 2u : 3u))
			return err_set(err, "%s: one amount is enough", p->address);
		char *joined = amounts ? words_value(amount, amounts) : text_copy("", 0);
		int steps = param_parse_steps(p, joined, &value->number, err);
		value->kind = steps ? OVER_STEP : OVER_ADD;
		int result = steps ? (steps < 0 ? -1 : 0) : param_parse_amount(p, joined, session_rate(s), &value->number, err);
		free(joined);
		if (minus)
			value->number = -value->number;
		return result;
	}
	bool number = p->type == T_REAL || p->type == T_INT;
	if (number && words == 2) {
		value->kind = OVER_SET;
		return read_number(s, p, word, words, &value->number, err);
	}
	if (words > 1)
		return err_set(err, "%s: more than one value (text with spaces stands in double quotes)", p->address);
	if (!word[0].quoted && !strcmp(text, "toggle")) {
		value->kind = OVER_TOGGLE;
		if (p->type == T_SWITCH || p->type == T_CHOICE)
			return 0;
		return err_set(err, "%s is no switch that could be toggled", p->address);
	}
	value->kind = OVER_SET;
	if (!word[0].quoted && !strcmp(text, "default")) {
		value->number = model_default(s, p);
		value->string = text_copy("", 0);
		return 0;
	}
	if (p->type == T_TEXT || p->type == T_REF)
		return read_string(s, p, text, &value->string, err);
	return read_number(s, p, word, 1, &value->number, err);
}

static int
apply(struct session *s, const struct target *target, const struct word *word, size_t words, struct err *err)
{
	const struct param *p = target->param;
	struct node *node = target->node;
	struct overlay value;
	double number;
	const char *string;
	if (!p)
		return err_set(err, "%s is no parameter: say which one, such as %s/%s", inner(node)->address,
		               inner(node)->address,
		               node->kind == K_SONG     ? "title"
		               : node->kind == K_REGION ? "file"
		               : node->kind == K_SEND   ? "level"
		               : node->kind == K_MARKER ? "at"
		               : node->kind == K_NOTE   ? "text"
		                                        : "fader");
	if (command_value(s, p, word, words, &value, err))
		return err_prefix(err, "%s", inner(node)->address);
	model_base(s, node, (int)p->id, &number, &string);
	switch (value.kind) {
	case OVER_SET:
		number = value.number;
		break;
	case OVER_ADD:
		number = param_add(p, number, value.number);
		break;
	case OVER_STEP:
		number = param_step(p, number, value.number);
		break;
	case OVER_TOGGLE:
		number = number >= p->max ? p->min : number + 1;
		break;
	}
	int result = edit_set(s, node, p, number, value.string ? value.string : "", err);
	free(value.string);
	return result;
}

static int
set(struct session *s, const struct words *w, struct err *err)
{
	struct targets found;
	int result = pattern_expand(s, w->word[0].text, PATTERN_MAKE, &found, err);
	for (size_t k = 0; k < found.count && !result; k++)
		result = apply(s, &found.target[k], w->word + 1, w->count - 1, err);
	pattern_fini(&found);
	return result;
}

/* delete ADDRESS...: several may fall at once; a child may be gone with its parent already. */
static int delete (struct session *s, const struct words *w, struct err *err)
{
	int result = w->count < 2 ? err_set(err, "delete what? Give an address") : 0;
	for (size_t k = 1; k < w->count && !result; k++) {
		struct targets found = {NULL, 0, 0};
		bool scene = !strncmp(w->word[k].text, "scene/", 6);
		if (scene || !strncmp(w->word[k].text, "variant/", 8)) {
			result = variant_delete(s, scene ? "scene" : "variant", w->word[k].text + (scene ? 6 : 8), err);
			continue;
		}
		result = pattern_expand(s, w->word[k].text, 0, &found, err);
		for (size_t n = 0; n < found.count && !result; n++) {
			if (found.target[n].param)
				result = err_set(err, "%s is a parameter: set it to default instead", w->word[k].text);
			else
				result = structure_delete(s, found.target[n].node, err);
		}
		pattern_fini(&found);
	}
	return result;
}

/* The one node that an address or a pattern names. */
static struct node *
one_node(struct session *s, const char *address, struct err *err)
{
	struct targets found;
	struct node *node = NULL;
	if (pattern_expand(s, address, 0, &found, err))
		return NULL;
	if (found.count != 1 || found.target[0].param)
		err_set(err, "%.80s: one strip, bus, DCA or region is wanted", address);
	else
		node = found.target[0].node;
	pattern_fini(&found);
	return node;
}

static int
rename_or_move(struct session *s, const struct words *w, struct err *err)
{
	bool move = !strcmp(w->word[0].text, "move");
	if (w->count != 3)
		return err_set(err, move ? "it reads: move ADDRESS PLACE" : "it reads: rename ADDRESS ID");
	struct node *node = one_node(s, w->word[1].text, err);
	if (!node)
		return -1;
	const char *text = w->word[2].text;
	if (!move)
		return structure_rename(s, node, text, err);
	size_t digits = strspn(text, "0123456789");
	if (!digits || text[digits] || digits > 6)
		return err_set(err, "\"%.60s\" is no place: a number from 1 on", text);
	return structure_move(s, node, strtoul(text, NULL, 10), err);
}

static int
run(struct session *s, const char *text, const struct words *w, struct err *err)
{
	const char *word = w->word[0].text;
	if (!strcmp(word, "delete"))
		return delete (s, w, err);
	if (!strcmp(word, "rename") || !strcmp(word, "move"))
		return rename_or_move(s, w, err);
	if (!strcmp(word, "variant"))
		return variant_line(s, text, w, err);
	if (!strcmp(word, "scene"))
		return scene_line(s, text, w, err);
	return set(s, w, err);
}

int
session_line(struct session *s, const char *text, struct err *err)
{
	struct words w;
	size_t len = strlen(text);
	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	if (len > TEXT_LINE_MAX)
		return err_set(err, "the line is too long");
	if (memchr(text, '\n', len) || memchr(text, '\r', len))
		return err_set(err, "one line at a time");
	if (text_invalid(text, len) != len)
		return err_set(err, "the line is not UTF-8");
	if (words_init(&w, text, len, err))
		return text_clean(err, -1);
	int result = 0;
	if (w.count) {
		size_t start = edit_start(s);
		result = edit_end(s, start, run(s, text, &w, err), err);
		if (!result)
			edit_told(s, text);
	}
	words_fini(&w);
	return text_clean(err, result);
}

int
session_set(struct session *s, struct node *node, enum param_id id, double value, struct err *err)
{
	const struct param *p = &params[id];
	if (!(p->kinds & node->kind) || !node->live || p->type == T_TEXT || p->type == T_REF)
		return err_set(err, "%s has no number %s", inner(node)->address, p->address);
	if (!(value >= p->min && value <= p->max) || (p->type != T_REAL && value != f_floor(value)))
		return err_set(err, "%s/%s: the value is out of range or not whole", inner(node)->address, p->address);
	size_t start = edit_start(s);
	int result = edit_end(s, start, edit_set(s, node, p, value, "", err), err);
	char number[64];
	param_format(p, value, number, sizeof number);
	char *line = text_format("%s/%s %s", inner(node)->address, p->address, number);
	if (!result)
		edit_told(s, line);
	free(line);
	return result;
}

int
session_set_text(struct session *s, struct node *node, enum param_id id, const char *text, struct err *err)
{
	const struct param *p = &params[id];
	char *string;
	if (!(p->kinds & node->kind) || !node->live || (p->type != T_TEXT && p->type != T_REF))
		return err_set(err, "%s has no text %s", inner(node)->address, p->address);
	if (text_invalid(text, strlen(text)) != strlen(text))
		return err_set(err, "%s/%s: the text is not UTF-8", inner(node)->address, p->address);
	size_t start = edit_start(s);
	int result = read_string(s, p, text, &string, err);
	if (!result)
		result = edit_set(s, node, p, 0, string, err);
	free(string);
	result = edit_end(s, start, result, err);
	char *quoted = text_quote(text);
	char *line = text_format("%s/%s %s", inner(node)->address, p->address, quoted);
	if (!result)
		edit_told(s, line);
	free(line);
	free(quoted);
	return result;
}

int
session_select(struct session *s, const char *pattern, struct err *err)
{
	struct targets found = {NULL, 0, 0};
	struct list selected = {NULL, 0, 0};
	if (pattern && *pattern && pattern_expand(s, pattern, 0, &found, err))
		return -1;
	for (size_t k = 0; k < found.count; k++) {
		if (!found.target[k].param)
			model_list_add(&selected, found.target[k].node);
	}
	pattern_fini(&found);
	free(s->selected.node);
	s->selected = selected;
	return 0;
}

void
session_select_nodes(struct session *s, struct node *const *node, size_t count)
{
	s->selected.count = 0;
	for (size_t k = 0; k < count; k++)
		model_list_add(&s->selected, node[k]);
}

int
session_targets(struct session *s, const char *pattern, int make,
                void (*each)(void *user, struct node *node, int param), void *user, struct err *err)
{
	struct targets found;
	if (pattern_expand(s, pattern, make ? PATTERN_MAKE : 0, &found, err))
		return text_clean(err, -1);
	for (size_t k = 0; k < found.count; k++)
		each(user, found.target[k].node, found.target[k].param ? (int)found.target[k].param->id : -1);
	pattern_fini(&found);
	return 0;
}

/* Calls back with one parameter; the commas of `each` are the caller's. */
static void
give(struct node *node, const struct param *p, void (*each)(void *user, const char *line), void *user)
{
	char number[64];
	char *value = NULL;
	if (p->type == T_TEXT) {
		value = text_quote(node->text[p->id]);
	} else if (p->type == T_REF) {
		const char *word = *node->text[p->id] ? node->text[p->id] : p->id == P_OUT ? "mix" : "none";
		value = text_copy(word, strlen(word));
	} else {
		param_format(p, node->value[p->id], number, sizeof number);
		value = text_copy(number, strlen(number));
	}
	char *line = text_format("%s/%s %s", inner(node)->address, p->address, value);
	each(user, line);
	free(line);
	free(value);
}

static void
give_node(struct session *s, struct node *node, void (*each)(void *user, const char *line), void *user)
{
	for (size_t k = 0; k < PARAM_COUNT; k++) {
		const struct param *p = &params[k];
		if (!(p->kinds & node->kind))
			continue;
		bool text = p->type == T_TEXT || p->type == T_REF;
		if (model_makes(p->id) || (text ? *node->text[k] != '\0' : node->value[k] != model_default(s, p)))
			give(node, p, each, user);
	}
	for (size_t k = 0; k < node->children; k++)
		give_node(s, node->child[k], each, user);
}

int
session_get(struct session *s, const char *pattern, void (*each)(void *user, const char *line), void *user,
            struct err *err)
{
	static const char *const all[] = {"song", "strip/*", "bus/*", "dca/*", "mix", "master", "variant", "scene"};
	struct targets found;
	if (!strcmp(pattern, "*")) {
		for (size_t k = 0; k < sizeof all / sizeof *all; k++)
			(void)session_get(s, all[k], each, user, NULL);
		return 0;
	}
	if (!strcmp(pattern, "variant") || !strncmp(pattern, "variant/", 8))
		return variant_get(s, "variant", pattern[7] ? pattern + 8 : NULL, each, user, err);
	if (!strcmp(pattern, "scene") || !strncmp(pattern, "scene/", 6))
		return variant_get(s, "scene", pattern[5] ? pattern + 6 : NULL, each, user, err);
	if (pattern_expand(s, pattern, PATTERN_QUIET, &found, err))
		return -1;
	if (!found.count) {
		pattern_fini(&found);
		if (pattern_expand(s, pattern, PATTERN_PREFIX, &found, err))
			return text_clean(err, -1);
	}
	for (size_t k = 0; k < found.count; k++) {
		if (found.target[k].param)
			give(found.target[k].node, found.target[k].param, each, user);
		else
			give_node(s, found.target[k].node, each, user);
	}
	pattern_fini(&found);
	return 0;
}

void
session_region_id(struct session *s, const char *seed, char id[7])
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	bool taken = true;
	for (unsigned turn = 0; taken; turn++) {
		char hex[65];
		char *text = text_format("%s %u", seed, turn);
		sha256_hex(text, strlen(text), hex);
		free(text);
		hex[15] = '\0';
		uint64_t number = strtoull(hex, NULL, 16);
		id[0] = digits[number % 26];
		number /= 26;
		for (size_t k = 1; k < 6; k++, number /= 36)
			id[k] = digits[number % 36];
		id[6] = '\0';
		taken = false;
		for (size_t k = 0; k < s->all.count && !taken; k++)
			taken = s->all.node[k]->kind & (K_REGION | K_NOTE) && !strcmp(s->all.node[k]->id, id);
	}
}
