/* The score: chords, melody and what every hand plays, with the small errors of time and force that hands make. */
#include "demo/demo_parts.h"

#include <stddef.h>

/* One chord a bar: root as a pitch class from C, third in half tones. */
static const struct {
	signed char root, third;
} chords[DEMO_BARS + 1] = {
    {9, 3}, {5, 4}, {0, 4}, {7, 4},                                        /* intro: Am F C G */
    {9, 3}, {5, 4}, {0, 4}, {7, 4}, {9, 3}, {5, 4}, {2, 3}, {4, 4},        /* verse: Am F C G Am F Dm E */
    {5, 4}, {7, 4}, {9, 3}, {0, 4}, {5, 4}, {7, 4}, {4, 4}, {9, 3},        /* chorus: F G Am C F G E Am */
    {2, 3}, {4, 4},                                                        /* break: Dm E */
    {5, 4}, {7, 4}, {9, 3}, {0, 4}, {5, 4}, {7, 4}, {4, 4}, {5, 4}, {0, 4} /* last chorus, ends F C */
};

/* How hard the band plays, bar by bar. */
static double
drive(int bar)
{
	if (bar < VERSE)
		return 0.62;
	if (bar < CHORUS)
		return bar < 8 ? 0.68 : 0.75;
	if (bar < BREAK)
		return 0.92;
	if (bar < LAST_CHORUS)
		return 0.70 + 0.12 * (bar - BREAK);
	return 1;
}

static int
chorus(int bar)
{
	return (bar >= CHORUS && bar < BREAK) || (bar >= LAST_CHORUS && bar < LAST_BAR);
}

static void
put(struct demo_part *p, double at, double length, int key, double force)
{
	if (p->count < DEMO_NOTES)
		p->note[p->count++] = (struct demo_note){at, length, key, force, 0, 0};
}

/* Moves every note by up to `ms` and a part of its force: nobody plays to the sample. */
static void
humanise(struct demo_part *p, uint64_t seed, double ms, double force, double late_ms)
{
	double beats = DEMO_TEMPO / 60000;
	for (int k = 0; k < p->count; k++) {
		struct demo_note *n = &p->note[k];
		n->at += (late_ms + ms * demo_hand(&seed)) * beats;
		n->force *= 1 + force * demo_hand(&seed);
		if (n->at < 0)
			n->at = 0;
		if (n->force > 1)
			n->force = 1;
	}
}

/* The pitch of a class at or above a key. */
static int
from(int lowest, int pitch_class)
{
	return lowest + ((pitch_class - lowest) % 12 + 12) % 12;
}

/* Root, third and fifth in close position within an octave above `lowest`: neighbouring chords lead smoothly. */
static void
triad(int bar, int lowest, int key[3])
{
	int root = chords[bar].root;
	key[0] = from(lowest, root);
	key[1] = from(lowest, root + chords[bar].third);
	key[2] = from(lowest, root + 7);
	for (int pass = 0; pass < 2; pass++)
		for (int k = 0; k < 2; k++)
			if (key[k] > key[k + 1]) {
				int t = key[k];
				key[k] = key[k + 1];
				key[k + 1] = t;
			}
}

/* A row of sixteenths: each character one, '.' a rest, '1' to '9' the force in tenths, 'X' full. */
static void
row(struct demo_part *p, int bar, const char *steps, int key, double force)
{
	for (int k = 0; k < 16 && steps[k]; k++) {
		if (steps[k] == '.')
			continue;
		double swing = k % 2 ? 0.02 : 0; /* the even sixteenths come a little late */
		double f = steps[k] == 'X' ? 1 : (steps[k] - '0') / 10.0;
		put(p, bar * 4 + k * 0.25 + swing, 0.25, key, f * force);
	}
}

void
score_drums(struct demo_part *p)
{
	p->count = 0;
	for (int bar = 0; bar < LAST_BAR; bar++) {
		double f = drive(bar);
		int fill = bar == 3 || bar == 11 || bar == 19 || bar == 21 || bar == 29, odd = bar % 2;
		if (bar < VERSE) {
			row(p, bar, bar < 2 ? "6.3.5.3.6.3.5.3." : "7.4.6.4.7.4.6.4.", HAT, f);
			if (bar >= 2)
				row(p, bar, odd ? "9.....5.8......." : "9.......8.......", KICK, f);
			if (bar == 3)
				row(p, bar, "............6.79", SNARE, f);
		} else if (bar < CHORUS) {
			row(p, bar, odd ? "X.....7...9....." : "X.......8.6.....", KICK, f);
			row(p, bar, fill ? "....9.......8.99" : odd ? "....9..2.2..9..2" : "....9....2..9...", SNARE, f);
			row(p, bar, fill ? "8.5.7.5.8......." : "8.5.7.5.8.5.7.5.", HAT, f);
			if (bar % 4 == 3 && !fill)
				row(p, bar, "..............8.", HAT_OPEN, f);
		} else if (chorus(bar)) {
			row(p, bar, odd ? "X..7..8.X.7....." : "X..7....X.8...6.", KICK, f);
			row(p, bar, fill ? "....X.......7799" : odd ? "....X..3.3..X..3" : "....X....3..X...", SNARE, f);
			if (bar < BREAK)
				row(p, bar, fill ? "X...9...X......." : "X...9...X...9...", HAT_OPEN, f * 0.9);
			else
				row(p, bar, fill ? "9.6.8.6.9......." : "9.6.8.6.9.6.8.6.", RIDE, f);
			if ((bar == CHORUS || bar == LAST_CHORUS))
				row(p, bar, "X...............", CRASH_LEFT, f);
			if (bar == CHORUS + 4 || bar == LAST_CHORUS + 4)
				row(p, bar, "9...............", CRASH_RIGHT, f);
		} else { /* the break builds up */
			row(p, bar, bar == BREAK ? "X.......X......." : "X...X...X.X.X.X.", KICK, f);
			row(p, bar, bar == BREAK ? "........4...5..." : "4.4.5.5.6677889X", SNARE, f);
		}
		if (fill) {
			row(p, bar, bar == 21 ? "............8..." : "........8.7.....", TOM_HIGH, f);
			row(p, bar, bar == 21 ? ".............87." : "...........87...", TOM_MID, f);
			row(p, bar, bar == 21 ? "...............X" : ".............8.9", TOM_LOW, f);
		}
	}
	put(p, LAST_BAR * 4, 4, KICK, 1);
	put(p, LAST_BAR * 4, 4, CRASH_LEFT, 1);
	put(p, LAST_BAR * 4, 4, CRASH_RIGHT, 0.8);
	humanise(p, 11, 5, 0.10, 0);
}

void
score_percussion(struct demo_part *p)
{
	p->count = 0;
	for (int bar = 8; bar < LAST_BAR; bar++) {
		double f = drive(bar);
		row(p, bar, "6354635463546354", SHAKER, f);
		if (chorus(bar))
			row(p, bar, "....9..4....9...", TAMBOURINE, f);
		if (bar >= LAST_CHORUS)
			row(p, bar, "....9.......9...", CLAP, f);
	}
	humanise(p, 12, 7, 0.15, 2);
}

void
score_bass(struct demo_part *p)
{
	p->count = 0;
	for (int bar = 2; bar < LAST_BAR; bar++) {
		double f = drive(bar), at = bar * 4;
		int root = from(28, chords[bar].root), next = from(28, chords[bar + 1].root), fifth = from(33, root + 7);
		if (bar < CHORUS) {
			put(p, at, 1.4, root, f);
			put(p, at + 1.5, 0.4, root, f * 0.8);
			put(p, at + 2, 0.9, bar % 2 ? fifth : root, f * 0.9);
			put(p, at + 3, 0.45, root, f * 0.8);
			put(p, at + 3.5, 0.45, next > root ? next - 2 : next + 2, f * 0.75);
		} else if (chorus(bar)) {
			for (int k = 0; k < 8; k++)
				put(p, at + k * 0.5, 0.46,
				    k == 7   ? (next > root ? next - 1 : next + 1)
				    : k == 5 ? root + 12
				             : root,
				    f * (k % 2 ? 0.82 : 1));
		} else {
			put(p, at, 3.8, root, f);
		}
	}
	put(p, LAST_BAR * 4, 5, from(28, chords[LAST_BAR].root), 0.95);
	humanise(p, 13, 5, 0.08, 4);
}

void
score_acoustic(struct demo_part *p)
{
	static const int order[8] = {0, 3, 2, 4, 1, 3, 2, 4};
	p->count = 0;
	for (int bar = 0; bar <= LAST_BAR; bar++) {
		double f = drive(bar), at = bar * 4;
		int low[3], high[3];
		triad(bar, 45, low);
		triad(bar, 55, high);
		int strings[6] = {from(40, chords[bar].root), low[1], low[2], high[0], high[1], high[2]};
		if (bar == LAST_BAR) {
			for (int s = 0; s < 6; s++)
				put(p, at + s * 0.06, 5, strings[s], 0.8);
		} else if (!chorus(bar)) {
			for (int k = 0; k < 8; k++)
				put(p, at + k * 0.5, k % 4 ? 1.5 : 2.2, strings[k == 0 ? 0 : order[k] + 1], f * (k % 4 ? 0.62 : 0.8));
		} else {
			static const char strum[] = "X...7.6..67.7.67"; /* down on the eighths, up between */
			for (int k = 0; k < 16; k++) {
				if (strum[k] == '.')
					continue;
				double hit = strum[k] == 'X' ? 1 : (strum[k] - '0') / 10.0;
				for (int s = 0; s < 6; s++) {
					int up = k % 4 == 3 || k % 4 == 1;
					if (up && s < 2)
						continue;
					put(p, at + k * 0.25 + (up ? 5 - s : s) * 0.014, 0.9, strings[s], f * hit * 0.75);
				}
			}
		}
	}
	humanise(p, 14, 4, 0.12, 0);
}

void
score_rhythm(struct demo_part *p, int twin)
{
	p->count = 0;
	for (int bar = 10; bar <= LAST_BAR; bar++) {
		double f = drive(bar), at = bar * 4;
		int root = from(40, chords[bar].root);
		int power[3] = {root, root + 7, root + 12};
		for (int s = 0; s < 3; s++) {
			double late = s * 0.008;
			if (bar < CHORUS) { /* damped with the palm: short */
				for (int k = 0; k < 8; k++)
					put(p, at + k * 0.5 + late, 0.18, power[s], f * (k % 4 ? 0.6 : 0.8));
			} else if (bar >= BREAK && bar < LAST_CHORUS) {
				put(p, at + late, 3.9, power[s], f);
			} else if (bar == LAST_BAR) {
				put(p, at + late, 5.5, power[s], 1);
			} else {
				put(p, at + late, 1.45, power[s], f);
				put(p, at + 1.5 + late, 0.9, power[s], f * 0.9);
				put(p, at + 2.5 + late, 0.4, power[s], f * 0.8);
				put(p, at + 3 + late, 0.45, power[s], f * 0.85);
				put(p, at + 3.5 + late, 0.45, power[s], f * 0.9);
			}
		}
	}
	humanise(p, twin ? 16 : 15, 8, 0.10, twin ? 6 : 0);
}

void
score_keys(struct demo_part *p)
{
	static const double verse[] = {0, 1.5, 2.5, 3.5}, hard[] = {0, 0.75, 1.5, 2, 2.75, 3.5};
	p->count = 0;
	for (int bar = 0; bar <= LAST_BAR; bar++) {
		double f = drive(bar), at = bar * 4;
		int key[3], bass = from(41, chords[bar].root),
		            colour = from(66, chords[bar].root + (chords[bar].third == 3 ? 10 : 2));
		triad(bar, 57, key);
		if (bar == LAST_BAR || bar < VERSE || (bar >= BREAK && bar < LAST_CHORUS)) {
			put(p, at, 3.9, bass, f * 0.7);
			for (int k = 0; k < 3; k++)
				put(p, at + k * 0.5 * (bar < VERSE), bar == LAST_BAR ? 6 : 3.5 - k * 0.5, key[k], f * 0.75);
			put(p, at + 1.5 * (bar < VERSE), 2.4, colour, f * 0.6);
			continue;
		}
		int loud = chorus(bar), hits = loud ? 6 : 4;
		put(p, at, 1.8, bass, f * 0.65);
		for (int h = 0; h < hits; h++) {
			double when = loud ? hard[h] : verse[h];
			for (int k = 0; k < 3; k++)
				put(p, at + when, h == 0 && !loud ? 1.3 : 0.5, key[k], f * (h % 2 ? 0.62 : 0.78));
			if (h % 2 == 0)
				put(p, at + when, 0.6, colour, f * 0.5);
		}
	}
	humanise(p, 17, 6, 0.12, 1);
}

void
score_pad(struct demo_part *p)
{
	p->count = 0;
	for (int bar = 0; bar <= LAST_BAR; bar++) {
		if (bar >= VERSE && bar < 8)
			continue;
		int key[3];
		triad(bar, 55, key);
		for (int k = 0; k < 3; k++)
			put(p, bar * 4, bar == LAST_BAR ? 5 : 4, key[k], drive(bar));
		put(p, bar * 4, bar == LAST_BAR ? 5 : 4, from(48, chords[bar].root), drive(bar) * 0.8);
	}
}

void
score_synth(struct demo_part *p)
{
	static const struct {
		double at, length;
		int key;
	} hook[] = {{0, 0.75, 76},  {0.75, 0.75, 72},  {1.5, 1, 74},  {2.5, 1.5, 69},   {4, 0.75, 77}, {4.75, 0.75, 76},
	            {5.5, 1, 72},   {6.5, 1.5, 69},    {8, 0.75, 79}, {8.75, 0.75, 76}, {9.5, 1, 72},  {10.5, 1.5, 67},
	            {12, 0.75, 74}, {12.75, 0.75, 71}, {13.5, 1, 74}, {14.5, 1.4, 71}};
	p->count = 0;
	for (int turn = 0; turn < 3; turn++) {
		static const int start[3] = {INTRO, BREAK, LAST_CHORUS + 4};
		for (size_t k = 0; k < sizeof hook / sizeof *hook; k++) {
			double at = start[turn] * 4 + hook[k].at;
			if (turn == 1 && hook[k].at >= 8)
				break;
			int key = hook[k].key, bar = (int)(at / 4), near[3];
			if (turn) { /* other chords: to the nearest of their notes */
				int best = 99;
				for (int octave = 60; octave < 84; octave += 12) {
					triad(bar, octave, near);
					for (int n = 0; n < 3; n++) {
						int away = near[n] > hook[k].key ? near[n] - hook[k].key : hook[k].key - near[n];
						if (away < best) {
							best = away;
							key = near[n];
						}
					}
				}
			}
			put(p, at, hook[k].length * 0.95, key, drive(bar));
		}
	}
	humanise(p, 18, 4, 0.06, 0);
}

struct syllable {
	float at, length;
	int key;
	const char *sound; /* a consonant, where there is one, and a vowel */
};

static const struct syllable verse[] = {
    {0.5f, 0.5f, 64, "sa"},  {1, 1, 69, "o"},        {2, 0.5f, 67, "te"},     {2.5f, 1.4f, 64, "a"},
    {4.5f, 0.5f, 65, "mi"},  {5, 0.5f, 65, "a"},     {5.5f, 0.5f, 64, "so"},  {6, 1.9f, 60, "u"},
    {8.5f, 0.5f, 60, "te"},  {9, 1, 64, "a"},        {10, 0.5f, 67, "si"},    {10.5f, 1.4f, 67, "o"},
    {12.5f, 0.5f, 62, "ma"}, {13, 0.5f, 62, "e"},    {13.5f, 0.5f, 64, "to"}, {14, 1.8f, 59, "a"},
    {16.5f, 0.5f, 64, "sa"}, {17, 1, 69, "o"},       {18, 0.5f, 71, "te"},    {18.5f, 1.4f, 72, "a"},
    {20.5f, 0.5f, 72, "si"}, {21, 0.5f, 71, "e"},    {21.5f, 0.5f, 69, "ma"}, {22, 1.6f, 65, "o"},
    {24, 1, 65, "ta"},       {25, 1, 69, "e"},       {26, 0.5f, 67, "so"},    {26.5f, 1.2f, 65, "a"},
    {28, 1.5f, 64, "mi"},    {29.5f, 0.5f, 68, "e"}, {30, 1.9f, 71, "sa"},
};

static const struct syllable refrain[] = {
    {0, 1.5f, 72, "sa"},   {1.5f, 0.5f, 72, "e"}, {2, 1, 69, "to"},     {3, 1, 72, "a"},
    {4, 1.5f, 74, "mo"},   {5.5f, 0.5f, 71, "i"}, {6, 1.8f, 71, "sa"},  {8, 1.5f, 72, "te"},
    {9.5f, 0.5f, 72, "a"}, {10, 1, 76, "so"},     {11, 1, 74, "a"},     {12, 1, 72, "mi"},
    {13, 0.9f, 67, "e"},   {14, 1.8f, 67, "o"},   {16, 1.5f, 72, "sa"}, {17.5f, 0.5f, 72, "e"},
    {18, 1, 69, "to"},     {19, 1, 72, "a"},      {20, 1.5f, 74, "si"}, {21.5f, 0.5f, 76, "a"},
    {22, 1.8f, 74, "o"},   {24, 1, 71, "ta"},     {25, 1, 68, "e"},     {26, 1, 71, "mo"},
    {27, 1, 74, "a"},      {28, 1, 72, "so"},     {29, 0.5f, 71, "a"},  {29.5f, 2.3f, 69, "o"},
};

static void
sing(struct demo_part *p, const struct syllable *s, size_t count, int bar)
{
	for (size_t k = 0; k < count; k++, s++) {
		int two = s->sound[1] != 0;
		put(p, bar * 4 + (double)s->at, (double)s->length * 0.97, s->key, drive(bar) * (s->length > 1 ? 0.95 : 0.85));
		struct demo_note *n = &p->note[p->count - 1];
		n->start = two ? s->sound[0] : 0;
		n->vowel = s->sound[two];
	}
}

void
score_lead(struct demo_part *p)
{
	p->count = 0;
	sing(p, verse, sizeof verse / sizeof *verse, VERSE);
	sing(p, refrain, sizeof refrain / sizeof *refrain, CHORUS);
	sing(p, refrain, sizeof refrain / sizeof *refrain, LAST_CHORUS);
	static const struct syllable end[] = {{0.2f, 4.5f, 67, "mo"}};
	sing(p, end, 1, LAST_BAR);
	humanise(p, 19, 12, 0.22, 6); /* no compressor has heard this singer yet */
}

void
score_backing(struct demo_part *p, int high)
{
	static const char vowels[] = "aoauaoea";
	p->count = 0;
	for (int bar = 8; bar <= LAST_BAR; bar++) {
		int key[3];
		if (bar >= BREAK && bar < LAST_CHORUS)
			continue;
		triad(bar, high ? 67 : 60, key);
		put(p, bar * 4 + 0.02, bar == LAST_BAR ? 4.5 : 3.7, key[high ? 1 : 0], drive(bar) * (bar < CHORUS ? 0.6 : 0.9));
		struct demo_note *n = &p->note[p->count - 1];
		n->vowel = bar < CHORUS ? 'u' : vowels[bar % 8];
		n->start = bar % 2 ? 0 : 'm';
	}
	humanise(p, high ? 20 : 21, 10, 0.08, 8);
}
