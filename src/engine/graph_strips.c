#include "engine/graph_parts.h"

#include <string.h>

#include "base/fmath.h"
#include "base/units.h"

/* Reads a bank's files for a chunk. */
static void
read_sources(struct graph *g, struct rt_bank *b, int64_t time, int frames)
{
	for (int k = 0; k < b->sources; k++) {
		struct rt_source *s = &b->source[k];
		s->source->read(s->source, g->start + time - s->shift, frames, s->planar);
	}
}

/* Silences the part of a strip's chunk that belongs to song frames before the start. */
static void
silence_before_start(const struct rt_node *n, int64_t time, int frames, float *const side[2])
{
	int64_t early = n->enter + n->delay - time;
	if (early <= 0)
		return;
	size_t count = (size_t)(early < frames ? early : frames);
	for (int c = 0; c < n->sides; c++)
		memset(side[c], 0, count * sizeof(float));
}

/* A clip's factor at a graph frame within it: half a frame's place, so that two fades of a length meet at one level. */
static float
clip_gain(const struct rt_clip *clip, int64_t frame)
{
	double factor = (double)clip->gain;
	for (int k = 0; k < 2; k++) {
		int64_t passed = k ? clip->end - 1 - frame : frame - clip->begin;
		if (passed < clip->fade[k]) {
			double place = ((double)passed + 0.5) / (double)clip->fade[k];
			factor *= clip->linear ? place : f_sin(F_PI / 2 * place);
		}
	}
	return (float)factor;
}

static void
mix_clip(const struct rt_clip *clip, const float *x, float *to, int64_t from, int64_t end, int64_t song)
{
	int64_t plain_from = clip->begin + clip->fade[0], plain_to = clip->end - clip->fade[1];
	for (int64_t t = from; t < end;) {
		if (t < plain_from || t >= plain_to) {
			to[t - song] += x[t - song] * clip_gain(clip, t);
			t++;
			continue;
		}
		for (int64_t stop = plain_to < end ? plain_to : end; t < stop; t++)
			to[t - song] += x[t - song] * clip->gain;
	}
}

/* The sum of a strip's clips for a chunk at a frame of the song. */
static void
mix_clips(const struct rt_bank *b, struct rt_node *n, int64_t song, int frames)
{
	for (int c = 0; c < n->sides; c++)
		memset(n->mixed[c], 0, (size_t)frames * sizeof(float));
	for (int k = 0; k < n->clips; k++) {
		const struct rt_clip *clip = &n->clip[k];
		int64_t from = clip->begin > song ? clip->begin : song;
		int64_t to = clip->end < song + frames ? clip->end : song + frames;
		for (int c = 0; c < n->sides && from < to; c++) {
			const float *x = b->source[clip->source[c]].planar[clip->channel[c]];
			mix_clip(clip, x, n->mixed[c], from, to, song);
		}
	}
}

/* The frame of the song that strips whose input is `late` take at a time, as late as they are. */
static int64_t
song_frame(const struct graph *g, int64_t late, int64_t time)
{
	return loop_frame(&g->loop, g->start + time - late) + late;
}

/* Of LOOP_FADE, the frame at which what is `late` stands before the loop's end; -1: elsewhere. */
static int64_t
turning(const struct graph *g, int64_t late, int64_t time)
{
	int64_t to_end = g->loop.out - (song_frame(g, late, time) - late);
	return g->loop.out > g->loop.in && to_end > 0 && to_end <= LOOP_FADE ? LOOP_FADE - to_end : -1;
}

/*
 * Before a loop's end every strip fades over to what stands before the loop's beginning, which then follows without a
 * seam. A quantum; in[][] is moved to `room` for the strips concerned.
 */
static void
splice(struct graph *g, struct rt_bank *b, int64_t time, float *in[2][DSP_MAX_LANES], float room[][QUANTUM])
{
	int any = 0;
	for (int k = 0; k < b->count; k++) {
		const struct rt_node *n = &g->node[b->node[k]];
		for (int c = 0; c < n->sides && turning(g, n->enter, time) >= 0; c++, any = 1)
			in[c][k] = memcpy(room[2 * k + c], in[c][k], QUANTUM * sizeof(float));
	}
	for (int k = 0; k < b->sources && any; k++) {
		struct rt_source *s = &b->source[k];
		int64_t at = turning(g, s->late, time);
		if (at >= 0 && s->source->lead)
			s->source->lead(s->source, (int)at, QUANTUM, s->planar);
	}
	for (int k = 0; k < b->count && any; k++) {
		struct rt_node *n = &g->node[b->node[k]];
		int64_t at = turning(g, n->enter, time), before = g->loop.in - LOOP_FADE + at + n->enter;
		if (at < 0)
			continue;
		if (!n->direct)
			mix_clips(b, n, before, QUANTUM);
		for (int c = 0; c < n->sides; c++) {
			const struct rt_clip *clip = n->clip;
			const float *lead = n->direct ? b->source[clip->source[c]].planar[clip->channel[c]] : n->mixed[c];
			for (int t = 0; t < QUANTUM; t++) {
				float x = ((float)(at + t) + 0.5f) / LOOP_FADE;
				in[c][k][t] += (lead[t] - in[c][k][t]) * (x * x * (3 - 2 * x));
			}
		}
	}
}

void
graph_strips(struct graph *g, struct rt_bank *b, int64_t time, int frames, float *in[2][DSP_MAX_LANES],
             float room[][QUANTUM])
{
	read_sources(g, b, time, frames);
	for (int k = 0; k < b->count; k++) {
		struct rt_node *n = &g->node[b->node[k]];
		if (!n->direct)
			mix_clips(b, n, song_frame(g, n->enter, time), frames);
		for (int c = 0; c < n->sides; c++) {
			const struct rt_clip *clip = n->clip;
			in[c][k] = n->direct ? b->source[clip->source[c]].planar[clip->channel[c]] : n->mixed[c];
		}
		float *side[2] = {in[0][k], n->sides > 1 ? in[1][k] : NULL};
		silence_before_start(n, time, frames, side);
	}
	if (g->loop.out > g->loop.in)
		splice(g, b, time, in, room);
}
