/*
 * How it works. True peaks are looked for between the newest frames (dsp/truepeak.h); those above the ceiling are
 * levels in dB. The level in force is the greatest of a hold time that outlasts half a period of the deepest bass,
 * after which it sinks through two poles; held levels make the gain of a steady tone constant, so that it is not
 * distorted. Level less ceiling is the reduction; its gain runs through two box filters in a row, whose lengths add up
 * to the look-ahead: the gain is down in full, along a smooth curve, when the peak comes out of the delay. (Look-ahead
 * with box filters: after the FIR limiters of Signalsmith and zita-dpl1; the rest is our own.)
 *
 * Levels are kept as they were before the gain into the limiter, so that they stay true while gain and ceiling glide.
 * While they do, a knee as wide as the way of some milliseconds keeps the gain from bending sharply where a level meets
 * the ceiling; at rest there is none.
 */
#include "dsp/limiter.h"

#include <string.h>

#include "base/fmath.h"
#include "dsp/truepeak.h"
#include "dsp/glide.h"

#define BOX 46         /* frames of each of the two boxes; with the detector's reach and MARGIN they fill the latency */
#define MARGIN 6       /* frames that the gain is in force before a peak: the nearest frames shape it most */
#define FULL (1 << 30) /* a gain of 1 in the boxes, which add whole numbers: no sum ever drifts */
#define NOTHING -1000.0f /* dB: no peak */
#define DB_TO_LOG2 0.166096405f
#define LOG2_TO_DB 6.02059991f
#define SAFETY 0.01f         /* dB that peaks are aimed below the ceiling: what sixteen points a frame may miss */
#define HOLD_SECONDS 0.0205  /* a little more than 20 ms, a period of 50 Hz */
#define HOLD_PART 0.41       /* of the release time, if that is shorter */
#define TWO_POLES_T90 3.8897 /* time constants until two equal poles have gone nine tenths of the way */
#define RESTED 1e-5f         /* dB of reduction that count as none */

_Static_assert(TRUEPEAK_REACH + 2 * (BOX - 1) + MARGIN == LIMITER_LATENCY, "the boxes fill the look-ahead");
_Static_assert(LIMITER_LATENCY % QUANTUM == 0 && QUANTUM % TRUEPEAK_GROUP == 0, "quanta are whole groups");

#define BUFFER (LIMITER_LATENCY + QUANTUM)
#define OLD_GROUPS (LIMITER_LATENCY / TRUEPEAK_GROUP)
#define GROUPS (BUFFER / TRUEPEAK_GROUP)
#define FIRST_GROUP (OLD_GROUPS - TRUEPEAK_REACH / TRUEPEAK_GROUP) /* of the gaps that the newest frames complete */
#define LOOK_QUANTA (LIMITER_LATENCY / QUANTUM)
#define HOLD_MAX (4096 / QUANTUM) /* quanta: HOLD_SECONDS at 192 kHz and the look-ahead */

struct limiter {
	struct limiter_meter meter;
	struct truepeak truepeak;
	struct glide on, gain, ceiling; /* only element 0: 0 to 1, dB, dB */
	double rate;
	int hold;   /* quanta before the present one whose peaks are still in force */
	float fall; /* of the two release poles, a quantum */
	int active; /* on, or fading */
	int moving; /* quanta for which thresholds of the look-ahead may still differ */

	float side[2][BUFFER];                    /* after the gain; the newest QUANTUM frames at the end */
	float height[2][GROUPS], bend[2][GROUPS]; /* bounds of their groups */

	/* levels in dB before the gain, NOTHING where no peak was above the ceiling */
	float held[HOLD_MAX];    /* of the last quanta, the newest at held[next - 1] */
	int next, holding;       /* holding: quanta until all of held[] is NOTHING */
	float near, level;       /* the release's two poles */
	float threshold[BUFFER]; /* ceiling less gain, dB, as levels; the newest at the end, as in the next two */
	float knee[BUFFER];      /* dB to each side of the threshold */
	float gain_db[BUFFER];   /* in force */
	float amount[QUANTUM];   /* how much of the reduction is in force while it fades, 0 to 1 */

	int busy; /* frames until both boxes are full of FULL again */
	int64_t gains[BOX + QUANTUM], sums[BOX + QUANTUM], sum, sum_of_sums;
};

static size_t
limiter_size(double rate)
{
	(void)rate;
	return sizeof(struct limiter);
}

static void
set_release(struct limiter *s, double release)
{
	double seconds = release / 1000, hold = HOLD_PART * seconds < HOLD_SECONDS ? HOLD_PART * seconds : HOLD_SECONDS;
	int quanta = (int)(hold * s->rate / QUANTUM) + 1;
	s->hold = quanta < LOOK_QUANTA ? LOOK_QUANTA : quanta < HOLD_MAX ? quanta : HOLD_MAX;
	s->fall = (float)(1 - f_exp(-QUANTUM * TWO_POLES_T90 / ((seconds - hold) * s->rate)));
}

static void
rest(struct limiter *s)
{
	for (int n = 0; n < HOLD_MAX; n++)
		s->held[n] = NOTHING;
	s->near = s->level = NOTHING;
	s->next = s->holding = 0;
}

static void
limiter_init(void *state, double rate)
{
	struct limiter *s = state;
	memset(s, 0, sizeof *s);
	s->rate = rate;
	TIMED(truepeak_init)(&s->truepeak, TRUEPEAK_GUARD);
	glide_init(&s->on, rate, 0);
	glide_init(&s->gain, rate, 0);
	glide_init(&s->ceiling, rate, 0);
	set_release(s, 50);
	rest(s);
	for (int n = 0; n < BOX + QUANTUM; n++) {
		s->gains[n] = FULL;
		s->sums[n] = (int64_t)BOX * FULL;
	}
	s->sum = (int64_t)BOX * FULL;
	s->sum_of_sums = (int64_t)BOX * BOX * FULL;
}

/* Fills the look-ahead with what is in force, as it begins to work. */
static void
start(struct limiter *s)
{
	for (int n = 0; n < BUFFER; n++) {
		s->gain_db[n] = s->on.y[0] * s->gain.y[0];
		s->threshold[n] = s->ceiling.y[0] - SAFETY - s->gain_db[n];
		s->knee[n] = 0;
	}
	for (int n = 0; n < QUANTUM; n++)
		s->amount[n] = s->on.y[0];
	for (int c = 0; c < 2; c++) /* but for the first group, whose bend nobody asks for */
		TIMED(truepeak_bounds)
	(s->side[c] + TRUEPEAK_GROUP, LIMITER_LATENCY - TRUEPEAK_GROUP, s->height[c] + 1, s->bend[c] + 1);
	s->active = 1;
}

static void
limiter_set(void *state, const void *params, int snap)
{
	struct limiter *s = state;
	const struct limiter_params *p = params;
	/* What an off limiter is told is in force at once, before it fades in. */
	int still = snap || !s->active;
	glide_set(&s->on, 0, p->on ? 1 : 0, snap);
	glide_set(&s->gain, 0, p->gain, still);
	glide_set(&s->ceiling, 0, p->ceiling, still);
	set_release(s, (double)p->release);
	if (s->on.y[0] > 0 || s->on.moving) {
		if (!s->active || snap)
			start(s);
	}
}

/* A glide's way in the next few milliseconds, about: its last pole's distance. */
static float
way(const struct glide *g)
{
	return g->d[0] > g->b[0] ? g->d[0] - g->b[0] : g->b[0] - g->d[0];
}

/*
 * Where gain, ceiling and amount stand in each frame of this quantum: fills amount and the newest of threshold, knee
 * and gain_db; returns whether any of them has moved within the look-ahead (if not, all are constant).
 */
static int
advance(struct limiter *s)
{
	float *threshold = s->threshold + LIMITER_LATENCY, *knee = s->knee + LIMITER_LATENCY;
	float *gain_db = s->gain_db + LIMITER_LATENCY;
	int moves = s->on.moving || s->gain.moving || s->ceiling.moving;
	if (!moves && !s->moving)
		return 0;
	for (int n = 0; n < QUANTUM; n++) {
		if (s->on.moving)
			glide_step(&s->on);
		if (s->gain.moving)
			glide_step(&s->gain);
		if (s->ceiling.moving)
			glide_step(&s->ceiling);
		float on = s->on.y[0], gain = s->gain.y[0], size = gain > 0 ? gain : -gain;
		s->amount[n] = on;
		gain_db[n] = on * gain;
		threshold[n] = s->ceiling.y[0] - SAFETY - on * gain;
		knee[n] = moves ? way(&s->ceiling) + on * way(&s->gain) + size * way(&s->on) : 0;
	}
	glide_settle(&s->on);
	glide_settle(&s->gain);
	glide_settle(&s->ceiling);
	s->moving = moves ? LOOK_QUANTA + 1 : s->moving - 1;
	return 1;
}

/* The lowest threshold and the widest knee that hold for any frame in the look-ahead. */
static void
look_back(const struct limiter *s, float *threshold, float *knee)
{
	for (int n = 0; n < QUANTUM; n++) {
		threshold[n] = s->threshold[LIMITER_LATENCY + n];
		knee[n] = s->knee[LIMITER_LATENCY + n];
		for (int then = n; then < LIMITER_LATENCY; then += QUANTUM) {
			threshold[n] = s->threshold[then] < threshold[n] ? s->threshold[then] : threshold[n];
			knee[n] = s->knee[then] > knee[n] ? s->knee[then] : knee[n];
		}
	}
}

static void
amplify(float *x, const float *gain_db)
{
	for (int n = 0; n < QUANTUM; n += LANES)
		vf_store(x + n, vf_load(x + n) * vf_exp2(vf_load(gain_db + n) * DB_TO_LOG2));
}

/*
 * Looks for peaks above `ceiling` (linear, the lowest of the quantum) in the gaps that the newest frames complete;
 * fills peak[] with them (linear) and returns 1, or 0 when there is none. They are exact where they come near `level`.
 * Groups that cannot reach so high are not interpolated.
 */
static int
detect(struct limiter *s, float ceiling, float level, float *peak)
{
	const struct truepeak *t = &s->truepeak;
	int found = 0, high = 0;
	for (int c = 0; c < 2; c++) {
		float *height = s->height[c], *bend = s->bend[c];
		TIMED(truepeak_bounds)(s->side[c] + LIMITER_LATENCY, QUANTUM, height + OLD_GROUPS, bend + OLD_GROUPS);
		high |= truepeak_bound(t, height, bend, FIRST_GROUP, QUANTUM / TRUEPEAK_GROUP) > ceiling;
	}
	for (int g = FIRST_GROUP; high && g < FIRST_GROUP + QUANTUM / TRUEPEAK_GROUP; g++, peak += TRUEPEAK_GROUP) {
		if (truepeak_bound(t, s->height[0], s->bend[0], g, 1) > ceiling ||
		    truepeak_bound(t, s->height[1], s->bend[1], g, 1) > ceiling) {
			const float *l = s->side[0] + TRUEPEAK_GROUP * g, *r = s->side[1] + TRUEPEAK_GROUP * g;
			TIMED(truepeak_scan)(t, TRUEPEAK_GUARD, l, r, level, peak);
			found |= truepeak_greatest(peak, TRUEPEAK_GROUP) > ceiling;
		} else {
			memset(peak, 0, sizeof *peak * TRUEPEAK_GROUP);
		}
	}
	return found;
}

/* The greatest level of the last `quanta` quanta, dB. */
static float
held_level(const struct limiter *s, int quanta)
{
	float level = NOTHING;
	for (int n = 1; s->holding && n <= quanta; n++) {
		float then = s->held[(s->next - n + HOLD_MAX) % HOLD_MAX];
		level = then > level ? then : level;
	}
	return level;
}

/*
 * One quantum of the level in force, and from it the gain in each frame before the boxes; returns 0 when that is 1
 * throughout and the level is at rest. gain_db[] is what the peaks' frames were multiplied by.
 */
static int
follow(struct limiter *s, int found, const float *peak, const float *gain_db, const float *threshold, const float *knee,
       float *gain)
{
	float rest_at = threshold[QUANTUM - 1] - knee[QUANTUM - 1], held = NOTHING, newest = NOTHING;
	if (!found && !s->holding && s->level <= NOTHING)
		return 0;
	held = held_level(s, s->hold);
	float level[QUANTUM];
	if (found) {
		for (int n = 0; n < QUANTUM; n += LANES) {
			vf db = vf_log2(vf_load(peak + n)) * LOG2_TO_DB - vf_load(gain_db + n);
			vf_store(level + n, vf_select(vf_load(peak + n) > 0, db, vf_all(NOTHING)));
		}
		for (int n = 0; n < QUANTUM; n++) {
			newest = level[n] > newest ? level[n] : newest;
			level[n] = newest;
		}
	} else {
		for (int n = 0; n < QUANTUM; n++)
			level[n] = NOTHING;
	}

	/* The release: towards what is held, or just out of sight below the threshold. */
	float target = held > rest_at ? held : rest_at - 0.25f, before = s->level;
	if (before > NOTHING) {
		s->near = target < s->near ? s->near + (target - s->near) * s->fall : target;
		s->level += (s->near - s->level) * s->fall;
		if (s->level < target)
			s->level = target;
	} else {
		before = s->near = s->level = target;
	}
	float step = (s->level - before) / QUANTUM;
	for (int n = 0; n < QUANTUM; n++) {
		float sinking = before + step * (float)(n + 1);
		float floor = sinking > held ? sinking : held;
		level[n] = level[n] > floor ? level[n] : floor;
	}
	for (int n = 0; n < QUANTUM; n += LANES) {
		vf above = vf_load(level + n) - vf_load(threshold + n), half = vf_load(knee + n);
		vf bent = vf_min(vf_max(above + half, vf_all(0)), half * 2);
		vf reduction = vf_max(above - half, vf_all(0)) + bent * bent / vf_max(half * 4, vf_all(1e-9f));
		reduction = reduction * vf_load(s->amount + n);
		vf_store(gain + n, vf_exp2(reduction * -DB_TO_LOG2));
	}
	if (newest > s->level)
		s->near = s->level = newest;

	s->held[s->next] = newest;
	s->next = (s->next + 1) % HOLD_MAX;
	if (newest > NOTHING)
		s->holding = HOLD_MAX;
	else if (s->holding)
		s->holding--;
	if (s->level - rest_at < RESTED && !s->holding)
		s->level = s->near = NOTHING;
	return 1;
}

/* Smooths the gain through both boxes and lays it on the frames that come out; returns the smallest. */
static float
smooth(struct limiter *s, float *gain)
{
	int64_t lowest = (int64_t)BOX * BOX * FULL, sum = s->sum, sum_of_sums = s->sum_of_sums;
	const double scale = 1 / ((double)BOX * BOX * FULL);
	for (int n = 0; n < QUANTUM; n++) {
		s->gains[BOX + n] = (int64_t)(gain[n] * FULL);
		sum += s->gains[BOX + n] - s->gains[n];
		s->sums[BOX + n] = sum;
		sum_of_sums += sum - s->sums[n];
		lowest = sum_of_sums < lowest ? sum_of_sums : lowest;
		gain[n] = (float)((double)sum_of_sums * scale);
	}
	s->sum = sum;
	s->sum_of_sums = sum_of_sums;
	memmove(s->gains, s->gains + QUANTUM, sizeof *s->gains * BOX);
	memmove(s->sums, s->sums + QUANTUM, sizeof *s->sums * BOX);
	return (float)((double)lowest * scale);
}

/* One quantum on for what glides. */
static void
shift(struct limiter *s)
{
	memmove(s->threshold, s->threshold + QUANTUM, sizeof(float) * LIMITER_LATENCY);
	memmove(s->knee, s->knee + QUANTUM, sizeof(float) * LIMITER_LATENCY);
	memmove(s->gain_db, s->gain_db + QUANTUM, sizeof(float) * LIMITER_LATENCY);
}

static void
limiter_run(void *state, float *l, float *r)
{
	struct limiter *s = state;
	float *in[2] = {l, r}, gain[QUANTUM];
	for (int c = 0; c < 2; c++)
		memcpy(s->side[c] + LIMITER_LATENCY, in[c], sizeof(float) * QUANTUM);

	int working = 0;
	if (s->active) {
		float threshold[QUANTUM], knee[QUANTUM], peak[QUANTUM];
		const float *gain_db = s->gain_db + LIMITER_LATENCY;
		int moves = advance(s);
		look_back(s, threshold, knee);
		if (moves || gain_db[0] != 0)
			for (int c = 0; c < 2; c++)
				amplify(s->side[c] + LIMITER_LATENCY, gain_db);
		/* The lowest level of the quantum at which something happens, linear. */
		float ceiling = threshold[0] + gain_db[0] - knee[0];
		for (int n = 0; moves && n < QUANTUM; n++)
			if (threshold[n] + gain_db[n - TRUEPEAK_REACH] - knee[n] < ceiling)
				ceiling = threshold[n] + gain_db[n - TRUEPEAK_REACH] - knee[n];
		ceiling = vf_exp2(vf_all(ceiling * DB_TO_LOG2))[0];
		/* What stays in force until these frames have come out need not be known more closely below that. */
		float level = ceiling;
		if (!moves && s->holding) {
			float held = held_level(s, s->hold - LOOK_QUANTA - 1) + gain_db[0];
			level = vf_exp2(vf_all(held * DB_TO_LOG2))[0];
			level = level > ceiling ? level : ceiling;
		}
		int found = detect(s, ceiling, level, peak);
		working = follow(s, found, peak, gain_db - TRUEPEAK_REACH, threshold, knee, gain);
		if (moves)
			shift(s);
		if (s->on.y[0] == 0 && !s->on.moving) {
			s->active = 0;
			rest(s);
		}
	}

	float *out[2] = {l, r}, lowest = 1;
	if (working)
		s->busy = 2 * BOX + QUANTUM;
	if (s->busy > 0) {
		for (int n = 0; !working && n < QUANTUM; n++)
			gain[n] = 1;
		lowest = smooth(s, gain);
		for (int c = 0; c < 2; c++)
			for (int n = 0; n < QUANTUM; n += LANES)
				vf_store(out[c] + n, vf_load(s->side[c] + n) * vf_load(gain + n));
		s->busy -= QUANTUM;
	} else {
		for (int c = 0; c < 2; c++)
			memcpy(out[c], s->side[c], sizeof(float) * QUANTUM);
	}
	s->meter.reduction = lowest < 1 ? (float)(-20 * f_log10((double)lowest)) : 0;
	if (s->meter.reduction > s->meter.greatest)
		s->meter.greatest = s->meter.reduction;
	for (int c = 0; c < 2; c++) {
		memmove(s->side[c], s->side[c] + QUANTUM, sizeof(float) * LIMITER_LATENCY);
		if (s->active) {
			memmove(s->height[c], s->height[c] + QUANTUM / TRUEPEAK_GROUP, sizeof(float) * OLD_GROUPS);
			memmove(s->bend[c], s->bend[c] + QUANTUM / TRUEPEAK_GROUP, sizeof(float) * OLD_GROUPS);
		}
	}
}

const struct dsp_unit TIMED(limiter_unit) = {
    .name = "limiter",
    .size = limiter_size,
    .init = limiter_init,
    .set = limiter_set,
    .run = limiter_run,
    .latency = LIMITER_LATENCY,
};
