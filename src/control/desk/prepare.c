#include "control/desk/parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/times.h"
#include "engine/bounce.h"
#include "master/origin.h"

/* The mix, rendered once to see what there is to be mastered. */
struct desk_prepare {
	pthread_t thread;
	struct desk *desk;
	struct session *session;
	char *path;
	struct origin origin;
	int status;     /* of the bounce */
	int done, quit; /* guarded by the desk's lock */
	struct err err;
};

static int
look_at_quit(void *arg, int64_t done, int64_t all)
{
	struct desk_prepare *p = arg;
	(void)done, (void)all;
	pthread_mutex_lock(&p->desk->lock);
	int quit = p->quit;
	pthread_mutex_unlock(&p->desk->lock);
	return quit;
}

static int
take(void *arg, const float *const *side, size_t frames, struct err *err)
{
	struct desk_prepare *p = arg;
	(void)err;
	origin_take(&p->origin, side, frames);
	return 0;
}

static void *
run(void *arg)
{
	struct desk_prepare *p = arg;
	struct bounce_report report;
	const struct bounce_options o = {.tail = -1, .progress = look_at_quit, .take = take, .arg = p};
	pthread_setname_np(pthread_self(), "prepare");
	struct stems *stems = stems_new(p->session, p->path, 1, NULL, NULL);
	origin_begin(&p->origin, session_rate(p->session));
	p->status = stems ? bounce(p->session, stems, &o, &report, &p->err) : err_set(&p->err, "not enough memory");
	stems_free(stems);
	if (p->status == 0) {
		p->origin.integrated = report.integrated;
		p->origin.range = report.range;
		p->origin.true_peak = report.true_peak;
		p->origin.sample_peak = report.sample_peak;
		origin_finish(&p->origin);
	}
	pthread_mutex_lock(&p->desk->lock);
	p->done = 1;
	pthread_mutex_unlock(&p->desk->lock);
	return NULL;
}

static void
prepare_free(struct desk_prepare *p)
{
	session_free(p->session);
	free(p->path);
	free(p);
}

int
desk_prepare(struct desk *d, char *args, struct err *err)
{
	if (*args)
		return err_set(err, "prepare: it takes no words");
	if (d->prepare)
		return err_set(err, "prepare: the mix is being looked at");
	struct desk_prepare *p = calloc(1, sizeof *p);
	if (!p)
		return err_set(err, "not enough memory");
	*p = (struct desk_prepare){.desk = d, .path = strdup(d->path), .session = desk_copy_session(d, err)};
	int failed = !p->session ? -1 : !p->path ? err_set(err, "not enough memory") : 0;
	if (!failed && pthread_create(&p->thread, NULL, run, p))
		failed = err_set(err, "prepare: no more threads");
	if (failed) {
		prepare_free(p);
		return -1;
	}
	d->prepare = p;
	desk_say(d, DESK_SAYS, "the mix is looked at before it is mastered; go on meanwhile");
	return 0;
}

static void
say(struct desk *d, const struct origin *o)
{
	char head[32], tail[32], fault[ORIGIN_FAULTS][256];
	const struct node *only = session_node(d->session, K_STRIP, 0);
	int mono = only && !session_node(d->session, K_STRIP, 1) && only->value[P_CHANNELS] == 1;
	size_t faults = origin_faults(o, mono, fault);
	char text[1024];
	int n = snprintf(text, sizeof text, "%s",
	                 faults ? "Not ready to master: " : "ready to be mastered, not cut off nor limited");
	for (size_t k = 0; k < faults && n < (int)sizeof text; k++)
		n += snprintf(text + n, sizeof text - (size_t)n, "%s%s", k ? "; " : "", fault[k]);
	if (n < (int)sizeof text)
		snprintf(
		    text + n, sizeof text - (size_t)n,
		    "; mix %.1f LUFS, LRA %.1f LU, %.1f dBTP, PLR %.1f; silence %s before, %s behind; DC %.0f dBFS; mono %.1f "
		    "dB less",
		    o->integrated, o->range, o->true_peak, o->true_peak - o->integrated,
		    time_text((double)o->head / o->rate, 1, head), time_text((double)o->tail / o->rate, 1, tail), origin_dc(o),
		    o->mono);
	desk_say(d, DESK_SAYS, "%s", text);
}

void
desk_prepare_tick(struct desk *d)
{
	struct desk_prepare *p = d->prepare;
	pthread_mutex_lock(&d->lock);
	int done = p && p->done;
	pthread_mutex_unlock(&d->lock);
	if (!done)
		return;
	pthread_join(p->thread, NULL);
	d->prepare = NULL;
	if (p->status == 0 && isfinite(p->origin.integrated))
		say(d, &p->origin);
	else
		desk_say(d, DESK_ERROR, "prepare: %s", p->status ? p->err.text : "the mix is silent");
	prepare_free(p);
}

void
desk_prepare_close(struct desk *d)
{
	struct desk_prepare *p = d->prepare;
	if (!p)
		return;
	pthread_mutex_lock(&d->lock);
	p->quit = 1;
	pthread_mutex_unlock(&d->lock);
	pthread_join(p->thread, NULL);
	prepare_free(p);
	d->prepare = NULL;
}
