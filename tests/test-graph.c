/* The graph: sums, pan laws, routing, alignment, and the same bits for every way to compute them. */
#include "deskgraph.h"
#include "engine/player.h"

#define FRAMES 20000

static const struct render plain = {.lanes = 4, .chunk = 1024, .threads = 1};

START_TEST(test_unity_sum)
{
	memory_noise("a.wav", 2, FRAMES, 0.9, 1);
	memory_noise("b.wav", 2, FRAMES, 0.9, 2);
	memory_noise("c.wav", 2, FRAMES, 0.9, 3);
	struct session *s = parse("stemdesk 1\n"
	                          "strip/a/name A\nstrip/a/region/r1/file a.wav\n"
	                          "strip/b/name B\nstrip/b/region/r1/file b.wav\n"
	                          "strip/c/name C\nstrip/c/region/r1/file c.wav\n");
	float *got[2];
	render(s, &plain, FRAMES, got);
	double square = 0, above = 0;
	for (int c = 0; c < 2; c++)
		for (int t = 0; t < FRAMES; t++) {
			double want = 0;
			for (int k = 0; k < 3; k++)
				want += (double)memory_stems[k].side[c][t];
			square += (want - (double)got[c][t]) * (want - (double)got[c][t]);
			above = fmax(above, fabs(want));
		}
	ck_assert_double_gt(above, 1.5); /* or this says nothing of sums above full scale */
	ck_assert_double_le(10 * log10(square / (2 * FRAMES)), -150);
	free(got[0]);
	free(got[1]);
	session_free(s);
	memory_forget();
}
END_TEST

START_TEST(test_pan_laws)
{
	static const struct {
		const char *lines;
		double left, right; /* dB */
	} rows[] = {
	    {"", -3.0103, -3.0103},
	    {"strip/a/pan-law -4.5\n", -4.5154, -4.5154}, /* half of the dB of both */
	    {"strip/a/pan-law -6\n", -6.0206, -6.0206},
	    {"strip/a/pan-law balance\n", 0, 0},
	    {"strip/a/pan-law balance\nstrip/a/pan R30\n", -3.0980, 0}, /* 1 - 0.3 */
	    {"strip/a/pan L50\n", -0.6877, -8.3432},                    /* cos and sin of 22.5 degrees */
	    {"strip/a/pan-law -6\nstrip/a/pan R50\n", -12.0412, -2.4988},
	    {"strip/a/pan R100\n", -400, 0},
	    {"strip/a/pan-law -4.5\nstrip/a/pan L100\n", 0, -400},
	    {"strip/a/pan-law -6\nstrip/a/pan L100\n", 0, -400},
	    {"strip/a/pan-law balance\nstrip/a/pan L100\n", 0, -400},
	    {"strip/a/fader -6.5\nstrip/a/pan-law balance\n", -6.5, -6.5},
	    {"strip/a/trim 3\nstrip/a/pan-law balance\n", 3, 3},
	    {"strip/a/mute on\n", -400, -400},
	    {"strip/a/fader -inf\n", -400, -400},
	    {"dca/all/name All\ndca/all/fader -10\nstrip/a/dca all\nstrip/a/pan-law balance\n", -10, -10},
	    {"dca/all/name All\ndca/all/mute on\nstrip/a/dca all\n", -400, -400},
	    {"mix/fader -2\nstrip/a/pan-law balance\n", -2, -2},
	};
	memory_noise("a.wav", 1, 256, 0.5, 1);
	for (int t = 0; t < 256; t++)
		memory_stems[0].side[0][t] = 0.5f;
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		char text[512];
		snprintf(text, sizeof text, "stemdesk 1\nstrip/a/name A\nstrip/a/channels 1\nstrip/a/region/r1/file a.wav\n%s",
		         rows[k].lines);
		struct session *s = parse(text);
		float *got[2];
		render(s, &plain, 128, got);
		const double want[2] = {rows[k].left, rows[k].right};
		for (int c = 0; c < 2; c++) {
			double level = test_db((double)got[c][100] / 0.5);
			if (want[c] < -300)
				ck_assert_msg(level <= -140, "%s: side %d is %.2f dB", rows[k].lines, c, level);
			else
				ck_assert_msg(fabs(level - want[c]) <= 0.01, "%s: side %d is %.3f dB, not %.3f", rows[k].lines, c,
				              level, want[c]);
		}
		free(got[0]);
		free(got[1]);
		session_free(s);
	}
	memory_forget();
}
END_TEST

/* The direct way and the one through two buses cancel exactly once one is upside down. */
START_TEST(test_buses_are_aligned)
{
	memory_noise("a.wav", 2, FRAMES, 0.5, 1);
	struct session *s = parse("stemdesk 1\n"
	                          "strip/a/name A\nstrip/a/region/r1/file a.wav\nstrip/a/out bus/one\n"
	                          "strip/b/name B\nstrip/b/region/r1/file a.wav\nstrip/b/polarity on\n"
	                          "bus/one/name One\nbus/one/out bus/two\nbus/two/name Two\n");
	float *got[2];
	render(s, &plain, FRAMES, got);
	for (int c = 0; c < 2; c++) {
		for (int t = 0; t < FRAMES; t++)
			ck_assert(got[c][t] == 0);
		free(got[c]);
	}
	session_free(s);
	memory_forget();
}
END_TEST

/*
 * A compressor keyed by a bus that plays the same sound, later than the strip by what the bus takes, does to the bit
 * what it does keyed by itself: the strip waits for its key.
 */
START_TEST(test_key_is_aligned)
{
	static const char *const keys[] = {"", "strip/a/comp/key strip/b\n", "strip/a/comp/key bus/one\n",
	                                   "strip/a/comp/key bus/one\nstrip/a/comp/key-tap post\n"};
	float *want[2];
	memory_noise("a.wav", 2, FRAMES, 0.9, 1);
	for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
		char text[1024];
		float *got[2];
		snprintf(text, sizeof text,
		         "stemdesk 1\nstrip/a/name A\nstrip/a/region/r1/file a.wav\n"
		         "strip/a/comp/on on\nstrip/a/comp/threshold -30\nstrip/a/comp/attack 1\n"
		         "strip/b/name B\nstrip/b/region/r1/file a.wav\nstrip/b/out bus/one\n"
		         "bus/one/name One\nbus/one/out none\n%s",
		         keys[k]);
		struct session *s = parse(text);
		render(s, &plain, FRAMES, got);
		double least = 1;
		for (int t = 10000; t < FRAMES; t++)
			least = fmin(least, (double)got[0][t] / (double)memory_stems[0].side[0][t]);
		ck_assert_double_lt(least, 0.5); /* it compresses, or this says nothing */
		for (int c = 0; c < 2; c++) {
			if (k == 0) {
				want[c] = got[c];
				continue;
			}
			ck_assert_msg(!memcmp(got[c], want[c], FRAMES * sizeof(float)), "%s", keys[k]);
			free(got[c]);
		}
		session_free(s);
	}
	free(want[0]);
	free(want[1]);
	memory_forget();
}
END_TEST

/* A mono strip hears a key that is panned to one side alone, whichever it is. */
START_TEST(test_key_of_one_side)
{
	static const char *const pans[] = {"L100", "R100"};
	float *got[2][2];
	memory_noise("a.wav", 1, FRAMES, 0.9, 1);
	for (int k = 0; k < 2; k++) {
		char text[1024];
		snprintf(
		    text, sizeof text,
		    "stemdesk 1\nstrip/a/name A\nstrip/a/channels 1\nstrip/a/region/r1/file a.wav\nstrip/a/comp/on on\n"
		    "strip/a/comp/threshold -30\nstrip/a/comp/key strip/b\n"
		    "strip/b/name B\nstrip/b/region/r1/file a.wav\nstrip/b/out none\nstrip/b/pan-law balance\nstrip/b/pan %s\n",
		    pans[k]);
		struct session *s = parse(text);
		render(s, &plain, FRAMES, got[k]);
		session_free(s);
	}
	ck_assert_double_lt(fabs((double)got[0][0][FRAMES - 1] / (double)memory_stems[0].side[0][FRAMES - 1]), 0.5);
	for (int c = 0; c < 2; c++) {
		ck_assert(!memcmp(got[0][c], got[1][c], FRAMES * sizeof(float)));
		free(got[0][c]);
		free(got[1][c]);
	}
	memory_forget();
}
END_TEST

/* Sends: before and after the fader, levels in dB; the strip itself is kept out of the mix. */
START_TEST(test_sends)
{
	memory_noise("a.wav", 2, FRAMES, 0.5, 1);
	static const struct {
		const char *lines;
		double level; /* dB against the stem */
	} rows[] = {
	    {"strip/a/send/fx/level -6\n", -16},
	    {"strip/a/send/fx/level -6\nstrip/a/send/fx/tap pre\n", -6},
	    {"strip/a/send/fx/level -6\nstrip/a/send/fx/on off\n", -400},
	    {"strip/a/send/fx/level 0\nstrip/a/mute on\n", -400},
	};
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		char text[512];
		snprintf(text, sizeof text,
		         "stemdesk 1\nstrip/a/name A\nstrip/a/region/r1/file a.wav\nstrip/a/fader -10\nstrip/a/out none\n"
		         "bus/fx/name FX\n%s",
		         rows[k].lines);
		struct session *s = parse(text);
		float *got[2];
		render(s, &plain, FRAMES, got);
		double gain = rows[k].level < -300 ? 0 : pow(10, rows[k].level / 20);
		for (int t = 0; t < FRAMES; t++)
			ck_assert_double_le(fabs((double)got[0][t] - gain * (double)memory_stems[0].side[0][t]), 3e-7);
		free(got[0]);
		free(got[1]);
		session_free(s);
	}
	memory_forget();
}
END_TEST

START_TEST(test_solo)
{
	static const struct {
		const char *lines;
		int heard[3]; /* a, b, c */
	} rows[] = {
	    {"", {1, 1, 1}},
	    {"strip/b/solo on\n", {0, 1, 0}},
	    {"strip/b/solo on\nstrip/c/solo-safe on\n", {0, 1, 1}},
	    {"bus/g/solo on\n", {1, 0, 0}},
	    {"strip/a/solo on\nstrip/c/solo on\n", {1, 0, 1}},
	};
	static const char *const names[] = {"a.wav", "b.wav", "c.wav"};
	for (int k = 0; k < 3; k++) {
		memory_noise(names[k], 2, 256, 0.5, 1);
		for (int t = 0; t < 256; t++)
			memory_stems[k].side[0][t] = memory_stems[k].side[1][t] = (float)(1 << k) / 16;
	}
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		char text[512];
		snprintf(text, sizeof text,
		         "stemdesk 1\nbus/g/name G\nstrip/a/name A\nstrip/a/region/r1/file a.wav\nstrip/a/out bus/g\n"
		         "strip/b/name B\nstrip/b/region/r1/file b.wav\nstrip/c/name C\nstrip/c/region/r1/file c.wav\n%s",
		         rows[k].lines);
		struct session *s = parse(text);
		float *got[2];
		render(s, &plain, 128, got);
		float want = (float)(rows[k].heard[0] + 2 * rows[k].heard[1] + 4 * rows[k].heard[2]) / 16;
		ck_assert_msg(got[0][100] == want, "%s: %g, not %g", rows[k].lines, (double)got[0][100], (double)want);
		free(got[0]);
		free(got[1]);
		session_free(s);
	}
	memory_forget();
}
END_TEST

/* Regions: place, part, gain, two on a strip, channels of a file; a strip's delay. */
START_TEST(test_regions)
{
	memory_noise("a.wav", 2, 1000, 0.5, 1);
	struct session *s =
	    parse("stemdesk 1\nstrip/a/name A\nstrip/a/channels 1\nstrip/a/pan-law balance\nstrip/a/delay 5smp\n"
	          "strip/a/region/r1/file a.wav\nstrip/a/region/r1/at 100smp\nstrip/a/region/r1/from 50smp\n"
	          "strip/a/region/r1/length 300smp\nstrip/a/region/r1/gain -6\n"
	          "strip/a/region/r2/file a.wav\nstrip/a/region/r2/channel 2\nstrip/a/region/r2/at 333smp\n");
	float *got[2];
	render(s, &plain, 2000, got);
	for (int t = 0; t < 2000; t++) {
		int first = t - 105, second = t - 338;
		double want = 0;
		if (first >= 0 && first < 300)
			want += pow(10, -0.3) * (double)memory_stems[0].side[0][first + 50];
		if (second >= 0 && second < 1000)
			want += (double)memory_stems[0].side[1][second];
		ck_assert_msg(fabs(want - (double)got[0][t]) < 1e-7, "frame %d: %g, not %g", t, (double)got[0][t], want);
	}
	free(got[0]);
	free(got[1]);
	session_free(s);
	memory_forget();
}
END_TEST

/* A desk that uses everything the graph can route, with odd values. */
static struct session *
busy_desk(void)
{
	char text[65536];
	int n = snprintf(
	    text, sizeof text,
	    "stemdesk 1\nbus/g/name G\nbus/fx/name FX\nbus/fx/pan L20\nbus/g/out bus/h\nbus/h/name H\n"
	    "bus/fx/reverb/on on\nbus/fx/echo/on on\nbus/fx/echo/time 50\nmix/comp/on on\nmix/comp/threshold -25\n");
	static const char *const files[] = {"a.wav", "b.wav", "c.wav", "d.wav"};
	uint64_t seed = 7;
	for (int k = 0; k < 21; k++) {
		int mono = k % 3 == 0;
		n += snprintf(text + n, sizeof text - (size_t)n,
		              "strip/s%d/name S%d\nstrip/s%d/channels %d\nstrip/s%d/region/r1/file %s\nstrip/s%d/fader %.2f\n"
		              "strip/s%d/pan %.0f\nstrip/s%d/trim %.1f\nstrip/s%d/width %.0f\nstrip/s%d/send/fx/level %.1f\n",
		              k, k, k, mono ? 1 : 2, k, files[k % 4], k, 6 * test_random(&seed) - 6, k, 90 * test_random(&seed),
		              k, 3 * test_random(&seed), k, 100 + 90 * test_random(&seed), k, 5 * test_random(&seed) - 9);
		if (k % 4 == 1)
			n += snprintf(text + n, sizeof text - (size_t)n, "strip/s%d/out bus/g\nstrip/s%d/dc on\n", k, k);
		if (k % 5 == 2)
			n += snprintf(text + n, sizeof text - (size_t)n, "strip/s%d/order comp-eq\nstrip/s%d/send/fx/tap pre\n", k,
			              k);
		if (k % 3 == 1)
			n += snprintf(text + n, sizeof text - (size_t)n,
			              "strip/s%d/hpf/on on\nstrip/s%d/eq/2/gain 5\nstrip/s%d/eq/3/gain -4\nstrip/s%d/eq/3/side %s\n"
			              "strip/s%d/comp/on on\nstrip/s%d/comp/threshold -30\n",
			              k, k, k, k, k % 2 ? "mid" : "side", k, k);
		if (k % 6 == 2)
			n += snprintf(
			    text + n, sizeof text - (size_t)n,
			    "strip/s%d/gate/on on\nstrip/s%d/gate/threshold -12\nstrip/s%d/deess/on on\n"
			    "strip/s%d/transient/on on\nstrip/s%d/transient/attack 6\nstrip/s%d/sat/on on\nstrip/s%d/sat/drive 9\n",
			    k, k, k, k, k, k, k);
		if (k % 7 == 3)
			n += snprintf(text + n, sizeof text - (size_t)n, "strip/s%d/comp/key strip/s%d\n", k, k - 3);
	}
	return parse(text);
}

static void
busy_stems(void)
{
	memory_noise("a.wav", 2, FRAMES, 0.3, 1);
	memory_noise("b.wav", 1, FRAMES - 777, 0.3, 2);
	memory_noise("c.wav", 2, FRAMES / 2, 0.3, 3);
	memory_noise("d.wav", 1, FRAMES, 0.3, 4);
}

START_TEST(test_same_bits)
{
	busy_stems();
	struct session *s = busy_desk();
	for (int64_t start = 0; start <= 6400; start += 6400) {
		float *want[2];
		const struct render reference = {.lanes = 1, .chunk = 64, .threads = 1, .start = start};
		render(s, &reference, FRAMES, want);
		double loud = 0;
		for (int t = 0; t < FRAMES; t++)
			loud = fmax(loud, fabs((double)want[0][t]));
		ck_assert_double_gt(loud, 0.1);
		const struct render ways[] = {
		    {.lanes = 4, .chunk = 64, .threads = 1},
		    {.lanes = 4, .chunk = 4096, .threads = 2},
		    {.lanes = 8, .chunk = 2048, .threads = 1},
		    {.lanes = 8, .chunk = 192, .threads = 3, .shuffle = 1},
		    {.lanes = 8, .chunk = 1024, .threads = 2, .shuffle = 77},
		    {.lanes = 4, .chunk = 512, .threads = 2, .shuffle = 1234567},
		    {.lanes = 1, .chunk = 1024, .threads = 2, .shuffle = 5},
		};
		for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
			struct render way = ways[k];
			float *got[2];
			way.start = start;
			if (!dsp_ops_pick(way.lanes)) {
				printf("skipped: this processor has no vectors of %d lanes\n", way.lanes);
				continue;
			}
			render(s, &way, FRAMES, got);
			for (int c = 0; c < 2; c++) {
				ck_assert_msg(!memcmp(got[c], want[c], FRAMES * sizeof(float)),
				              "lanes %d, chunk %d, threads %d, shuffle %u", way.lanes, way.chunk, way.threads,
				              way.shuffle);
				free(got[c]);
			}
		}
		free(want[0]);
		free(want[1]);
	}
	session_free(s);
	memory_forget();
}
END_TEST

/* What a device with random periods is given is what the bounce renders. */
START_TEST(test_played_is_rendered)
{
	busy_stems();
	struct session *s = busy_desk();
	fpu_flush_denormals();
	for (int64_t start = 0; start <= 3200; start += 3200) {
		struct err err;
		float *want[2];
		const struct render reference = {.lanes = 4, .chunk = 1024, .threads = 2, .start = start};
		render(s, &reference, FRAMES, want);
		struct graph_options options = {.ops = dsp_ops_pick(0), .chunk = QUANTUM, .opener = {memory_open, NULL}};
		struct graph *g = graph_new(s, &options, &err);
		struct player *p = player_new();
		ck_assert(g && p);
		graph_start(g, s, start);
		player_preroll(p, g);
		player_set_graph(p, g, start);
		player_play(p);
		uint64_t seed = 3;
		float out[2 * 5000];
		for (int64_t done = 0; done < FRAMES;) {
			int period = 1 + (int)(2499 * (1 + test_random(&seed)) / 1);
			player_process(p, out, period);
			for (int t = 0; t < period && done + t < FRAMES; t++)
				for (int c = 0; c < 2 && done + t >= (start > 0 ? PLAYER_FADE : 0); c++) /* it fades in but from 0 */
					ck_assert_msg(!memcmp(&out[2 * t + c], &want[c][done + t], sizeof(float)), "frame %lld",
					              (long long)done + t);
			done += period;
		}
		player_free(p);
		free(want[0]);
		free(want[1]);
	}
	session_free(s);
	memory_forget();
}
END_TEST

/*
 * While it plays, a strip is added and another taken away, a bus comes in between and goes again, a silent strip is
 * rerouted: what is heard is, bit for bit, what it would have been without, at a place that is no quantum's edge too.
 */
START_TEST(test_structure_edits_leave_the_others_alone)
{
	static const char *const edits[] = {
	    "strip/new/name New", "strip/new/out none",       "bus/late/name Late", "strip/s1/send/late/level -inf",
	    "bus/late/out none",  "strip/quiet/out bus/late", "delete strip/new",   "delete strip/quiet",
	    "delete bus/late",
	};
	busy_stems();
	struct session *s = busy_desk();
	struct err err = {""};
	const struct render reference = {.lanes = 4, .chunk = 1024, .threads = 2};
	float *want[2], out[2 * 777];
	ck_assert(session_line(s, "strip/quiet/name Quiet", &err) == 0 &&
	          session_line(s, "strip/quiet/mute on", &err) == 0);
	fpu_flush_denormals();
	render(s, &reference, FRAMES, want);
	struct graph_options options = {
	    .ops = dsp_ops_pick(0), .chunk = QUANTUM, .least_latency = PLAYER_LATENCY, .opener = {memory_open, NULL}};
	struct graph *g = graph_new(s, &options, &err);
	struct player *p = player_new();
	struct player_meters meters;
	ck_assert(g && p);
	player_preroll(p, g);
	player_set_graph(p, g, 0);
	player_play(p);
	size_t edit = 0;
	for (int64_t done = 0; done < FRAMES; done += 777) {
		player_process(p, out, 777);
		for (int t = 0; t < 777 && done + t < FRAMES; t++)
			for (int c = 0; c < 2; c++)
				ck_assert_msg(!memcmp(&out[2 * t + c], &want[c][done + t], sizeof(float)), "frame %lld, after \"%s\"",
				              (long long)done + t, edit ? edits[edit - 1] : "");
		player_poll(p, &meters);
		if (edit < sizeof edits / sizeof *edits && done > 2000) {
			ck_assert_msg(session_line(s, edits[edit], &err) == 0, "%s", err.text);
			edit++;
			g = graph_new(s, &options, &err);
			ck_assert_msg(g != NULL, "%s", err.text);
			player_replace_graph(p, g, 0);
		}
	}
	ck_assert_uint_eq(edit, sizeof edits / sizeof *edits);
	player_free(p);
	free(want[0]);
	free(want[1]);
	session_free(s);
	memory_forget();
}
END_TEST

TEST_MAIN("graph", 60, test_unity_sum, test_pan_laws, test_buses_are_aligned, test_key_is_aligned, test_key_of_one_side,
          test_sends, test_solo, test_regions, test_same_bits, test_played_is_rendered,
          test_structure_edits_leave_the_others_alone)
