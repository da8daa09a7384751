#include "master/detect_tracks.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fpu.h"
#include "base/text.h"
#include "master/detect_parts.h"
#include "session/text.h"

#define CHUNK 8192

/* Tracks that are listened to side by side: each thread takes the next one. */
struct work {
	struct tracks *tracks;
	uint64_t chosen;
	struct findings *found; /* by track */
	size_t next, left;
	int64_t done;
	int stop;
	pthread_mutex_t lock;
	pthread_cond_t moved;
};

static void
note_loudness(struct track *t, int64_t frame, int64_t count, float *const *planar)
{
	for (int64_t k = 0; k < count;) {
		size_t second = (size_t)((frame + k) / t->is.rate);
		int64_t end = (int64_t)(second + 1) * t->is.rate - frame;
		double sum = 0;
		end = end < count ? end : count;
		for (; k < end; k++)
			for (int c = 0; c < t->is.channels; c++)
				sum += (double)planar[c][k] * (double)planar[c][k];
		t->loud[second] += (float)(sum / t->is.rate);
	}
}

/* Listens to a track; what was read up to a damage is judged all the same. */
static void
listen(struct work *w, struct track *t, struct findings *to)
{
	float *planar[2] = {text_alloc(CHUNK * sizeof(float)), text_alloc(CHUNK * sizeof(float))};
	struct heard *h = detect_begin(t->is.rate, t->is.channels, w->chosen);
	int stop = track_begin(t);
	t->seconds = (size_t)(t->is.frames / t->is.rate) + 1;
	t->loud = text_realloc(t->loud, t->seconds * sizeof *t->loud);
	memset(t->loud, 0, t->seconds * sizeof *t->loud);
	for (int64_t at = 0; at < t->is.frames && !stop; at += CHUNK) {
		int64_t n = t->is.frames - at < CHUNK ? t->is.frames - at : CHUNK;
		const float *const side[2] = {planar[0], planar[1]};
		if (track_read(t, at, n, planar))
			break;
		detect_take(h, side, (size_t)n);
		note_loudness(t, at, n, planar);
		pthread_mutex_lock(&w->lock);
		w->done += n;
		stop = w->stop;
		pthread_mutex_unlock(&w->lock);
	}
	track_end(t);
	detect_end(h, w->chosen, w->stop ? NULL : to);
	free(planar[0]);
	free(planar[1]);
}

static void *
run(void *arg)
{
	struct work *w = arg;
	fpu_flush_denormals();
	pthread_mutex_lock(&w->lock);
	while (w->next < w->tracks->count && !w->stop) {
		size_t k = w->next++;
		pthread_mutex_unlock(&w->lock);
		w->found[k].track = (int)k;
		listen(w, &w->tracks->track[k], &w->found[k]);
		pthread_mutex_lock(&w->lock);
	}
	w->left--;
	pthread_cond_broadcast(&w->moved);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* Runs threads over all tracks, and shows progress meanwhile. */
static int
listen_all(struct work *w, const struct detect_options *o, struct err *err)
{
	int threads = w->tracks->threads, started = 0, told = 0;
	pthread_t *thread = text_alloc((size_t)threads * sizeof *thread);
	int64_t all = 1;
	for (size_t k = 0; k < w->tracks->count; k++)
		all += w->tracks->track[k].is.frames;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->moved, NULL);
	pthread_mutex_lock(&w->lock);
	while (started < threads && pthread_create(&thread[started], NULL, run, w) == 0) {
		started++;
		w->left++;
	}
	while (w->left > 0) {
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 100000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&w->moved, &w->lock, &until);
		int64_t done = w->done;
		pthread_mutex_unlock(&w->lock);
		told = o->progress && o->progress(o->arg, done, all);
		pthread_mutex_lock(&w->lock);
		w->stop = w->stop || told;
	}
	pthread_mutex_unlock(&w->lock);
	for (int k = 0; k < started; k++)
		pthread_join(thread[k], NULL);
	pthread_cond_destroy(&w->moved);
	pthread_mutex_destroy(&w->lock);
	free(thread);
	if (started == 0)
		return err_set(err, "check: no thread could be started; try again when the machine is less busy");
	return w->stop;
}

/* Puts the strip's address before the lines that one track's detectors offer. */
static void
address_fixes(const struct track *t, struct finding *f)
{
	int split = 0;
	for (size_t p = 0; p < t->parts; p++)
		split = split || t->part[p].path[1];
	for (int k = 0; k < DETECT_FIXES; k++) {
		char line[sizeof f->fix[k]];
		if (!*f->fix[k])
			continue;
		/* the right side of two files cannot be made the only one by its channel */
		if (split && strchr(f->fix[k], '*')) {
			f->fix[0][0] = f->fix[1][0] = '\0';
			return;
		}
		if ((size_t)snprintf(line, sizeof line, "%s/%s", session_address(t->is.strip), f->fix[k]) < sizeof line)
			memcpy(f->fix[k], line, sizeof line);
		else
			f->fix[k][0] = '\0';
	}
}

static void
gather(struct findings *to, const struct tracks *t, struct findings *from)
{
	for (size_t k = 0; k < from->count; k++) {
		to->by = from->found[k].by;
		*finding_new(to, DETECT_NOTE, 0) = from->found[k];
		address_fixes(&t->track[from->track], &to->found[to->count - 1]);
	}
	findings_fini(from);
}

static int
by_weight(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	if (x->weight != y->weight)
		return (x->weight < y->weight) - (x->weight > y->weight);
	if (x->by != y->by)
		return (x->by > y->by) - (x->by < y->by);
	return (x->track > y->track) - (x->track < y->track);
}

/* What the strip and file of a finding are, for those that have no track. */
int
detect_files(struct tracks *t, struct findings *to, struct err *err)
{
	(void)err;
	for (size_t k = 0; k < t->count; k++)
		if (*t->track[k].broken.text) {
			to->track = (int)k;
			finding_say(finding_new(to, DETECT_GRAVE, 0), "cannot be read to its end: %.240s", t->track[k].broken.text);
		}
	to->track = -1;
	for (size_t k = 0; k < t->refusals; k++)
		finding_say(finding_new(to, DETECT_GRAVE, 0), "%s: %.240s", session_address(t->refused[k].strip),
		            t->refused[k].why.text);
	return 0;
}

int
detect_rates(struct tracks *t, struct findings *to, struct err *err)
{
	(void)err;
	for (size_t k = 0; k < t->count; k++) {
		int rate = t->track[k].is.rate;
		if (rate == (int)t->rate)
			continue;
		to->track = (int)k;
		finding_say(finding_new(to, rate < 40000 && t->rate > 40000 ? DETECT_FAULT : DETECT_NOTE, rate),
		            "a %g kHz stem in a %g kHz song%s", rate / 1e3, t->rate / 1e3,
		            rate < 40000 ? ": it has no treble above half its rate" : "");
	}
	return 0;
}

/* The length that most tracks have, seconds; how many do. */
static double
usual_length(const struct tracks *t, size_t *many)
{
	double usual = 0;
	*many = 0;
	for (size_t k = 0; k < t->count; k++) {
		double seconds = (double)t->track[k].is.frames / t->track[k].is.rate;
		size_t same = 0;
		for (size_t i = 0; i < t->count; i++)
			same += fabs((double)t->track[i].is.frames / t->track[i].is.rate - seconds) < 0.0005;
		if (same > *many) {
			*many = same;
			usual = seconds;
		}
	}
	return usual;
}

#define CLOSE 3.0 /* seconds: what differs by less was meant to be the same */

int
detect_lengths(struct tracks *t, struct findings *to, struct err *err)
{
	size_t many;
	double usual = usual_length(t, &many);
	(void)err;
	if (many < 2 || 2 * many <= t->count)
		return 0;
	for (size_t k = 0; k < t->count; k++) {
		double seconds = (double)t->track[k].is.frames / t->track[k].is.rate, apart = seconds - usual;
		if (fabs(apart) < 0.0005)
			continue;
		static const double speeds[] = {44100 / 48000.0, 48000 / 44100.0, 0.5, 2, 96000 / 88200.0, 88200 / 96000.0};
		double speed = 0;
		for (size_t i = 0; i < sizeof speeds / sizeof *speeds; i++)
			speed = fabs(seconds / usual - speeds[i]) < 0.0003 ? speeds[i] : speed;
		to->track = (int)k;
		struct finding *f = finding_new(to,
		                                speed > 0             ? DETECT_GRAVE
		                                : fabs(apart) < CLOSE ? DETECT_FAULT
		                                                      : DETECT_NOTE,
		                                apart);
		if (speed > 0)
			finding_say(f, "as long as if its sample rate were named wrongly: it plays %.1f %% too %s",
			            100 * fabs(1 / speed - 1), speed < 1 ? "fast" : "slowly");
		else
			finding_say(f, "%.3f s %s than %zu of the %zu others", fabs(apart), apart < 0 ? "shorter" : "longer", many,
			            t->count - 1);
	}
	return 0;
}

int
detect_song(struct session *session, const char *path, const struct detect_options *o, struct detected *out,
            struct err *err)
{
	struct tracks *t = tracks_open(session, path, err);
	*out = (struct detected){.tracks = t};
	if (!t)
		return -1;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	t->threads = o->threads > 0 ? o->threads : cores > 0 ? (int)cores : 1;
	struct work w = {.tracks = t, .chosen = o->detectors, .found = text_alloc((t->count + 1) * sizeof *w.found)};
	memset(w.found, 0, (t->count + 1) * sizeof *w.found);
	int status = listen_all(&w, o, err);
	for (size_t k = 0; k < t->count; k++)
		gather(&out->findings, t, &w.found[k]);
	free(w.found);
	for (int k = 0; detectors[k].name && !status; k++) {
		out->findings.by = &detectors[k];
		if (detectors[k].judge_all && (!o->detectors || o->detectors >> k & 1))
			status = detectors[k].judge_all(t, &out->findings, err);
	}
	if (status)
		detect_free(out);
	else if (out->findings.count)
		qsort(out->findings.found, out->findings.count, sizeof *out->findings.found, by_weight);
	return status;
}

void
detect_free(struct detected *d)
{
	findings_fini(&d->findings);
	tracks_free(d->tracks);
	d->tracks = NULL;
}

struct detect_track
detect_track(const struct detected *d, int track)
{
	return d->tracks->track[track].is;
}
