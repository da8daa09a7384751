#include "control/desk/tape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "control/desk/edit.h"
#include "media/overview.h"

#define WANTED 2.0 /* seconds that the stems are read on after somebody looked */
#define EVERY 0.25 /* seconds between two pictures of what was read meanwhile */

/* Asks for the stems that nobody asked for yet. */
static void
want_stems(struct desk *d)
{
	struct node *node;
	for (int k = 0; (node = desk_view_node(d, k)); k++)
		for (size_t c = 0; c < node->children; c++) {
			const struct node *region = node->child[c];
			for (int side = 0; side < 2 && region->kind == K_REGION; side++) {
				const char *file = region->text[side ? P_REGION_RIGHT : P_REGION_FILE];
				if (!*file || overviews_has(d->overviews, file))
					continue;
				char *path = stems_path(d->stems, file);
				if (path)
					overviews_add(d->overviews, file, path, (int)d->rate, stem_read);
				free(path);
			}
		}
}

static uint8_t
level_of(float peak)
{
	if (peak < 0)
		return DESK_TAPE_UNREAD;
	float level = peak > 0 ? DESK_TAPE_FULL + 4 * 20 * log10f(peak) : 0;
	return (uint8_t)(level > DESK_TAPE_FULL ? DESK_TAPE_FULL : level < DESK_TAPE_SILENT ? DESK_TAPE_SILENT : level);
}

/* Puts a side of a region over what is there already: the greater stays. */
static void
add_side(struct desk *d, const struct node *region, int side, uint8_t *level, double point)
{
	int split = side && *region->text[P_REGION_RIGHT];
	const char *file = region->text[split ? P_REGION_RIGHT : P_REGION_FILE];
	int channel = split ? 0 : (int)region->value[P_REGION_CHANNEL] - 1 + side;
	int64_t from = (int64_t)region->value[P_REGION_FROM], rest = overviews_frames(d->overviews, file) - from;
	int64_t length = (int64_t)region->value[P_REGION_LENGTH];
	length = length > 0 && length < rest ? length : rest;
	/* where it lies among the points, whole ones */
	int first = (int)floor(region->value[P_REGION_AT] / point);
	int last = (int)ceil((region->value[P_REGION_AT] + (double)length) / point);
	float peak[DESK_TAPE_POINTS], gain = powf(10, (float)region->value[P_REGION_GAIN] / 20);
	last = last > DESK_TAPE_POINTS ? DESK_TAPE_POINTS : last;
	if (length <= 0 || first >= last)
		return;
	double start = first * point - region->value[P_REGION_AT] + (double)from;
	overviews_peaks(d->overviews, file, channel, (int64_t)start, (int64_t)(start + (last - first) * point),
	                last - first, peak);
	for (int k = first; k < last; k++) {
		uint8_t is = level_of(peak[k - first] < 0 ? -1 : peak[k - first] * gain);
		level[k] = is > level[k] ? is : level[k];
	}
}

static int
by_place(const void *a, const void *b)
{
	const struct desk_tape_marker *x = a, *y = b;
	return (x->at > y->at) - (x->at < y->at);
}

static void
take_markers(struct desk *d, struct desk_tape *t)
{
	const struct node *song = session_song(d->session);
	t->markers = 0;
	for (size_t k = 0; k < song->children && t->markers < DESK_TAPE_MARKERS; k++) {
		const struct node *m = song->child[k];
		struct desk_tape_marker *to = &t->marker[t->markers];
		if (m->kind != K_MARKER)
			continue;
		to->at = (int64_t)m->value[P_MARKER_AT];
		text_show(*m->text[P_MARKER_NAME] ? m->text[P_MARKER_NAME] : m->id, to->name, sizeof to->name);
		t->markers++;
	}
	qsort(t->marker, (size_t)t->markers, sizeof *t->marker, by_place);
}

static void
build(struct desk *d)
{
	struct desk_tape *t = &d->tape;
	struct node *node;
	double point = (double)d->length / DESK_TAPE_POINTS;
	pthread_mutex_lock(&d->lock);
	t->version++;
	t->length = d->length;
	t->done = (float)overviews_done(d->overviews);
	take_markers(d, t);
	memset(t->level, DESK_TAPE_NOTHING, sizeof t->level);
	t->strips = 0;
	for (int k = 0; k < DESK_STRIPS && point > 0 && (node = desk_view_node(d, k)); k++) {
		for (size_t c = 0; c < node->children; c++)
			for (int side = 0; side < (node->kind == K_STRIP ? (int)node->value[P_CHANNELS] : 0); side++)
				if (node->child[c]->kind == K_REGION)
					add_side(d, node->child[c], side, t->level[k], point);
		t->strips = node->kind == K_STRIP ? k + 1 : t->strips;
	}
	pthread_mutex_unlock(&d->lock);
}

void
desk_tape_update(struct desk *d)
{
	double now = clock_seconds();
	pthread_mutex_lock(&d->lock);
	int wanted = d->tape_asked > 0 && now - d->tape_asked < WANTED;
	pthread_mutex_unlock(&d->lock);
	if (d->overviews)
		overviews_pause(d->overviews, !wanted || (d->playing && d->streams && streams_fill(d->streams) < 0.7));
	if (!wanted || !d->stems || (!d->overviews && !(d->overviews = overviews_new())))
		return;
	want_stems(d);
	uint32_t version = overviews_version(d->overviews);
	if (!d->tape_stale && version == d->tape_read && d->tape.length == d->length && d->tape.version)
		return;
	if (!d->tape_stale && now - d->tape_built < EVERY)
		return;
	d->tape_stale = 0;
	d->tape_read = version;
	d->tape_built = now;
	build(d);
}

int
desk_tape(struct desk *d, struct desk_tape *tape)
{
	pthread_mutex_lock(&d->lock);
	d->tape_asked = clock_seconds();
	int newer = tape->version != d->tape.version;
	if (newer)
		*tape = d->tape;
	pthread_mutex_unlock(&d->lock);
	return newer;
}
