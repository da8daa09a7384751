/* Stems through rings: the same bits as read directly, one stream for many channels, and silence that is counted. */
#include "base/fpu.h"
#include "base/reel.h"
#include "desktest.h"
#include "engine/player.h"
#include "engine/stream.h"
#include "media/convert.h"
#include "session/session.h"
#include "wavmake.h"

#include <poll.h>

#define CHANNELS 32
#define RATE 48000

/* A WAV of noise: `channels` channels of `bits` bits, written as it is made, for it is larger than struct bytes. */
static void
make_noise(const char *name, int channels, int bits, int frames, uint64_t seed)
{
	struct bytes head = {.n = 0};
	put_riff(&head, "RIFF", channels, RATE, bits);
	put_chunk_head(&head, "data", (uint32_t)(frames * channels * bits / 8));
	uint32_t all = (uint32_t)head.n + (uint32_t)(frames * channels * bits / 8) - 8;
	for (int k = 0; k < 4; k++)
		head.b[4 + k] = (unsigned char)(all >> 8 * k);
	FILE *f = fopen(name, "wb");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(head.b, 1, head.n, f), head.n);
	for (int k = 0; k < frames * channels * bits / 8; k++)
		fputc((int)(127 * test_random(&seed)) & 0xff, f);
	ck_assert_int_eq(fclose(f), 0);
}

struct desk_of_files {
	struct session *session;
	struct stems *stems;
	struct streams *streams;
	struct source_opener direct, ringed;
};

static void
open_files(struct desk_of_files *d, size_t memory)
{
	struct err err = {""};
	d->session = session_new();
	ck_assert_int_eq(session_line(d->session, "song/rate 48000", &err), 0);
	d->stems = stems_new(d->session, NULL, 1, NULL, NULL);
	d->streams = streams_new(d->stems, RATE, memory, &err);
	ck_assert_msg(d->streams != NULL, "%s", err.text);
	d->direct = stems_opener(d->stems);
	d->ringed = streams_opener(d->streams);
}

static void
close_files(struct desk_of_files *d)
{
	streams_free(d->streams);
	stems_free(d->stems);
	session_free(d->session);
}

static struct source *
open_one(struct source_opener *opener, const char *file, int64_t shift)
{
	struct err err = {""};
	struct source *s = opener->open(opener->arg, file, shift, 0, &err);
	ck_assert_msg(s != NULL, "%s", err.text);
	return s;
}

/* The disk thread may be behind a reader that does not keep time: a device would not ask so soon. */
static void
await_disk(struct streams *streams)
{
	for (int turns = 0; turns < 20000 && streams_fill(streams) < 0.5; turns++)
		poll(NULL, 0, 1);
}

/* Reads both in the same random steps from `frame` to behind the end, and compares every bit. */
static void
compare(struct desk_of_files *d, const char *file, int channels, int64_t frame, int64_t frames)
{
	struct err err = {""};
	static float want[2][4096], got[2][4096];
	struct source *direct = open_one(&d->direct, file, 0), *ringed = open_one(&d->ringed, file, 0);
	uint64_t seed = 5;
	ck_assert_int_eq(ringed->channels, channels);
	ck_assert_int_eq(ringed->frames, frames);
	ck_assert_int_eq(streams_prime(d->streams, frame, 4096, &err), 0);
	while (frame < frames + 5000) {
		int count = 1 + (int)(2000 * (1 + test_random(&seed)));
		float *side[2][MEDIA_CHANNELS] = {{NULL}};
		int first = channels - 1 - (int)(seed >> 40) % channels;
		side[0][first] = want[0], side[1][first] = got[0];
		side[0][channels - 1] = want[1], side[1][channels - 1] = got[1];
		direct->read(direct, frame, count, side[0]);
		await_disk(d->streams);
		ringed->read(ringed, frame, count, side[1]);
		for (int c = 0; c < channels; c++)
			if (side[0][c])
				ck_assert_msg(!memcmp(side[0][c], side[1][c], (size_t)count * sizeof(float)), "%s: channel %d at %lld",
				              file, c, (long long)frame);
		frame += count;
	}
	ck_assert_uint_eq(ringed->starved, 0);
	ringed->close(ringed);
	direct->close(direct);
	ck_assert_uint_eq(streams_memory(d->streams), 0);
}

START_TEST(test_bits)
{
	static const struct {
		int channels, bits;
	} rows[] = {{1, 16}, {2, 24}, {2, 16}, {1, 8}, {2, 32}, {CHANNELS, 24}};
	static const int64_t starts[] = {-3000, 0, 777, 60000};
	struct desk_of_files d;
	made_begin();
	/* less memory than a file: rings turn many times */
	open_files(&d, 2 << 20);
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		make_noise("noise.wav", rows[k].channels, rows[k].bits, 70001, k);
		for (size_t s = 0; s < sizeof starts / sizeof *starts; s++)
			compare(&d, "noise.wav", rows[k].channels, starts[s], 70001);
	}
	ck_assert_ptr_null(stems_warning(d.stems, 0));
	close_files(&d);
	made_end();
}
END_TEST

/* 32 strips of one file: one stream, so the memory of one. Another shift is another place in the file: a second one. */
START_TEST(test_one_stream_for_a_file)
{
	struct desk_of_files d;
	struct source *s[CHANNELS], *later;
	struct err err = {""};
	static float buffer[64];
	made_begin();
	make_noise("poly.wav", CHANNELS, 24, 20000, 1);
	open_files(&d, STREAM_MEMORY);
	for (int k = 0; k < CHANNELS; k++)
		s[k] = open_one(&d.ringed, "poly.wav", 0);
	ck_assert_int_eq(streams_prime(d.streams, 0, 1000, &err), 0);
	ck_assert_uint_eq(streams_memory(d.streams), 20000 * CHANNELS * 3);
	later = open_one(&d.ringed, "poly.wav", 5000);
	ck_assert_int_eq(streams_prime(d.streams, 0, 1000, &err), 0);
	ck_assert_uint_eq(streams_memory(d.streams), 2 * 20000 * CHANNELS * 3);
	/* all of them read the same quantum, one after the other */
	struct source *direct = open_one(&d.direct, "poly.wav", 0);
	for (int64_t frame = 0; frame < 19968; frame += 64) {
		await_disk(d.streams);
		for (int k = 0; k < CHANNELS; k++) {
			float want[64], *a[MEDIA_CHANNELS] = {NULL}, *b[MEDIA_CHANNELS] = {NULL};
			a[k] = want;
			b[k] = buffer;
			direct->read(direct, frame, 64, a);
			s[k]->read(s[k], frame, 64, b);
			ck_assert_msg(!memcmp(want, buffer, sizeof want), "channel %d at %lld", k, (long long)frame);
		}
	}
	direct->close(direct);
	for (int k = 0; k < CHANNELS; k++) {
		ck_assert_uint_eq(s[k]->starved, 0);
		s[k]->close(s[k]);
	}
	later->close(later);
	ck_assert_uint_eq(streams_memory(d.streams), 0);
	close_files(&d);
	made_end();
}
END_TEST

/* A jump past what the ring holds is silence and counted; the disk thread follows, and then it is in place again. */
START_TEST(test_starvation)
{
	struct desk_of_files d;
	struct err err = {""};
	static float want[4096], got[4096];
	float *a[MEDIA_CHANNELS] = {want}, *b[MEDIA_CHANNELS] = {got};
	made_begin();
	make_noise("long.wav", 1, 16, 3000000, 9);
	open_files(&d, 1 << 16);
	struct source *direct = open_one(&d.direct, "long.wav", 0), *s = open_one(&d.ringed, "long.wav", 0);
	ck_assert_int_eq(streams_prime(d.streams, 0, 4096, &err), 0);
	ck_assert_uint_le(streams_memory(d.streams), 1 << 16);
	s->read(s, 0, 4096, b);
	ck_assert_uint_eq(s->starved, 0);
	s->read(s, 2000000, 4096, b);
	ck_assert_uint_eq(s->starved, 1);
	for (int t = 0; t < 4096; t++)
		ck_assert(got[t] == 0);
	int64_t frame = 2004096;
	for (int turns = 0; turns < 1000; turns++) {
		uint32_t before = s->starved;
		poll(NULL, 0, 5);
		s->read(s, frame, 64, b);
		direct->read(direct, frame, 64, a);
		if (s->starved == before) {
			ck_assert(!memcmp(want, got, 64 * sizeof(float)));
			break;
		}
		frame += 64;
		ck_assert_int_lt(turns, 999);
	}
	s->close(s);
	direct->close(direct);
	close_files(&d);
	made_end();
}
END_TEST

/* A file that becomes shorter while it plays: silence in its place, and a word about it. */
START_TEST(test_shrinking_file)
{
	struct desk_of_files d;
	struct err err = {""};
	static float got[4096];
	float *b[MEDIA_CHANNELS] = {got};
	made_begin();
	make_noise("short.wav", 1, 16, 100000, 9);
	open_files(&d, 1 << 16);
	struct source *s = open_one(&d.ringed, "short.wav", 0);
	ck_assert_int_eq(streams_prime(d.streams, 0, 4096, &err), 0);
	ck_assert_int_eq(truncate("short.wav", 44 + 2 * 50000), 0);
	for (int64_t frame = 0; frame < 100000; frame += 4096) {
		await_disk(d.streams);
		s->read(s, frame, 4096, b);
		for (int t = 0; t < 4096 && frame + t < 100000; t++)
			ck_assert(frame + t < 50000 || got[t] == 0);
	}
	s->close(s);
	ck_assert_ptr_nonnull(stems_warning(d.stems, 0));
	ck_assert_ptr_nonnull(strstr(stems_warning(d.stems, 0), "short.wav"));
	close_files(&d);
	made_end();
}
END_TEST

/*
 * What a device of random periods is given from files through rings is, bit for bit, what a render that waits for the
 * disk makes: from the first frame, from a later one, with strips of one poly file, a region that begins late and a
 * mono file.
 */
START_TEST(test_played_is_rendered)
{
	static const char *const lines[] = {
	    "bus/g/name G",
	    "strip/a/name A",
	    "strip/a/region/r1/file stereo.wav",
	    "strip/a/fader -3.3",
	    "strip/a/comp/on on",
	    "strip/b/name B",
	    "strip/b/channels 1",
	    "strip/b/region/r1/file mono.wav",
	    "strip/b/pan L37",
	    "strip/c/name C",
	    "strip/c/region/r1/file poly.wav",
	    "strip/c/region/r1/channel 3",
	    "strip/c/out bus/g",
	    "strip/d/name D",
	    "strip/d/channels 1",
	    "strip/d/region/r1/file poly.wav",
	    "strip/d/region/r1/channel 32",
	    "strip/d/region/r2/file poly.wav",
	    "strip/d/region/r2/from 5000smp",
	    "strip/d/region/r2/at 9001smp",

	    "bus/g/trim -2",
	    "strip/b/delay 33smp",
	};
	enum { FRAMES = 48000 };
	struct desk_of_files d;
	struct err err = {""};
	made_begin();
	make_noise("stereo.wav", 2, 24, 40000, 1);
	make_noise("mono.wav", 1, 16, 50000, 2);
	make_noise("poly.wav", CHANNELS, 24, 30000, 3);
	open_files(&d, 4 << 20);
	fpu_flush_denormals();
	for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
		ck_assert_msg(session_line(d.session, lines[k], &err) == 0, "%s: %s", lines[k], err.text);
	for (int64_t start = 0; start <= 6400; start += 6400) {
		static float want[FRAMES][2], out[2 * 4000];
		struct graph_options options = {.chunk = QUANTUM, .opener = d.direct};
		struct graph *g = graph_new(d.session, &options, &err);
		ck_assert_msg(g != NULL, "%s", err.text);
		graph_start(g, d.session, start);
		for (int done = 0; done < graph_latency(g, graph_mix(g)); done += QUANTUM)
			graph_process(g, QUANTUM);
		double loud = 0;
		for (int64_t done = 0; done < FRAMES; done += QUANTUM) {
			graph_process(g, QUANTUM);
			for (int c = 0; c < 2; c++) {
				int count = QUANTUM;
				const float *x = graph_out(g, graph_mix(g), c, graph_chunks(g) - 1, 0, &count);
				for (int t = 0; t < QUANTUM; t++)
					want[done + t][c] = x[t], loud = fmax(loud, fabs((double)x[t]));
			}
		}
		ck_assert_double_gt(loud, 0.1);
		graph_free(g);
		options.opener = d.ringed;
		g = graph_new(d.session, &options, &err);
		ck_assert_msg(g != NULL, "%s", err.text);
		graph_start(g, d.session, start);
		ck_assert_int_eq(streams_prime(d.streams, start, graph_latency(g, graph_master(g)) + 10000, &err), 0);
		struct player *p = player_new();
		player_preroll(p, g);
		player_set_graph(p, g, start);
		player_play(p);
		uint64_t seed = 3;
		for (int64_t done = 0; done < FRAMES;) {
			int period = 1 + (int)(1999 * (1 + test_random(&seed)));
			await_disk(d.streams);
			player_process(p, out, period);
			for (int t = 0; t < period && done + t < FRAMES; t++)
				ck_assert_msg((start > 0 && done + t < PLAYER_FADE) ||
				                  !memcmp(out + 2 * t, want[done + t], sizeof *want),
				              "frame %lld", (long long)done + t);
			done += period;
		}
		struct player_meters meters;
		ck_assert_int_eq(player_poll(p, &meters), 0);
		ck_assert_uint_eq(meters.starved, 0);
		player_free(p);
	}
	close_files(&d);
	made_end();
}
END_TEST

/* The reel alone: frames keep their places however it is written and taken. */
START_TEST(test_reel)
{
	struct reel *r = reel_new(7, sizeof(int), 100);
	int64_t written = 100, taken = 100;
	uint64_t seed = 1;
	ck_assert_ptr_nonnull(r);
	while (taken < 5000) {
		int64_t frame;
		void *to;
		size_t room = reel_room(r, &frame, &to);
		ck_assert_int_le(frame + (int64_t)room, taken + 7);
		size_t n = room ? (size_t)(fabs(test_random(&seed)) * (double)(room + 1)) : 0;
		for (size_t k = 0; k < n; k++)
			((int *)to)[k] = (int)(frame + (int64_t)k);
		reel_wrote(r, n);
		written = frame + (int64_t)n;
		struct reel_piece piece[2];
		size_t want = 1 + (size_t)(fabs(test_random(&seed)) * 8);
		size_t got = reel_take(r, taken, want, piece);
		int64_t there = written - taken;
		ck_assert_uint_eq(got, (size_t)there < want ? (size_t)there : want);
		ck_assert_uint_eq(piece[0].frames + piece[1].frames, got);
		for (int p = 0, k = 0; p < 2; p++)
			for (size_t i = 0; i < piece[p].frames; i++, k++)
				ck_assert_int_eq(((const int *)piece[p].data)[i], (int)taken + k);
		taken += (int64_t)got;
	}
	reel_free(r);
}
END_TEST

TEST_MAIN("stream", 60, test_reel, test_bits, test_one_stream_for_a_file, test_starvation, test_shrinking_file,
          test_played_is_rendered)
