#include "engine/split.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID 64 /* bytes that the id of a bus made here takes at the most */

/* Whether the parameter belongs to what a bus copies from the mix. */
static int
is_chain(const struct param *p)
{
	return p->kinds & K_MIX && p->kinds & K_BUS && p->type != T_TEXT && p->type != T_REF;
}

static int __attribute__((format(printf, 3, 4))) line(struct session *session, struct err *err, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return session_line(session, text, err);
}

/* An id that no bus of the song has. */
static void
free_id(struct session *session, const char *wanted, char id[ID])
{
	char address[ID + 8];
	snprintf(id, ID, "%s", wanted);
	for (int k = 2;; k++) {
		snprintf(address, sizeof address, "bus/%s", id);
		if (!session_find(session, address))
			return;
		snprintf(id, ID, "%s-%d", wanted, k);
	}
}

/* Whether it plays into the mix: where nothing is said, and where what is said is not there. */
static int
is_top(struct session *session, const struct node *node)
{
	const char *out = node->text[P_OUT];
	return !*out || !strcmp(out, "mix") || (strcmp(out, "none") != 0 && !session_find(session, out));
}

/* A new bus with the mix's settings, heard by nobody. */
static int
copy_mix(struct session *session, const char *id, struct err *err)
{
	const struct node *mix = session_mix(session);
	if (line(session, err, "bus/%s/name %s", id, id) || line(session, err, "bus/%s/out none", id))
		return -1;
	for (int k = 0; k < PARAM_COUNT; k++) {
		char value[64];
		if (!is_chain(&params[k]) || mix->value[k] == params[k].def)
			continue;
		param_format(&params[k], mix->value[k], value, sizeof value);
		if (line(session, err, "bus/%s/%s %s", id, params[k].address, value))
			return -1;
	}
	return 0;
}

static int
refuse(const struct node *mix, struct err *err)
{
	static const struct {
		enum param_id on;
		const char *name, *address;
	} kinds[] = {{P_GATE_ON, "gate", "mix/gate/on"},
	             {P_DEESS_ON, "de-esser", "mix/deess/on"},
	             {P_TRANSIENT_ON, "transient shaper", "mix/transient/on"},
	             {P_SAT_ON, "saturation", "mix/sat/on"}};
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
		if (mix->value[kinds[k].on] != 0)
			return err_set(err,
			               "the mix has its %s on, which works on the sum and cannot be shared out among stems; "
			               "switch it off for the stems (`%s off`)",
			               kinds[k].name, kinds[k].address);
	if (mix->value[P_COMP_ON] != 0 && mix->value[P_COMP_LISTEN] != 0)
		return err_set(err, "the mix plays the key of its compressor, which is no sum of stems; `mix/comp/listen off`");
	return 0;
}

/* What drives the compressors of the stems in the mix's place. */
struct key {
	char id[ID];         /* of a bus that is the mix as far as its compressor; "": none is needed */
	const char *address; /* NULL: the mix has no compressor on */
};

static int
add_stem(struct session *session, struct split *split, struct node *node, const struct key *key, struct err *err)
{
	const char *address = session_address(node);
	struct split_stem *more = realloc(split->stem, (split->stems + 1) * sizeof *more);
	if (!more)
		return err_set(err, "stems: not enough memory");
	split->stem = more;
	struct split_stem *stem = &split->stem[split->stems];
	char wanted[ID / 2], id[ID];
	snprintf(wanted, sizeof wanted, "stem-%zu", split->stems + 1);
	free_id(session, wanted, id);
	stem->bus = strdup(id);
	stem->name = strdup(node->text[P_NAME]);
	split->stems++;
	if (!stem->bus || !stem->name)
		return err_set(err, "stems: not enough memory");
	if (copy_mix(session, id, err) || line(session, err, "%s/out bus/%s", address, id))
		return -1;
	if (key->address && line(session, err, "bus/%s/comp/key %s", id, key->address))
		return -1;
	if (!*key->id)
		return 0;
	return line(session, err, "bus/%s/comp/key-tap pre", id) ||
	       line(session, err, "%s/send/%s/level 0", address, key->id);
}

/*
 * The stems' compressors hear what the mix's does: its key, or a bus that is the mix up to its compressor: nothing
 * behind, and no equaliser where that comes after.
 */
static int
make_key(struct session *session, struct key *key, char address[ID + 8], struct err *err)
{
	const struct node *mix = session_mix(session);
	const char *own = mix->text[P_COMP_KEY];
	*key = (struct key){"", NULL};
	if (mix->value[P_COMP_ON] == 0)
		return 0;
	if (*own && strcmp(own, "none") != 0 && session_find(session, own)) {
		key->address = own;
		return 0;
	}
	free_id(session, "stem-key", key->id);
	snprintf(address, ID + 8, "bus/%s", key->id);
	key->address = address;
	return copy_mix(session, key->id, err) || line(session, err, "%s/comp/on off", address) ||
	       line(session, err, "%s/width default", address) || line(session, err, "%s/fader default", address) ||
	       line(session, err, "%s/mute off", address) ||
	       (mix->value[P_ORDER] != 0 && line(session, err, "%s/eq/on off", address));
}

int
split_session(struct session *session, struct split *split, struct err *err)
{
	static const enum node_kind kinds[] = {K_STRIP, K_BUS};
	struct node *node;
	struct key key;
	char address[ID + 8];
	*split = (struct split){NULL, 0};
	if (refuse(session_mix(session), err))
		return -1;
	size_t count[2] = {0, 0};
	for (size_t j = 0; j < 2; j++)
		while (session_node(session, kinds[j], count[j]))
			count[j]++;
	int status = make_key(session, &key, address, err);
	for (size_t j = 0; j < 2 && !status; j++)
		for (size_t k = 0; k < count[j] && !status; k++) {
			node = session_node(session, kinds[j], k);
			if (is_top(session, node))
				status = add_stem(session, split, node, &key, err);
		}
	if (status)
		split_free(split);
	return status;
}

void
split_free(struct split *split)
{
	for (size_t k = 0; k < split->stems; k++) {
		free(split->stem[k].bus);
		free(split->stem[k].name);
	}
	free(split->stem);
	*split = (struct split){NULL, 0};
}
