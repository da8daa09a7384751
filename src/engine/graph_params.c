#include "engine/graph_parts.h"

#include <string.h>

#include "base/units.h"

/* Whether a list of ids with commas between names `id`. */
static int
lists(const char *list, const char *id)
{
	size_t length = strlen(id);
	while (*list) {
		size_t word = strcspn(list, ", ");
		if (word == length && !strncmp(list, id, length))
			return 1;
		list += word;
		list += strspn(list, ", ");
	}
	return 0;
}

/* Whether a strip or bus is soloed, or plays into a bus that is. */
static int
soloed(struct session *session, const struct node *n)
{
	for (int steps = 0; n && n->kind & (K_STRIP | K_BUS) && steps < 64; steps++) {
		if (n->value[P_SOLO] != 0)
			return 1;
		n = session_find(session, n->text[P_OUT]);
	}
	return 0;
}

static int
anything_soloed(struct session *session)
{
	for (size_t k = 0; session_node(session, K_STRIP, k); k++)
		if (session_node(session, K_STRIP, k)->value[P_SOLO] != 0)
			return 1;
	for (size_t k = 0; session_node(session, K_BUS, k); k++)
		if (session_node(session, K_BUS, k)->value[P_SOLO] != 0)
			return 1;
	return 0;
}

/*
 * The factor of a node's fader: its own with those of its DCAs, 0 where it or one of them is muted or where others are
 * soloed. Buses are not silenced by the solo of a strip: what they play comes from strips that are.
 */
static double
fader_gain(struct session *session, const struct node *node)
{
	if (node->value[P_MUTE] != 0 || node->value[P_FADER] <= DB_SILENCE)
		return 0;
	double db = node->value[P_FADER];
	if (node->kind & (K_STRIP | K_BUS)) {
		const struct node *dca;
		for (size_t k = 0; (dca = session_node(session, K_DCA, k)); k++) {
			if (!lists(node->text[P_DCA], dca->id))
				continue;
			if (dca->value[P_MUTE] != 0 || dca->value[P_FADER] <= DB_SILENCE)
				return 0;
			db += dca->value[P_FADER];
		}
	}
	if (node->kind == K_STRIP && node->value[P_SOLO_SAFE] == 0 && anything_soloed(session) && !soloed(session, node))
		return 0;
	return db_to_gain(db);
}

/*
 * The factors of a pan law at p from -1 to 1. -3 dB is the sine and cosine (equal power), -6 dB the straight line
 * (equal voltage), -4.5 dB the geometric mean of the two; balance leaves the near side and lowers the far one.
 */
static void
pan_gains(double p, int law, double gain[2])
{
	double x = 0.5 * (1 + p), power[2] = {f_cos(x * F_PI / 2), f_sin(x * F_PI / 2)}, line[2] = {1 - x, x};
	for (int c = 0; c < 2; c++) {
		double far = c == 0 ? p : -p; /* how far this side is from where it is panned to */
		switch (law) {
		case 0:
			gain[c] = line[c] <= 0 ? 0 : power[c];
			break;
		case 1:
			gain[c] = line[c] <= 0 ? 0 : f_sqrt(power[c] * line[c]);
			break;
		case 2:
			gain[c] = line[c];
			break;
		case 3:
			gain[c] = far > 0 ? 1 - far : 1;
			break;
		}
	}
}

static struct output_params
output_of(struct session *session, const struct rt_node *n, const struct node *node)
{
	struct output_params p = {.width = node->value[P_WIDTH] / 100, .pan_l = 1, .pan_r = 1};
	if (node->kind & (K_STRIP | K_BUS)) {
		int law = (int)node->value[P_PAN_LAW];
		double gain[2], centre[2];
		pan_gains(node->value[P_PAN] / 100, law, gain);
		pan_gains(0, law, centre);
		if (n->sides == 2 && node->value[P_PAN] == 0)
			gain[0] = gain[1] = 1;
		else if (n->sides == 2)
			gain[0] /= centre[0], gain[1] /= centre[1];
		p.pan_l = gain[0];
		p.pan_r = gain[1];
	}
	p.fader = fader_gain(session, node);
	return p;
}

static const struct node *
node_of(struct session *session, uint32_t uid)
{
	const struct node *node;
	for (size_t k = 0; (node = session_node(session, K_STRIP, k)); k++)
		if (node->uid == uid)
			return node;
	for (size_t k = 0; (node = session_node(session, K_BUS, k)); k++)
		if (node->uid == uid)
			return node;
	return session_mix(session)->uid == uid ? session_mix(session) : session_master(session);
}

void
graph_edits(const struct graph *g, struct session *session, int node, void (*emit)(void *, const struct graph_edit *),
            void *arg)
{
	const struct rt_node *n = &g->node[node];
	const struct node *from = node_of(session, n->uid);
	struct graph_edit edit;
	memset(&edit, 0, sizeof edit);
	edit.node = node;
	for (int s = 0; s < STAGES; s++) {
		if (!g->ops->stage[s])
			continue;
		edit.what = s;
		graph_stage_values(s, from, &edit.values);
		emit(arg, &edit);
	}
	if (n->reverb) {
		edit.what = EDIT_REVERB;
		graph_reverb_values(from, &edit.values);
		emit(arg, &edit);
	}
	if (n->echo) {
		edit.what = EDIT_ECHO;
		graph_echo_values(from, session_song(session), g->rate, &edit.values);
		emit(arg, &edit);
	}
	for (int k = 0; node == g->master && k < MASTER_UNITS; k++) {
		edit.what = EDIT_UNIT + k;
		graph_unit_values(k, from, &edit.values);
		if (g->unit[k])
			emit(arg, &edit);
	}
	if (node == g->master) {
		edit.what = EDIT_FADE;
		graph_fade_values(from, &edit.values);
		if (edit.values.fade.out > 0 && edit.values.fade.to == 0)
			edit.values.fade.to = graph_length(g);
		emit(arg, &edit);
	}
	edit.what = EDIT_OUTPUT;
	edit.values.output = output_of(session, n, from);
	emit(arg, &edit);
	/* the sends of a node are gains in the buses that hear it */
	edit.what = EDIT_SEND;
	for (size_t c = 0; c < from->children; c++) {
		const struct node *send = from->child[c];
		if (send->kind != K_SEND)
			continue;
		edit.send = send->uid;
		edit.values.gain = (float)(send->value[P_SEND_ON] != 0 ? db_to_gain(send->value[P_SEND_LEVEL]) : 0);
		emit(arg, &edit);
	}
}

struct snap {
	struct graph *g;
	int snap;
};

static void
take_now(void *arg, const struct graph_edit *edit)
{
	const struct snap *s = arg;
	graph_take(s->g, edit, s->snap);
}

void
graph_set(struct graph *g, struct session *session, int node, int snap)
{
	struct snap s = {g, snap};
	graph_edits(g, session, node, take_now, &s);
}
