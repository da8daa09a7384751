/*
 * How it works. True peaks are looked for between the newest frames (dsp/truepeak.h); those above the ceiling are
 * levels in dB. The level in force is the greatest of a hold time that outlasts half a period of the deepest bass,
 * after which it sinks through two poles; held levels make the gain of a steady tone constant, so that it is not
 * distorted. Level less ceiling is the reduction; its gain runs through two box filters in a row, whose lengths add up
 * to the look-ahead: the gain is down in full, along a smooth curve, when the peak comes out of the delay. (Look-ahead
 * with box filters: after the FIR limiters of Signalsmith and zita-dpl1; the rest is our own.)
 *
 * There are two pairs of boxes for the one delay: the brisk one ducks just before the peak, and its gain waits until
 * the peak's frame comes out; the smooth one takes the whole delay, unequal boxes, and less hold, so that it comes back
 * sooner. A gain that changes over 10 ms is heard less than one that does so in 2: at the same loudness it leaves 2 to
 * 4 dB less of what a gain slower than 20 ms cannot explain (tests/limitjudge.h). From one to the other the two gains
 * are blended, each of which keeps the ceiling, once the boxes and the hold that come in have been fed for the whole
 * delay.
 *
 * Levels are kept as they were before the gain into the limiter, so that they stay true while gain and ceiling glide.
 * While they do, a knee as wide as the way of some milliseconds keeps the gain from bending sharply where a level meets
 * the ceiling; at rest there is none.
 */
#include "dsp/limiter.h"

#include <string.h>

#include "base/fmath.h"
#include "dsp/boxes.h"
#include "dsp/truepeak.h"
#include "dsp/glide.h"

#define BRISK 128    /* frames of the brisk delay */
#define BRISK_BOX 46 /* frames of each of its boxes; with the detector's reach and MARGIN they fill the delay */
#define SMOOTH_BOX BOXES_FIRST /* the same of the smooth delay: eight tenths, and two; measured least distortion */
#define SMOOTH_BOX2 BOXES_SECOND
#define MARGIN 6         /* frames that the gain is in force before a peak: the nearest frames shape it most */
#define NOTHING -1000.0f /* dB: no peak */
#define DB_TO_LOG2 0.166096405f
#define LOG2_TO_DB 6.02059991f
#define SAFETY 0.01f         /* dB that peaks are aimed below the ceiling: what sixteen points a frame may miss */
#define SMOOTH_SAFETY 0.03f  /* and of the smooth way: readers that cut off steeply see more in what is dense */
#define HOLD_SECONDS 0.0205  /* a little more than 20 ms, a period of 50 Hz */
#define SMOOTH_HOLD 0.0128   /* the same of the smooth way: a little more than its delay at 48 kHz */
#define SMOOTH_FALL 0.6f     /* of its rate of release: what a touch of limiting comes back at, */
#define SMOOTH_DEEPER 0.1f   /* and how much more of it a dB: what is deep costs loudness */
#define HOLD_PART 0.41       /* of the release time, if that is shorter */
#define TWO_POLES_T90 3.8897 /* time constants until two equal poles have gone nine tenths of the way */
#define RESTED 1e-5f         /* dB of reduction that count as none */

_Static_assert(TRUEPEAK_REACH + 2 * (BRISK_BOX - 1) + MARGIN == BRISK, "the boxes fill the look-ahead");
_Static_assert(TRUEPEAK_REACH + SMOOTH_BOX - 1 + SMOOTH_BOX2 - 1 + MARGIN == LIMITER_LATENCY, "these do, too");
_Static_assert(BRISK % QUANTUM == 0, "what waits are whole quanta");
_Static_assert(LIMITER_LATENCY % QUANTUM == 0 && QUANTUM % TRUEPEAK_GROUP == 0, "quanta are whole groups");

#define BUFFER (LIMITER_LATENCY + QUANTUM)
#define OLD_GROUPS (LIMITER_LATENCY / TRUEPEAK_GROUP)
#define GROUPS (BUFFER / TRUEPEAK_GROUP)
#define FIRST_GROUP (OLD_GROUPS - TRUEPEAK_REACH / TRUEPEAK_GROUP) /* of the gaps that the newest frames complete */
#define LOOK_QUANTA (LIMITER_LATENCY / QUANTUM)
#define LATE_QUANTA ((LIMITER_LATENCY - BRISK) / QUANTUM) /* that the brisk gain waits */
#define HOLD_MAX (4096 / QUANTUM)                         /* quanta: HOLD_SECONDS at 192 kHz and the look-ahead */

struct limiter {
	struct limiter_meter meter;
	struct truepeak truepeak;
	struct glide on, gain, ceiling; /* only element 0: 0 to 1, dB, dB */
	struct glide way;               /* only element 0: 0 brisk, 1 smooth */
	int smooth, wait;               /* where that goes, and quanta until it may */
	int look;                       /* quanta of the delay that has to be satisfied */
	double rate, release;           /* Hz, ms */
	int hold;                       /* quanta before the present one whose peaks are still in force */
	float fall;                     /* of the two release poles, a quantum */
	int active;                     /* on, or fading */
	int moving;                     /* quanta for which thresholds of the look-ahead may still differ */

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

	struct boxes brisk, slow;
	struct quantum_gain late[LATE_QUANTA]; /* of the brisk boxes, the oldest at `oldest` */
	int oldest;
};

static size_t
limiter_size(double rate)
{
	(void)rate;
	return sizeof(struct limiter);
}

static void
set_release(struct limiter *s)
{
	double seconds = s->release / 1000, most = s->look == LOOK_QUANTA ? SMOOTH_HOLD : HOLD_SECONDS;
	double hold = HOLD_PART * seconds < most ? HOLD_PART * seconds : most;
	int quanta = (int)(hold * s->rate / QUANTUM) + 1;
	s->hold = quanta < s->look ? s->look : quanta < HOLD_MAX ? quanta : HOLD_MAX;
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
	glide_init(&s->way, rate, 0);
	s->look = BRISK / QUANTUM;
	s->release = 50;
	set_release(s);
	rest(s);
	boxes_init(&s->brisk, BRISK_BOX, BRISK_BOX);
	boxes_init(&s->slow, SMOOTH_BOX, SMOOTH_BOX2);
	for (int n = 0; n < LATE_QUANTA; n++)
		s->late[n].lowest = 1;
}

/* Whether one way alone is to be fed. */
static int
settled(const struct limiter *s)
{
	return !s->wait && !s->way.moving;
}

/* Sets out for the other way: both are fed, and both delays satisfied, from now on until it has got there. */
static void
turn(struct limiter *s, int smooth, int snap)
{
	if (settled(s)) {
		boxes_init(smooth ? &s->slow : &s->brisk, smooth ? SMOOTH_BOX : BRISK_BOX, smooth ? SMOOTH_BOX2 : BRISK_BOX);
		for (int n = 0; !smooth && n < LATE_QUANTA; n++) {
			s->late[n].lowest = 1;
			s->late[n].works = 0;
		}
		for (int n = 0; smooth && n < LIMITER_LATENCY - BRISK; n++) { /* they were not kept up */
			s->threshold[n] = s->threshold[LIMITER_LATENCY - BRISK];
			s->knee[n] = s->knee[LIMITER_LATENCY - BRISK];
		}
	}
	s->smooth = smooth;
	s->wait = snap ? 0 : LOOK_QUANTA + 1;
	s->look = snap && !smooth ? BRISK / QUANTUM : LOOK_QUANTA;
	s->moving = s->moving ? LOOK_QUANTA + 1 : 0;
	if (snap)
		glide_set(&s->way, 0, smooth ? 1 : 0, 1);
}

/* One quantum on, on the way: fills part[], how much of the smooth gain is in force; returns whether it changes. */
static int
turn_on(struct limiter *s, float *part)
{
	if (s->wait && --s->wait == 0)
		glide_set(&s->way, 0, s->smooth ? 1 : 0, 0);
	if (!s->way.moving)
		return 0;
	for (int n = 0; n < QUANTUM; n++)
		part[n] = glide_step(&s->way)[0];
	glide_settle(&s->way);
	if (settled(s) && !s->smooth) {
		s->look = BRISK / QUANTUM;
		set_release(s);
	}
	return 1;
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
	glide_set(&s->ceiling, 0, p->smooth ? p->ceiling - SMOOTH_SAFETY : p->ceiling, still);
	s->release = (double)p->release;
	if (s->smooth != !!p->smooth)
		turn(s, !!p->smooth, snap);
	set_release(s);
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
	s->moving = moves ? s->look + 1 : s->moving - 1;
	return 1;
}

/* The lowest threshold and the widest knee that hold for any frame in the look-ahead. */
static void
look_back(const struct limiter *s, float *threshold, float *knee)
{
	for (int n = 0; n < QUANTUM; n++) {
		threshold[n] = s->threshold[LIMITER_LATENCY + n];
		knee[n] = s->knee[LIMITER_LATENCY + n];
		for (int then = LIMITER_LATENCY - s->look * QUANTUM + n; then < LIMITER_LATENCY; then += QUANTUM) {
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
		float fall = s->fall, deep = SMOOTH_FALL + SMOOTH_DEEPER * (s->level - rest_at);
		if (s->look == LOOK_QUANTA)
			fall = fall * deep < 1 ? fall * deep : 1;
		s->near = target < s->near ? s->near + (target - s->near) * fall : target;
		s->level += (s->near - s->level) * fall;
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

/* The brisk gain waits for its frames: takes the newest, gives the oldest. */
static void
wait_for_frames(struct limiter *s, struct quantum_gain *gain)
{
	struct quantum_gain newest = *gain;
	*gain = s->late[s->oldest];
	s->late[s->oldest] = newest;
	s->oldest = (s->oldest + 1) % LATE_QUANTA;
}

/* What comes out is multiplied by, from the gain before the boxes (NULL: it is 1). */
static void
final_gain(struct limiter *s, const float *gain, struct quantum_gain *final)
{
	float part[QUANTUM];
	struct quantum_gain slow;
	int at_rest = settled(s);
	if (!at_rest || !s->smooth) {
		boxes_run(&s->brisk, gain, final);
		wait_for_frames(s, final);
	}
	if (!at_rest || s->smooth)
		boxes_run(&s->slow, gain, at_rest ? final : &slow);
	if (at_rest)
		return;
	int changes = turn_on(s, part);
	if (!changes && s->way.y[0] == 0)
		return;
	for (int n = 0; n < QUANTUM; n++) {
		float a = final->works ? final->gain[n] : 1, b = slow.works ? slow.gain[n] : 1;
		final->gain[n] = changes ? a + (b - a) * part[n] : b;
	}
	final->works |= slow.works;
	final->lowest = final->lowest < slow.lowest ? final->lowest : slow.lowest;
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
	struct quantum_gain final;
	float *io[2] = {l, r}, gain[QUANTUM];
	for (int c = 0; c < 2; c++)
		memcpy(s->side[c] + LIMITER_LATENCY, io[c], sizeof(float) * QUANTUM);

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
			float held = held_level(s, s->hold - s->look - 1) + gain_db[0];
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

	final_gain(s, working ? gain : NULL, &final);
	for (int c = 0; c < 2; c++)
		for (int n = 0; final.works && n < QUANTUM; n += LANES)
			vf_store(io[c] + n, vf_load(s->side[c] + n) * vf_load(final.gain + n));
	for (int c = 0; !final.works && c < 2; c++)
		memcpy(io[c], s->side[c], sizeof(float) * QUANTUM);
	s->meter.reduction = final.lowest < 1 ? (float)(-20 * f_log10((double) final.lowest)) : 0;
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
