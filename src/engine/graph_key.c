#include "engine/graph_parts.h"

#include <stdlib.h>
#include <string.h>

/* Memory of a stage of the widest kernels here, and a quantum of lanes for what goes in and its key. */
int
graph_key_init(struct graph_key *k)
{
	const struct dsp_ops *ops = dsp_ops_pick(0);
	size_t size = 0, quantum = QUANTUM * (size_t)ops->lanes * sizeof(float);
	memset(k, 0, sizeof *k);
	for (int s = 0; s < STAGES; s++)
		size = ops->stage[s] && ops->stage[s]->size > size ? ops->stage[s]->size : size;
	k->ops = ops;
	k->state = aligned_alloc(DSP_ALIGN, (size + DSP_ALIGN - 1) / DSP_ALIGN * DSP_ALIGN);
	for (int c = 0; c < 4; c++) {
		k->lanes[c] = aligned_alloc(DSP_ALIGN, quantum);
		if (!k->lanes[c] || !k->state)
			return -1;
		memset(k->lanes[c], 0, quantum);
	}
	return 0;
}

void
graph_key_fini(struct graph_key *k)
{
	free(k->state);
	for (int c = 0; c < 4; c++)
		free(k->lanes[c]);
}

int
graph_key_values(const struct node *node, enum dsp_stage stage, union graph_values *to)
{
	graph_stage_values(stage, node, to);
	if (stage == STAGE_GATE)
		to->gate.on = to->gate.listen = 1;
	else if (stage == STAGE_DEESS)
		to->deess.on = to->deess.listen = 1;
	else if (stage == STAGE_COMP)
		to->comp.on = to->comp.listen = 1;
	else
		return -1;
	return 0;
}
