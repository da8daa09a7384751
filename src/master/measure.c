#include "master/measure.h"

#include <ebur128.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fpu.h"
#include "base/text.h"
#include "base/units.h"
#include "dsp/dsp.h"
#include "dsp/ops.h"
#include "master/clips.h"
#include "media/reader.h"

#define BLOCK 4096
#define SHORT_STEPS (3 * MEASURE_STEP) /* points that short-term loudness looks back */

struct meter {
	int rate, channels;
	int64_t frames;
	const struct loudness_unit *unit;
	void *loudness;
	ebur128_state *authority;
	struct balance *balance;
	struct clips clips[2];
	double sum[2], square[2], product;   /* of the samples */
	float *momentary, *shortterm, *peak; /* a point each MEASURE_STEP-th of a second; peak: since the point before */
	size_t points, room;
	float step_peak;
	float *interleaved, *silence;
};

struct meter *
meter_new(int rate, int channels, struct err *err)
{
	struct meter *m = calloc(1, sizeof *m);
	if (!m) {
		err_set(err, "not enough memory to measure");
		return NULL;
	}
	m->rate = rate;
	m->channels = channels;
	m->clips[0].first = m->clips[1].first = -1;
	m->unit = dsp_ops_pick(0)->loudness;
	size_t size = (m->unit->size() + DSP_ALIGN - 1) / DSP_ALIGN * DSP_ALIGN;
	m->loudness = aligned_alloc(DSP_ALIGN, size);
	m->authority = ebur128_init((unsigned)channels, (unsigned long)rate, EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK);
	m->balance = balance_new(rate);
	m->interleaved = malloc(2 * BLOCK * sizeof(float));
	m->silence = calloc(BLOCK, sizeof(float));
	if (!m->loudness || !m->authority || !m->balance || !m->interleaved || !m->silence) {
		meter_free(m);
		err_set(err, "not enough memory to measure");
		return NULL;
	}
	memset(m->loudness, 0, size);
	m->unit->init(m->loudness, rate);
	return m;
}

void
meter_free(struct meter *m)
{
	if (!m)
		return;
	free(m->loudness);
	if (m->authority)
		ebur128_destroy(&m->authority);
	balance_free(m->balance);
	free(m->momentary);
	free(m->shortterm);
	free(m->peak);
	free(m->interleaved);
	free(m->silence);
	free(m);
}

static float
peak_of(const float *x, size_t frames)
{
	float peak = 0;
	for (size_t t = 0; t < frames; t++) {
		float a = x[t] < 0 ? -x[t] : x[t];
		peak = a > peak ? a : peak;
	}
	return peak;
}

static int
grow(float **array, size_t room)
{
	float *more = realloc(*array, room * sizeof *more);
	if (more)
		*array = more;
	return more ? 0 : -1;
}

/* Keeps a point of the curves. */
static int
point(struct meter *m)
{
	if (m->points == m->room) {
		m->room = 2 * m->room + 600;
		if (grow(&m->momentary, m->room) || grow(&m->shortterm, m->room) || grow(&m->peak, m->room))
			return -1;
	}
	m->momentary[m->points] = (float)loudness_momentary(m->loudness);
	m->shortterm[m->points] = (float)loudness_shortterm(m->loudness);
	m->peak[m->points++] = m->step_peak;
	m->step_peak = 0;
	return 0;
}

/* Frames up to the next point of the curves. */
static size_t
until_point(const struct meter *m)
{
	return (size_t)((int64_t)(m->points + 1) * m->rate / MEASURE_STEP - m->frames);
}

static int
take_authority(struct meter *m, const float *const *side, size_t frames)
{
	if (m->channels == 1)
		return ebur128_add_frames_float(m->authority, side[0], frames);
	for (size_t t = 0; t < frames; t++) {
		m->interleaved[2 * t] = side[0][t];
		m->interleaved[2 * t + 1] = side[1][t];
	}
	return ebur128_add_frames_float(m->authority, m->interleaved, frames);
}

/* Sums of a block, first each in itself so that long files lose nothing. */
static void
take_sums(struct meter *m, const float *l, const float *r, size_t frames)
{
	double sum[2] = {0, 0}, square[2] = {0, 0}, product = 0;
	for (size_t t = 0; t < frames; t++) {
		double a = (double)l[t], b = (double)r[t];
		sum[0] += a;
		sum[1] += b;
		square[0] += a * a;
		square[1] += b * b;
		product += a * b;
	}
	for (int c = 0; c < 2; c++) {
		m->sum[c] += sum[c];
		m->square[c] += square[c];
	}
	m->product += product;
}

int
meter_take(struct meter *m, const float *const *side, size_t frames, struct err *err)
{
	for (size_t at = 0; at < frames;) {
		size_t n = until_point(m);
		n = n < frames - at ? n : frames - at;
		n = n < BLOCK ? n : BLOCK;
		const float *slice[2] = {side[0] + at, m->channels > 1 ? side[1] + at : m->silence};
		m->unit->run(m->loudness, slice[0], slice[1], n);
		if (take_authority(m, slice, n))
			return err_set(err, "not enough memory to measure");
		balance_take(m->balance, slice[0], m->channels > 1 ? slice[1] : slice[0], n);
		take_sums(m, slice[0], slice[1], n);
		for (int c = 0; c < m->channels; c++) {
			float peak = peak_of(slice[c], n);
			m->step_peak = peak > m->step_peak ? peak : m->step_peak;
			clips_take(&m->clips[c], slice[c], n);
		}
		at += n;
		m->frames += (int64_t)n;
		if (until_point(m) == 0 && point(m))
			return err_set(err, "not enough memory to measure");
	}
	return 0;
}

/* The least peak to short-term ratio of the loud parts; what is shorter than 3 s is one window. */
static double
least_psr(const struct meter *m, const struct measured *out)
{
	double least = HUGE_VAL;
	for (size_t k = SHORT_STEPS; k <= m->points; k++) {
		double loud = (double)m->shortterm[k - 1];
		if (!(loud > out->integrated - 10))
			continue;
		double psr = gain_to_db((double)peak_of(m->peak + k - SHORT_STEPS, SHORT_STEPS)) - loud;
		least = psr < least ? psr : least;
	}
	return least < HUGE_VAL ? least : out->sample_peak - out->max_shortterm;
}

static void
finish_clips(struct meter *m, struct measured *out)
{
	out->first_clip = -1;
	for (int c = 0; c < m->channels; c++) {
		struct clips *k = &m->clips[c];
		clips_finish(k);
		out->clipped_runs += k->runs;
		out->longest_clip = k->longest > out->longest_clip ? k->longest : out->longest_clip;
		if (k->first >= 0 && (out->first_clip < 0 || k->first < out->first_clip))
			out->first_clip = k->first;
	}
}

static void
finish_stereo(const struct meter *m, struct measured *out)
{
	double n = m->frames > 0 ? (double)m->frames : 1;
	double both = m->square[0] + m->square[1], mid = both + 2 * m->product, side = both - 2 * m->product;
	for (int c = 0; c < 2; c++)
		out->dc[c] = m->sum[c] / n;
	out->correlation = m->channels > 1 && m->square[0] > 0 && m->square[1] > 0
	                       ? m->product / (sqrt(m->square[0]) * sqrt(m->square[1]))
	                       : (double)NAN;
	out->width = m->channels == 1 || side <= 0 ? -HUGE_VAL : mid > 0 ? 10 * log10(side / mid) : HUGE_VAL;
}

static double
larger(double a, double b)
{
	return a > b ? a : b;
}

int
meter_finish(struct meter *m, struct measured *out, struct err *err)
{
	*out = (struct measured){.rate = m->rate, .channels = m->channels, .frames = m->frames};
	m->unit->finish(m->loudness);
	double ours = loudness_integrated(m->loudness), peak = 0;
	if (ebur128_loudness_global(m->authority, &out->integrated))
		return err_set(err, "libebur128 could not measure this");
	out->range = loudness_range(m->loudness);
	for (int c = 0; c < m->channels; c++) {
		double side = 0;
		ebur128_true_peak(m->authority, (unsigned)c, &side);
		peak = larger(peak, side);
	}
	out->true_peak = larger(gain_to_db(peak), loudness_true_peak(m->loudness));
	out->sample_peak = loudness_sample_peak(m->loudness);
	out->max_momentary = loudness_max_momentary(m->loudness);
	out->max_shortterm = loudness_max_shortterm(m->loudness);
	int heard = isfinite(out->integrated), ours_heard = isfinite(ours);
	out->apart = heard && ours_heard ? ours - out->integrated : heard == ours_heard ? 0 : HUGE_VAL;
	out->plr = heard ? out->true_peak - out->integrated : (double)NAN;
	out->psr = heard ? least_psr(m, out) : (double)NAN;
	finish_clips(m, out);
	finish_stereo(m, out);
	balance_finish(m->balance, out->band);
	out->momentary = m->momentary;
	out->shortterm = m->shortterm;
	out->points = m->points;
	m->momentary = m->shortterm = NULL;
	m->points = m->room = 0;
	return 0;
}

void
measured_fini(struct measured *out)
{
	free(out->momentary);
	free(out->shortterm);
	out->momentary = out->shortterm = NULL;
}

static int
measure_reader(struct media_reader *reader, struct meter *m, int (*progress)(void *, int64_t, int64_t), void *arg,
               struct err *err)
{
	const struct media_info *info = reader_info(reader);
	float *planar[2] = {malloc(BLOCK * sizeof(float)), malloc(BLOCK * sizeof(float))};
	int status = planar[0] && planar[1] ? 0 : err_set(err, "not enough memory to measure");
	for (int64_t at = 0; at < info->frames && !status;) {
		int64_t n = info->frames - at < BLOCK ? info->frames - at : BLOCK;
		const float *const side[2] = {planar[0], planar[1]};
		if (reader_read(reader, at, n, planar) < 0)
			status = err_set(err, "%s", reader_error(reader)->text);
		else
			status = meter_take(m, side, (size_t)n, err);
		at += n;
		if (!status && progress && progress(arg, at, info->frames))
			status = 1;
	}
	free(planar[0]);
	free(planar[1]);
	return status;
}

int
measure_file(const char *path, int (*progress)(void *arg, int64_t done, int64_t all), void *arg, struct measured *out,
             struct err *err)
{
	struct media_info info;
	char shown[512];
	*out = (struct measured){0};
	if (media_probe(path, &info, err))
		return -1;
	if (info.channels > 2)
		return err_set(err, "%s: has %d channels; what is measured is mono or stereo",
		               text_show(path, shown, sizeof shown), info.channels);
	struct media_reader *reader = reader_open(path, &info, err);
	struct meter *m = reader ? meter_new(info.rate, info.channels, err) : NULL;
	int status = m ? measure_reader(reader, m, progress, arg, err) : -1;
	if (status == 0)
		status = meter_finish(m, out, err);
	meter_free(m);
	reader_close(reader);
	return status;
}
