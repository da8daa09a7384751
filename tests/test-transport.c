/*
 * The transport of the player: locate, stop and play with fades that nobody hears as a click, and behind them the bits
 * of a render from there; what is heard (mix, master, strips before or behind their faders) changes in the same way.
 */
#include "deskgraph.h"
#include "dyntest.h"
#include "engine/player.h"

#define RATE 48000
#define LENGTH 96000
#define WINDOW 8192
#define BLOCK 240

static const char desk[] = "stemdesk 1\n"
                           "strip/a/name A\nstrip/a/region/r1/file a.wav\nstrip/a/comp/on on\nstrip/a/fader -3\n"
                           "strip/b/name B\nstrip/b/region/r1/file b.wav\nstrip/b/pan L20\nstrip/b/fader -4\n"
                           "strip/c/name C\nstrip/c/channels 1\nstrip/c/region/r1/file b.wav\nstrip/c/mute on\n"
                           "strip/a/comp/key strip/b\nbus/x/name X\nstrip/b/out bus/x\nmaster/limiter/gain 3\n";

static void
make_stems(void)
{
	memory_noise("a.wav", 2, LENGTH, 0.4, 1);
	memory_noise("b.wav", 2, LENGTH, 0.4, 2);
}

/* Both stems are one tone. */
static void
make_tones(double hz)
{
	make_stems();
	for (int k = 0; k < 2; k++)
		for (int c = 0; c < 2; c++)
			for (int t = 0; t < LENGTH; t++)
				memory_stems[k].side[c][t] = (float)(0.3 * sin(2 * M_PI * hz * t / RATE));
}

struct heard {
	struct session *session;
	struct player *player;
	float *side[2];
	int frames; /* heard so far */
};

static struct graph *
graph_from(struct heard *h, int64_t frame)
{
	struct err err = {""};
	struct graph_options options = {.ops = dsp_ops_pick(0),
	                                .chunk = QUANTUM,
	                                .least_latency = PLAYER_LATENCY,
	                                .taps = 1,
	                                .opener = {memory_open, NULL}};
	struct graph *g = graph_new(h->session, &options, &err);
	ck_assert_msg(g != NULL, "%s", err.text);
	graph_start(g, h->session, frame);
	player_preroll(h->player, g);
	return g;
}

static void
locate(struct heard *h, int64_t frame)
{
	player_set_graph(h->player, graph_from(h, frame), frame);
}

static struct heard
begin(const char *text)
{
	struct heard h = {.session = parse(text), .player = player_new()};
	fpu_flush_denormals();
	for (int c = 0; c < 2; c++)
		h.side[c] = calloc(2 * LENGTH, sizeof(float));
	locate(&h, 0);
	player_play(h.player);
	return h;
}

static void
listen(struct heard *h, int frames)
{
	float block[2 * BLOCK];
	struct player_meters m;
	for (int done = 0; done < frames; done += BLOCK) {
		player_process(h->player, block, BLOCK);
		for (int t = 0; t < BLOCK; t++, h->frames++)
			for (int c = 0; c < 2; c++)
				h->side[c][h->frames] = block[2 * t + c];
		player_poll(h->player, &m);
	}
}

static void
end(struct heard *h)
{
	player_free(h->player);
	session_free(h->session);
	free(h->side[0]);
	free(h->side[1]);
}

/* The frames heard from `at` on are those of a render that starts at `start`, from its frame `from` on. */
static void
is_rendered(const struct heard *h, int at, int64_t start, int master, int from, int frames)
{
	float *want[2];
	const struct render reference = {.lanes = 4, .chunk = 1024, .threads = 1, .start = start, .master = master};
	render(h->session, &reference, from + frames, want);
	for (int c = 0; c < 2; c++) {
		for (int t = 0; t < frames; t++)
			ck_assert_msg(!memcmp(&h->side[c][at + t], &want[c][from + t], sizeof(float)),
			              "from %lld on: frame %d of side %d is %g, not %g", (long long)start, from + t, c,
			              (double)h->side[c][at + t], (double)want[c][from + t]);
		free(want[c]);
	}
}

START_TEST(test_locate_plays_what_is_rendered_there)
{
	static const int64_t to[] = {64000, 6400, 0, 31999, 128};
	make_stems();
	struct heard h = begin(desk);
	listen(&h, 9600);
	is_rendered(&h, 0, 0, 0, 0, 9600);
	for (size_t k = 0; k < sizeof to / sizeof *to; k++) {
		int64_t start = to[k] / QUANTUM * QUANTUM;
		int at = h.frames + PLAYER_FADE; /* it fades out first */
		locate(&h, to[k]);
		ck_assert(player_is_moving(h.player));
		listen(&h, 9600);
		ck_assert(!player_is_moving(h.player));
		int in = start ? PLAYER_FADE : 0;
		is_rendered(&h, at + in, start, 0, in, 9600 - PLAYER_FADE - in);
	}
	/* the last of several wins, whatever was under way */
	locate(&h, 6400);
	locate(&h, 12800);
	listen(&h, 240);
	locate(&h, 19200);
	int at = h.frames + PLAYER_FADE - 240;
	listen(&h, 4800);
	is_rendered(&h, at + PLAYER_FADE, 19200, 0, PLAYER_FADE, 3000);
	end(&h);
	memory_forget();
}
END_TEST

/* A pause goes on where the fade ended; a locate while it stands still is there at once, with nothing to fade out. */
START_TEST(test_stop_and_play)
{
	make_stems();
	struct heard h = begin(desk);
	listen(&h, 4800);
	player_stop(h.player);
	listen(&h, 4800);
	for (int c = 0; c < 2; c++)
		for (int t = 4800 + PLAYER_FADE; t < 9600; t++)
			ck_assert(h.side[c][t] == 0);
	player_play(h.player);
	listen(&h, 9600);
	is_rendered(&h, 9600 + PLAYER_FADE, 0, 0, 4800 + 2 * PLAYER_FADE, 9000);
	/* stopped and played again before the fade is done: it turns round */
	player_stop(h.player);
	listen(&h, 240);
	player_play(h.player);
	listen(&h, 4800);
	is_rendered(&h, 19200 + 2 * 240, 0, 0, 4800 + PLAYER_FADE + 9600 + 480, 4000);
	player_stop(h.player);
	listen(&h, 960);
	locate(&h, 0);
	player_play(h.player);
	int at = h.frames;
	listen(&h, 4800);
	is_rendered(&h, at, 0, 0, 0, 4800);
	/* a stop on the way to somewhere else: it stands still there */
	locate(&h, 32000);
	player_stop(h.player);
	listen(&h, 960);
	for (int t = at + 4800 + PLAYER_FADE; t < h.frames; t++)
		ck_assert(h.side[0][t] == 0);
	at = h.frames;
	player_play(h.player);
	listen(&h, 4800);
	is_rendered(&h, at + PLAYER_FADE, 32000, 0, PLAYER_FADE, 4000);
	end(&h);
	memory_forget();
}
END_TEST

/* Nothing of a jump lies beside a low and a high tone: 60 dB below them 1 kHz and more away. */
START_TEST(test_jumps_do_not_click)
{
	static const double tones[] = {100, 3000};
	for (int k = 0; k < 2; k++) {
		make_tones(tones[k]);
		struct heard h = begin("stemdesk 1\nstrip/a/name A\nstrip/a/region/r1/file a.wav\n");
		listen(&h, 24000);
		int first = h.frames;
		locate(&h, 60000 / QUANTUM * QUANTUM);
		listen(&h, 24000);
		int second = h.frames;
		player_stop(h.player);
		listen(&h, 12000);
		int third = h.frames;
		player_play(h.player);
		listen(&h, 12000);
		const int around[] = {first, second, third};
		for (int i = 0; i < 3; i++) {
			double got = spurious_dbc(h.side[0] + around[i] - WINDOW / 2, WINDOW, tones[k], RATE, 1000, 0.3);
			ck_assert_msg(got <= -60, "%g Hz, jump %d: %.1f dB", tones[k], i, got);
		}
		end(&h);
		memory_forget();
	}
}
END_TEST

/* From mix to master and back: the same place in the song, only later by nothing. */
START_TEST(test_mix_and_master)
{
	make_stems();
	struct heard h = begin(desk);
	listen(&h, 4800);
	player_pick(h.player, &(struct player_pick){.tap = TAP_MASTER});
	listen(&h, 4800);
	is_rendered(&h, 4800 + 480, 0, 1, 4800 + 480, 4000);
	player_pick(h.player, &(struct player_pick){.tap = TAP_MIX});
	listen(&h, 4800);
	is_rendered(&h, 9600 + 480, 0, 0, 9600 + 480, 4000);
	/* to and fro at once: the last one counts */
	player_pick(h.player, &(struct player_pick){.tap = TAP_MASTER});
	player_pick(h.player, &(struct player_pick){.tap = TAP_MIX});
	player_pick(h.player, &(struct player_pick){.tap = TAP_MASTER});
	listen(&h, 4800);
	is_rendered(&h, 14400 + 960, 0, 1, 14400 + 960, 3000);
	end(&h);
	memory_forget();
}
END_TEST

static uint32_t
uid(struct session *s, const char *address)
{
	struct node *node = session_find(s, address);
	ck_assert(node != NULL);
	return node->uid;
}

/*
 * Strips alone: before their faders a muted one too, behind them as they go into the mix; two are summed. The mix of a
 * desk that has nothing else in it says what is right.
 */
START_TEST(test_solo_bus)
{
	static const struct {
		const char *of[2];
		int pre[2], count;
		const char *same; /* lines that leave just that in the mix */
	} rows[] = {
	    {{"strip/a"}, {0}, 1, "strip/b/out none\nstrip/c/out none\n"},
	    {{"strip/a"}, {1}, 1, "strip/b/out none\nstrip/c/out none\nstrip/a/fader 0\n"},
	    {{"strip/c"}, {0}, 1, "strip/a/mute on\nstrip/b/mute on\n"},
	    {{"strip/c"}, {1}, 1, "strip/a/mute on\nstrip/b/mute on\nstrip/c/mute off\n"},
	    {{"bus/x"}, {0}, 1, "strip/a/out none\nstrip/c/out none\n"},
	    {{"strip/b", "strip/c"}, {0, 1}, 2, "strip/a/mute on\nstrip/c/mute off\n"},
	    {{"strip/b", "strip/c"}, {1, 1}, 2, "strip/a/mute on\nstrip/c/mute off\nstrip/b/fader 0\n"},
	};
	make_stems();
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		struct heard h = begin(desk);
		struct player_pick pick = {.count = rows[k].count};
		for (int i = 0; i < pick.count; i++) {
			pick.solo[i].uid = uid(h.session, rows[k].of[i]);
			pick.solo[i].pre = rows[k].pre[i];
		}
		listen(&h, 4800);
		player_pick(h.player, &pick);
		listen(&h, 9600);
		/* another graph in between, and a locate: they go on being heard */
		player_replace_graph(h.player, graph_from(&h, 0), 0);
		listen(&h, 4800);
		locate(&h, 32000);
		listen(&h, 9600);
		player_pick(h.player, &(struct player_pick){.tap = TAP_MIX});
		listen(&h, 9600);
		is_rendered(&h, 0, 0, 0, 0, 4800);
		is_rendered(&h, 28800 + 1600, 32000, 0, 9600 - PLAYER_FADE + 1600, 4000);
		char text[2048];
		snprintf(text, sizeof text, "%s%s", desk, rows[k].same);
		struct heard alone = h;
		alone.session = parse(text);
		float *want[2];
		const struct render reference = {.lanes = 4, .chunk = 1024, .threads = 1};
		for (int start = 0; start <= 32000; start += 32000) {
			int at = start ? 19200 + PLAYER_FADE : 0, from = start ? PLAYER_FADE : 4800 + 1600;
			int to = start ? 8000 : 19200;
			struct render how = reference;
			how.start = start;
			render(alone.session, &how, to, want);
			for (int c = 0; c < 2; c++) {
				double loud = 0;
				for (int t = from; t < to; t++) {
					/* sums of two are rounded in another order */
					ck_assert_msg(fabs((double)h.side[c][at + t] - (double)want[c][t]) <= 2e-7 * (pick.count - 1),
					              "row %zu, from %d: frame %d, %g, not %g", k, start, t, (double)h.side[c][at + t],
					              (double)want[c][t]);
					loud = fmax(loud, fabs((double)want[c][t]));
				}
				ck_assert(k == 2 ? loud == 0 : loud > 0.05);
				free(want[c]);
			}
		}
		session_free(alone.session);
		end(&h);
	}
	memory_forget();
}
END_TEST

/*
 * The key of a compressor, as a strip that plays it (its own switch, which the bounce hears) has it, without the mix
 * changing by a bit; an edit of the key's filter is heard.
 */
START_TEST(test_key_listen)
{
	make_stems();
	struct heard h = begin(desk);
	struct err err;
	listen(&h, 4800);
	struct node *a = session_find(h.session, "strip/a");
	ck_assert_int_eq(player_key(h.player, a, STAGE_COMP), 0);
	ck_assert_int_eq(player_key(h.player, a, STAGE_EQ), -1);
	player_pick(h.player, &(struct player_pick){.key = 1});
	listen(&h, 9600);
	ck_assert_int_eq(session_line(h.session, "strip/a/comp/key-hpf 2000", &err), 0);
	ck_assert_int_eq(player_edit(h.player, h.session, a->uid), 0);
	listen(&h, 19200);
	player_pick(h.player, &(struct player_pick){.tap = TAP_MIX});
	listen(&h, 9600);
	/* the key is strip b, unfiltered, and then high-passed */
	char text[2048];
	snprintf(text, sizeof text,
	         "%sstrip/a/comp/listen on\nstrip/a/comp/key-hpf 2000\nstrip/a/fader 0\n"
	         "strip/b/out none\nstrip/c/out none\n",
	         desk);
	float *want[2];
	const struct render reference = {.lanes = 4, .chunk = 1024, .threads = 1};
	struct session *other = parse(text);
	render(other, &reference, 40000, want);
	session_free(other);
	/* at some fixed distance in time, which is not what this is for */
	int found = -1;
	for (int d = -4096; d <= 4096 && found < 0; d++) {
		double most = 0;
		for (int t = 24000; t < 24400 && most < 1e-4; t++)
			most = fmax(most, fabs((double)h.side[0][t] - (double)want[0][t + d]));
		found = most < 1e-4 ? d + 4096 : -1;
	}
	ck_assert_int_ge(found, 0);
	double most = 0;
	for (int t = 20000; t < 30000; t++)
		for (int c = 0; c < 2; c++)
			most = fmax(most, fabs((double)h.side[c][t] - (double)want[c][t + found - 4096]));
	ck_assert_double_lt(most, 1e-4);
	for (int c = 0; c < 2; c++)
		free(want[c]);
	/* the strip that has the key goes: silence, not its last sound again and again */
	player_pick(h.player, &(struct player_pick){.key = 1});
	listen(&h, 2400);
	ck_assert_int_eq(session_line(h.session, "delete strip/a", &err), 0);
	player_replace_graph(h.player, graph_from(&h, 0), 0);
	listen(&h, 4800);
	for (int t = h.frames - 2400; t < h.frames; t++)
		ck_assert(h.side[0][t] == 0);
	end(&h);
	memory_forget();
}
END_TEST

/* Behind a codec the position is that of what is heard; after a stop what is still inside comes out, and no more. */
START_TEST(test_codec)
{
	static const struct hearing_params blue = {.codec = 1,
	                                           .low = 10,
	                                           .low_slope = 6,
	                                           .high = 30000,
	                                           .high_slope = 6,
	                                           .bell = 1000,
	                                           .bell_q = 1,
	                                           .noise = -INFINITY};
	static float out[2 * 1024];
	struct player_meters m = {.position = -1};
	const int late = sbc_latency(RATE);
	make_stems();
	struct heard h = begin(desk);
	player_hearing(h.player, &blue, RATE);
	for (int k = 1; k <= 10; k++) {
		player_process(h.player, out, 1024); /* as long as the meters' pace */
		ck_assert_int_eq(player_poll(h.player, &m), 0);
		if (k > 1)
			ck_assert_int_eq(m.position, 1024 * k - late);
		ck_assert_int_eq(m.frame, 1024 * k);
	}
	player_stop(h.player);
	player_process(h.player, out, 1024);
	ck_assert_int_eq(player_poll(h.player, &m), 0);
	ck_assert_int_eq(m.position, 10240 + PLAYER_FADE);
	float inside = 0;
	for (int t = 0; t < 1024; t++)
		if (t < PLAYER_FADE + late)
			inside = fmaxf(inside, t < PLAYER_FADE ? 0 : fabsf(out[2 * t]));
		else
			ck_assert(out[2 * t] == 0 && out[2 * t + 1] == 0);
	ck_assert_double_gt((double)inside, 0.01);
	player_process(h.player, out, 1024);
	for (int t = 0; t < 2 * 1024; t++)
		ck_assert(out[t] == 0);
	/* a change in silence is made there: the song's beginning is as it is */
	player_hearing(h.player, NULL, RATE);
	locate(&h, 0);
	listen(&h, BLOCK);
	int at = h.frames;
	player_play(h.player);
	listen(&h, 4800);
	is_rendered(&h, at, 0, 0, 0, 4800);
	end(&h);
	memory_forget();
}
END_TEST

TEST_MAIN("transport", 60, test_locate_plays_what_is_rendered_there, test_stop_and_play, test_jumps_do_not_click,
          test_mix_and_master, test_solo_bus, test_key_listen, test_codec)
