#include "master/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "media/part.h"

/* Places on the page, in its units. */
#define WIDTH 960
#define HEIGHT 600
#define LEFT 60
#define RIGHT 170
#define TIME_TOP 50
#define TIME_BOTTOM 330
#define BAND_TOP 380
#define BAND_BOTTOM 560
#define LOUDEST 0.0
#define SOFTEST (-48.0)
#define LEAST_BAND (-60.0)
#define LABEL 13.0 /* between the names of two targets */

static double
height(double level, double high, double low, double top, double bottom)
{
	level = !(level > low) ? low : level > high ? high : level;
	return top + (high - level) / (high - low) * (bottom - top);
}

static double
time_y(double lufs)
{
	return height(lufs, LOUDEST, SOFTEST, TIME_TOP, TIME_BOTTOM);
}

static void
escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '<')
			fputs("&lt;", out);
		else
			fputc(*text, out);
	}
}

/* A curve; of long files the greatest of the points that fall together. */
static void
curve(FILE *out, const float *points, size_t count, const char *style)
{
	size_t each = count / (WIDTH - LEFT - RIGHT) + 1;
	fprintf(out, "<polyline fill=\"none\" %s points=\"", style);
	for (size_t k = 0; k < count; k += each) {
		float most = points[k];
		for (size_t j = k + 1; j < k + each && j < count; j++)
			most = points[j] > most ? points[j] : most;
		fprintf(out, "%.1f,%.1f ", LEFT + (double)k / (double)count * (WIDTH - LEFT - RIGHT), time_y((double)most));
	}
	fputs("\"/>\n", out);
}

static void
grid(FILE *out, const struct measured *m)
{
	for (int lufs = 0; lufs >= (int)SOFTEST; lufs -= 6)
		fprintf(out,
		        "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#ddd\"/>"
		        "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%d</text>\n",
		        LEFT, time_y(lufs), WIDTH - RIGHT, time_y(lufs), LEFT - 6, time_y(lufs) + 4, lufs);
	double seconds = (double)m->frames / m->rate;
	static const int steps[] = {1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600};
	int step = 7200;
	for (size_t k = sizeof steps / sizeof *steps; k-- > 0;)
		if (seconds / steps[k] <= 12)
			step = steps[k];
	for (int t = 0; t <= (int)seconds && seconds > 0; t += step)
		fprintf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d:%02d</text>\n",
		        LEFT + t / seconds * (WIDTH - LEFT - RIGHT), TIME_BOTTOM + 18, t / 60, t % 60);
}

/* Whether no row before the k-th has its loudness. */
static int
is_first(const struct targets *targets, size_t k)
{
	int first = !isnan(targets->row[k].lufs);
	for (size_t j = 0; j < k && first; j++)
		first = targets->row[j].lufs != targets->row[k].lufs;
	return first;
}

/* The row of the next lower loudness, targets->count: there is none. */
static size_t
next_below(const struct targets *targets, double lufs)
{
	size_t found = targets->count;
	for (size_t k = 0; k < targets->count; k++)
		if (is_first(targets, k) && targets->row[k].lufs < lufs &&
		    (found == targets->count || targets->row[k].lufs > targets->row[found].lufs))
			found = k;
	return found;
}

/* Lines of the places' targets; those of one loudness share a line and their names, which stand below each other. */
static void
target_lines(FILE *out, const struct targets *targets)
{
	double label = -HUGE_VAL;
	for (size_t k = next_below(targets, HUGE_VAL); k < targets->count; k = next_below(targets, targets->row[k].lufs)) {
		const struct target *row = &targets->row[k];
		double y = time_y(row->lufs);
		label = fmax(y + 4, label + LABEL);
		fprintf(out,
		        "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#c60\" stroke-dasharray=\"3 4\"/>"
		        "<text x=\"%d\" y=\"%.1f\" fill=\"#c60\">%g ",
		        LEFT, y, WIDTH - RIGHT, y, WIDTH - RIGHT + 6, label, row->lufs);
		escaped(out, row->name);
		size_t more = 0;
		for (size_t j = k + 1; j < targets->count; j++)
			more += targets->row[j].lufs == row->lufs;
		if (more)
			fprintf(out, " +%zu", more);
		fputs("</text>\n", out);
	}
}

static void
bands(FILE *out, const struct measured *m)
{
	double all = balance_whole(m->band), each = (double)(WIDTH - LEFT - RIGHT) / BALANCE_BANDS;
	for (int k = 0; k < BALANCE_BANDS; k++) {
		double level = isfinite(all) ? m->band[k].level - all : -HUGE_VAL;
		double y = height(level, 0, LEAST_BAND, BAND_TOP, BAND_BOTTOM), x = LEFT + k * each;
		fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#268\"/>\n", x + 1, y, each - 2,
		        BAND_BOTTOM - y);
		if (k % 2 == 0)
			fprintf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", x + each / 2, BAND_BOTTOM + 18,
			        balance_name(k));
	}
	for (int db = 0; db >= (int)LEAST_BAND; db -= 20)
		fprintf(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%d</text>\n", LEFT - 6,
		        height(db, 0, LEAST_BAND, BAND_TOP, BAND_BOTTOM) + 4, db);
}

/* The reference's balance as a line of steps over the bands. */
static void
reference_steps(FILE *out, const struct reference *reference)
{
	double all = balance_whole(reference->band), each = (double)(WIDTH - LEFT - RIGHT) / BALANCE_BANDS;
	fputs("<polyline fill=\"none\" stroke=\"#c06\" stroke-width=\"2\" points=\"", out);
	for (int k = 0; k < BALANCE_BANDS; k++) {
		double y = height(reference->band[k].level - all, 0, LEAST_BAND, BAND_TOP, BAND_BOTTOM);
		fprintf(out, "%.1f,%.1f %.1f,%.1f ", LEFT + k * each, y, LEFT + (k + 1) * each, y);
	}
	fputs("\"/>\n", out);
}

static void
page(FILE *out, const char *name, const struct measured *m, const struct targets *targets,
     const struct reference *reference)
{
	char shown[512];
	fprintf(out,
	        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
	        "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
	        "<text x=\"%d\" y=\"24\" font-size=\"15\">",
	        WIDTH, HEIGHT, WIDTH, HEIGHT, LEFT);
	escaped(out, text_show(name, shown, sizeof shown));
	if (isfinite(m->integrated))
		fprintf(out, ": %.1f LUFS, range %.1f LU, %.1f dBTP", m->integrated, m->range, m->true_peak);
	fputs("</text>\n", out);
	grid(out, m);
	target_lines(out, targets);
	curve(out, m->momentary, m->points, "stroke=\"#9bd\" stroke-width=\"1\"");
	curve(out, m->shortterm, m->points, "stroke=\"#036\" stroke-width=\"2\"");
	fprintf(out,
	        "<text x=\"%d\" y=\"%d\">LUFS: short-term dark, momentary light</text>\n"
	        "<text x=\"%d\" y=\"%d\">thirds of an octave, dB of the whole%s</text>\n",
	        LEFT, TIME_TOP - 8, LEFT, BAND_TOP - 8, reference ? "; the line is the reference" : "");
	bands(out, m);
	if (reference)
		reference_steps(out, reference);
	fputs("</svg>\n", out);
}

int
plot_write(const char *path, const char *name, const struct measured *m, const struct targets *targets,
           const struct reference *reference, struct err *err)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	if (!out)
		return err_set(err, "not enough memory");
	page(out, name, m, targets, reference);
	struct part *part = fclose(out) ? NULL : part_open(path, 0, err);
	int status = part ? part_write(part, text, length, err) : -1;
	if (part && status)
		part_abort(part);
	else if (part)
		status = part_commit(part, err);
	free(text);
	return status;
}
