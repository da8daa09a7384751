#include "control/desk/scope.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "control/desk/edit.h"

/* Whose a parameter is: the first part of its address, or by its place in the table where that is all of it. */
static void
group_of(const struct param *p, char *to, size_t size)
{
	size_t length = strcspn(p->address, "/");
	if (p->kinds == K_SEND)
		snprintf(to, size, "send");
	else if (p->id >= P_HPF_ON && p->id <= P_LPF_SLOPE)
		snprintf(to, size, "filter");
	else if (p->address[length])
		snprintf(to, size, "%.*s", (int)length, p->address);
	else
		snprintf(to, size, "%s",
		         p->id == P_ORDER   ? "comp"
		         : p->id >= P_WIDTH ? "output"
		         : p->id >= P_TRIM  ? "input"
		                            : "strip");
}

static void
fill_value(struct desk_value *v, const struct node *node, const struct param *p)
{
	int texts = p->type == T_TEXT || p->type == T_REF;
	double value = texts ? 0 : node->value[p->id];
	if (node->kind == K_SEND)
		snprintf(v->address, sizeof v->address, "send/%.60s/%s", node->id, p->address);
	else
		snprintf(v->address, sizeof v->address, "%s", p->address);
	group_of(p, v->group, sizeof v->group);
	snprintf(v->help, sizeof v->help, "%s", p->help);
	if (texts)
		text_show(p->id == P_OUT && !*node->text[P_OUT] ? "mix" : node->text[p->id], v->text, sizeof v->text);
	else
		param_show(p, value, v->text, sizeof v->text);
	v->type = (enum desk_type)p->type;
	v->unit = (enum desk_unit)p->unit;
	v->value = value;
	v->min = p->min;
	v->max = p->max;
	v->def = p->def;
	v->step = p->step;
	v->place = texts ? 0 : param_place(p, value);
	v->ratio = p->taper == TAPER_LOG;
	v->changed = texts ? *node->text[p->id] != '\0' : value != p->def;
}

_Static_assert((int)DESK_REF == (int)T_REF && (int)DESK_DEGREES == (int)U_DEGREES,
               "types and units as the table has them");

static void
add_node(struct desk_values *v, const struct node *node)
{
	for (int k = 0; k < PARAM_COUNT && v->count < DESK_VALUES; k++)
		if (params[k].kinds & node->kind)
			fill_value(&v->value[v->count++], node, &params[k]);
}

static void
fill_shape(struct desk_shape *s, const struct node *node, double rate)
{
	const double *v = node->value;
	*s = (struct desk_shape){
	    .rate = rate,
	    .mono = node->kind == K_STRIP && v[P_CHANNELS] == 1,
	    .eq_on = v[P_EQ_ON] != 0,
	    .hpf_on = v[P_HPF_ON] != 0,
	    .hpf_slope = (int)v[P_HPF_SLOPE],
	    .lpf_on = v[P_LPF_ON] != 0,
	    .lpf_slope = (int)v[P_LPF_SLOPE],
	    .hpf_freq = v[P_HPF_FREQ],
	    .lpf_freq = v[P_LPF_FREQ],
	    .gate_on = v[P_GATE_ON] != 0,
	    .gate_ratio = v[P_GATE_RATIO],
	    .gate_threshold = v[P_GATE_THRESHOLD],
	    .gate_hysteresis = v[P_GATE_HYSTERESIS],
	    .gate_range = v[P_GATE_RANGE],
	    .comp_on = v[P_COMP_ON] != 0,
	    .comp_threshold = v[P_COMP_THRESHOLD],
	    .comp_ratio = v[P_COMP_RATIO],
	    .comp_knee = v[P_COMP_KNEE],
	    .comp_makeup = v[P_COMP_MAKEUP],
	    .comp_mix = v[P_COMP_MIX],
	};
	for (int k = 0; k < DESK_BANDS; k++) {
		const double *band = &v[P_EQ1_ON + k * (P_EQ2_ON - P_EQ1_ON)];
		s->band[k] = (struct desk_band){
		    .on = band[0] != 0,
		    .type = (int)band[P_EQ1_TYPE - P_EQ1_ON],
		    .side = (int)band[P_EQ1_SIDE - P_EQ1_ON],
		    .freq = band[P_EQ1_FREQ - P_EQ1_ON],
		    .gain = band[P_EQ1_GAIN - P_EQ1_ON],
		    .q = band[P_EQ1_Q - P_EQ1_ON],
		};
	}
}

static void
fill(struct desk *d, struct desk_values *v, const struct node *node)
{
	pthread_mutex_lock(&d->lock);
	v->version++;
	v->uid = node->uid;
	v->kind = desk_view_kind(node);
	v->count = 0;
	snprintf(v->address, sizeof v->address, "%s", session_address(node));
	text_show(desk_view_name(node), v->name, sizeof v->name);
	fill_shape(&v->shape, node, session_rate(d->session));
	v->heard[DESK_HEARD_EQ] = desk_ab_heard(d, node->uid, "eq");
	v->heard[DESK_HEARD_COMP] = desk_ab_heard(d, node->uid, "comp");
	v->heard[DESK_HEARD_GATE] = desk_ab_heard(d, node->uid, "gate");
	v->heard[DESK_HEARD_ALL] = desk_ab_heard(d, 0, "all");
	add_node(v, node);
	for (size_t k = 0; k < node->children; k++)
		if (node->child[k]->kind == K_SEND)
			add_node(v, node->child[k]);
	pthread_mutex_unlock(&d->lock);
}

void
desk_values_update(struct desk *d)
{
	if (d->values.uid == d->selected && (!d->values_stale || desk_abx_letter(d) == 'X'))
		return; /* nothing is new, or is to be told: see desk_abx_letter */
	const struct node *node = desk_chosen(d);
	if (!node)
		return;
	fill(d, &d->values, node);
	if (d->values_stale || !d->master_values.uid)
		fill(d, &d->master_values, session_master(d->session));
	d->values_stale = 0;
}

static int
copy(struct desk *d, struct desk_values *to, const struct desk_values *from)
{
	pthread_mutex_lock(&d->lock);
	int newer = to->version != from->version;
	if (newer)
		*to = *from;
	pthread_mutex_unlock(&d->lock);
	return newer;
}

int
desk_strip_values(struct desk *d, struct desk_values *values)
{
	return copy(d, values, &d->values);
}

int
desk_master_values(struct desk *d, struct desk_values *values)
{
	return copy(d, values, &d->master_values);
}

const struct desk_value *
desk_value_find(const struct desk_values *values, const char *address)
{
	for (int k = 0; k < values->count; k++)
		if (!strcmp(values->value[k].address, address))
			return &values->value[k];
	return NULL;
}
