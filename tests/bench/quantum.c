/*
 * The engine alone, on noise from memory, with nothing but the C library: for instruction counts and other processors.
 *
 *   quantum sum LANES THREADS      renders a busy song and prints a checksum of what mix and master put out
 *   quantum strips LANES QUANTA    runs so many quanta of eight full stereo strips
 *   quantum master LANES QUANTA LINE...   of one plain strip and a master with those lines
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fpu.h"
#include "engine/graph.h"
#include "engine/pool.h"

#define CHUNK 1024
#define CHUNKS 24
#define STRIPS 8

/* Noise that repeats: made once, so that reading it costs a copy. */
#define NOISE_FRAMES 8192
struct noise {
	struct source source;
	float side[2][NOISE_FRAMES];
};

/* A sample in [-0.25, 0.25), loud and soft by turns of 4096 frames; the same for a frame however it is asked for. */
static float
noise_at(uint32_t seed, int64_t frame, int side)
{
	uint32_t x = seed * 2654435761u + (uint32_t)frame * 2u + (uint32_t)side;
	x = (x ^ x >> 16) * 0x7feb352du;
	x = (x ^ x >> 15) * 0x846ca68bu;
	int32_t whole = (int32_t)(x ^ x >> 16) >> 8;
	return (float)whole / 33554432.0f / (frame & 4096 ? 32.0f : 1.0f);
}

/* The song is read in whole quanta, but a delayed strip from any frame on. */
static void
noise_read(struct source *source, int64_t frame, int frames, float *const *planar)
{
	struct noise *noise = (struct noise *)source;
	for (int c = 0; c < source->channels; c++)
		for (int t = 0, n; planar[c] && t < frames; t += n) {
			size_t at = (size_t)(frame + t) % NOISE_FRAMES;
			n = frames - t < NOISE_FRAMES - (int)at ? frames - t : NOISE_FRAMES - (int)at;
			memcpy(planar[c] + t, noise->side[c] + at, (size_t)n * sizeof(float));
		}
}

static void
noise_close(struct source *source)
{
	free(source);
}

/* "mono-7", "stereo-3": channels and seed. */
static struct source *
noise_open(void *arg, const char *file, int64_t shift, int64_t late, struct err *err)
{
	(void)arg;
	(void)shift;
	(void)late;
	struct noise *noise = calloc(1, sizeof *noise);
	if (!noise) {
		err_set(err, "no memory");
		return NULL;
	}
	noise->source =
	    (struct source){.channels = *file == 'm' ? 1 : 2, .frames = 1 << 30, .read = noise_read, .close = noise_close};
	for (int k = 0; k < 2 * NOISE_FRAMES; k++)
		noise->side[k / NOISE_FRAMES][k % NOISE_FRAMES] =
		    noise_at((uint32_t)atoi(strchr(file, '-') + 1), k % NOISE_FRAMES, k / NOISE_FRAMES);
	return &noise->source;
}

struct text {
	char b[65536];
	size_t n;
};

static void
put(struct text *o, const char *strip, const char *line)
{
	o->n += (size_t)snprintf(o->b + o->n, sizeof o->b - o->n, "%s%s\n", strip, line);
}

/* A strip at work in all its parts; k varies it. */
static void
put_strip(struct text *o, int k, int channels)
{
	static const char *const lines[] = {
	    "polarity on",        "dc on",
	    "hpf/on on",          "lpf/on on",
	    "lpf/freq 17000",     "gate/on on",
	    "gate/threshold -40", "gate/range 12",
	    "deess/on on",        "deess/threshold -36",
	    "eq/1/gain 3",        "eq/2/gain -4",
	    "eq/3/gain 2",        "eq/4/gain -3",
	    "eq/5/gain 4",        "eq/5/side side",
	    "eq/6/gain 2",        "comp/on on",
	    "comp/threshold -30", "transient/on on",
	    "transient/attack 3", "transient/sustain -3",
	    "sat/on on",          "sat/drive 6",
	    "width 120",
	};
	char strip[16], line[64];
	snprintf(strip, sizeof strip, "strip/s%d/", k);
	snprintf(line, sizeof line, "name s%d", k);
	put(o, strip, line);
	snprintf(line, sizeof line, "channels %d", channels);
	put(o, strip, line);
	snprintf(line, sizeof line, "pan %c%d", k % 2 ? 'L' : 'R', 7 * k);
	put(o, strip, line);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		if (channels == 2 || strncmp(lines[i], "eq/5/side", 9) != 0)
			put(o, strip, lines[i]);
	snprintf(line, sizeof line, "region/r%05d/file %s-%d", k, channels == 2 ? "stereo" : "mono", k + 1);
	put(o, strip, line);
}

static void
put_song(struct text *o)
{
	for (int k = 0; k < 9; k++) {
		char strip[16];
		snprintf(strip, sizeof strip, "strip/s%d/", k);
		put_strip(o, k, 1 + k % 2);
		put(o, strip, k % 3 ? "out mix" : "out bus/group");
		put(o, strip, "send/room/level -9");
		if (k % 4 == 1)
			put(o, strip, "sat/type tape");
		if (k % 4 == 2)
			put(o, strip, "sat/type tube");
	}
	put(o, "strip/s1/", "comp/key strip/s4");
	put(o, "bus/group/", "name Group");
	put(o, "bus/group/", "comp/on on");
	put(o, "bus/room/", "name Room");
	put(o, "bus/room/", "reverb/on on");
	put(o, "bus/room/", "echo/on on");
	put(o, "bus/room/", "echo/note 1/16t");
	put(o, "mix/", "eq/2/gain 2");
	put(o, "master/", "multi/on on");
	put(o, "master/", "dyneq/on on");
	put(o, "master/", "dyneq/2/on on");
	put(o, "master/", "dyneq/4/on on");
	put(o, "master/", "stereo/on on");
	put(o, "master/", "stereo/mono 120");
	put(o, "master/", "stereo/4/width 140");
	put(o, "master/", "clip/on on");
	put(o, "master/", "clip/level -14");
	put(o, "master/", "limiter/gain 12");
}

struct sum {
	struct graph *graph;
	uint64_t hash;
	double energy;
};

static int
add_chunk(void *arg, int64_t chunk)
{
	struct sum *sum = arg;
	int nodes[2] = {graph_mix(sum->graph), graph_master(sum->graph)};
	for (int k = 0; k < 4; k++)
		for (int at = 0; at < CHUNK;) {
			int frames = CHUNK - at;
			const float *out = graph_out(sum->graph, nodes[k / 2], k % 2, chunk, at, &frames);
			for (int t = 0; t < frames; t++) {
				uint32_t bits;
				memcpy(&bits, out + t, sizeof bits);
				sum->hash = (sum->hash ^ bits) * 0x100000001b3u;
				sum->energy += (double)out[t] * (double)out[t];
			}
			at += frames;
		}
	return 0;
}

static int
fail(const struct err *err)
{
	fprintf(stderr, "quantum: %s\n", err->text);
	return 1;
}

int
main(int argc, char **argv)
{
	static struct text text;
	struct err err = {""};
	int sums = argc == 4 && strcmp(argv[1], "sum") == 0, strips = argc == 4 && strcmp(argv[1], "strips") == 0;
	int master = argc >= 4 && strcmp(argv[1], "master") == 0;
	if (!sums && !strips && !master) {
		fputs("usage: quantum sum LANES THREADS | strips LANES QUANTA | master LANES QUANTA LINE...\n", stderr);
		return 2;
	}
	int number = atoi(argv[3]);
	const struct dsp_ops *ops = dsp_ops_pick(atoi(argv[2]));
	if (!ops) {
		fprintf(stderr, "quantum: this processor has no kernels of %s lanes\n", argv[2]);
		return 77;
	}
	put(&text, "", "stemdesk 1");
	if (sums)
		put_song(&text);
	for (int k = 0; strips && k < STRIPS; k++)
		put_strip(&text, k, 2);
	if (master)
		put(&text, "", "strip/s/name S\nstrip/s/region/r00001/file stereo-1");
	for (int k = 4; k < argc; k++)
		put(&text, "", argv[k]);
	fpu_flush_denormals();
	struct session *session = session_new();
	if (session_parse(session, text.b, text.n, "quantum", 0, &err))
		return fail(&err);
	struct graph_options options = {.ops = ops, .chunk = sums ? CHUNK : QUANTUM, .opener = {noise_open, NULL}};
	struct graph *graph = graph_new(session, &options, &err);
	if (!graph)
		return fail(&err);
	graph_start(graph, session, 0);
	if (sums) {
		struct sum sum = {.graph = graph, .hash = 0xcbf29ce484222325u};
		if (pool_render(graph, CHUNK, CHUNKS, number, add_chunk, &sum, &err))
			return fail(&err);
		if (!(sum.energy > 1)) {
			fputs("quantum: the song is silent\n", stderr);
			return 1;
		}
		printf("%016llx\n", (unsigned long long)sum.hash);
	} else {
		for (int k = 0; k < number; k++)
			graph_process(graph, QUANTUM);
	}
	graph_free(graph);
	session_free(session);
	return 0;
}
