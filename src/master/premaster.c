#include "master/premaster.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fpu.h"
#include "base/units.h"
#include "engine/outlet.h"

#define SPARE 1024 /* frames beyond what the length says, for rounding */

/* A render under way. */
struct render {
	struct premaster *p;
	const struct premaster_options *options;
	int64_t room;
	struct err *err;
	int failed;
};

/* A nameless file: gone with the program, however that ends. */
static int
scratch_file(size_t bytes, struct err *err)
{
	const char *folder = getenv("TMPDIR");
	char path[4096];
	if (!folder || !*folder)
		folder = "/var/tmp";
	snprintf(path, sizeof path, "%s/stemdesk-XXXXXX", folder);
	int file = mkstemp(path);
	if (file >= 0)
		unlink(path);
	if (file >= 0 && (errno = posix_fallocate(file, 0, (off_t)bytes)) == 0)
		return file;
	err_set(err, "%s: no room for %.0f MB that the master is worked out in: %s; set TMPDIR to a folder with more",
	        folder, (double)bytes / 1e6, strerror(errno));
	if (file >= 0)
		close(file);
	return -1;
}

/* Maps room for so many frames, in memory or beyond `most` bytes on the disk. */
static int
make_room(struct premaster *p, int64_t frames, size_t most, struct err *err)
{
	int file = -1;
	p->bytes = (size_t)frames * 2 * sizeof(float);
	p->on_disk = p->bytes > most;
	if (p->on_disk && (file = scratch_file(p->bytes, err)) < 0)
		return -1;
	void *map =
	    mmap(NULL, p->bytes, PROT_READ | PROT_WRITE, file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED, file, 0);
	if (file >= 0)
		close(file);
	if (map == MAP_FAILED)
		return err_set(err, "not enough memory for %.0f MB that the master is worked out in", (double)p->bytes / 1e6);
	p->side[0] = map;
	p->side[1] = p->side[0] + frames;
	return 0;
}

static size_t
quarter_of_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
	return pages > 0 && size > 0 ? (size_t)pages * (size_t)size / 4 : (size_t)256 << 20;
}

static int
note_progress(void *arg, int64_t done, int64_t all)
{
	struct render *r = arg;
	if (done == 0 && !r->p->side[0]) {
		r->p->song_frames = all;
		r->room = (int64_t)((double)all * r->p->rate / r->p->song_rate) + SPARE;
		r->failed = make_room(r->p, r->room, r->options->most ? r->options->most : quarter_of_memory(), r->err);
		if (r->failed)
			return 1;
	}
	return r->options->progress ? r->options->progress(r->options->arg, done, all) : 0;
}

static int
keep(void *arg, const float *const *side, size_t frames, struct err *err)
{
	struct render *r = arg;
	struct premaster *p = r->p;
	if (p->frames + (int64_t)frames > r->room)
		return err_set(err, "the song came out longer than it said");
	for (int c = 0; c < 2; c++)
		memcpy(p->side[c] + p->frames, side[c], frames * sizeof(float));
	p->frames += (int64_t)frames;
	return 0;
}

static int
look_at_mix(void *arg, const float *const *side, size_t frames, struct err *err)
{
	struct render *r = arg;
	(void)err;
	origin_take(&r->p->origin, side, frames);
	return 0;
}

/* A file of one channel is read 10 log10 2 below the two of the same that were measured (ITU-R BS.1770). */
static double
as_read(const struct premaster *p, double lufs)
{
	return p->mono ? lufs - 3.0103 : lufs;
}

int
premaster_render(struct session *session, struct stems *stems, const struct premaster_options *options,
                 struct premaster *p, struct err *err)
{
	double song = session_rate(session);
	*p = (struct premaster){.rate = options->rate > 0 ? options->rate : song, .song_rate = song};
	p->mono = options->mono;
	origin_begin(&p->origin, song);
	struct render r = {.p = p, .options = options, .err = err};
	struct bounce_options o = {.file = {.rate = options->rate},
	                           .mastered = 1,
	                           .before_limiter = 1,
	                           .threads = options->threads,
	                           .tail = -1,
	                           .progress = note_progress,
	                           .take = keep,
	                           .take_mix = look_at_mix,
	                           .arg = &r};
	struct bounce_report report;
	int status = bounce(session, stems, &o, &report, err);
	if (r.failed)
		status = -1;
	if (status) {
		premaster_free(p);
		return status;
	}
	p->song_from = report.begin;
	p->integrated = as_read(p, report.integrated);
	p->range = report.range;
	p->max_shortterm = as_read(p, report.max_shortterm);
	p->true_peak = report.true_peak;
	p->sample_peak = report.sample_peak;
	p->origin.integrated = as_read(p, report.mix.integrated);
	p->origin.range = report.mix.range;
	p->origin.true_peak = report.mix.true_peak;
	p->origin.sample_peak = report.mix.sample_peak;
	origin_finish(&p->origin);
	return 0;
}

void
premaster_free(struct premaster *p)
{
	if (p->side[0])
		munmap(p->side[0], p->bytes);
	p->side[0] = p->side[1] = NULL;
}

int
premaster_measure(const struct premaster *p, int64_t from, int64_t to, struct measured *out, struct err *err)
{
	struct meter *meter = meter_new((int)p->rate, 2, err);
	to = to < p->frames ? to : p->frames;
	int status = meter ? 0 : -1;
	for (int64_t at = from; !status && at < to; at += 65536) {
		const float *side[2] = {p->side[0] + at, p->side[1] + at};
		status = meter_take(meter, side, (size_t)(to - at < 65536 ? to - at : 65536), err);
	}
	if (!status)
		status = meter_finish(meter, out, err);
	meter_free(meter);
	return status;
}

/* Feeds an outlet quantum by quantum, and watches its limiter. */
static int
feed(const struct premaster *p, struct outlet *o, struct pass *pass, struct err *err)
{
	struct limiter_meter *meter = o->limiter;
	int64_t limited = 0, quanta = 0;
	for (int64_t at = 0; at < p->frames; at += QUANTUM) {
		const float *const side[2] = {p->side[0] + at, p->side[1] + at};
		int64_t left = p->frames - at;
		if (outlet_take(o, side, left < QUANTUM ? (int)left : QUANTUM, err))
			return -1;
		quanta++;
		limited += meter->reduction > 1;
		if ((double)meter->reduction > pass->limited) {
			pass->limited = (double)meter->reduction;
			pass->limited_at = o->frames > QUANTUM ? o->frames - QUANTUM / 2 : 0;
		}
	}
	pass->limited_time = quanta ? (double)limited / (double)quanta : 0;
	return outlet_finish(o, p->frames, err);
}

static int
run_pass(const struct premaster *p, const struct limiter_params *limiter, struct outlet_spec *how, struct pass *pass,
         struct err *err)
{
	struct sink_spec spec = *how->file;
	struct outlet o;
	*pass = (struct pass){.limited_at = -1};
	spec.rate = p->rate;
	spec.channels = p->mono ? 1 : 2;
	spec.frames_expected = (uint64_t)p->frames;
	how->ops = dsp_ops_pick(0);
	how->file = &spec;
	how->song_rate = p->rate;
	how->chunk = QUANTUM;
	how->limiter = limiter;
	fpu_flush_denormals();
	if (outlet_open(&o, how, err))
		return -1;
	if (feed(p, &o, pass, err)) {
		outlet_abort(&o);
		return -1;
	}
	const struct limiter_meter *meter = o.limiter;
	if ((double)meter->greatest > pass->limited) /* in the very last frames */
		pass->limited = (double)meter->greatest;
	pass->integrated = as_read(p, loudness_integrated(o.meter));
	pass->range = loudness_range(o.meter);
	pass->max_momentary = as_read(p, loudness_max_momentary(o.meter));
	pass->max_shortterm = as_read(p, loudness_max_shortterm(o.meter));
	pass->true_peak = loudness_true_peak(o.meter);
	pass->sample_peak = loudness_sample_peak(o.meter);
	pass->clipped = o.sink ? sink_clip(o.sink, 0)->clipped + sink_clip(o.sink, 1)->clipped : 0;
	return outlet_commit(&o, err);
}

int
premaster_pass(const struct premaster *p, const struct limiter_params *limiter, const struct sink_spec *file,
               struct pass *pass, struct err *err)
{
	static const struct sink_spec measured;
	struct outlet_spec how = {.file = file ? file : &measured};
	return run_pass(p, limiter, &how, pass, err);
}

int
premaster_pass_to(const struct premaster *p, const struct limiter_params *limiter,
                  int (*take)(void *arg, const float *const *side, size_t frames, struct err *err), void *arg,
                  struct pass *pass, struct err *err)
{
	static const struct sink_spec measured;
	struct outlet_spec how = {.file = &measured, .take = take, .arg = arg};
	return run_pass(p, limiter, &how, pass, err);
}
