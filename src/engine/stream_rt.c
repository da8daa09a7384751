#include "engine/stream_parts.h"

#include <string.h>

static void
silence(float *const *planar, int channels, int frames)
{
	for (int c = 0; c < channels; c++)
		if (planar[c])
			memset(planar[c], 0, (size_t)frames * sizeof(float));
}

/* What was found in a ring, as floats, from the `at`-th frame on. */
static void
take_pieces(struct stream_source *f, const struct reel_piece piece[2], int64_t at, float *const *planar)
{
	float *side[MEDIA_CHANNELS];
	for (int k = 0; k < 2; k++) {
		if (!piece[k].frames)
			continue;
		for (int c = 0; c < f->source.channels; c++)
			side[c] = planar[c] ? planar[c] + at : NULL;
		f->bad += media_convert(&f->stream->info, piece[k].data, (int64_t)piece[k].frames, side);
		at += (int64_t)piece[k].frames;
	}
}

/* Planar frames from the ring; what is missing in it is silence and counted. */
void
stream_read(struct source *source, int64_t frame, int frames, float *const *planar)
{
	struct stream_source *f = (struct stream_source *)source;
	const struct stream *t = f->stream;
	struct reel_piece piece[2];
	silence(planar, source->channels, frames);
	if (!t->reel)
		return;
	for (int64_t done = 0, count; done < frames; done += count) {
		int64_t from = loop_frame(&t->loop, frame + done), round = stream_round(t);
		int64_t pass = from < frame + done ? (frame + done - from) / (t->loop.out - t->loop.in) : 0;
		count = frames - done;
		if (t->loop.out > t->loop.in && from < t->loop.out && from + count > t->loop.out)
			count = t->loop.out - from;
		int64_t begin = pass ? stream_again(t) : t->use[0], end = stream_end(t);
		begin = begin > from ? begin : from;
		end = end < from + count ? end : from + count;
		if (begin >= end)
			continue;
		size_t want = (size_t)(end - begin), got = reel_take(t->reel, begin + pass * round, want, piece);
		take_pieces(f, piece, done + begin - from, planar);
		source->starved += got < want;
	}
}

void
stream_lead(struct source *source, int at, int frames, float *const *planar)
{
	struct stream_source *f = (struct stream_source *)source;
	const struct stream *t = f->stream;
	struct reel_piece piece[2];
	silence(planar, source->channels, frames);
	if (!t->lead)
		return;
	reel_look(t->lead, at, (size_t)frames, piece);
	take_pieces(f, piece, 0, planar);
}
