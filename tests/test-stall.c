/*
 * Stems whose disk hangs, that vanish, shrink and come back: only their strip is silent, and it comes back at its
 * place. The reads of one file, and its opening, are caught here: they wait until they are let go.
 */
#include "bouncetest.h"
#include "gatetest.h"

#include "base/fpu.h"
#include "engine/player.h"
#include "engine/stream.h"

#define RATE 48000
#define SECONDS 20
#define FRAMES (SECONDS * RATE)
#define BLOCK 480

static int shut;                            /* guarded by the gate's lock */
static int64_t lowest = INT64_MAX, highest; /* bytes of the file that were read */

/* Whether it is the file that is watched. */
static int
is_watched(int fd)
{
	char link[64], path[PATH_MAX];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	path[n > 0 ? n : 0] = '\0';
	return strstr(path, "/b.wav") != NULL;
}

static void
pass_gate(int fd, int64_t at, size_t n)
{
	if (!is_watched(fd))
		return;
	pthread_mutex_lock(&gate);
	gate_waiting++;
	while (shut)
		pthread_cond_wait(&gate_moved, &gate);
	gate_waiting--;
	lowest = at < lowest ? at : lowest;
	highest = at + (int64_t)n > highest ? at + (int64_t)n : highest;
	pthread_mutex_unlock(&gate);
}

typedef ssize_t on_pread(int, void *, size_t, off_t);

ssize_t
pread(int fd, void *p, size_t n, off_t at)
{
	static on_pread *next;
	if (!next)
		next = (on_pread *)dlsym(RTLD_NEXT, "pread");
	pass_gate(fd, at, n);
	return next(fd, p, n, at);
}

static void
set_gate(int is_shut)
{
	pthread_mutex_lock(&gate);
	shut = is_shut;
	pthread_mutex_unlock(&gate);
	gate_set(NULL);
}

static double
noise(int64_t t, int c)
{
	return floor(made_noise(t, c) * 32767) / 32768;
}

static double
other(int64_t t, int c)
{
	return noise(t + 100000000, c);
}

struct rig {
	struct session *session;
	struct stems *stems;
	struct streams *streams;
	struct player *player;
	struct player_meters meters;
	int64_t frame;
	int silent, back, anew; /* news of the file so far; anew: it can be had by another graph */
};

static struct rig
open_rig(const char *lines)
{
	struct err err = {""};
	struct rig r = {.session = session_new()};
	char text[1024];
	snprintf(
	    text, sizeof text,
	    "stemdesk 1\nstrip/a/name A\nstrip/a/region/r1/file a.wav\nstrip/b/name B\nstrip/b/region/r1/file b.wav\n%s",
	    lines);
	test_begin();
	make_sound("a.wav", 1, RATE, FRAMES, noise, SF_FORMAT_WAV | SF_FORMAT_PCM_16);
	make_sound("b.wav", 1, RATE, FRAMES, other, SF_FORMAT_WAV | SF_FORMAT_PCM_16);
	ck_assert_msg(session_parse(r.session, text, strlen(text), "test", 0, &err) == 0, "%s", err.text);
	r.stems = stems_new(r.session, NULL, 1, NULL, NULL);
	r.streams = streams_new(r.stems, RATE, STREAM_MEMORY, &err);
	r.player = player_new();
	ck_assert(r.streams && r.player);
	fpu_flush_denormals();
	return r;
}

static struct graph *
build(struct rig *r)
{
	struct err err = {""};
	struct graph_options options = {
	    .chunk = QUANTUM, .least_latency = PLAYER_LATENCY, .opener = streams_opener(r->streams)};
	struct graph *g = graph_new(r->session, &options, &err);
	ck_assert_msg(g != NULL, "%s", err.text);
	return g;
}

/* Plays a graph from a frame on. */
static void
play(struct rig *r, struct graph *g, int64_t frame)
{
	struct err err = {""};
	graph_start(g, r->session, frame);
	ck_assert_int_eq(streams_prime(r->streams, frame, 9600, &err), 0);
	player_preroll(r->player, g);
	player_set_graph(r->player, g, frame);
	player_play(r->player);
}

static void
start(struct rig *r, int shut_from_here)
{
	struct graph *g = build(r);
	lowest = INT64_MAX;
	highest = 0;
	set_gate(shut_from_here);
	play(r, g, 0);
}

static void
news(struct rig *r)
{
	struct err err;
	for (int k; (k = streams_news(r->streams, &err));) {
		ck_assert_msg(strstr(err.text, "b.wav") != NULL, "%s", err.text);
		r->silent += k < 0;
		r->back += k == 1;
		r->anew += k == 2;
	}
}

static void
close_rig(struct rig *r)
{
	player_free(r->player);
	streams_free(r->streams);
	stems_free(r->stems);
	session_free(r->session);
	test_end();
}

/*
 * Plays and looks which strips are heard: 1 a, 2 b, 3 both, in every frame of the song from r->frame on. Returns what
 * the last frames had; *changes: how often that changed.
 */
static int
listen(struct rig *r, double seconds, int *changes)
{
	float block[2 * BLOCK];
	int heard = -1;
	*changes = -1;
	for (int64_t end = r->frame + (int64_t)(seconds * RATE); r->frame < end;) {
		for (int turns = 0; turns < 20000 && streams_fill(r->streams) < 0.8; turns++)
			poll(NULL, 0, 1);
		player_process(r->player, block, BLOCK);
		player_poll(r->player, &r->meters);
		for (int t = 0; t < BLOCK; t++, r->frame++) {
			float a = (float)noise(r->frame, 0), b = (float)other(r->frame, 0);
			int now = block[2 * t] == a + b ? 3 : block[2 * t] == a ? 1 : block[2 * t] == b ? 2 : 0;
			if (b == 0 || a == 0)
				continue;
			ck_assert_msg(now & 1, "frame %lld: %g", (long long)r->frame, (double)block[2 * t]);
			*changes += now != heard;
			heard = now;
		}
		news(r);
	}
	return heard;
}

/* Rings hold more than 5 s: a read that hangs for 4.5 s (3 are asked for) is not heard. */
START_TEST(test_a_stall_is_not_heard)
{
	struct rig r = open_rig("");
	int changes;
	start(&r, 0);
	ck_assert_int_eq(listen(&r, 1, &changes), 3);
	for (int turns = 0; turns < 20000 && streams_fill(r.streams) < 0.93; turns++)
		poll(NULL, 0, 1);
	set_gate(1);
	ck_assert_int_eq(listen(&r, 4.5, &changes), 3);
	ck_assert_int_eq(changes, 0);
	set_gate(0);
	ck_assert_int_eq(listen(&r, 8, &changes), 3);
	ck_assert_int_eq(changes, 0);
	ck_assert_uint_eq(r.meters.starved, 0);
	close_rig(&r);
}
END_TEST

/* Longer: its strip alone is silent, that is told, and it is back in its place. */
START_TEST(test_a_disk_that_hangs)
{
	struct rig r = open_rig("");
	int changes;
	start(&r, 0);
	ck_assert_int_eq(listen(&r, 1, &changes), 3);
	set_gate(1);
	ck_assert_int_eq(listen(&r, 10, &changes), 1);
	ck_assert_int_eq(changes, 1);
	ck_assert_int_eq(r.silent, 1);
	set_gate(0);
	for (int turns = 0; turns < 20000 && r.back == 0; turns++) {
		poll(NULL, 0, 1);
		listen(&r, 0.01, &changes);
	}
	ck_assert_int_eq(r.back, 1);
	ck_assert_int_eq(listen(&r, 2, &changes), 3);
	ck_assert_int_gt(r.meters.starved, 0);
	close_rig(&r);
}
END_TEST

/* It hangs from the start, and as the song is closed: nothing waits for it. */
START_TEST(test_nothing_waits)
{
	struct rig r = open_rig("");
	int changes;
	start(&r, 1);
	ck_assert_int_eq(listen(&r, 2, &changes), 1);
	/* somewhere else, as if located: another graph of the same files */
	struct err err;
	set_gate(0); /* the file is opened, and then it hangs again */
	struct graph *g = build(&r);
	set_gate(1);
	ck_assert_int_eq(streams_prime(r.streams, 0, 9600, &err), 0);
	graph_free(g);
	player_free(r.player);
	r.player = NULL;
	streams_free(r.streams);
	r.streams = NULL;
	set_gate(0);
	gate_empties();
	stems_free(r.stems);
	session_free(r.session);
	test_end();
}
END_TEST

/* News, until those asked for have come. */
static void
wait_for(struct rig *r, const int *count)
{
	for (int turns = 0; turns < 20000 && *count == 0; turns++) {
		poll(NULL, 0, 1);
		news(r);
	}
	ck_assert_int_eq(*count, 1);
}

/* Its disk hangs as it is opened for the first time: the other plays; once it opens, another graph has it in its place.
 */
static void
hang_at_first(int moves)
{
	struct rig r = open_rig("");
	int changes;
	struct err err;
	streams_hurry(r.streams);
	gate_set("b.wav");
	play(&r, build(&r), 0);
	wait_for(&r, &r.silent);
	ck_assert_int_eq(listen(&r, 1, &changes), 1);
	ck_assert_int_eq(changes, 0);
	if (moves) { /* meanwhile it is asked for again, and nobody tells that again */
		struct graph *g = build(&r);
		ck_assert_int_eq(streams_prime(r.streams, r.frame, 9600, &err), 0);
		player_replace_graph(r.player, g, r.frame);
		ck_assert_int_eq(listen(&r, 1, &changes), 1);
		ck_assert_int_eq(r.silent, 1);
	}
	set_gate(0);
	wait_for(&r, &r.anew);
	struct graph *g = build(&r);
	ck_assert_int_eq(streams_prime(r.streams, r.frame, 9600, &err), 0);
	player_replace_graph(r.player, g, r.frame);
	ck_assert_int_eq(listen(&r, 1, &changes), 3);
	ck_assert_int_eq(r.anew, 1);
	close_rig(&r);
}

START_TEST(test_an_opening_that_hangs)
{
	hang_at_first(0);
	hang_at_first(1);
}
END_TEST

/* It was open before: a graph for another place knows the file, and has it as soon as the disk answers. */
START_TEST(test_another_opening_that_hangs)
{
	struct rig r = open_rig("");
	int changes;
	streams_hurry(r.streams);
	start(&r, 0);
	ck_assert_int_eq(listen(&r, 1, &changes), 3);
	gate_set("b.wav");
	struct graph *g = build(&r);
	player_stop(r.player);
	for (r.meters.playing = 1; r.meters.playing;) {
		float block[2 * BLOCK];
		player_process(r.player, block, BLOCK);
		player_poll(r.player, &r.meters);
	}
	r.frame = 10 * RATE;
	play(&r, g, r.frame);
	float faded[2 * BLOCK];
	player_process(r.player, faded, BLOCK);
	r.frame += BLOCK;
	ck_assert_int_eq(listen(&r, 1, &changes), 1);
	ck_assert_int_eq(r.silent, 1);
	set_gate(0);
	for (int turns = 0; turns < 20000 && r.back == 0; turns++) {
		poll(NULL, 0, 1);
		listen(&r, 0.01, &changes);
	}
	ck_assert_int_eq(listen(&r, 1, &changes), 3);
	ck_assert_int_eq(r.anew, 0);
	close_rig(&r);
}
END_TEST

/* While it was away it became another file: the graph that knows the old one plays nothing of it. */
START_TEST(test_another_file)
{
	struct rig r = open_rig("");
	int changes;
	struct err err;
	streams_hurry(r.streams);
	start(&r, 0);
	ck_assert_int_eq(listen(&r, 1, &changes), 3);
	gate_set("b.wav");
	struct graph *g = build(&r);
	ck_assert_int_eq(streams_prime(r.streams, r.frame, 9600, &err), 0);
	make_sound("new.wav", 1, RATE, FRAMES, other, SF_FORMAT_WAV | SF_FORMAT_PCM_24);
	ck_assert_int_eq(rename("new.wav", "b.wav"), 0);
	set_gate(0);
	wait_for(&r, &r.anew);
	graph_free(g);
	g = build(&r);
	ck_assert_int_eq(streams_prime(r.streams, r.frame, 9600, &err), 0);
	player_replace_graph(r.player, g, r.frame);
	ck_assert_int_eq(listen(&r, 8, &changes), 3);
	ck_assert_int_eq(changes, 0);
	close_rig(&r);
}
END_TEST

/* The song is closed while a file hangs at being opened. */
START_TEST(test_closed_while_opening)
{
	struct rig r = open_rig("");
	streams_hurry(r.streams);
	gate_set("b.wav");
	play(&r, build(&r), 0);
	player_free(r.player);
	streams_free(r.streams);
	stems_free(r.stems);
	session_free(r.session);
	set_gate(0);
	gate_empties();
	test_end();
}
END_TEST

/*
 * It has another rate: nothing waits for its conversion, nor for one that does not go on, and another graph has it. The
 * power of noise stays what it was, but for the part of its band that the filter takes.
 */
START_TEST(test_a_conversion)
{
	struct rig r = open_rig("");
	int changes;
	struct err err;
	double power = 0;
	float block[2 * BLOCK];
	make_sound("b.wav", 1, 44100, FRAMES, other, SF_FORMAT_WAV | SF_FORMAT_PCM_16);
	streams_hurry(r.streams);
	gate_set("/stemdesk"); /* the folder that it is to be written to */
	play(&r, build(&r), 0);
	wait_for(&r, &r.silent);
	ck_assert_int_eq(listen(&r, 1, &changes), 1);
	ck_assert_int_eq(changes, 0);
	gate_set(NULL);
	wait_for(&r, &r.anew);
	struct graph *g = build(&r);
	ck_assert_int_eq(streams_prime(r.streams, r.frame, 9600, &err), 0);
	player_replace_graph(r.player, g, r.frame);
	for (int k = 0; k < 2 * RATE / BLOCK; k++) {
		for (int turns = 0; turns < 20000 && streams_fill(r.streams) < 0.5; turns++)
			poll(NULL, 0, 1);
		player_process(r.player, block, BLOCK);
		for (int t = 0; t < BLOCK; t++, r.frame++) {
			double b = (double)block[2 * t] - noise(r.frame, 0);
			power += b * b / (2 * RATE);
		}
	}
	ck_assert_double_gt(power, 0.9 * 0.3 * 0.3 / 3);
	ck_assert_double_lt(power, 1.1 * 0.3 * 0.3 / 3);
	ck_assert_int_eq(r.silent, 1);
	close_rig(&r);
}
END_TEST

/* Cut short under the reader, and whole again: by the same file, and by another of the same name. */
START_TEST(test_a_file_that_goes)
{
	struct rig r = open_rig("");
	int changes;
	ck_assert_int_eq(run("cp b.wav whole.wav"), 0);
	start(&r, 0);
	ck_assert_int_eq(listen(&r, 0.5, &changes), 3);
	for (int way = 0; way < 2; way++) {
		int silent = r.silent, back = r.back;
		if (way)
			ck_assert_int_eq(rename("b.wav", "gone.wav"), 0);
		ck_assert_int_eq(truncate(way ? "gone.wav" : "b.wav", 44), 0);
		for (int turns = 0; turns < 2000 && r.silent == silent; turns++) {
			poll(NULL, 0, 1);
			listen(&r, 0.02, &changes);
		}
		ck_assert_int_eq(r.silent, silent + 1);
		ck_assert_int_eq(run(way ? "cp whole.wav new.wav && mv new.wav b.wav" : "cat whole.wav >b.wav"), 0);
		for (int turns = 0; turns < 20000 && r.back == back; turns++) {
			poll(NULL, 0, 10);
			news(&r);
			listen(&r, 0.01, &changes);
			if (r.frame > (way + 1) * 9 * RATE) /* the song is not to end first */
				break;
		}
		ck_assert_int_eq(r.back, back + 1);
		ck_assert_int_eq(listen(&r, 0.3, &changes), 3);
	}
	close_rig(&r);
}
END_TEST

/* Of a long file, what a region uses is read and no more. */
START_TEST(test_what_regions_use)
{
	struct rig r = open_rig("strip/b/region/r1/from 4s\nstrip/b/region/r1/at 1s\nstrip/b/region/r1/length 2s\n");
	float block[2 * BLOCK];
	start(&r, 0);
	for (int k = 0; k < 6 * RATE / BLOCK; k++) {
		for (int turns = 0; turns < 20000 && streams_fill(r.streams) < 0.5; turns++)
			poll(NULL, 0, 1);
		player_process(r.player, block, BLOCK);
		for (int t = 0; t < BLOCK; t++) {
			int64_t at = (int64_t)k * BLOCK + t;
			float a = (float)noise(at, 0), b = at >= RATE && at < 3 * RATE ? (float)other(at + 3 * RATE, 0) : 0;
			ck_assert_msg(block[2 * t] == a + b, "frame %lld", (long long)at);
		}
	}
	ck_assert_int_ge(lowest, 44 + 2 * 4 * RATE);
	ck_assert_int_le(highest, 44 + 2 * 6 * RATE);
	ck_assert_int_gt(highest, lowest);
	close_rig(&r);
}
END_TEST

TEST_MAIN("stall", 120, test_a_stall_is_not_heard, test_a_disk_that_hangs, test_nothing_waits, test_a_file_that_goes,
          test_what_regions_use, test_an_opening_that_hangs, test_another_opening_that_hangs, test_another_file,
          test_closed_while_opening, test_a_conversion)
