/*
 * Loops, from files through rings: round and round without a seam, and what was in the processors goes through it. What
 * must be heard is worked out from the files by the rule: up to the end, with what stands before the beginning faded in
 * over the last frames, then on from the beginning.
 */
#include "bouncetest.h"

#include "base/fpu.h"
#include "engine/player.h"
#include "engine/stream.h"

#include <poll.h>

#define RATE 48000
#define FRAMES 144000
#define HEARD 260000
#define BLOCK 240

struct rig {
	struct session *session;
	struct stems *stems;
	struct streams *streams;
	struct player *player;
	struct player_meters meters;
	float *side[2];
	int heard;
};

static double
other(int64_t t, int c)
{
	return made_noise(t + 1000000, c);
}

static struct graph *
make_graph(struct rig *r, int live, const struct loop *loop)
{
	struct err err = {""};
	struct graph_options options = {.chunk = QUANTUM,
	                                .least_latency = PLAYER_LATENCY,
	                                .loop = *loop,
	                                .opener = live ? streams_opener(r->streams) : stems_opener(r->stems)};
	streams_loop(r->streams, loop);
	struct graph *g = graph_new(r->session, &options, &err);
	ck_assert_msg(g != NULL, "%s", err.text);
	return g;
}

static void
prime(struct rig *r, struct graph *g, int64_t frame)
{
	struct err err = {""};
	ck_assert_int_eq(streams_prime(r->streams, frame, graph_latency(g, graph_master(g)) + 4800, &err), 0);
}

static struct rig
open_rig(const char *text)
{
	struct err err = {""};
	struct rig r = {.session = session_new()};
	ck_assert_msg(session_parse(r.session, text, strlen(text), "test", 0, &err) == 0, "%s", err.text);
	r.stems = stems_new(r.session, NULL, 0, NULL, NULL);
	r.streams = streams_new(r.stems, RATE, 4 << 20, &err);
	r.player = player_new();
	ck_assert(r.streams && r.player);
	for (int c = 0; c < 2; c++)
		r.side[c] = calloc(HEARD + BLOCK, sizeof(float));
	fpu_flush_denormals();
	return r;
}

static void
close_rig(struct rig *r)
{
	player_free(r->player);
	streams_free(r->streams);
	stems_free(r->stems);
	session_free(r->session);
	free(r->side[0]);
	free(r->side[1]);
}

static void
start(struct rig *r, int64_t frame, const struct loop *loop)
{
	struct graph *g = make_graph(r, 1, loop);
	graph_start(g, r->session, frame);
	prime(r, g, frame);
	player_preroll(r->player, g);
	player_set_graph(r->player, g, frame);
}

static void
listen(struct rig *r, int frames)
{
	float block[2 * BLOCK];
	for (int done = 0; done < frames; done += BLOCK) {
		for (int turns = 0; turns < 20000 && streams_fill(r->streams) < 0.5; turns++)
			poll(NULL, 0, 1);
		player_process(r->player, block, BLOCK);
		for (int t = 0; t < BLOCK; t++, r->heard++)
			for (int c = 0; c < 2; c++)
				r->side[c][r->heard] = block[2 * t + c];
		player_poll(r->player, &r->meters);
	}
}

/* The mix as a render that knows no loop makes it. */
static void
render(struct rig *r, int frames, float *side[2])
{
	struct graph *g = make_graph(r, 0, &(struct loop){0, 0});
	int late = graph_latency(g, graph_mix(g));
	for (int c = 0; c < 2; c++)
		side[c] = calloc((size_t)frames + QUANTUM, sizeof(float));
	for (int done = -late; done < frames; done += QUANTUM) {
		graph_process(g, QUANTUM);
		for (int c = 0; c < 2 && done >= 0; c++) {
			int count = QUANTUM;
			memcpy(side[c] + done, graph_out(g, graph_mix(g), c, graph_chunks(g) - 1, 0, &count),
			       QUANTUM * sizeof(float));
		}
	}
	graph_free(g);
}

/* The rule. */
static float
looped(const float *x, int64_t n, const struct loop *l)
{
	int64_t at = n < l->out ? n : l->in + (n - l->out) % (l->out - l->in);
	double seam = (double)(at - (l->out - LOOP_FADE)) + 0.5;
	if (seam < 0 || at >= l->out)
		return x[at];
	int64_t before = at - (l->out - l->in);
	double u = seam / LOOP_FADE, lead = before >= 0 ? (double)x[before] : 0;
	return (float)((double)x[at] + (lead - (double)x[at]) * (u * u * (3 - 2 * u)));
}

static void
is_near(const struct rig *r, int from, int to, float *const want[2], int64_t shift, const char *what)
{
	for (int c = 0; c < 2; c++)
		for (int n = from; n < to; n++)
			ck_assert_msg(fabs((double)r->side[c][n] - (double)want[c][n + shift]) <= 3e-7,
			              "%s: frame %d of side %d is %.8f, not %.8f", what, n, c, (double)r->side[c][n],
			              (double)want[c][n + shift]);
}

static const struct row {
	const char *what, *lines;
	struct loop loop;
} rows[] = {
    {"a whole file", "strip/a/region/r1/file a.wav\n", {24000 / 64 * 64, 72000 / 64 * 64}},
    {"from the song's beginning", "strip/a/region/r1/file a.wav\n", {0, 48000}},
    {"as short as can be", "strip/a/region/r1/file a.wav\n", {6400, 6400 + LOOP_LEAST}},
    {"a file that ends within", "strip/a/region/r1/file b.wav\n", {32000, 64000}},
    {"a file that is over by then", "strip/a/region/r1/file b.wav\n", {44800, 64000}},
    {"a region from the middle of a file",
     "strip/a/region/r1/file a.wav\nstrip/a/region/r1/from 30011smp\nstrip/a/region/r1/at 10007smp\n"
     "strip/a/region/r1/length 30000smp\nstrip/a/region/r1/gain -3\n",
     {6400, 38400}},
    {"regions that begin and end at the seam",
     "strip/a/region/r1/file a.wav\nstrip/a/region/r1/length 63900smp\nstrip/a/region/r2/file b.wav\n"
     "strip/a/region/r2/at 31900smp\nstrip/a/region/r2/gain -6\n",
     {32000, 64000}},
    {"a delayed strip", "strip/a/region/r1/file a.wav\nstrip/a/delay 333smp\n", {12800, 51200}},
    {"a keyed strip",
     "strip/a/region/r1/file a.wav\nstrip/a/gate/key strip/b\nstrip/b/name B\nstrip/b/region/r1/file b.wav\n",
     {12800, 51200}},
    {"two strips of one file, one of them mono",
     "strip/a/region/r1/file a.wav\nstrip/b/name B\nstrip/b/channels 1\nstrip/b/region/r1/file a.wav\n",
     {12800, 51200}},
};

static void
make_files(void)
{
	test_begin();
	make_sound("a.wav", 2, RATE, FRAMES, made_noise, SF_FORMAT_WAV | SF_FORMAT_PCM_24);
	make_sound("b.wav", 1, RATE, 44100, other, SF_FORMAT_WAV | SF_FORMAT_PCM_16);
}

/* Set from the start, and set while it plays; taken off again in the third round. */
START_TEST(test_rule)
{
	make_files();
	for (size_t k = 0; k < 2 * sizeof rows / sizeof *rows; k++) {
		const struct row *row = &rows[k / 2];
		const struct loop none = {0, 0};
		char text[1024];
		snprintf(text, sizeof text, "stemdesk 1\nstrip/a/name A\n%s", row->lines);
		struct rig r = open_rig(text);
		float *dry[2], *want[2];
		int64_t round = row->loop.out - row->loop.in;
		render(&r, FRAMES, dry);
		start(&r, 0, k % 2 ? &none : &row->loop);
		player_play(r.player);
		if (k % 2) {
			listen(&r, 4800);
			struct graph *g = make_graph(&r, 1, &row->loop);
			prime(&r, g, r.meters.position / QUANTUM * QUANTUM);
			player_replace_graph(r.player, g, r.meters.position / QUANTUM * QUANTUM);
		}
		int until = (int)(row->loop.out + 2 * round + round / 3) / BLOCK * BLOCK;
		listen(&r, until - r.heard);
		for (int c = 0; c < 2; c++) {
			want[c] = calloc(HEARD, sizeof(float));
			for (int n = 0; n < until; n++)
				want[c][n] = looped(dry[c], n, &row->loop);
		}
		is_near(&r, 0, until, want, 0, row->what);
		ck_assert_uint_eq(r.meters.starved, 0);
		ck_assert_int_ge(r.meters.position, row->loop.in);
		ck_assert_int_lt(r.meters.position, row->loop.out);
		/* without a loop it goes on past the end */
		int64_t here = r.meters.position / QUANTUM * QUANTUM;
		struct graph *g = make_graph(&r, 1, &none);
		prime(&r, g, here);
		player_replace_graph(r.player, g, here);
		int rest = (int)(row->loop.out - (row->loop.in + (until - row->loop.out) % round)) + 2400;
		listen(&r, (rest + BLOCK - 1) / BLOCK * BLOCK);
		is_near(&r, until, until + rest, dry, row->loop.in + (until - row->loop.out) % round - until, row->what);
		for (int c = 0; c < 2; c++) {
			free(dry[c]);
			free(want[c]);
		}
		close_rig(&r);
	}
	test_end();
}
END_TEST

static float *unrolled[2];

static double
unrolled_sample(int64_t t, int c)
{
	return (double)unrolled[c][t];
}

/* Equaliser, compressor, delay and reverb hear the loop as they would a file in which it is written out. */
START_TEST(test_states_go_through)
{
	static const char desk[] = "stemdesk 1\nstrip/a/name A\nstrip/a/region/r1/file %s\nstrip/a/eq/2/gain 9\n"
	                           "strip/a/comp/on on\nstrip/a/comp/threshold -30\nbus/x/name X\nbus/x/reverb/on on\n"
	                           "bus/x/echo/on on\nstrip/a/send/x/level -3\n";
	const struct loop loop = {12800, 38400}, none = {0, 0};
	char text[1024];
	make_files();
	snprintf(text, sizeof text, desk, "a.wav");
	struct rig r = open_rig(text);
	start(&r, 0, &loop);
	player_play(r.player);
	listen(&r, 120000);
	struct rig plain = open_rig("stemdesk 1\nstrip/a/name A\nstrip/a/region/r1/file a.wav\n");
	float *dry[2], *want[2];
	render(&plain, FRAMES, dry);
	close_rig(&plain);
	for (int c = 0; c < 2; c++) {
		unrolled[c] = calloc(120000, sizeof(float));
		for (int n = 0; n < 120000; n++)
			unrolled[c][n] = looped(dry[c], n, &loop);
	}
	make_sound("unrolled.wav", 2, RATE, 120000, unrolled_sample, 0);
	snprintf(text, sizeof text, desk, "unrolled.wav");
	struct rig w = open_rig(text);
	render(&w, 120000, want);
	double most = 0;
	for (int c = 0; c < 2; c++)
		for (int n = 0; n < 119000; n++)
			most = fmax(most, fabs((double)r.side[c][n] - (double)want[c][n]));
	ck_assert_msg(most < 1e-5, "%g", most);
	/* a strip that comes while it goes round leaves all else alone */
	struct err err;
	ck_assert_int_eq(session_line(r.session, "strip/b/name B", &err), 0);
	ck_assert_int_eq(session_line(r.session, "strip/b/out none", &err), 0);
	ck_assert_int_eq(session_line(r.session, "strip/b/region/r1/file b.wav", &err), 0);
	struct graph *g = make_graph(&r, 1, &loop);
	prime(&r, g, r.meters.frame / QUANTUM * QUANTUM);
	player_replace_graph(r.player, g, r.meters.frame / QUANTUM * QUANTUM);
	listen(&r, 48000);
	for (int c = 0; c < 2; c++)
		for (int n = 120000; n < 168000; n++)
			ck_assert_double_le(fabs((double)r.side[c][n]), 4);
	ck_assert_uint_eq(r.meters.starved, 0);
	for (int c = 0; c < 2; c++) {
		free(dry[c]);
		free(want[c]);
		free(unrolled[c]);
	}
	(void)none;
	close_rig(&w);
	close_rig(&r);
	test_end();
}
END_TEST

/* Jumps into a loop that lies elsewhere, or out of one in the moment it turned, fade and go on. */
START_TEST(test_another_loop)
{
	make_files();
	const struct loop first = {6400, 32000}, second = {64000, 96000};
	struct rig r = open_rig("stemdesk 1\nstrip/a/name A\nstrip/a/region/r1/file a.wav\n");
	float *dry[2];
	render(&r, FRAMES, dry);
	start(&r, 0, &first);
	player_play(r.player);
	listen(&r, 31200);
	/* primed before the turn, in force behind it */
	struct graph *g = make_graph(&r, 1, &second);
	int64_t here = r.meters.position / QUANTUM * QUANTUM;
	prime(&r, g, here);
	listen(&r, 2400);
	player_replace_graph(r.player, g, here);
	ck_assert(player_is_moving(r.player));
	listen(&r, 48000);
	ck_assert(!player_is_moving(r.player));
	/* it went on at or behind the place where its files begin, and those are its frames */
	int64_t shift = r.meters.position - r.heard;
	int64_t found = INT64_MAX;
	for (int64_t d = shift - 4800; d <= shift + 4800 && found == INT64_MAX; d++)
		if (!memcmp(r.side[0] + 60000, dry[0] + 60000 + d, 4800 * sizeof(float)))
			found = d;
	ck_assert_int_ne(found, INT64_MAX);
	/* silence between the two, and then nothing but the song behind the place where its files begin */
	int n = 33600;
	while (n < 48000 && r.side[0][n] != 0)
		n++;
	ck_assert_int_le(n, 33600 + PLAYER_FADE + 1);
	while (n < 48000 && r.side[0][n] == 0)
		n++;
	ck_assert_int_ge(n + found, here);
	ck_assert(!memcmp(r.side[0] + n + PLAYER_FADE, dry[0] + n + PLAYER_FADE + found, 9600 * sizeof(float)));
	ck_assert_uint_eq(r.meters.starved, 0);
	free(dry[0]);
	free(dry[1]);
	close_rig(&r);
	test_end();
}
END_TEST

TEST_MAIN("loop", 120, test_rule, test_states_go_through, test_another_loop)
