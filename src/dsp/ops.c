#include "dsp/ops.h"

#include "dsp/clipper.h"
#include "dsp/comp.h"
#include "dsp/deess.h"
#include "dsp/dyneq.h"
#include "dsp/gate.h"
#include "dsp/lanes.h"
#include "dsp/limiter.h"
#include "dsp/multi.h"
#include "dsp/echo.h"
#include "dsp/reverb.h"
#include "dsp/sat.h"
#include "dsp/stereo.h"
#include "dsp/transient.h"

extern const struct dsp_proc LANED(input_proc);
extern const struct dsp_proc LANED(filter_proc);
extern const struct dsp_proc LANED(eq_proc);
extern const struct dsp_output LANED(output_proc);
extern const struct dsp_bank LANED(bank_ops);
extern const struct dsp_meter LANED(meter_proc);

const struct dsp_ops LANED(dsp_ops) = {
    .lanes = LANES,
#ifdef __AVX2__
    .cpu = "avx2",
#else
    .cpu = "any",
#endif
    .stage =
        {
            [STAGE_INPUT] = &LANED(input_proc),
            [STAGE_FILTER] = &LANED(filter_proc),
            [STAGE_GATE] = &LANED(gate_proc),
            [STAGE_DEESS] = &LANED(deess_proc),
            [STAGE_EQ] = &LANED(eq_proc),
            [STAGE_COMP] = &LANED(comp_proc),
            [STAGE_TRANSIENT] = &LANED(transient_proc),
            [STAGE_SAT] = &LANED(sat_proc),
        },
    .output = &LANED(output_proc),
    .bank = &LANED(bank_ops),
    .meter = &LANED(meter_proc),
    .reverb = &LANED(reverb_unit),
    .echo = &LANED(echo_unit),
    .master =
        {
            [MASTER_MULTI] = &LANED(multi_unit),
            [MASTER_DYNEQ] = &LANED(dyneq_unit),
            [MASTER_STEREO] = &LANED(stereo_unit),
            [MASTER_CLIPPER] = &LANED(clipper_unit),
            [MASTER_LIMITER] = &LANED(limiter_unit),
        },
    .loudness = &LANED(loudness_unit),
};
