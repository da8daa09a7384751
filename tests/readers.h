/*
 * For tests of masters: true peaks as others read them. libebur128 (four times the rate), libsoxr (four times, steep),
 * a reader of our own from the formula (32 times, which holds the points of 8 times), and ffmpeg's ebur128 where that
 * is installed. Test programs only, one thread.
 */
#ifndef READERS_H
#define READERS_H

#include <ebur128.h>

#include "bouncetest.h"
#include "media/rate.h"

/* Integrated loudness goes to *lufs; returns dBTP, as all of these do. */
static inline double
read_ebur128(const struct sound *s, double *lufs)
{
	ebur128_state *e = ebur128_init(2, (unsigned long)s->rate, EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK);
	double side = 0, most = 0;
	ck_assert_int_eq(ebur128_add_frames_double(e, s->x, (size_t)s->frames), EBUR128_SUCCESS);
	ebur128_loudness_global(e, lufs);
	for (unsigned c = 0; c < 2; c++) {
		ebur128_true_peak(e, c, &side);
		most = fmax(most, side);
	}
	ebur128_destroy(&e);
	return test_db(most);
}

static inline double
read_soxr(const struct sound *s, double *lufs)
{
	double over = 0;
	struct err err = {""};
	(void)lufs;
	for (int c = 0; c < 2; c++) {
		struct rate *up = rate_new((uint32_t)s->rate, 4 * (uint32_t)s->rate, 1, RATE_DOUBLE, RATE_DOUBLE, &err);
		ck_assert_ptr_nonnull(up);
		size_t room = rate_room(up, (size_t)s->frames), got = 0;
		double *x = malloc((size_t)s->frames * sizeof *x), *y = malloc(room * sizeof *y);
		for (int64_t t = 0; t < s->frames; t++)
			x[t] = s->x[2 * t + c];
		const void *in[1] = {x};
		void *out[1] = {y};
		ck_assert_int_eq(rate_run(up, in, (size_t)s->frames, out, &got, &err), 0);
		do {
			for (size_t t = 0; t < got; t++)
				over = fmax(over, fabs(y[t]));
			ck_assert_int_eq(rate_drain(up, out, room, &got, &err), 0);
		} while (got);
		free(x);
		free(y);
		rate_free(up);
	}
	return test_db(over);
}

#define SINC_REACH 96 /* frames to either side that count */
#define SINC_TIMES 32
#define SINC_BETA 9.0 /* of Kaiser's window: -90 dB, from 0.47 of the rate on */

static double sinc_kernel[SINC_TIMES][2 * SINC_REACH];

/* I0 by its series. */
static inline double
sinc_bessel(double x)
{
	double sum = 1, term = 1;
	for (int k = 1; k < 60; k++)
		sum += term *= x * x / (4.0 * k * k);
	return sum;
}

static inline void
sinc_init(void)
{
	for (int q = 0; q < SINC_TIMES; q++)
		for (int k = 0; k < 2 * SINC_REACH; k++) {
			double t = k - (SINC_REACH - 1) - (double)q / SINC_TIMES, w = 1 - pow(t / SINC_REACH, 2);
			sinc_kernel[q][k] = (t == 0 ? 1 : sin(M_PI * t) / (M_PI * t)) * sinc_bessel(SINC_BETA * sqrt(fmax(w, 0))) /
			                    sinc_bessel(SINC_BETA);
		}
}

/* |x| at q parts of SINC_TIMES after its frame 0. */
static inline double
sinc_at(const double *x, int q)
{
	double sum[4] = {0};
	if (q % SINC_TIMES == 0)
		return fabs(x[q / SINC_TIMES]);
	for (int k = 0; k < 2 * SINC_REACH; k += 4)
		for (int m = 0; m < 4; m++)
			sum[m] += x[k + m - (SINC_REACH - 1)] * sinc_kernel[q][k + m];
	return fabs((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

/*
 * The greatest of the points between two, if it can be above `most`: what a signal without anything above half its rate
 * reaches highest, M, it still holds to M cos(pi t) t frames beside that (Duffin and Schaeffer), and one of the two is
 * not more than half of the way off.
 */
static inline double
sinc_between(const double *x, int from, int to, double a, double b, double most)
{
	int middle = (from + to) / 2;
	most = fmax(most, fmax(a, b));
	if (middle == from || fmax(a, b) <= most * cos(M_PI * (to - from) / (2.0 * SINC_TIMES)))
		return most;
	double y = sinc_at(x, middle);
	most = sinc_between(x, from, middle, a, y, most);
	return sinc_between(x, middle, to, y, b, most);
}

static inline double
read_sinc(const struct sound *s, double *lufs)
{
	int64_t frames = s->frames + 2 * SINC_REACH;
	double *x = calloc((size_t)(frames + 2 * SINC_REACH), sizeof *x), most = 0;
	(void)lufs;
	sinc_init();
	for (int c = 0; c < 2; c++) {
		for (int64_t t = 0; t < s->frames; t++)
			x[2 * SINC_REACH + t] = s->x[2 * t + c];
		for (int64_t t = SINC_REACH; t < frames; t++)
			most = sinc_between(x + t, 0, SINC_TIMES, fabs(x[t]), fabs(x[t + 1]), most);
	}
	free(x);
	return test_db(most);
}

static const struct {
	const char *name;
	double (*read)(const struct sound *s, double *lufs);
} readers[] = {{"libebur128", read_ebur128}, {"libsoxr", read_soxr}, {"32 times", read_sinc}, {"ffmpeg", NULL}};
#define READERS (sizeof readers / sizeof *readers)

struct readings {
	double lufs, peak[READERS];
};

/* ffmpeg's ebur128; -infinity, said aloud, without it. */
static inline double
read_ffmpeg(const char *path)
{
	double most = 0;
	char line[256];
	if (run("command -v ffmpeg")) {
		fputs("NOT TRIED: true peaks by ffmpeg, which is not installed\n", stderr);
		return -HUGE_VAL;
	}
	ck_assert_int_eq(run("ffmpeg -nostdin -v error -i %s -af "
	                     "ebur128=peak=true:metadata=1,ametadata=print:file=peaks -f null -",
	                     path),
	                 0);
	FILE *file = fopen("peaks", "r");
	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof line, file)) {
		const char *at = strncmp(line, "lavfi.r128.true_peaks_ch", 24) == 0 ? strchr(line, '=') : NULL;
		most = at ? fmax(most, strtod(at + 1, NULL)) : most;
	}
	fclose(file);
	ck_assert_double_gt(most, 0);
	return test_db(most);
}

/* All readers' peaks, and libebur128's loudness. */
static inline void
read_all(const char *path, struct readings *r)
{
	struct sound s = read_sound(path);
	for (size_t n = 0; n < READERS; n++)
		r->peak[n] = readers[n].read ? readers[n].read(&s, &r->lufs) : read_ffmpeg(path);
}

#endif
