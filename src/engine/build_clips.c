#include "engine/build.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"

/* A source of the bank for that file at that place in time: the one it has, or a new one. -1: err is filled. */
static int
find_source(struct build *b, struct rt_bank *bank, const char *const *names, const char *file, int64_t shift,
            int64_t late)
{
	struct graph *g = b->g;
	for (int k = 0; k < bank->sources; k++)
		if (bank->source[k].shift == shift && bank->source[k].late == late && !strcmp(names[k], file))
			return k;
	struct rt_source *s = &bank->source[bank->sources];
	s->source = b->options->opener.open(b->options->opener.arg, file, shift, late, b->err);
	if (!s->source)
		return -1;
	s->shift = shift;
	s->late = late;
	s->use[0] = INT64_MAX;
	s->key = 0xcbf29ce484222325u; /* FNV-1a */
	for (const char *c = file; *c; c++)
		s->key = (s->key ^ (unsigned char)*c) * 0x100000001b3u;
	s->key += s->source->edition;
	bank->sources++;
	s->planar = build_take(g, (size_t)s->source->channels * sizeof *s->planar);
	return s->planar ? bank->sources - 1 : build_no_memory(b);
}

static int
need_channel(struct build *b, struct rt_source *s, const char *file, int channel)
{
	if (channel >= s->source->channels)
		return err_set(b->err, "%s: channel %d is asked for, but the file has %d; change the region's channel", file,
		               channel + 1, s->source->channels);
	if (!s->planar[channel] && !(s->planar[channel] = build_take(b->g, (size_t)b->g->chunk * sizeof(float))))
		return build_no_memory(b);
	return 0;
}

static void
use_source(struct rt_source *s, int64_t from, int64_t to)
{
	s->use[0] = from < s->use[0] ? from : s->use[0];
	s->use[1] = to > s->use[1] ? to : s->use[1];
	if (s->source->use)
		s->source->use(s->source, s->use[0], s->use[1]);
}

static int
make_clip(struct build *b, struct rt_bank *bank, struct rt_node *n, const struct node *region, const char **names)
{
	struct rt_clip *clip = &n->clip[n->clips];
	int64_t late = n->enter + n->delay, from = (int64_t)region->value[P_REGION_FROM];
	clip->begin = (int64_t)region->value[P_REGION_AT] + late;
	clip->gain = (float)db_to_gain(region->value[P_REGION_GAIN]);
	int64_t whole = 0;
	for (int c = 0; c < n->sides; c++) {
		int split = c == 1 && *region->text[P_REGION_RIGHT];
		const char *file = region->text[split ? P_REGION_RIGHT : P_REGION_FILE];
		int k = find_source(b, bank, names, file, clip->begin - from, n->enter);
		if (k < 0)
			return -1;
		names[k] = file;
		struct rt_source *s = &bank->source[k];
		int channel = split ? 0 : (int)region->value[P_REGION_CHANNEL] - 1 + c;
		if (c == 1 && !split && channel >= s->source->channels)
			channel--; /* a mono file on a stereo strip plays on both sides */
		if (need_channel(b, s, file, channel))
			return -1;
		clip->source[c] = k;
		clip->channel[c] = channel;
		whole = s->source->frames > whole ? s->source->frames : whole;
	}
	int64_t length = (int64_t)region->value[P_REGION_LENGTH], rest = whole > from ? whole - from : 0;
	clip->end = clip->begin + (length > 0 && length < rest ? length : rest);
	for (int c = 0; c < n->sides; c++)
		use_source(&bank->source[clip->source[c]], from, from + clip->end - clip->begin);
	clip->fade[0] = (int64_t)region->value[P_REGION_FADE_IN];
	clip->fade[1] = (int64_t)region->value[P_REGION_FADE_OUT];
	clip->linear = region->value[P_REGION_FADE_CURVE] != 0;
	int plain = clip->gain == 1 && clip->fade[0] == 0 && clip->fade[1] == 0;
	n->direct = n->clips == 0 && plain && from == 0 && (length == 0 || length >= rest);
	n->clips++;
	return 0;
}

int
build_clips(struct build *b, struct rt_bank *bank)
{
	struct graph *g = b->g;
	size_t regions = 0;
	for (int k = 0; k < bank->count; k++)
		regions += b->from[bank->node[k]]->children;
	const char **names = calloc(2 * regions + 1, sizeof *names);
	bank->source = build_take(g, 2 * regions * sizeof *bank->source);
	int status = names && bank->source ? 0 : build_no_memory(b);
	for (int k = 0; k < bank->count && !status; k++) {
		struct rt_node *n = &g->node[bank->node[k]];
		const struct node *strip = b->from[bank->node[k]];
		n->clip = build_take(g, (strip->children + 1) * sizeof *n->clip);
		status = n->clip ? 0 : build_no_memory(b);
		for (size_t c = 0; c < strip->children && !status; c++)
			if (strip->child[c]->kind == K_REGION && *strip->child[c]->text[P_REGION_FILE])
				status = make_clip(b, bank, n, strip->child[c], names);
		for (int c = 0; c < n->sides && !status && !n->direct; c++)
			if (!(n->mixed[c] = build_take(g, (size_t)g->chunk * sizeof(float))))
				status = build_no_memory(b);
	}
	free(names);
	return status;
}
