#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/desk/edit.h"
#include "control/desk/level.h"
#include "control/desk/scope.h"
#include "control/desk/sheet.h"
#include "control/intake.h"
#include "master/measure.h"
#include "media/probe.h"
#include "session/text.h"

/*
 * References are strips that play nowhere and are heard alone: so they follow transport and loops to the frame, are
 * saved with the song, and the mix does not know of them.
 */
#define REFERENCE "ref-" /* ids begin with it */
#define ENOUGH 3.0       /* seconds that the song is to be measured before it can be matched */
#define CLOSE 0.1        /* dB that are no reason to move the fader */

/* One file being measured, or measured. `lock` guards done. */
struct desk_reference {
	struct desk_reference *next;
	uint32_t uid;
	char *path;
	struct measured measured;
	struct err err;
	pthread_t thread;
	pthread_mutex_t lock;
	int stop, done; /* done: 1 measured, -1 not */
	int told;
};

static int
look_at_stop(void *arg, int64_t done, int64_t all)
{
	struct desk_reference *r = arg;
	(void)done, (void)all;
	pthread_mutex_lock(&r->lock);
	int stop = r->stop;
	pthread_mutex_unlock(&r->lock);
	return stop;
}

static void *
measure(void *arg)
{
	struct desk_reference *r = arg;
	int status = measure_file(r->path, look_at_stop, r, &r->measured, &r->err);
	pthread_mutex_lock(&r->lock);
	r->done = status ? -1 : 1;
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

static int
is_done(struct desk_reference *r)
{
	pthread_mutex_lock(&r->lock);
	int done = r->done;
	pthread_mutex_unlock(&r->lock);
	return done;
}

static void
free_one(struct desk_reference *r)
{
	pthread_mutex_lock(&r->lock);
	r->stop = 1;
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	pthread_mutex_destroy(&r->lock);
	measured_fini(&r->measured);
	free(r->path);
	free(r);
}

void
desk_references_free(struct desk *d)
{
	while (d->references) {
		struct desk_reference *next = d->references->next;
		free_one(d->references);
		d->references = next;
	}
}

/* Whether a node is a reference, and which: its number, 0 where it is none. */
int
desk_reference_number(const struct node *node)
{
	return node->kind == K_STRIP && !strncmp(node->id, REFERENCE, strlen(REFERENCE))
	           ? atoi(node->id + strlen(REFERENCE))
	           : 0;
}

static struct node *
reference_node(struct desk *d, int number)
{
	struct node *node;
	for (size_t k = 0; (node = session_node(d->session, K_STRIP, k)); k++)
		if (desk_reference_number(node) && (!number || desk_reference_number(node) == number))
			return node;
	return NULL;
}

static struct desk_reference *
of_node(struct desk *d, const struct node *node)
{
	struct desk_reference *r = d->references;
	while (r && r->uid != node->uid)
		r = r->next;
	return r;
}

/* What was measured of a file that the strip no longer plays. */
static void
forget(struct desk *d, const struct node *node)
{
	struct desk_reference **at = &d->references, *r;
	while ((r = *at) && r->uid != node->uid)
		at = &r->next;
	if (!r)
		return;
	*at = r->next;
	free_one(r);
}

static const struct node *
region_of(const struct node *node)
{
	for (size_t k = 0; k < node->children; k++)
		if (node->child[k]->kind == K_REGION)
			return node->child[k];
	return NULL;
}

/* What of its file sounds at a frame of the song, in seconds; below 0: nothing. */
static double
file_seconds(struct desk *d, const struct node *node, int64_t frame)
{
	const struct node *region = region_of(node);
	double shift = region ? region->value[P_REGION_FROM] - region->value[P_REGION_AT] : 0;
	return ((double)frame + shift) / session_rate(d->session);
}

/* Its file begins to be measured where that has not been done yet. */
static int
begin_measure(struct desk *d, const struct node *node, struct err *err)
{
	const struct node *region = region_of(node);
	const char *file = region ? region->text[P_REGION_FILE] : "";
	if (of_node(d, node) || !*file)
		return 0;
	struct desk_reference *r = calloc(1, sizeof *r);
	if (r)
		r->path = stems_path(d->stems, file);
	if (!r || !r->path) {
		free(r);
		return err_set(err, "not enough memory");
	}
	r->uid = node->uid;
	pthread_mutex_init(&r->lock, NULL);
	if (pthread_create(&r->thread, NULL, measure, r)) {
		pthread_mutex_destroy(&r->lock);
		free(r->path);
		free(r);
		return err_set(err, "the reference cannot be measured: no more threads");
	}
	r->next = d->references;
	d->references = r;
	return 0;
}

void
desk_reference_tick(struct desk *d)
{
	for (struct desk_reference *r = d->references; r; r = r->next) {
		int done = r->told ? 0 : is_done(r);
		const struct node *node = done ? held_node(d->session, r->uid) : NULL;
		char name[200];
		if (!node)
			continue;
		r->told = 1;
		desk_node_name(d, node, name, sizeof name);
		if (done > 0)
			desk_say(d, DESK_SAYS, "%s: %.1f LUFS, range %.1f LU, %.1f dBTP", name, r->measured.integrated,
			         r->measured.range, r->measured.true_peak);
		else
			desk_say(d, DESK_ERROR, "%s: cannot be matched: %s", name, r->err.text);
	}
}

/* The reference's loudness at a frame of the song: of all of it, or of the three seconds before. */
static double
loudness_of(struct desk *d, const struct node *node, const struct desk_reference *r, int shortterm)
{
	double at = file_seconds(d, node, d->position) * MEASURE_STEP;
	if (!shortterm)
		return r->measured.integrated;
	return at >= 0 && at < (double)r->measured.points ? (double)r->measured.shortterm[(size_t)at] : -HUGE_VAL;
}

/* Its fader goes where it is as loud as the song. 1: that cannot be said yet; 2: as near to it as the fader goes. */
static int
match(struct desk *d, struct node *node, struct err *err)
{
	struct desk_reference *r = of_node(d, node);
	int shortterm = d->match_shortterm;
	struct desk_loudness song;
	char line[160];
	if (!r || is_done(r) <= 0)
		return 1;
	desk_loudness(d, &song);
	double theirs = loudness_of(d, node, r, shortterm), ours = (double)(shortterm ? song.shortterm : song.integrated);
	if (song.seconds < ENOUGH || !isfinite(ours) || !isfinite(theirs))
		return 1;
	double fader = ours - theirs, most = params[P_FADER].max;
	int short_of = fader > most ? 2 : 0;
	fader = short_of ? most : fader;
	if (fabs(fader - node->value[P_FADER]) < CLOSE)
		return short_of;
	snprintf(line, sizeof line, "%s/fader %.1f", session_address(node), fader);
	if (desk_begin(d, err))
		return -1;
	return desk_end(d, session_line(d->session, line, err), "", err) ? -1 : short_of;
}

static void
stop_hearing(struct desk *d)
{
	struct player_pick pick = {.tap = d->pick.tap};
	for (int k = 0; k < d->pick.count; k++) {
		const struct node *node = held_node(d->session, d->pick.solo[k].uid);
		if (!node || !desk_reference_number(node))
			pick.solo[pick.count++] = d->pick.solo[k];
	}
	d->pick = pick;
	desk_engine_pick(d);
}

static int
is_heard(struct desk *d)
{
	for (int k = 0; k < d->pick.count; k++) {
		const struct node *node = held_node(d->session, d->pick.solo[k].uid);
		if (node && desk_reference_number(node))
			return 1;
	}
	return 0;
}

int
desk_reference_loudness(struct desk *d, double *lufs)
{
	int64_t from, to;
	const struct node *node = d->pick.count == 1 ? held_node(d->session, d->pick.solo[0].uid) : NULL;
	struct desk_reference *r = node && desk_reference_number(node) ? of_node(d, node) : NULL;
	double sum = 0;
	size_t n = 0;
	if (!node || !desk_reference_number(node))
		return 0;
	if (!r || is_done(r) <= 0)
		return -1;
	level_stretch(d, &from, &to);
	/* windows of three seconds that lie within */
	double first = file_seconds(d, node, from) + 3, last = file_seconds(d, node, to) * MEASURE_STEP;
	for (size_t k = first > 0 ? (size_t)(first * MEASURE_STEP) : 0; k < r->measured.points && (double)k < last;
	     k++, n++)
		sum += pow(10, (double)r->measured.shortterm[k] / 10);
	*lufs = 10 * log10(sum / (double)n) + node->value[P_FADER];
	return n && isfinite(*lufs) ? 1 : -1;
}

/* `level`: at its own, else as loud as the song. */
static int
hear(struct desk *d, int number, int level, struct err *err)
{
	struct node *node = reference_node(d, number);
	char name[200];
	if (!node && number)
		return err_set(err, "reference %d: there is none; `reference FILE` adds one", number);
	if (!node)
		return err_set(err, "there is no reference yet; `reference FILE` adds one");
	if (!level && begin_measure(d, node, err))
		return -1;
	int matched = level ? 0 : match(d, node, err);
	if (matched < 0)
		return -1;
	d->pick = (struct player_pick){.tap = d->pick.tap, .count = 1};
	d->pick.solo[0].uid = node->uid;
	desk_engine_pick(d);
	desk_node_name(d, node, name, sizeof name);
	desk_say(d, DESK_SAYS, "%s is heard, %s; `reference off` goes back", name,
	         matched == 1         ? "as loud as it is: both are still being measured"
	         : matched            ? "softer than the song: its fader goes no higher"
	         : d->match_shortterm ? "as loud as the song was here"
	                              : "as loud as the song");
	return 0;
}

int
desk_reference_level(struct desk *d, int number, struct err *err)
{
	return hear(d, number, 1, err);
}

void
desk_reference_off(struct desk *d)
{
	stop_hearing(d);
}

int
desk_reference_put(struct desk *d, int *number, const char *path, const char *title, struct err *err)
{
	struct media_info info;
	char *folder = intake_folder(d->path), *file = NULL, *name = NULL, *quoted = NULL;
	if (media_probe(path, &info, err)) {
		free(folder);
		return -1;
	}
	for (int k = 1; !*number; k++)
		*number = reference_node(d, k) ? 0 : k;
	file = folder ? intake_relative(folder, path) : NULL;
	int failed = !file ? err_set(err, "reference %s: cannot be found", path) : desk_begin(d, err);
	if (failed) {
		free(folder);
		free(file);
		return -1;
	}
	name = text_quote(title);
	quoted = text_quote(file);
	char *line[] = {
	    text_format("strip/" REFERENCE "%d/name %s", *number, name),
	    text_format("strip/" REFERENCE "%d/out none", *number),
	    text_format("strip/" REFERENCE "%d/solo-safe on", *number),
	    text_format("strip/" REFERENCE "%d/channels %d", *number, info.channels > 1 ? 2 : 1),
	    text_format("strip/" REFERENCE "%d/region/file/file %s", *number, quoted),
	};
	for (size_t k = 0; k < sizeof line / sizeof *line; k++) {
		failed = failed ? failed : session_line(d->session, line[k], err);
		free(line[k]);
	}
	free(name);
	free(quoted);
	free(file);
	free(folder);
	char words[80];
	snprintf(words, sizeof words, "reference %d is there: `reference %d` hears it", *number, *number);
	if (desk_end(d, failed, words, err))
		return -1;
	struct node *node = reference_node(d, *number);
	if (node)
		forget(d, node);
	return node ? begin_measure(d, node, err) : 0;
}

static int
add(struct desk *d, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char *beside = access(path, F_OK) ? desk_beside(d, path) : NULL;
	int number = 0;
	if (beside && access(beside, F_OK)) {
		free(beside);
		beside = NULL;
	}
	int failed = desk_reference_put(d, &number, beside ? beside : path, slash ? slash + 1 : path, err);
	free(beside);
	return failed;
}

/* "1:02.5": what of the reference's file is there sounds at the playhead. Of the one that is heard, or the first. */
static int
align(struct desk *d, const char *text, struct err *err)
{
	const struct node *heard = d->pick.count == 1 ? held_node(d->session, d->pick.solo[0].uid) : NULL;
	const struct node *node = heard && desk_reference_number(heard) ? heard : reference_node(d, 0);
	const struct node *region = node ? region_of(node) : NULL;
	double frame;
	char line[2][200], name[200], words[300], clock[32];
	if (!region)
		return err_set(err, "there is no reference yet; `reference FILE` adds one");
	if (param_parse(&params[P_REGION_FROM], text, session_rate(d->session), &frame, err))
		return err_prefix(err, "reference at");
	double shift = frame - (double)d->position;
	snprintf(line[0], sizeof line[0], "strip/%s/region/%s/from %.0fsmp", node->id, region->id, shift > 0 ? shift : 0);
	snprintf(line[1], sizeof line[1], "strip/%s/region/%s/at %.0fsmp", node->id, region->id, shift < 0 ? -shift : 0);
	desk_node_name(d, node, name, sizeof name);
	snprintf(words, sizeof words, "%.150s plays %.60s here, at %s", name, text, desk_clock(d, d->position, clock));
	if (desk_begin(d, err))
		return -1;
	return desk_end(d, session_line(d->session, line[0], err) || session_line(d->session, line[1], err), words, err);
}

int
desk_reference(struct desk *d, char *args, struct err *err)
{
	int number = strspn(args, "0123456789") == strlen(args) ? atoi(args) : 0;
	if (!*args && is_heard(d)) {
		stop_hearing(d);
		desk_say(d, DESK_SAYS, "the song is heard again");
		return 0;
	}
	if (!*args || number)
		return hear(d, number, 0, err);
	if (!strcmp(args, "off")) {
		stop_hearing(d);
		return 0;
	}
	if (!strncmp(args, "at ", 3))
		return align(d, args + 3 + strspn(args + 3, " "), err);
	if (!strcmp(args, "match") || !strcmp(args, "match shortterm") || !strcmp(args, "match integrated")) {
		struct node *node;
		d->match_shortterm = args[5] == ' ' ? args[6] == 's' : d->match_shortterm;
		int open = 0, n = 0;
		for (size_t k = 0; (node = session_node(d->session, K_STRIP, k)); k++) {
			if (!desk_reference_number(node))
				continue;
			int status = begin_measure(d, node, err) ? -1 : match(d, node, err);
			if (status < 0)
				return -1;
			open += status == 1;
			n++;
		}
		if (!n)
			return err_set(err, "there is no reference yet; `reference FILE` adds one");
		desk_say(d, DESK_SAYS, open ? "%s; not all can be matched yet: play the song for some seconds" : "%s",
		         d->match_shortterm
		             ? "references are as loud as the song's last three seconds, each time they are heard"
		             : "references are as loud as the song was so far");
		return 0;
	}
	return add(d, args, err);
}
