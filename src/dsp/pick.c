#include "dsp/ops.h"

#include <string.h>

/* Whether the CPU runs that build. */
static int
runs(const struct dsp_ops *ops)
{
#if defined(__x86_64__) || defined(__i386__)
	return strcmp(ops->cpu, "avx2") != 0 || __builtin_cpu_supports("avx2");
#else
	(void)ops;
	return 1;
#endif
}

/* Native: wide vectors where the build for them uses AVX2; else four lanes, which SSE2 and NEON hold. */
const struct dsp_ops *
dsp_ops_pick(int lanes)
{
	static const struct dsp_ops *const all[] = {&dsp_ops_w8, &dsp_ops_w4, &dsp_ops_w1};
	for (unsigned k = 0; k < sizeof all / sizeof *all; k++) {
		int native = all[k]->lanes == 4 || strcmp(all[k]->cpu, "avx2") == 0;
		if ((lanes == all[k]->lanes || (lanes == 0 && native)) && runs(all[k]))
			return all[k];
	}
	return NULL;
}
