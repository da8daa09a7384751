#include "control/desk/look.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fpu.h"
#include "control/desk/edit.h"
#include "control/desk/heard.h"
#include "master/spectrum.h"

#define TICK_MS 20
#define WANTED_TICKS 50 /* that a picture is kept up after somebody asked for it */
#define READ_TICKS 4    /* between two readings of a spectrum: 12 a second */
#define SLOW_TICKS 5    /* between two walks through the histograms; */
#define IDLE_TICKS 50   /* while nobody asks */

_Static_assert(DESK_BINS == SPECTRUM_BANDS, "a view has room for a spectrum");

struct desk_look {
	pthread_t thread;
	int running;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct player *player;
	double rate;

	/* guarded: wishes, and what they get */
	int quit, reset, paused, hold, analyse_before, scope_ticks, loudness_ticks, figures_ticks;
	double song, target, ceiling; /* seconds, LUFS, dBTP */
	char target_name[32];
	struct desk_scope scope;
	struct desk_loudness loudness;

	/* the thread's own */
	struct desk_heard *heard;
	struct spectrum *spectrum, *before, *after;
	struct desk_scope new_scope;
	struct desk_loudness new_loudness;
	int frames;               /* of the point of history under way */
	float now[DESK_REDUCERS]; /* its greatest */
	uint32_t uid;
	unsigned ticks, silent; /* silent: ticks without sound */
	double read;            /* seconds: the last reading of a spectrum */
};

static void
clear_scope(struct desk_scope *s, uint32_t uid)
{
	memset(s, 0, sizeof *s);
	s->uid = uid;
	s->gate_level = s->comp_level = DESK_SILENCE;
	for (int k = 0; k < DESK_BINS; k++)
		s->before[k] = s->after[k] = DESK_SPECTRUM_LOW;
}

static float
db_of(float factor)
{
	float db = factor > 0 ? 20 * log10f(factor) : DESK_SILENCE;
	return db > DESK_SILENCE ? db : DESK_SILENCE;
}

/* The strip's part of a quantum. */
static void
take_strip(struct desk_look *l, const struct player_look *x, int wanted)
{
	struct desk_scope *s = &l->new_scope;
	if (x->uid != l->uid) {
		l->uid = x->uid;
		clear_scope(s, x->uid);
		spectrum_clear(l->before);
		spectrum_clear(l->after);
		memset(l->now, 0, sizeof l->now);
		l->frames = 0;
	}
	if (!x->uid)
		return;
	const float by[DESK_REDUCERS] = {x->dynamics.reduction[GRAPH_GATE], x->dynamics.reduction[GRAPH_DEESS],
	                                 x->dynamics.reduction[GRAPH_COMP], x->limits ? x->limited : 0};
	l->frames += QUANTUM;
	int point = l->frames >= l->rate * DESK_PAST_MS / 1000;
	for (int k = 0; k < DESK_REDUCERS; k++) {
		l->now[k] = by[k] > l->now[k] ? by[k] : l->now[k];
		if (!point)
			continue;
		memmove(s->past[k], s->past[k] + 1, (DESK_PAST - 1) * sizeof *s->past[k]);
		s->past[k][DESK_PAST - 1] = s->reduction[k] = l->now[k];
		l->now[k] = 0;
	}
	l->frames = point ? 0 : l->frames;
	s->points += (uint32_t)point;
	s->gate_level = db_of(x->dynamics.level[GRAPH_GATE]);
	s->comp_level = db_of(x->dynamics.level[GRAPH_COMP]);
	if (wanted) {
		int mono = x->strip.sides == 1;
		spectrum_take(l->before, x->strip.before[0], mono ? NULL : x->strip.before[1], QUANTUM);
		spectrum_take(l->after, x->strip.after[0], mono ? NULL : x->strip.after[1], QUANTUM);
	}
}

/* What a tick does with what came, without the lock. */
static void
work(struct desk_look *l, int paused, int scope, int loudness)
{
	struct player_look x;
	int came = 0;
	for (; player_look(l->player, &x) == 0; came++) {
		desk_heard_take(l->heard, &x, paused);
		take_strip(l, &x, scope);
		if (loudness)
			spectrum_take(l->spectrum, x.heard[0], x.heard[1], QUANTUM);
	}
	l->silent = came ? 0 : l->silent + 1;
	/* nothing plays: spectra fall */
	static const float silence[64];
	for (int k = 0; l->silent > 2 && k < l->rate * TICK_MS / 1000 / 64; k++) {
		spectrum_take(l->before, silence, NULL, 64);
		spectrum_take(l->after, silence, NULL, 64);
		spectrum_take(l->spectrum, silence, NULL, 64);
	}
	if (l->silent == 3) {
		memset(l->new_scope.reduction, 0, sizeof l->new_scope.reduction);
		l->new_scope.gate_level = l->new_scope.comp_level = DESK_SILENCE;
	}
	if (l->ticks % READ_TICKS == 0) {
		double now = clock_seconds(), passed = now - l->read < 0.5 ? now - l->read : 0.5;
		l->read = now;
		if (scope) {
			spectrum_read(l->before, passed, l->new_scope.before);
			spectrum_read(l->after, passed, l->new_scope.after);
		}
		if (loudness)
			spectrum_read(l->spectrum, passed, l->new_loudness.spectrum);
	}
}

/* A wish that is kept for so many ticks; whether it is kept now. */
static int
count_down(int *ticks)
{
	*ticks -= *ticks > 0;
	return *ticks > 0;
}

static void *
look_run(void *arg)
{
	struct desk_look *l = arg;
	pthread_setname_np(pthread_self(), "look");
	fpu_flush_denormals();
	pthread_mutex_lock(&l->lock);
	while (!l->quit) {
		struct timespec at = clock_after(CLOCK_MONOTONIC, TICK_MS * 1000000);
		pthread_cond_timedwait(&l->wake, &l->lock, &at);
		int scope = count_down(&l->scope_ticks), loudness = count_down(&l->loudness_ticks), paused = l->paused;
		int figures = count_down(&l->figures_ticks);
		int reset = l->reset;
		double song = l->song;
		l->reset = 0;
		pthread_mutex_unlock(&l->lock);
		if (reset)
			desk_heard_reset(l->heard);
		desk_heard_song(l->heard, song);
		work(l, paused, scope, loudness);
		int gated = reset || l->ticks % (loudness || figures ? SLOW_TICKS : IDLE_TICKS) == 0;
		l->ticks++;
		l->new_loudness.measuring = !paused && l->silent < 10;
		if (loudness || gated)
			desk_heard_read(l->heard, &l->new_loudness, gated);
		pthread_mutex_lock(&l->lock);
		if (!l->hold) {
			l->scope = l->new_scope;
			l->loudness = l->new_loudness;
		}
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

struct desk_look *
desk_look_new(struct player *p, double rate, struct err *err)
{
	struct desk_look *l = calloc(1, sizeof *l);
	pthread_condattr_t monotonic;
	if (!l) {
		err_set(err, "not enough memory for the meters");
		return NULL;
	}
	l->player = p;
	l->rate = rate;
	l->song = 1;
	l->target = l->ceiling = NAN;
	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&l->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	l->heard = desk_heard_new(rate);
	l->spectrum = spectrum_new(rate);
	l->before = spectrum_new(rate);
	l->after = spectrum_new(rate);
	if (!l->heard || !l->spectrum || !l->before || !l->after) {
		err_set(err, "not enough memory for the meters");
		desk_look_free(l);
		return NULL;
	}
	clear_scope(&l->new_scope, 0);
	for (int k = 0; k < DESK_BINS; k++)
		l->new_loudness.spectrum[k] = DESK_SPECTRUM_LOW;
	desk_heard_read(l->heard, &l->new_loudness, 1);
	l->scope = l->new_scope;
	l->loudness = l->new_loudness;
	if (pthread_create(&l->thread, NULL, look_run, l)) {
		err_set(err, "the meters cannot be read: no more threads");
		desk_look_free(l);
		return NULL;
	}
	l->running = 1;
	return l;
}

void
desk_look_free(struct desk_look *l)
{
	if (!l)
		return;
	if (l->running) {
		pthread_mutex_lock(&l->lock);
		l->quit = 1;
		pthread_cond_signal(&l->wake);
		pthread_mutex_unlock(&l->lock);
		pthread_join(l->thread, NULL);
	}
	pthread_cond_destroy(&l->wake);
	pthread_mutex_destroy(&l->lock);
	desk_heard_free(l->heard);
	spectrum_free(l->spectrum);
	spectrum_free(l->before);
	spectrum_free(l->after);
	free(l);
}

void
desk_look_scope(struct desk_look *l, struct desk_scope *scope)
{
	pthread_mutex_lock(&l->lock);
	*scope = l->scope;
	scope->analyse_before = l->analyse_before;
	l->scope_ticks = WANTED_TICKS;
	pthread_mutex_unlock(&l->lock);
}

void
desk_look_loudness(struct desk_look *l, struct desk_loudness *m)
{
	pthread_mutex_lock(&l->lock);
	*m = l->loudness;
	m->paused = l->paused;
	m->target = (float)l->target;
	m->ceiling = (float)l->ceiling;
	strcpy(m->target_name, l->target_name);
	l->loudness_ticks = WANTED_TICKS;
	pthread_mutex_unlock(&l->lock);
}

void
desk_look_figures(struct desk_look *l, struct desk_figures *f)
{
	pthread_mutex_lock(&l->lock);
	const struct desk_loudness *m = &l->loudness;
	*f = (struct desk_figures){.mastered = m->mastered,
	                           .seconds = m->seconds,
	                           .integrated = m->integrated,
	                           .true_peak = m->true_peak[0] > m->true_peak[1] ? m->true_peak[0] : m->true_peak[1]};
	l->figures_ticks = WANTED_TICKS;
	pthread_mutex_unlock(&l->lock);
}

void
desk_look_song(struct desk_look *l, double seconds)
{
	pthread_mutex_lock(&l->lock);
	l->song = seconds;
	pthread_mutex_unlock(&l->lock);
}

void
desk_look_reset(struct desk_look *l)
{
	pthread_mutex_lock(&l->lock);
	l->reset = 1;
	pthread_mutex_unlock(&l->lock);
}

void
desk_look_analyse(struct desk_look *l, int before)
{
	pthread_mutex_lock(&l->lock);
	l->analyse_before = before;
	pthread_mutex_unlock(&l->lock);
}

void
desk_look_hold(struct desk_look *l, int hold)
{
	pthread_mutex_lock(&l->lock);
	l->hold = hold;
	pthread_mutex_unlock(&l->lock);
}

void
desk_look_pause(struct desk_look *l, int paused)
{
	pthread_mutex_lock(&l->lock);
	l->paused = paused;
	pthread_mutex_unlock(&l->lock);
}

void
desk_look_target(struct desk_look *l, const char *name, double lufs, double ceiling)
{
	pthread_mutex_lock(&l->lock);
	snprintf(l->target_name, sizeof l->target_name, "%s", name);
	l->target = lufs;
	l->ceiling = ceiling;
	pthread_mutex_unlock(&l->lock);
}
