#include "master/faults_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cores.h"
#include "base/units.h"

#define TAIL 2.0 /* seconds that are played behind the last region */
#define LOG_KINDS (1u << FAULT_BASS | 1u << FAULT_SIBILANCE | 1u << FAULT_MASKING)

/* dB that the buses on a strip's way to the mix turn it by, as their faders stand. */
static double
way_gain(const struct faulty *f, int node)
{
	double gain = 0;
	int mix = taps_mix(f->taps);
	for (int k = taps_into(f->taps, node), steps = 0; k >= 0 && k != mix && steps < mix; steps++) {
		const struct node *bus;
		for (size_t i = 0; (bus = session_node(f->session, K_BUS, i)); i++)
			if (bus->uid == taps_uid(f->taps, k))
				gain += bus->value[P_FADER] > DB_SILENCE ? bus->value[P_FADER] : DB_SILENCE;
		k = taps_into(f->taps, k);
	}
	return gain;
}

static int
find_strips(struct faulty *f)
{
	int mix = taps_mix(f->taps);
	const struct node *strip;
	f->node = calloc((size_t)mix + 1, sizeof *f->node);
	f->gain = calloc((size_t)mix + 1, sizeof *f->gain);
	if (!f->node || !f->gain)
		return err_set(f->err, "not enough memory");
	for (size_t i = 0; (strip = session_node(f->session, K_STRIP, i)); i++)
		for (int k = 0; k < mix; k++)
			if (taps_uid(f->taps, k) == strip->uid && taps_into(f->taps, k) >= 0) {
				f->gain[f->strips] = way_gain(f, k);
				f->node[f->strips++] = k;
			}
	return 0;
}

static int
take(void *arg, const struct taps *taps, int64_t frame, double limited)
{
	struct faulty *f = arg;
	(void)taps;
	if (levels_take(f, frame, limited))
		return -1;
	return f->log && bandlog_take(f->log, frame) ? err_set(f->err, "not enough memory") : 0;
}

static int
progress(void *arg, int64_t done, int64_t all)
{
	struct faulty *f = arg;
	return f->options->progress(f->options->arg, done, all);
}

static int
find_masking(struct faulty *f)
{
	struct faults *to = f->to;
	const struct masking_strips strips = {f->log, f->node, f->gain, f->strips};
	to->strip = calloc((size_t)f->strips + 1, sizeof *to->strip);
	if (!to->strip)
		return err_set(f->err, "not enough memory");
	to->strips = f->strips;
	for (int k = 0; k < f->strips; k++)
		to->strip[k] = taps_uid(f->taps, f->node[k]);
	if (masking_judge(&strips, &to->masking, f->err))
		return -1;
	for (size_t k = 0; k < to->masking.pairs; k++) {
		const struct masked_pair *p = &to->masking.pair[k];
		struct fault *fault = fault_add(f, FAULT_MASKING);
		char by[80], of[80];
		if (!fault)
			return -1;
		fault->figure = fault->share = p->time;
		fault->frame = taps_from(f->taps) + p->worst * to->block;
		fault->from = fault->frame;
		fault->to = fault->frame + to->block;
		fault->uid = to->strip[p->of];
		fault->other = to->strip[p->by];
		snprintf(fault->text, sizeof fault->text,
		         "%s covers %s at %.0f to %.0f Hz in %.0f %% of its time, worst by %.0f dB",
		         fault_name(f, f->node[p->by], by, sizeof by), fault_name(f, f->node[p->of], of, sizeof of),
		         bandlog_edge(p->low), bandlog_edge(p->high + 1), p->time * 100, p->depth);
	}
	return 0;
}

/* Of one kind the worst first; what covers is added behind them, in the order it was judged. */
static int
by_figure(const void *a, const void *b)
{
	const struct fault *x = a, *y = b;
	if (x->kind != y->kind)
		return (x->kind > y->kind) - (x->kind < y->kind);
	if (x->figure != y->figure)
		return (x->figure < y->figure) - (x->figure > y->figure);
	return (x->frame > y->frame) - (x->frame < y->frame);
}

static int
wants(const struct faulty *f, unsigned kinds)
{
	return (f->kinds & kinds) != 0;
}

static int
finish(struct faulty *f)
{
	if (f->log)
		bandlog_end(f->log);
	if (levels_end(f))
		return -1;
	if (wants(f, 1u << FAULT_BASS) && bass_end(f))
		return -1;
	if (wants(f, 1u << FAULT_SIBILANCE) && sibilance_find(f))
		return -1;
	if (f->to->count)
		qsort(f->to->found, f->to->count, sizeof *f->to->found, by_figure);
	return wants(f, 1u << FAULT_MASKING) ? find_masking(f) : 0;
}

static int
open_watches(struct faulty *f, int threads)
{
	if (find_strips(f) || !(f->levels = levels_new(f)))
		return -1;
	if (wants(f, 1u << FAULT_BASS) && !(f->bass = bass_new(f)))
		return -1;
	if (wants(f, LOG_KINDS) && !(f->log = bandlog_new(f->taps, threads, f->bass ? bass_take : NULL, f, f->err)))
		return -1;
	return 0;
}

int
faults_find(struct session *session, struct stems *stems, const struct faults_options *options, struct faults *to,
            struct err *err)
{
	int threads = options->threads > 0 ? options->threads : core_count();
	*to = (struct faults){.rate = session_rate(session), .block = bandlog_block(session_rate(session))};
	struct faulty f = {.session = session,
	                   .options = options,
	                   .to = to,
	                   .kinds = options->kinds ? options->kinds : (1u << FAULT_KINDS) - 1,
	                   .err = err};
	struct taps_options how = {.block = to->block,
	                           .window = 2 * to->block,
	                           .behind = BANDLOG_BEHIND,
	                           .tail = TAIL,
	                           .threads = threads,
	                           .take = take,
	                           .progress = options->progress ? progress : NULL,
	                           .arg = &f};
	struct taps *taps = taps_new(session, stems, &how, err);
	f.taps = taps;
	int status = taps ? open_watches(&f, threads) : -1;
	if (!status)
		status = taps_play(taps, err);
	if (!status)
		status = finish(&f);
	bandlog_free(f.log); /* its threads read the taps */
	levels_free(f.levels);
	bass_free(f.bass);
	taps_free(taps);
	free(f.node);
	free(f.gain);
	if (!status && stems_broken(stems))
		status = err_set(err, "%s (--skip-bad makes the rest of it silent)", stems_broken(stems));
	if (status)
		faults_fini(to);
	return status;
}
