#include "control/desk/faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/cores.h"
#include "control/desk/edit.h"
#include "master/faults.h"

#define BEFORE 1.0 /* seconds: so much earlier than the fault it is gone to */
#define NICE 5     /* the sound and the screen come first */

/* Where a fault is, in the desk's own song. */
struct place {
	int64_t frame;
	char strip[200]; /* an address */
};

/* One listening on a thread of its own, with a copy of the session. */
struct hunt {
	struct desk *desk;
	struct session *session;
	char *path;
	pthread_t thread;
	struct faults faults;
	struct err err;
	int quit, done, status, percent; /* guarded by the desk's lock */
};

/* What the desk knows; `shown` is guarded. */
struct desk_hunt {
	struct hunt *hunt; /* under way, NULL: none */
	struct place place[DESK_FAULTS];
	struct desk_faults shown;
};

static int
progress(void *arg, int64_t done, int64_t all)
{
	struct hunt *h = arg;
	pthread_mutex_lock(&h->desk->lock);
	h->percent = all > 0 ? (int)(done * 100 / all) : 0;
	int quit = h->quit;
	pthread_mutex_unlock(&h->desk->lock);
	return quit;
}

static void *
run(void *arg)
{
	struct hunt *h = arg;
	int cores = core_count();
	struct faults_options o = {.threads = cores > 1 ? cores - 1 : 1, .progress = progress, .arg = h};
	pthread_setname_np(pthread_self(), "faults");
	setpriority(PRIO_PROCESS, (id_t)gettid(), NICE); /* threads that it starts are as patient */
	struct stems *stems = stems_new(h->session, h->path, 1, NULL, NULL);
	int status =
	    stems ? faults_find(h->session, stems, &o, &h->faults, &h->err) : err_set(&h->err, "not enough memory");
	stems_free(stems);
	pthread_mutex_lock(&h->desk->lock);
	h->status = status;
	h->done = 1;
	pthread_mutex_unlock(&h->desk->lock);
	return NULL;
}

static void
hunt_free(struct hunt *h)
{
	if (!h)
		return;
	if (h->status == 0)
		faults_fini(&h->faults);
	session_free(h->session);
	free(h->path);
	free(h);
}

static int
begin(struct desk *d, struct err *err)
{
	struct hunt *h = calloc(1, sizeof *h);
	if (!h)
		return err_set(err, "not enough memory");
	*h = (struct hunt){.desk = d, .path = strdup(d->path), .session = desk_copy_session(d, err), .status = 1};
	int failed = !h->path || !h->session;
	if (failed && h->session)
		err_set(err, "not enough memory");
	if (!failed && pthread_create(&h->thread, NULL, run, h))
		failed = err_set(err, "faults: no more threads");
	if (failed) {
		hunt_free(h);
		return -1;
	}
	d->faults_stale = 0;
	pthread_mutex_lock(&d->lock);
	d->hunt->hunt = h;
	pthread_mutex_unlock(&d->lock);
	desk_say(d, DESK_SAYS, "the mix is listened to for faults, faster than time; go on meanwhile");
	return 0;
}

/* Ends what is under way, without a result. */
static void
end(struct desk *d)
{
	struct hunt *h = d->hunt->hunt;
	pthread_mutex_lock(&d->lock);
	h->quit = 1;
	pthread_mutex_unlock(&d->lock);
	pthread_join(h->thread, NULL);
	pthread_mutex_lock(&d->lock);
	d->hunt->hunt = NULL;
	pthread_mutex_unlock(&d->lock);
	hunt_free(h);
}

/* The worst of each kind, as many as there is room for: as many of one kind as of another where there are too many. */
static int
share_of(const struct faults *f, enum fault_kind kind)
{
	size_t of[FAULT_KINDS] = {0}, most = DESK_FAULTS, sum;
	for (size_t k = 0; k < f->count; k++)
		of[f->found[k].kind]++;
	do {
		sum = 0;
		for (int k = 0; k < FAULT_KINDS; k++)
			sum += of[k] < most ? of[k] : most;
		most -= sum > DESK_FAULTS;
	} while (sum > DESK_FAULTS);
	return (int)(of[kind] < most ? of[kind] : most);
}

static void
show(struct desk *d, const struct hunt *h)
{
	const struct faults *f = &h->faults;
	struct desk_hunt *to = d->hunt;
	int left[FAULT_KINDS], count = 0;
	char clock[32];
	for (int k = 0; k < FAULT_KINDS; k++)
		left[k] = share_of(f, (enum fault_kind)k);
	pthread_mutex_lock(&d->lock);
	for (size_t k = 0; k < f->count; k++) {
		const struct fault *from = &f->found[k];
		struct desk_fault *fault = &to->shown.fault[count];
		const struct node *whose = from->uid ? held_node(h->session, from->uid) : NULL;
		if (left[from->kind]-- <= 0)
			continue;
		to->place[count].frame = from->frame;
		snprintf(to->place[count].strip, sizeof to->place[count].strip, "%s", whose ? session_address(whose) : "");
		snprintf(fault->kind, sizeof fault->kind, "%s", fault_types[from->kind].name);
		snprintf(fault->clock, sizeof fault->clock, "%.15s", desk_clock(d, from->frame, clock));
		snprintf(fault->text, sizeof fault->text, "%s", from->text);
		fault->heavy = from->figure >= fault_types[from->kind].heavy;
		count++;
	}
	to->shown.count = count;
	faults_count_text(f->count - f->masking.pairs, f->masking.pairs, to->shown.words, sizeof to->shown.words);
	to->shown.chosen = -1;
	to->shown.version++;
	pthread_mutex_unlock(&d->lock);
}

void
desk_faults_tick(struct desk *d)
{
	if (!d->hunt)
		return;
	struct hunt *h = d->hunt->hunt;
	pthread_mutex_lock(&d->lock);
	d->hunt->shown.stale = d->faults_stale;
	int done = h && h->done, status = h ? h->status : 0;
	pthread_mutex_unlock(&d->lock);
	if (!done)
		return;
	pthread_join(h->thread, NULL);
	if (status == 0) {
		show(d, h);
		desk_say(d, DESK_SAYS, "%s%s", d->hunt->shown.words,
		         d->hunt->shown.count ? "; `fault next` goes from one to the next" : "");
	} else {
		desk_say(d, DESK_ERROR, "faults: %s", h->err.text);
	}
	pthread_mutex_lock(&d->lock);
	d->hunt->hunt = NULL;
	pthread_mutex_unlock(&d->lock);
	hunt_free(h);
}

static int
prepare(struct desk *d, struct err *err)
{
	if (d->hunt)
		return 0;
	struct desk_hunt *hunt = calloc(1, sizeof *hunt);
	if (!hunt)
		return err_set(err, "not enough memory");
	hunt->shown.chosen = -1;
	pthread_mutex_lock(&d->lock);
	d->hunt = hunt;
	pthread_mutex_unlock(&d->lock);
	return 0;
}

int
desk_faults_command(struct desk *d, char *args, struct err *err)
{
	if (prepare(d, err))
		return -1;
	struct hunt *h = d->hunt->hunt;
	if (!strcmp(args, "stop") && h) {
		end(d);
		desk_say(d, DESK_SAYS, "not listened to for faults any more");
		return 0;
	}
	if (!strcmp(args, "stop"))
		return err_set(err, "faults stop: the mix is not being listened to");
	if (!strcmp(args, "list")) {
		for (int k = 0; k < d->hunt->shown.count; k++)
			desk_say(d, DESK_LINES, "%d %s %s: %s", k + 1, d->hunt->shown.fault[k].clock, d->hunt->shown.fault[k].kind,
			         d->hunt->shown.fault[k].text);
		return 0;
	}
	if (*args)
		return err_set(err, "faults %s: it is list or stop; without a word it listens to the mix", args);
	return h ? err_set(err, "faults: the mix is being listened to; `faults stop` ends that") : begin(d, err);
}

/* Goes to where one is and chooses its strip, where that is still there. */
static int
go(struct desk *d, int k, struct err *err)
{
	const struct place *place = &d->hunt->place[k];
	const struct desk_fault *fault = &d->hunt->shown.fault[k];
	const struct node *node = *place->strip ? session_find(d->session, place->strip) : NULL;
	int64_t frame = place->frame - (int64_t)(BEFORE * session_rate(d->session));
	frame = frame < 0 ? 0 : frame < d->length ? frame : d->length;
	if (desk_engine_start(d, frame, err))
		return -1;
	if (node && node->live)
		desk_choose(d, node);
	pthread_mutex_lock(&d->lock);
	d->hunt->shown.chosen = k;
	pthread_mutex_unlock(&d->lock);
	desk_say(d, DESK_SAYS, "%s at %s: %s%s", fault->kind, fault->clock, fault->text,
	         d->faults_stale ? " (before the desk was changed)" : "");
	return 0;
}

int
desk_fault(struct desk *d, char *args, struct err *err)
{
	int count = d->hunt ? d->hunt->shown.count : 0, at = d->hunt ? d->hunt->shown.chosen : -1;
	if (!d->hunt || !d->hunt->shown.version)
		return err_set(err, "the mix was not listened to yet: `faults` does that");
	if (!count)
		return err_set(err, "no fault was found%s", d->faults_stale ? "; `faults` listens anew" : "");
	if (!*args)
		at = at < 0 ? 0 : at;
	else if (!strcmp(args, "next"))
		at = at + 1;
	else if (!strcmp(args, "prev"))
		at = at < 0 ? count - 1 : at - 1;
	else if (*args >= '0' && *args <= '9')
		at = atoi(args) - 1;
	else
		return err_set(err, "fault %s: it is next, prev or a number; `faults list` lists them", args);
	if (at < 0 || at >= count)
		return err_set(err, "fault %s: there are %d", *args ? args : "next", count);
	return go(d, at, err);
}

void
desk_faults_close(struct desk *d)
{
	if (!d->hunt)
		return;
	if (d->hunt->hunt)
		end(d);
	free(d->hunt);
	d->hunt = NULL;
}

void
desk_faults(struct desk *d, struct desk_faults *f)
{
	pthread_mutex_lock(&d->lock);
	const struct desk_hunt *from = d->hunt;
	if (from && f->version != from->shown.version)
		*f = from->shown;
	f->listening = from && from->hunt ? from->hunt->percent : -1;
	f->chosen = from ? from->shown.chosen : -1;
	f->stale = from && from->shown.stale;
	pthread_mutex_unlock(&d->lock);
}
