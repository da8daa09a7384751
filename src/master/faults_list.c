#include "master/faults_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "master/solve.h"

const struct fault_type fault_types[FAULT_KINDS] = {
    [FAULT_PEAK] = {"peak", "true peaks of the master above its ceiling, where its limiter is off", "over_db", 0},
    [FAULT_CLIP] = {"clip", "samples of the mix above full scale, which a file of integers cuts off", "over_db", 0},
    [FAULT_LIMIT] = {"limit", "1 dB and more that the master's limiter takes off", "reduction_db", HONEST_DB},
    [FAULT_BASS] = {"bass", "bass below 150 Hz that is lost in mono, or that two strips take from each other",
                    "lost_db", 6},
    [FAULT_SIBILANCE] = {"sibilance", "5 to 10 kHz of a strip above the body of the mix, 1 to 4 kHz", "above_db", 6},
    [FAULT_MASKING] = {"masking", "strips that another one covers for most of their time", "covered", HUGE_VAL},
};

struct fault *
fault_add(struct faulty *f, enum fault_kind kind)
{
	struct faults *to = f->to;
	if (to->count == to->room) {
		size_t room = to->room ? 2 * to->room : 64;
		struct fault *more = realloc(to->found, room * sizeof *more);
		if (!more) {
			err_set(f->err, "not enough memory");
			return NULL;
		}
		to->found = more;
		to->room = room;
	}
	struct fault *fault = &to->found[to->count++];
	*fault = (struct fault){.kind = kind};
	return fault;
}

const char *
fault_name(const struct faulty *f, int node, char *text, size_t size)
{
	const char *name = blame_node(f->session, taps_uid(f->taps, node), text, size);
	return name ? name : "nobody";
}

void
faults_fini(struct faults *f)
{
	free(f->found);
	free(f->strip);
	masking_fini(&f->masking);
	*f = (struct faults){.found = NULL};
}

int
faults_heavy(const struct faults *f)
{
	for (size_t k = 0; k < f->count; k++)
		if (f->found[k].figure >= fault_types[f->found[k].kind].heavy)
			return 1;
	return 0;
}

int
faults_count_text(size_t faults, size_t pairs, char *text, size_t size)
{
	int n = snprintf(text, size, "%zu fault%s of the mix and its master", faults, faults == 1 ? "" : "s");
	if (pairs && n > 0 && (size_t)n < size)
		n += snprintf(text + n, size - (size_t)n, ", %zu case%s of masking", pairs, pairs == 1 ? "" : "s");
	return n;
}
