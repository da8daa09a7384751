#include "engine/graph_parts.h"

#include "base/notes.h"

static void
input_values(const struct node *node, union graph_values *to)
{
	to->input = (struct input_params){
	    .trim = node->value[P_TRIM],
	    .polarity = node->value[P_POLARITY] != 0,
	    .dc = node->value[P_DC_ON] != 0,
	};
}

static void
filter_values(const struct node *node, union graph_values *to)
{
	to->filter = (struct filter_params){
	    .hpf_on = node->value[P_HPF_ON] != 0,
	    .hpf_slope = (int)node->value[P_HPF_SLOPE],
	    .hpf_freq = node->value[P_HPF_FREQ],
	    .lpf_on = node->value[P_LPF_ON] != 0,
	    .lpf_slope = (int)node->value[P_LPF_SLOPE],
	    .lpf_freq = node->value[P_LPF_FREQ],
	};
}

static void
gate_values(const struct node *node, union graph_values *to)
{
	to->gate = (struct gate_params){
	    .on = node->value[P_GATE_ON] != 0,
	    .ratio = node->value[P_GATE_RATIO],
	    .threshold = node->value[P_GATE_THRESHOLD],
	    .hysteresis = node->value[P_GATE_HYSTERESIS],
	    .range = node->value[P_GATE_RANGE],
	    .attack = node->value[P_GATE_ATTACK],
	    .hold = node->value[P_GATE_HOLD],
	    .release = node->value[P_GATE_RELEASE],
	    .external = *node->text[P_GATE_KEY] != '\0',
	    .key_hpf = node->value[P_GATE_KEY_HPF],
	    .key_lpf = node->value[P_GATE_KEY_LPF],
	    .listen = node->value[P_GATE_LISTEN] != 0,
	};
}

static void
deess_values(const struct node *node, union graph_values *to)
{
	to->deess = (struct deess_params){
	    .on = node->value[P_DEESS_ON] != 0,
	    .freq = node->value[P_DEESS_FREQ],
	    .q = node->value[P_DEESS_Q],
	    .threshold = node->value[P_DEESS_THRESHOLD],
	    .range = node->value[P_DEESS_RANGE],
	    .release = node->value[P_DEESS_RELEASE],
	    .listen = node->value[P_DEESS_LISTEN] != 0,
	};
}

static void
eq_values(const struct node *node, union graph_values *to)
{
	to->eq.on = node->value[P_EQ_ON] != 0;
	for (int k = 0; k < EQ_BANDS; k++) {
		const double *band = &node->value[P_EQ1_ON + k * (P_EQ2_ON - P_EQ1_ON)];
		to->eq.band[k] = (struct eq_band){
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
comp_values(const struct node *node, union graph_values *to)
{
	to->comp = (struct comp_params){
	    .on = node->value[P_COMP_ON] != 0,
	    .threshold = node->value[P_COMP_THRESHOLD],
	    .ratio = node->value[P_COMP_RATIO],
	    .knee = node->value[P_COMP_KNEE],
	    .attack = node->value[P_COMP_ATTACK],
	    .hold = node->value[P_COMP_HOLD],
	    .release = node->value[P_COMP_RELEASE],
	    .makeup = node->value[P_COMP_MAKEUP],
	    .mix = node->value[P_COMP_MIX],
	    .external = *node->text[P_COMP_KEY] != '\0',
	    .key_hpf = node->value[P_COMP_KEY_HPF],
	    .listen = node->value[P_COMP_LISTEN] != 0,
	};
}

static void
transient_values(const struct node *node, union graph_values *to)
{
	to->transient = (struct transient_params){
	    .on = node->value[P_TRANSIENT_ON] != 0,
	    .attack = node->value[P_TRANSIENT_ATTACK],
	    .sustain = node->value[P_TRANSIENT_SUSTAIN],
	};
}

static void
sat_values(const struct node *node, union graph_values *to)
{
	to->sat = (struct sat_params){
	    .on = node->value[P_SAT_ON] != 0,
	    .type = (int)node->value[P_SAT_TYPE],
	    .drive = node->value[P_SAT_DRIVE],
	    .level = node->value[P_SAT_LEVEL],
	    .mix = node->value[P_SAT_MIX],
	};
}

void
graph_stage_values(enum dsp_stage stage, const struct node *node, union graph_values *to)
{
	static void (*const values[STAGES])(const struct node *, union graph_values *) = {
	    [STAGE_INPUT] = input_values,         [STAGE_FILTER] = filter_values, [STAGE_GATE] = gate_values,
	    [STAGE_DEESS] = deess_values,         [STAGE_EQ] = eq_values,         [STAGE_COMP] = comp_values,
	    [STAGE_TRANSIENT] = transient_values, [STAGE_SAT] = sat_values,
	};
	values[stage](node, to);
}

void
graph_reverb_values(const struct node *node, union graph_values *to)
{
	to->reverb = (struct reverb_params){
	    .on = node->value[P_REVERB_ON] != 0,
	    .time = (float)node->value[P_REVERB_TIME],
	    .low = (float)node->value[P_REVERB_LOW],
	    .high = (float)node->value[P_REVERB_HIGH],
	    .predelay = (float)node->value[P_REVERB_PREDELAY],
	    .size = (float)node->value[P_REVERB_SIZE],
	    .width = (float)node->value[P_REVERB_WIDTH],
	    .mix = (float)node->value[P_REVERB_MIX],
	};
}

static void
multi_values(const struct node *node, union graph_values *to)
{
	const double *v = node->value;
	to->multi = (struct multi_params){.on = v[P_MULTI_ON] != 0,
	                                  .cross = {v[P_MULTI_CROSS1], v[P_MULTI_CROSS2], v[P_MULTI_CROSS3]}};
	for (int k = 0; k < MULTI_BANDS; k++) {
		const double *band = &v[P_MULTI1_ON + k * (P_MULTI2_ON - P_MULTI1_ON)];
		to->multi.band[k] = (struct multi_band){
		    .on = band[0] != 0,
		    .solo = band[P_MULTI1_SOLO - P_MULTI1_ON] != 0,
		    .threshold = band[P_MULTI1_THRESHOLD - P_MULTI1_ON],
		    .ratio = band[P_MULTI1_RATIO - P_MULTI1_ON],
		    .knee = band[P_MULTI1_KNEE - P_MULTI1_ON],
		    .attack = band[P_MULTI1_ATTACK - P_MULTI1_ON],
		    .release = band[P_MULTI1_RELEASE - P_MULTI1_ON],
		    .makeup = band[P_MULTI1_MAKEUP - P_MULTI1_ON],
		};
	}
}

static void
dyneq_values(const struct node *node, union graph_values *to)
{
	to->dyneq.on = node->value[P_DYNEQ_ON] != 0;
	for (int k = 0; k < DYNEQ_BANDS; k++) {
		const double *band = &node->value[P_DYNEQ1_ON + k * (P_DYNEQ2_ON - P_DYNEQ1_ON)];
		to->dyneq.band[k] = (struct dyneq_band){
		    .on = band[0] != 0,
		    .type = (int)band[P_DYNEQ1_TYPE - P_DYNEQ1_ON],
		    .freq = band[P_DYNEQ1_FREQ - P_DYNEQ1_ON],
		    .q = band[P_DYNEQ1_Q - P_DYNEQ1_ON],
		    .threshold = band[P_DYNEQ1_THRESHOLD - P_DYNEQ1_ON],
		    .ratio = band[P_DYNEQ1_RATIO - P_DYNEQ1_ON],
		    .range = band[P_DYNEQ1_RANGE - P_DYNEQ1_ON],
		    .attack = band[P_DYNEQ1_ATTACK - P_DYNEQ1_ON],
		    .release = band[P_DYNEQ1_RELEASE - P_DYNEQ1_ON],
		};
	}
}

static void
stereo_values(const struct node *node, union graph_values *to)
{
	const double *v = node->value;
	to->stereo = (struct stereo_params){
	    .on = v[P_STEREO_ON] != 0,
	    .cross = {v[P_STEREO_CROSS1], v[P_STEREO_CROSS2], v[P_STEREO_CROSS3]},
	    .width = {v[P_STEREO1_WIDTH], v[P_STEREO2_WIDTH], v[P_STEREO3_WIDTH], v[P_STEREO4_WIDTH]},
	    .mono_below = v[P_STEREO_MONO] > 20 ? v[P_STEREO_MONO] : 0,
	};
}

static void
clipper_values(const struct node *node, union graph_values *to)
{
	to->clipper = (struct clipper_params){
	    .on = node->value[P_CLIP_ON] != 0,
	    .level = node->value[P_CLIP_LEVEL],
	    .knee = node->value[P_CLIP_KNEE],
	};
}

struct limiter_params
graph_limiter(const struct node *master)
{
	return (struct limiter_params){
	    .on = master->value[P_LIMIT_ON] != 0,
	    .gain = (float)master->value[P_LIMIT_GAIN],
	    .ceiling = (float)master->value[P_LIMIT_CEILING],
	    .release = (float)master->value[P_LIMIT_RELEASE],
	    .smooth = master->value[P_LIMIT_SMOOTH] != 0,
	};
}

static void
limiter_values(const struct node *node, union graph_values *to)
{
	to->limiter = graph_limiter(node);
}

void
graph_unit_values(enum dsp_master unit, const struct node *node, union graph_values *to)
{
	static void (*const values[MASTER_UNITS])(const struct node *, union graph_values *) = {
	    [MASTER_MULTI] = multi_values,     [MASTER_DYNEQ] = dyneq_values,     [MASTER_STEREO] = stereo_values,
	    [MASTER_CLIPPER] = clipper_values, [MASTER_LIMITER] = limiter_values,
	};
	values[unit](node, to);
}

void
graph_fade_values(const struct node *node, union graph_values *to)
{
	to->fade = (struct graph_fade){
	    .from = (int64_t)node->value[P_CUT_FROM],
	    .to = (int64_t)node->value[P_CUT_TO],
	    .in = (int64_t)node->value[P_FADE_IN],
	    .out = (int64_t)node->value[P_FADE_OUT],
	    .shape = (int)node->value[P_FADE_SHAPE],
	};
}

void
graph_echo_values(const struct node *node, const struct node *song, double rate, union graph_values *to)
{
	int note = (int)node->value[P_ECHO_NOTE];
	to->echo = (struct echo_params){
	    .on = node->value[P_ECHO_ON] != 0,
	    .frames =
	        (double)(note ? note_frames(note, song->value[P_TEMPO], rate) : ms_frames(node->value[P_ECHO_TIME], rate)),
	    .feedback = node->value[P_ECHO_FEEDBACK],
	    .hpf = node->value[P_ECHO_HPF],
	    .lpf = node->value[P_ECHO_LPF],
	    .cross = node->value[P_ECHO_CROSS] != 0,
	    .mix = node->value[P_ECHO_MIX],
	};
}
