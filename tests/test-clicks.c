/*
 * Edits while it plays, through the player as from the console: faders, pans, sends, mutes, DCAs and what is linear of
 * the chain jump during a 1 kHz sine. Limits: farther than 300 Hz from it nothing above -80 dB of the louder state;
 * settled within 0.05 dB after 60 ms. The DC filter takes the beginning of a sound for an offset and forgets it with
 * its own time: a swell below 10 Hz that nobody hears, allowed as loud as its formula says (swell_dbc).
 */
#include "deskgraph.h"
#include "dyntest.h"
#include "engine/player.h"

#define RATE 48000
#define LENGTH 72000
#define AT 36000
#define WINDOW 8192
#define LATEST 2048 /* windows are looked at so much earlier and later than the edit */

static const struct row {
	const char *before, *after;
	double own; /* ms that the processor itself may take on top */
	int side;
	int swells; /* as the DC filter does */
} rows[] = {
    {"strip/a/fader -12", "strip/a/fader 0", 0, 0, 0},
    {"strip/a/fader 0", "strip/a/fader -12", 0, 0, 0},
    {"strip/a/fader 0", "strip/a/fader -inf", 0, 0, 0},
    {"strip/a/mute on", "strip/a/mute off", 0, 0, 0},
    {"strip/a/pan L100", "strip/a/pan R100", 0, 0, 0},
    {"strip/a/pan L50", "strip/a/pan R80", 0, 1, 0},
    {"strip/a/trim -6", "strip/a/trim 6", 0, 0, 0},
    {"strip/a/polarity off", "strip/a/polarity on", 0, 0, 0},
    {"strip/a/width 0", "strip/a/width 200", 0, 1, 0},
    {"strip/a/dc off", "strip/a/dc on", 0, 0, 1},
    {"strip/a/send/fx/level -inf", "strip/a/send/fx/level 0", 0, 0, 0},
    {"strip/a/send/fx/level -12", "strip/a/send/fx/level 0", 0, 0, 0},
    {"strip/a/send/fx/on on", "strip/a/send/fx/on off", 0, 0, 0},
    {"dca/d/fader 0", "dca/d/fader -12", 0, 0, 0},
    {"strip/b/solo off", "strip/b/solo on", 0, 0, 0},
    {"bus/fx/fader 0", "bus/fx/fader -12", 0, 0, 0},
    {"mix/fader 0", "mix/fader -12", 0, 0, 0},
    {"strip/a/hpf/on off", "strip/a/hpf/on on", 0, 0, 0},
    {"strip/a/eq/3/gain -6", "strip/a/eq/3/gain 6", 0, 0, 0},
    {"strip/a/eq/on off", "strip/a/eq/on on", 0, 0, 0},
    {"strip/a/comp/on off", "strip/a/comp/on on", 120, 0, 0},
    {"strip/a/comp/makeup 0", "strip/a/comp/makeup 12", 0, 0, 0},
    {"master/multi/on off", "master/multi/on on", 60, 0, 0},
    {"master/multi/on on", "master/multi/on off", 0, 0, 0},
    {"master/multi/on on", "master/multi/3/makeup 9", 0, 0, 0},
    {"master/multi/on on", "master/multi/cross/2 2k", 300, 0, 0},
    {"master/multi/on on", "master/multi/1/solo on", 0, 0, 0},
    {"master/stereo/on off", "master/stereo/on on", 60, 1, 0},
    {"master/stereo/on on", "master/stereo/2/width 0", 0, 1, 0},
    {"master/stereo/on on", "master/stereo/mono 400", 0, 1, 0},
    {"master/dyneq/2/on off", "master/dyneq/2/on on", 150, 0, 0},
};

static const char desk[] =
    "stemdesk 1\nstrip/a/name A\nstrip/a/region/r1/file sine.wav\nstrip/a/dca d\nstrip/b/name B\n"
    "strip/a/eq/3/freq 1.4k\nstrip/a/comp/threshold -20\n"
    "bus/fx/name FX\nstrip/a/send/fx/level -6\ndca/d/name D\n"
    "master/dyneq/on on\nmaster/dyneq/2/freq 1k\nmaster/dyneq/2/threshold -40\n";

/*
 * The swell of the DC filter, two equal poles c below which it takes away: of A sin(wt + a) that begins where they
 * stand at 0 they hold, beside the tone itself, A c^2 / w t e^-ct cos a (a residue of c^2 / (s + c)^2 times the tone's
 * transform; what else there is, is below A c^2 / w^2, -100 dB). The greatest that spurious_dbc can make of it: with
 * cos a = 1 and in the latest window, that has most of it. The glide in which the filter is faded in makes it less.
 */
static double
swell_dbc(void)
{
	double c = 2 * M_PI * 3, w = 2 * M_PI * 1000, most = 0;
	for (int begin = WINDOW / 2 - LATEST; begin < WINDOW; begin += WINDOW / 64) {
		double sum = 0;
		for (int n = begin; n < WINDOW; n++) {
			double a = 2 * M_PI * (n + 0.5) / WINDOW, t = (double)(n - begin) / RATE;
			sum += (0.35875 - 0.48829 * cos(a) + 0.14128 * cos(2 * a) - 0.01168 * cos(3 * a)) * c * c / w * t *
			       exp(-c * t);
		}
		most = fmax(most, sum);
	}
	return 20 * log10(most / (0.35875 * WINDOW / 2));
}

/* Everything that is heard, with the edit in the middle. */
static void
play(const struct row *row, float *out[2])
{
	struct err err = {""};
	struct session *s = parse(desk);
	struct graph_options options = {.ops = dsp_ops_pick(0), .chunk = QUANTUM, .opener = {memory_open, NULL}};
	ck_assert_msg(session_line(s, row->before, &err) == 0, "%s", err.text);
	struct graph *g = graph_new(s, &options, &err);
	struct player *p = player_new();
	static float block[2 * 240];
	ck_assert(g && p);
	player_preroll(p, g);
	player_set_graph(p, g, 0);
	player_pick(p, &(struct player_pick){.tap = strncmp(row->after, "master/", 7) ? TAP_MIX : TAP_MASTER});
	player_play(p);
	for (int done = 0; done < LENGTH; done += 240) {
		if (done == AT) {
			ck_assert_msg(session_line(s, row->after, &err) == 0, "%s", err.text);
			for (int k = 0; k < graph_nodes(g); k++)
				ck_assert(player_edit(p, s, graph_uid(g, k)) == 0);
		}
		player_process(p, block, 240);
		for (int t = 0; t < 240; t++)
			for (int c = 0; c < 2; c++)
				out[c][done + t] = block[2 * t + c];
	}
	player_free(p);
	session_free(s);
}

START_TEST(test_edits_do_not_click)
{
	float *out[2] = {calloc(LENGTH, sizeof(float)), calloc(LENGTH, sizeof(float))};
	memory_noise("sine.wav", 2, LENGTH, 0, 1);
	for (int t = 0; t < LENGTH; t++) {
		memory_stems[0].side[0][t] = (float)(0.4 * sin(2 * M_PI * 1000 * t / RATE));
		memory_stems[0].side[1][t] = (float)(0.1 * sin(2 * M_PI * 1000 * t / RATE));
	}
	fpu_flush_denormals();
	double swell = swell_dbc();
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		const struct row *row = &rows[k];
		play(row, out);
		const float *x = out[row->side];
		double before = tone_level(x + AT - 9600, 4800, 1000, RATE),
		       after = tone_level(x + LENGTH - 4800, 4800, 1000, RATE);
		double loudest = fmax(before, after);
		ck_assert_double_ge(loudest, 0.01);
		for (int shift = -LATEST; shift <= LATEST; shift += LATEST) {
			double got = spurious_dbc(x + AT - WINDOW / 2 + shift, WINDOW, 1000, RATE, 300, loudest);
			ck_assert_msg(got <= (row->swells ? swell : -80), "%s -> %s: %.1f dBc", row->before, row->after, got);
		}
		double early = tone_level(x + AT + (int)((60 + row->own) * 48), 480, 1000, RATE);
		double late = tone_level(x + LENGTH - 480, 480, 1000, RATE);
		ck_assert_msg(fabs(early - late) <= 0.006 * loudest, "%s -> %s is not settled: %.4f, %.4f", row->before,
		              row->after, early, late);
	}
	free(out[0]);
	free(out[1]);
	memory_forget();
}
END_TEST

/* The measure itself hears a click: the same jump without a glide is far above the limit. */
START_TEST(test_a_bare_jump_is_heard)
{
	float *x = tone(1000, RATE, 0.4, LENGTH);
	for (int t = AT; t < LENGTH; t++)
		x[t] *= 0.25f;
	ck_assert_double_ge(spurious_dbc(x + AT - WINDOW / 2, WINDOW, 1000, RATE, 300, 0.4), -60);
	free(x);
}
END_TEST

TEST_MAIN("clicks", 120, test_edits_do_not_click, test_a_bare_jump_is_heard)
