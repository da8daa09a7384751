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
#include "master/wide.h"
#include "media/reader.h"

#define BLOCK 4096
#define SHORT_STEPS (3 * MEASURE_STEP) /* points that short-term loudness looks back */

struct meter {
	int rate, channels;
	struct layout layout; /* of more than two */
	int64_t frames;
	const struct loudness_unit *unit;
	void *loudness[LAYOUT_CHANNELS]; /* of both sides; of more channels one each, and `wide` of all */
	struct wide wide;
	ebur128_state *authority;
	struct balance *balance; /* not of more than two */
	struct clips clips[LAYOUT_CHANNELS];
	double sum[LAYOUT_CHANNELS], square[2], product; /* of the samples */
	float *momentary, *shortterm, *peak; /* a point each MEASURE_STEP-th of a second; peak: since the point before */
	size_t points, room;
	float step_peak;
	float *interleaved, *silence;
};

static int
is_wide(const struct meter *m)
{
	return m->channels > 2;
}

/* How many of our own meters run. */
static int
units(const struct meter *m)
{
	return is_wide(m) ? m->channels : 1;
}

static int
units_new(struct meter *m)
{
	size_t size = (m->unit->size() + DSP_ALIGN - 1) / DSP_ALIGN * DSP_ALIGN;
	for (int c = 0; c < units(m); c++) {
		m->loudness[c] = aligned_alloc(DSP_ALIGN, size);
		if (!m->loudness[c])
			return -1;
		memset(m->loudness[c], 0, size);
		m->unit->init(m->loudness[c], m->rate);
	}
	return 0;
}

struct meter *
meter_new_layout(int rate, const struct layout *layout, struct err *err)
{
	struct meter *m = calloc(1, sizeof *m);
	if (!m) {
		err_set(err, "not enough memory to measure");
		return NULL;
	}
	m->rate = m->wide.rate = rate;
	m->channels = layout->channels;
	m->layout = *layout;
	for (int c = 0; c < m->channels; c++)
		m->clips[c].first = -1;
	m->unit = dsp_ops_pick(0)->loudness;
	m->authority = ebur128_init((unsigned)m->channels, (unsigned long)rate, EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK);
	m->balance = is_wide(m) ? NULL : balance_new(rate);
	m->interleaved = malloc((size_t)m->channels * BLOCK * sizeof(float));
	m->silence = calloc(BLOCK, sizeof(float));
	if (units_new(m) || !m->authority || (!m->balance && !is_wide(m)) || !m->interleaved || !m->silence) {
		meter_free(m);
		err_set(err, "not enough memory to measure");
		return NULL;
	}
	for (int c = 0; is_wide(m) && c < m->channels; c++)
		ebur128_set_channel(m->authority, (unsigned)c, layout->place[c]);
	return m;
}

struct meter *
meter_new(int rate, int channels, struct err *err)
{
	return meter_new_layout(rate, &(struct layout){.channels = channels}, err);
}

void
meter_free(struct meter *m)
{
	if (!m)
		return;
	for (int c = 0; c < units(m); c++)
		free(m->loudness[c]);
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
	double momentary = is_wide(m) ? wide_momentary(&m->wide) : loudness_momentary(m->loudness[0]);
	double shortterm = is_wide(m) ? wide_shortterm(&m->wide) : loudness_shortterm(m->loudness[0]);
	m->momentary[m->points] = (float)momentary;
	m->shortterm[m->points] = (float)shortterm;
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

/* The same, or to the next 10 ms where those are summed here. */
static size_t
until_step(const struct meter *m)
{
	return is_wide(m) ? (size_t)(wide_boundary(m->rate, m->wide.pieces + 1) - m->frames) : until_point(m);
}

/* Our own meters. */
static void
take_loudness(struct meter *m, const float *const *side, size_t frames)
{
	if (!is_wide(m)) {
		m->unit->run(m->loudness[0], side[0], m->channels > 1 ? side[1] : m->silence, frames);
		return;
	}
	double energy = 0;
	for (int c = 0; c < m->channels; c++) {
		m->unit->run(m->loudness[c], side[c], m->silence, frames);
		energy += m->layout.weight[c] * loudness_piece(m->loudness[c]);
	}
	if (until_step(m) == frames)
		wide_add(&m->wide, energy);
}

static int
take_authority(struct meter *m, const float *const *side, size_t frames)
{
	if (m->channels == 1)
		return ebur128_add_frames_float(m->authority, side[0], frames);
	size_t channels = (size_t)m->channels;
	for (size_t c = 0; c < channels; c++)
		for (size_t t = 0; t < frames; t++)
			m->interleaved[channels * t + c] = side[c][t];
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

/* What is known of mono and stereo alone; of more channels the mean of each. */
static void
take_sides(struct meter *m, const float *const *side, size_t frames)
{
	if (!is_wide(m)) {
		balance_take(m->balance, side[0], m->channels > 1 ? side[1] : side[0], frames);
		take_sums(m, side[0], m->channels > 1 ? side[1] : m->silence, frames);
		return;
	}
	for (int c = 0; c < m->channels; c++) {
		double sum = 0;
		for (size_t t = 0; t < frames; t++)
			sum += (double)side[c][t];
		m->sum[c] += sum;
	}
}

int
meter_take(struct meter *m, const float *const *side, size_t frames, struct err *err)
{
	for (size_t at = 0; at < frames;) {
		size_t n = until_step(m);
		n = n < frames - at ? n : frames - at;
		n = n < BLOCK ? n : BLOCK;
		const float *slice[LAYOUT_CHANNELS];
		for (int c = 0; c < m->channels; c++)
			slice[c] = side[c] + at;
		take_loudness(m, slice, n);
		if (take_authority(m, slice, n))
			return err_set(err, "not enough memory to measure");
		take_sides(m, slice, n);
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
	for (int c = 0; c < m->channels; c++)
		out->dc[c] = m->sum[c] / n;
	out->correlation = m->channels > 1 && m->square[0] > 0 && m->square[1] > 0
	                       ? m->product / (sqrt(m->square[0]) * sqrt(m->square[1]))
	                       : (double)NAN;
	if (is_wide(m)) {
		out->correlation = out->width = (double)NAN;
		memcpy(out->speakers, m->layout.text, sizeof out->speakers);
		return;
	}
	out->width = m->channels == 1 || side <= 0 ? -HUGE_VAL : mid > 0 ? 10 * log10(side / mid) : HUGE_VAL;
}

static double
larger(double a, double b)
{
	return a > b ? a : b;
}

/* What our own meters say; `ours`: integrated loudness. */
static int
finish_loudness(struct meter *m, struct measured *out, double *ours, struct err *err)
{
	double true_peak = -HUGE_VAL, sample_peak = -HUGE_VAL;
	for (int c = 0; c < units(m); c++) {
		m->unit->finish(m->loudness[c]);
		true_peak = larger(true_peak, loudness_true_peak(m->loudness[c]));
		sample_peak = larger(sample_peak, loudness_sample_peak(m->loudness[c]));
	}
	out->true_peak = true_peak;
	out->sample_peak = sample_peak;
	if (is_wide(m)) {
		*ours = wide_integrated(m->momentary, m->points);
		out->range = wide_range(m->shortterm, m->points);
		out->max_momentary = wide_max_momentary(&m->wide);
		out->max_shortterm = wide_max_shortterm(&m->wide);
		return out->range < 0 ? err_set(err, "not enough memory to measure") : 0;
	}
	*ours = loudness_integrated(m->loudness[0]);
	out->range = loudness_range(m->loudness[0]);
	out->max_momentary = loudness_max_momentary(m->loudness[0]);
	out->max_shortterm = loudness_max_shortterm(m->loudness[0]);
	return 0;
}

int
meter_finish(struct meter *m, struct measured *out, struct err *err)
{
	*out = (struct measured){.rate = m->rate, .channels = m->channels, .frames = m->frames};
	double ours = -HUGE_VAL, peak = 0;
	if (finish_loudness(m, out, &ours, err))
		return -1;
	if (ebur128_loudness_global(m->authority, &out->integrated))
		return err_set(err, "libebur128 could not measure this");
	for (int c = 0; c < m->channels; c++) {
		double side = 0;
		ebur128_true_peak(m->authority, (unsigned)c, &side);
		peak = larger(peak, side);
	}
	out->true_peak = larger(gain_to_db(peak), out->true_peak);
	int heard = isfinite(out->integrated), ours_heard = isfinite(ours);
	out->apart = heard && ours_heard ? ours - out->integrated : heard == ours_heard ? 0 : HUGE_VAL;
	out->plr = heard ? out->true_peak - out->integrated : (double)NAN;
	out->psr = heard ? least_psr(m, out) : (double)NAN;
	finish_clips(m, out);
	finish_stereo(m, out);
	if (m->balance)
		balance_finish(m->balance, out->band);
	for (int k = 0; k < BALANCE_BANDS && !m->balance; k++)
		out->band[k] = (struct balance_band){-HUGE_VAL, (double)NAN};
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
	float *room = malloc((size_t)m->channels * BLOCK * sizeof *room), *planar[LAYOUT_CHANNELS];
	const float *side[LAYOUT_CHANNELS];
	int status = room ? 0 : err_set(err, "not enough memory to measure");
	for (int c = 0; c < m->channels && !status; c++)
		side[c] = planar[c] = room + (size_t)c * BLOCK;
	for (int64_t at = 0; at < info->frames && !status;) {
		int64_t n = info->frames - at < BLOCK ? info->frames - at : BLOCK;
		if (reader_read(reader, at, n, planar) < 0)
			status = err_set(err, "%s", reader_error(reader)->text);
		else
			status = meter_take(m, side, (size_t)n, err);
		at += n;
		if (!status && progress && progress(arg, at, info->frames))
			status = 1;
	}
	free(room);
	return status;
}

static int
measure_channels(const char *path, int most, int (*progress)(void *arg, int64_t done, int64_t all), void *arg,
                 struct measured *out, struct err *err)
{
	struct media_info info;
	struct layout layout;
	char shown[512];
	*out = (struct measured){0};
	if (media_probe(path, &info, err))
		return -1;
	text_show(path, shown, sizeof shown);
	if (info.channels > most)
		return err_set(err, "%s: has %d channels; what is measured here is mono or stereo", shown, info.channels);
	if (layout_of(&info, &layout, err))
		return err_prefix(err, "%s", shown);
	struct media_reader *reader = reader_open(path, &info, err);
	struct meter *m = reader ? meter_new_layout(info.rate, &layout, err) : NULL;
	int status = m ? measure_reader(reader, m, progress, arg, err) : -1;
	if (status == 0)
		status = meter_finish(m, out, err);
	meter_free(m);
	reader_close(reader);
	return status;
}

int
measure_file(const char *path, int (*progress)(void *arg, int64_t done, int64_t all), void *arg, struct measured *out,
             struct err *err)
{
	return measure_channels(path, 2, progress, arg, out, err);
}

int
measure_any_file(const char *path, int (*progress)(void *arg, int64_t done, int64_t all), void *arg,
                 struct measured *out, struct err *err)
{
	return measure_channels(path, MEDIA_CHANNELS, progress, arg, out, err);
}
