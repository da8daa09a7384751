#include "master/detect_tracks.h"

#include <stdlib.h>
#include <string.h>

#include "engine/stems.h"
#include "media/reader.h"
#include "session/text.h"

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void
part_free(struct track_part *p)
{
	for (int c = 0; c < 2; c++) {
		reader_close(p->reader[c]);
		free(p->path[c]);
	}
}

/* Fills a part from a region; its times are of the file's rate. */
static int
part_of(struct track_part *p, const struct stems *stems, const struct node *region, double song_rate, struct err *err)
{
	*p = (struct track_part){.channel = (int)region->value[P_REGION_CHANNEL] - 1};
	const char *file[2] = {region->text[P_REGION_FILE], region->text[P_REGION_RIGHT]};
	for (int c = 0; c < 2 && *file[c]; c++) {
		p->path[c] = stems_path(stems, file[c]);
		if (!p->path[c] || media_probe(p->path[c], &p->info[c], err))
			return -1;
	}
	if (p->path[1] && p->info[1].rate != p->info[0].rate)
		return err_set(err, "its sides have different sample rates, %d Hz and %d Hz; convert one of them",
		               p->info[0].rate, p->info[1].rate);
	if (p->channel >= p->info[0].channels)
		return err_set(err, "channel %d is asked for, but the file has %d; change the region's channel", p->channel + 1,
		               p->info[0].channels);
	double ratio = p->info[0].rate / song_rate;
	int64_t length = (int64_t)(region->value[P_REGION_LENGTH] * ratio);
	p->at = (int64_t)(region->value[P_REGION_AT] * ratio + 0.5);
	p->from = (int64_t)(region->value[P_REGION_FROM] * ratio + 0.5);
	p->frames = p->info[0].frames - p->from;
	if (p->path[1] && p->info[1].frames - p->from > p->frames)
		p->frames = p->info[1].frames - p->from;
	if (length > 0)
		p->frames = least(p->frames, length);
	return p->frames > 0 ? 0 : err_set(err, "its region begins behind the end of the file");
}

/* How many channels of its strip a part fills. */
static int
part_channels(const struct track_part *p, const struct node *strip)
{
	int two = p->path[1] || p->channel + 1 < p->info[0].channels;
	return two && strip->value[P_CHANNELS] == 2 ? 2 : 1;
}

/* The track of a strip and rate, a new one where there is none. */
static struct track *
track_for(struct tracks *t, const struct node *strip, int rate)
{
	for (size_t k = 0; k < t->count; k++)
		if (t->track[k].is.strip == strip && t->track[k].is.rate == rate)
			return &t->track[k];
	t->track = text_realloc(t->track, (t->count + 1) * sizeof *t->track);
	struct track *new = &t->track[t->count++];
	*new = (struct track){.is = {.strip = strip, .file = "", .rate = rate, .channels = 1}};
	return new;
}

static void
add_region(struct tracks *t, const struct stems *stems, const struct node *strip, const struct node *region)
{
	struct track_part part;
	struct err why;
	if (part_of(&part, stems, region, t->rate, &why)) {
		part_free(&part);
		t->refused = text_realloc(t->refused, (t->refusals + 1) * sizeof *t->refused);
		t->refused[t->refusals++] = (struct track_refusal){strip, why};
		return;
	}
	struct track *to = track_for(t, strip, part.info[0].rate);
	to->part = text_realloc(to->part, (to->parts + 1) * sizeof *to->part);
	if (to->parts == 0)
		to->is.file = region->text[P_REGION_FILE];
	to->part[to->parts++] = part;
	int channels = part_channels(&part, strip);
	to->is.channels = channels > to->is.channels ? channels : to->is.channels;
	to->is.frames = part.at + part.frames > to->is.frames ? part.at + part.frames : to->is.frames;
}

struct tracks *
tracks_open(struct session *session, const char *path, struct err *err)
{
	struct stems *stems = stems_new(session, path, 0, NULL, NULL);
	struct tracks *t = text_alloc(sizeof *t);
	const struct node *strip;
	*t = (struct tracks){.session = session, .rate = session_rate(session)};
	for (size_t k = 0; stems && (strip = session_node(session, K_STRIP, k)); k++)
		for (size_t c = 0; c < strip->children; c++)
			if (strip->child[c]->kind == K_REGION && strip->child[c]->live && *strip->child[c]->text[P_REGION_FILE])
				add_region(t, stems, strip, strip->child[c]);
	stems_free(stems);
	if (t->count + t->refusals > 0)
		return t;
	tracks_free(t);
	err_set(err, stems ? "there are no stems to check in it" : "not enough memory");
	return NULL;
}

void
tracks_free(struct tracks *t)
{
	if (!t)
		return;
	for (size_t k = 0; k < t->count; k++) {
		for (size_t p = 0; p < t->track[k].parts; p++)
			part_free(&t->track[k].part[p]);
		free(t->track[k].part);
		free(t->track[k].scratch[0]);
		free(t->track[k].scratch[1]);
		free(t->track[k].loud);
	}
	free(t->track);
	free(t->refused);
	free(t);
}

int
track_begin(struct track *t)
{
	t->broken.text[0] = '\0';
	for (size_t k = 0; k < t->parts; k++)
		for (int c = 0; c < 2 && t->part[k].path[c]; c++)
			if (!(t->part[k].reader[c] = reader_open(t->part[k].path[c], &t->part[k].info[c], &t->broken))) {
				track_end(t);
				return -1;
			}
	return 0;
}

void
track_end(struct track *t)
{
	for (size_t k = 0; k < t->parts; k++)
		for (int c = 0; c < 2; c++) {
			reader_close(t->part[k].reader[c]);
			t->part[k].reader[c] = NULL;
		}
}

/* Reads channel `channel` and, where both lie in one file, the next one too; adds them to the track's. */
static int
add_file(struct track *t, const struct track_part *p, int side, const int *in_file, int64_t frame, int64_t count,
         float *const *out)
{
	int64_t begin = frame > p->at ? frame : p->at, end = least(frame + count, p->at + p->frames);
	float *planar[MEDIA_CHANNELS] = {NULL};
	if (begin >= end)
		return 0;
	for (int c = 0; c < t->is.channels; c++)
		if (in_file[c] >= 0)
			planar[in_file[c]] = t->scratch[c];
	if (reader_read(p->reader[side], begin - p->at + p->from, end - begin, planar) < 0) {
		t->broken = *reader_error(p->reader[side]);
		return -1;
	}
	for (int c = 0; c < t->is.channels; c++)
		for (int64_t k = 0; in_file[c] >= 0 && k < end - begin; k++)
			out[c][begin - frame + k] += planar[in_file[c]][k];
	return 0;
}

int
track_read(struct track *t, int64_t frame, int64_t count, float *const *planar)
{
	for (int c = 0; c < t->is.channels; c++) {
		if (t->room < (size_t)count)
			t->scratch[c] = text_realloc(t->scratch[c], (size_t)count * sizeof(float));
		memset(planar[c], 0, (size_t)count * sizeof(float));
	}
	t->room = t->room < (size_t)count ? (size_t)count : t->room;
	for (size_t k = 0; k < t->parts; k++) {
		const struct track_part *p = &t->part[k];
		int next = p->channel + 1 < p->info[0].channels ? p->channel + 1 : p->channel;
		int left[2] = {p->channel, p->path[1] ? -1 : next}, right[2] = {-1, 0};
		if (add_file(t, p, 0, left, frame, count, planar))
			return -1;
		if (p->path[1] && t->is.channels > 1 && add_file(t, p, 1, right, frame, count, planar))
			return -1;
	}
	return 0;
}
