#include "engine/split.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY "stem-key" /* the bus that is the mix as far as its compressor */

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
		const char *name;
	} kinds[] = {
	    {P_GATE_ON, "gate"}, {P_DEESS_ON, "de-esser"}, {P_TRANSIENT_ON, "transient shaper"}, {P_SAT_ON, "saturation"}};
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
		if (mix->value[kinds[k].on] != 0)
			return err_set(err,
			               "the mix has its %s on, which works on the sum and cannot be shared out among stems; "
			               "switch it off for the stems (`%s off`)",
			               kinds[k].name,
			               k == 0   ? "mix/gate/on"
			               : k == 1 ? "mix/deess/on"
			               : k == 2 ? "mix/transient/on"
			                        : "mix/sat/on");
	return 0;
}

static int
add_stem(struct session *session, struct split *split, struct node *node, int keyed, struct err *err)
{
	const char *address = session_address(node);
	struct split_stem *more = realloc(split->stem, (split->stems + 1) * sizeof *more);
	if (!more)
		return err_set(err, "stems: not enough memory");
	split->stem = more;
	struct split_stem *stem = &split->stem[split->stems];
	char id[160];
	snprintf(id, sizeof id, "stem-%zu", split->stems + 1);
	stem->bus = strdup(id);
	stem->name = strdup(node->text[P_NAME]);
	split->stems++;
	if (!stem->bus || !stem->name)
		return err_set(err, "stems: not enough memory");
	if (copy_mix(session, id, err) || line(session, err, "%s/out bus/%s", address, id))
		return -1;
	if (!keyed)
		return 0;
	return line(session, err, "bus/%s/comp/key bus/" KEY, id) || line(session, err, "bus/%s/comp/key-tap pre", id) ||
	       line(session, err, "%s/send/" KEY "/level 0", address);
}

/* The key is the mix up to its compressor: nothing behind, and no equaliser where that comes after. */
static int
make_key(struct session *session, struct err *err)
{
	int swapped = session_mix(session)->value[P_ORDER] != 0;
	return copy_mix(session, KEY, err) || line(session, err, "bus/" KEY "/comp/on off") ||
	       line(session, err, "bus/" KEY "/width default") || line(session, err, "bus/" KEY "/fader default") ||
	       line(session, err, "bus/" KEY "/mute off") || (swapped && line(session, err, "bus/" KEY "/eq/on off"));
}

int
split_session(struct session *session, struct split *split, struct err *err)
{
	static const enum node_kind kinds[] = {K_STRIP, K_BUS};
	struct node *mix = session_mix(session), *node;
	*split = (struct split){NULL, 0};
	if (refuse(mix, err))
		return -1;
	int keyed = mix->value[P_COMP_ON] != 0, status = 0;
	size_t count[2] = {0, 0};
	for (size_t j = 0; j < 2; j++)
		while (session_node(session, kinds[j], count[j]))
			count[j]++;
	if (keyed)
		status = make_key(session, err);
	for (size_t j = 0; j < 2 && !status; j++)
		for (size_t k = 0; k < count[j] && !status; k++) {
			node = session_node(session, kinds[j], k);
			if (!*node->text[P_OUT] || !strcmp(node->text[P_OUT], "mix"))
				status = add_stem(session, split, node, keyed, err);
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
