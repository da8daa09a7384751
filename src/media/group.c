#include "media/group.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "media/names.h"

/* One recording: a file, or the files of a take that was cut. */
struct unit {
	size_t first, files;   /* indices into scan.file */
	char side;             /* 'L', 'R' or 0 */
	long other;            /* unit of the right side; -1 is none */
	bool taken;            /* it is the right side of another */
	char whole[NAME_SIZE]; /* its name; without its side and its take number where it has them */
	size_t prefix;         /* bytes of whole that are a number prefix */
};

struct grouping {
	struct scan *s;
	struct unit *unit;
	size_t units;
	bool loose; /* most names begin with a number, so that even "12 Bass" is the twelfth */
};

static bool
same_format(const struct media_info *a, const struct media_info *b)
{
	return a->form == b->form && a->sample == b->sample && a->bits == b->bits && a->channels == b->channels &&
	       a->rate == b->rate;
}

/* Whether a file is as long as recorders make them before they begin the next: just below 2 or 4 GiB. */
static bool
is_full(const struct media_info *info)
{
	int64_t bytes = info->frames * info->channels * ((info->bits + 7) / 8);
	const int64_t margin = (int64_t)1 << 26, low = (int64_t)1 << 31, high = (int64_t)1 << 32;
	return (bytes > low - margin && bytes <= low) || (bytes > high - margin && bytes <= high);
}

/* How many files from first on carry one name and numbers that count up by one, in one format. */
static size_t
numbered_run(const struct scan *s, size_t first)
{
	char name[NAME_SIZE], next[NAME_SIZE];
	size_t prefix, digits, p, d, k;
	name_stem(s->file[first].path, name);
	long number = name_number(name, &prefix, &digits);
	if (number < 0)
		return 1;
	for (k = first + 1; k < s->files; k++) {
		name_stem(s->file[k].path, next);
		if (name_number(next, &p, &d) != number + (long)(k - first) || p != prefix || strncmp(name, next, prefix) ||
		    !same_format(&s->file[first].info, &s->file[k].info))
			break;
	}
	return k - first;
}

/*
 * How many files from first on are one take. Time stamps decide where there are any; else lengths do: all full and
 * equal but the last. Stems of a song have one length too, so without a full 2 or 4 GiB it takes more: many channels,
 * a console's bare numbers, or at least three files of which only the last is shorter.
 */
static size_t
take_run(const struct scan *s, size_t first)
{
	size_t run = numbered_run(s, first), n = 1;
	const struct media_info *info = &s->file[first].info;
	const struct scan_file *f = s->file + first;
	if (run < 2)
		return 1;
	bool stamps = info->stamped && f[1].info.stamped && (info->stamp || f[1].info.stamp);
	while (stamps && n < run && f[n].info.stamped && f[n].info.stamp == f[n - 1].info.stamp + f[n - 1].info.frames)
		n++;
	if (stamps)
		return n;
	while (n < run && f[n].info.frames == info->frames)
		n++;
	bool closed = n < run && f[n].info.frames < info->frames;
	n += closed;
	char name[NAME_SIZE];
	size_t prefix, digits;
	name_stem(f->path, name);
	name_number(name, &prefix, &digits);
	bool console = prefix == 0 && digits >= 6;
	bool full = is_full(info);
	if (closed)
		return full || console || info->channels > 2 || n >= 3 ? n : 1;
	return console || (full && info->channels > 2) ? n : 1;
}

static void
name_unit(struct grouping *g, struct unit *u)
{
	char stem[NAME_SIZE];
	size_t length, digits;
	name_stem(g->s->file[u->first].path, stem);
	length = strlen(stem);
	u->other = -1;
	if (u->files > 1) {
		name_number(stem, &length, &digits);
		while (length && strchr(" _-.", stem[length - 1]))
			length--;
	} else if (g->s->file[u->first].info.channels == 1) {
		u->side = name_side(stem, &length);
	}
	memcpy(u->whole, stem, length);
	u->whole[length] = '\0';
	u->prefix = name_prefix(u->whole, g->loose);
}

/* Finds the right side of a left one: the same name, or, where that is unique, the same name behind other numbers. */
static void
find_right(struct grouping *g, struct unit *left)
{
	const struct media_info *a = &g->s->file[left->first].info;
	long exact = -1, near = -1;
	size_t nears = 0;
	for (size_t k = 0; k < g->units; k++) {
		struct unit *u = &g->unit[k];
		const struct media_info *b = &g->s->file[u->first].info;
		if (u->side != 'R' || u->taken || a->rate != b->rate || a->stamped != b->stamped || a->stamp != b->stamp)
			continue;
		if (!strcasecmp(left->whole, u->whole)) {
			exact = (long)k;
		} else if (left->prefix && u->prefix && !strcasecmp(left->whole + left->prefix, u->whole + u->prefix)) {
			near = (long)k;
			nears++;
		}
	}
	left->other = exact >= 0 ? exact : nears == 1 ? near : -1;
	if (left->other >= 0)
		g->unit[left->other].taken = true;
}

static int
make_units(struct grouping *g)
{
	struct scan *s = g->s;
	size_t numbers = 0;
	g->unit = calloc(s->files + 1, sizeof *g->unit);
	if (!g->unit)
		return -1;
	for (size_t k = 0; k < s->files; k++) {
		char stem[NAME_SIZE];
		name_stem(s->file[k].path, stem);
		numbers += name_prefix(stem, true) > 0;
	}
	g->loose = numbers >= 2 && 2 * numbers > s->files;
	for (size_t k = 0; k < s->files;) {
		struct unit *u = &g->unit[g->units++];
		u->first = k;
		u->files = take_run(s, k);
		k += u->files;
		name_unit(g, u);
	}
	for (size_t k = 0; k < g->units; k++)
		if (g->unit[k].side == 'L')
			find_right(g, &g->unit[k]);
	return 0;
}

/* A stamp at the rate of another file. */
static int64_t
stamp_at(const struct media_info *info, int rate)
{
	int64_t whole = info->stamp / info->rate, rest = info->stamp % info->rate;
	return whole * rate + (rest * rate + info->rate / 2) / info->rate;
}

/*
 * The earliest stamped file, NULL where stamps say nothing. A stamp of 0 among times of day was never set; files of
 * more than twelve hours apart were not recorded together.
 */
static const struct media_info *
earliest(const struct scan *s)
{
	const struct media_info *first = NULL, *last = NULL;
	for (size_t k = 0; k < s->files; k++) {
		const struct media_info *info = &s->file[k].info;
		if (!info->stamped || !info->stamp)
			continue;
		if (!first || info->stamp * (double)first->rate < first->stamp * (double)info->rate)
			first = info;
		if (!last || info->stamp * (double)last->rate > last->stamp * (double)info->rate)
			last = info;
	}
	if (!first || (double)last->stamp / last->rate - (double)first->stamp / first->rate > 12 * 3600)
		return NULL;
	for (size_t k = 0; k < s->files && first->stamp && first->stamp / first->rate < 3600; k++)
		if (s->file[k].info.stamped && !s->file[k].info.stamp)
			first = &s->file[k].info;
	return first;
}

/* Fills the regions of a strip from its unit. */
static int
make_regions(const struct grouping *g, const struct unit *u, const struct media_info *first, int channel,
             struct scan_strip *strip)
{
	const struct media_info *info = &g->s->file[u->first].info;
	int64_t at = 0;
	strip->region = calloc(u->files, sizeof *strip->region);
	if (!strip->region)
		return -1;
	if (first && info->stamped)
		at = stamp_at(info, info->rate) - stamp_at(first, info->rate);
	if (at < 0)
		at = 0;
	for (size_t k = 0; k < u->files; k++) {
		struct scan_region *r = &strip->region[strip->regions++];
		r->file = u->first + k;
		r->right = u->other >= 0 ? (long)g->unit[u->other].first : -1;
		r->channel = channel;
		r->at = at;
		r->frames = g->s->file[r->file].info.frames;
		if (r->right >= 0 && g->s->file[r->right].info.frames > r->frames)
			r->frames = g->s->file[r->right].info.frames;
		at += r->frames;
	}
	return 0;
}

static int
make_strip(const struct grouping *g, const struct unit *u, const struct media_info *first, int channel,
           const char *name)
{
	struct scan *s = g->s;
	struct scan_strip *strip = &s->strip[s->strips++];
	char slug[ID_SIZE];
	const struct media_info *info = &s->file[u->first].info;
	strip->channels = u->other >= 0 || info->channels == 2 ? 2 : 1;
	strip->name = strdup(name);
	name_slug(name, slug);
	strip->id = strdup(slug);
	return strip->name && strip->id ? make_regions(g, u, first, channel, strip) : -1;
}

/* The strips of one unit: one, or one a channel. */
static int
make_strips(const struct grouping *g, const struct unit *u, const struct media_info *first)
{
	const struct scan_file *file = &g->s->file[u->first];
	char name[NAME_SIZE], stem[NAME_SIZE];
	const char *from = u->whole;
	if (u->side && u->other < 0) {
		/* a side without its other keeps it in its name */
		name_stem(file->path, stem);
		from = stem;
	}
	from += u->prefix;
	name_clean(from, strlen(from), name);
	if (!*name)
		strcpy(name, "Track");
	if (file->info.channels <= 2)
		return make_strip(g, u, first, 1, name);
	for (int c = 0; c < file->info.channels; c++) {
		char each[NAME_SIZE + 8];
		const char *track = file->info.track[c];
		name_clean(track, strlen(track), each);
		if (!*each)
			snprintf(each, sizeof each, "%s %02d", name, c + 1);
		if (make_strip(g, u, first, c + 1, each))
			return -1;
	}
	return 0;
}

/* Numbers ids that stand more than once: kick, kick-2, kick-3. */
static int
make_unique(struct scan *s)
{
	char **bare = calloc(s->strips + 1, sizeof *bare);
	int status = bare ? 0 : -1;
	for (size_t k = 0; k < s->strips && !status; k++) {
		size_t same = 1;
		bare[k] = s->strip[k].id;
		for (size_t i = 0; i < k; i++)
			same += !strcmp(bare[i], bare[k]);
		char id[ID_SIZE + 24];
		snprintf(id, sizeof id, "%s", bare[k]);
		for (bool clash = same > 1;; same++) {
			if (clash)
				snprintf(id, sizeof id, "%s-%zu", bare[k], same);
			clash = false;
			for (size_t i = 0; i < k && !clash; i++)
				clash = !strcmp(s->strip[i].id, id);
			if (!clash)
				break;
		}
		s->strip[k].id = strdup(id);
		if (!s->strip[k].id)
			status = -1;
	}
	for (size_t k = 0; bare && k < s->strips; k++)
		if (bare[k] != s->strip[k].id)
			free(bare[k]);
	free(bare);
	return status;
}

int
group(struct scan *s, struct err *err)
{
	struct grouping g = {.s = s};
	size_t strips = 0;
	int status = make_units(&g);
	for (size_t k = 0; k < g.units && !status; k++)
		if (!g.unit[k].taken)
			strips += s->file[g.unit[k].first].info.channels > 2 ? (size_t)s->file[g.unit[k].first].info.channels : 1;
	if (!status && strips > SCAN_STRIPS_MAX) {
		free(g.unit);
		return err_set(err, "these files would make %zu strips; %d can be taken at once", strips, SCAN_STRIPS_MAX);
	}
	if (!status && !(s->strip = calloc(strips + 1, sizeof *s->strip)))
		status = -1;
	const struct media_info *first = earliest(s);
	for (size_t k = 0; k < g.units && !status; k++)
		if (!g.unit[k].taken)
			status = make_strips(&g, &g.unit[k], first);
	if (!status)
		status = make_unique(s);
	free(g.unit);
	return status ? err_set(err, "%s", strerror(ENOMEM)) : 0;
}
