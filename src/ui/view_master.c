#include "ui/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/times.h"
#include "ui/canvas.h"
#include "ui/past.h"
#include "ui/spectrum.h"

#define EVERY 0.1           /* seconds between two pictures */
#define SPECTRUM_FOOT -90.0 /* dB */
#define CURVE_BELOW 18.0    /* LU around the target that the curve shows, as meters of EBU Tech 3341 have it */
#define CURVE_ABOVE 9.0
#define BELOW_PLACES 7     /* rows that stay for pictures where all places are shown */
#define CURVE_MIDDLE -18.0 /* LUFS, where there is no target */

/* The units from the end of the chain on: the last ones are asked for the most. */
static void
make_rows(struct master *m)
{
	static const char *const units[] = {"limiter", "clip", "stereo", "multi", "dyneq", "fade"};
	struct rows of;
	m->rows.count = 0;
	for (size_t k = 0; k < sizeof units / sizeof *units; k++) {
		rows_make(&of, &m->values, units[k], NULL);
		if (m->rows.count + of.count > ROWS_MOST)
			break;
		memcpy(m->rows.value + m->rows.count, of.value, (size_t)of.count * sizeof *of.value);
		m->rows.count += of.count;
	}
	m->rows_version = m->values.version;
}

void
master_move(struct master *m, double now)
{
	if (m->rows_version != m->values.version)
		make_rows(m);
	if (now - m->moved < EVERY && now >= m->moved)
		return;
	m->shown = m->now;
	m->moved = now;
}

int
master_row(const struct screen *s, int k, char *address, size_t size)
{
	return rows_address(&s->master.rows, &s->master.values, k, "master/", address, size);
}

/* "-14.2", " -inf": a figure in six columns. */
static const char *
figure(float x, char to[16])
{
	if (isnan(x))
		snprintf(to, 16, "%6s", "-");
	else if (!isfinite(x) || x < -99)
		snprintf(to, 16, "%6s", "-inf");
	else
		snprintf(to, 16, "%6.1f", (double)x + 0.0);
	return to;
}

/* A needle from -1 to 1 in `cols` cells: the middle is marked, and one sign is where it stands. */
static void
draw_needle(struct grid *g, int row, int col, int cols, float value)
{
	for (int k = 0; k < cols; k++)
		grid_put(g, row, col + k, k == cols / 2 ? g->ascii ? '|' : 0x253c : g->ascii ? '-' : 0x2500, 0);
	if (isnan(value))
		return;
	int at = (int)lroundf((value + 1) / 2 * (float)(cols - 1));
	grid_put(g, row, col + at, g->ascii ? 'O' : 0x25cf, GRID_BOLD);
}

/* How it stands, in lines: the first are the most important. Returns how many. */
static int
write_lines(const struct desk_loudness *m, int cols, char line[13][96])
{
	char a[16], b[16], clock[32];
	int n = 0;
	float peak = m->true_peak[0] > m->true_peak[1] ? m->true_peak[0] : m->true_peak[1];
	float ceiling = isnan(m->ceiling) ? 0 : m->ceiling, away = m->integrated - m->target;
	snprintf(line[n++], 96, "%s %s %s%s", m->mastered ? "master" : "mix",
	         m->paused      ? "paused at"
	         : m->measuring ? "measured for"
	                        : "measured",
	         time_text(m->seconds, 0, clock), m->lost ? ", with gaps" : "");
	snprintf(line[n++], 96, "M   %s LUFS  max %s", figure(m->momentary, a), figure(m->max_momentary, b));
	snprintf(line[n++], 96, "S   %s LUFS  max %s", figure(m->shortterm, a), figure(m->max_shortterm, b));
	if (isnan(m->target))
		snprintf(line[n++], 96, "I   %s LUFS", figure(m->integrated, a));
	else if (!isfinite(m->integrated))
		snprintf(line[n++], 96, "I   %s LUFS  of %.1f", figure(m->integrated, a), (double)m->target);
	else
		snprintf(line[n++], 96, "I   %s LUFS  %.1f LU %s", figure(m->integrated, a), fabs((double)away),
		         away > 0 ? "above" : "below");
	snprintf(line[n++], 96, "TP L%s  R%s%s", figure(m->true_peak[0], a), figure(m->true_peak[1], b),
	         peak > ceiling ? "  OVER" : " dBTP");
	if (cols >= 30 && m->limited_most > 0)
		snprintf(line[n++], 96, "lim %s dB    most%s", figure(m->limited, a), figure(m->limited_most, b));
	else
		snprintf(line[n++], 96, "lim %s dB", figure(m->limited, a));
	snprintf(line[n++], 96, "LRA %s LU    PLR %s", figure(m->range, a), figure(m->plr, b));
	snprintf(line[n++], 96, "corr%s      least%s", figure(m->correlation, a), figure(m->least_correlation, b));
	line[n++][0] = '\0'; /* the needle */
	snprintf(line[n++], 96, "PSR %s dB    bal %s%.1f", figure(m->psr, a), m->balance < 0 ? "L " : "R ",
	         fabs((double)m->balance));
	snprintf(line[n++], 96, "pk L%s  R%s dBFS", figure(m->sample_peak[0], a), figure(m->sample_peak[1], b));
	if (isnan(m->target))
		snprintf(line[n++], 96, ":loudness target -14");
	else
		snprintf(line[n++], 96, "aim %6.1f LUFS  %s", (double)m->target, m->target_name);
	if (m->multi[0] + m->multi[1] + m->multi[2] + m->multi[3] >= 0.05f)
		snprintf(line[n++], 96, "4 bands %4.1f %4.1f %4.1f %4.1f", (double)m->multi[0], (double)m->multi[1],
		         (double)m->multi[2], (double)m->multi[3]);
	return n;
}

static void
draw_numbers(const struct desk_loudness *m, struct grid *g)
{
	char line[13][96];
	int count = write_lines(m, g->cols, line);
	for (int k = 0; k < count && k < g->rows; k++) {
		if (*line[k])
			grid_text(g, k, 0, g->cols, k == 0 ? GRID_UNDERLINE : k == 3 ? GRID_BOLD : 0, line[k]);
		else
			draw_needle(g, k, 0, g->cols - 1 < 27 ? g->cols - 1 : 27, m->correlation);
	}
}

/* Middle up, left and right at the sides: a picture of the newest frames, enlarged where they are soft. */
static void
draw_cloud(const struct desk_loudness *m, struct grid *g)
{
	static const unsigned style[] = {0, 0, 0, 0, GRID_BOLD | GRID_COLOUR(6)};
	struct canvas c;
	int rows = g->rows - 1, cols = g->cols;
	if (cols > 2 * rows)
		cols = 2 * rows;
	if (rows > cols / 2)
		rows = cols / 2;
	if (rows < 3)
		return;
	float most = 0;
	for (int k = 0; k < DESK_CLOUD; k++)
		for (int i = 0; i < 2; i++)
			most = fmaxf(most, fabsf(m->cloud[k][i]));
	double scale = 1;
	while (scale > 0.01 && (double)most < scale / 2)
		scale /= 2;
	canvas_begin(&c, rows, cols, (struct axis){-scale, scale, 0}, (struct axis){-scale, scale, 0});
	for (int k = 0; k < cols * 2; k += 4) {
		double x = canvas_x_value(&c, k);
		canvas_dot(&c, k, canvas_y(&c, x), CANVAS_RULE);
		canvas_dot(&c, k, canvas_y(&c, -x), CANVAS_RULE);
	}
	canvas_rule_x(&c, 0);
	for (int k = 0; k < DESK_CLOUD && most > 0; k++)
		canvas_dot(&c, canvas_x(&c, (double)m->cloud[k][0]), canvas_y(&c, (double)m->cloud[k][1]), CANVAS_LINE);
	canvas_put(&c, g, 0, 0, style);
	grid_put(g, 0, 0, 'L', 0);
	grid_put(g, 0, cols / 2, 'M', 0);
	grid_put(g, 0, cols - 1, 'R', 0);
	grid_printf(g, rows, 0, cols, 0, "full is %.0f dB", 20 * log10(scale));
}

static void
draw_spectrum(const struct desk_loudness *m, struct grid *g)
{
	static const unsigned style[] = {0, 0, GRID_COLOUR(4), 0, 0};
	int left = g->cols >= 20 ? 4 : 0;
	struct canvas c;
	canvas_begin(&c, g->rows - 1, g->cols - left, (struct axis){20, 20000, 1}, (struct axis){SPECTRUM_FOOT, 0, 0});
	canvas_rule_y(&c, -30, 8);
	canvas_rule_y(&c, -60, 8);
	spectrum_draw(&c, m->spectrum, SPECTRUM_FOOT);
	canvas_put(&c, g, 0, left, style);
	if (left)
		canvas_label_db(&c, g, 0, 0, left - 1, 30);
	canvas_label_hz(&c, g, g->rows - 1, left);
}

/* Short-term loudness over the song against the target, which is a line of dashes with its number beside it. */
static void
draw_curve(const struct desk_loudness *m, struct grid *g)
{
	static const unsigned style[] = {0, 0, 0, GRID_COLOUR(3), GRID_BOLD | GRID_COLOUR(2)};
	float y[2 * CANVAS_COLS], aim[2 * CANVAS_COLS];
	int left = g->cols >= 24 ? 4 : 0, points = m->points > 0 ? m->points : 1, aims = !isnan(m->target);
	double middle = aims ? (double)m->target : CURVE_MIDDLE, length = points * m->point_seconds;
	const struct axis level = {middle - CURVE_BELOW, middle + CURVE_ABOVE, 0};
	struct canvas c;
	char text[32];
	canvas_begin(&c, g->rows - 1, g->cols - left, (struct axis){0, points, 0}, level);
	int dots = c.cols * 2;
	for (int x = 0; x < dots; x++) {
		int from = (int)((int64_t)x * points / dots), to = (int)((int64_t)(x + 1) * points / dots);
		y[x] = NAN;
		for (int k = from; k < (to > from ? to : from + 1); k++)
			if (k < DESK_LOUDNESS_POINTS && isfinite(m->past[k]) && !(m->past[k] <= y[x]))
				y[x] = fminf(fmaxf(m->past[k], (float)level.low), (float)level.high);
		aim[x] = m->target;
	}
	if (m->now >= 0 && m->seconds > 0)
		canvas_rule_x(&c, m->now + 0.5);
	if (aims)
		canvas_curve(&c, aim, CANVAS_FAINT);
	canvas_curve(&c, y, CANVAS_LINE);
	canvas_put(&c, g, 0, left, style);
	if (left)
		canvas_label_db(&c, g, 0, 0, left - 1, 6);
	if (left && aims)
		grid_printf(g, canvas_y(&c, middle) / 4, 0, left, GRID_BOLD, "%3.0f%c", middle, g->ascii ? '>' : '-');
	grid_text(g, g->rows - 1, left, -1, 0, "0:00");
	time_text(length, 0, text);
	if (c.cols >= 12)
		grid_text(g, g->rows - 1, left + c.cols - (int)strlen(text), -1, 0, text);
	if (c.cols >= 44)
		grid_text(g, g->rows - 1, left + c.cols / 2 - 10, -1, 0, "short-term, LUFS");
}

/* Where the parts go: numbers at the left, the rest beside and below as there is room. */
void
master_draw(struct screen *s, struct grid *g)
{
	struct master *m = &s->master;
	const struct desk_loudness *loud = &m->shown;
	int whole = s->current->draw == master_draw, row = whole ? screen_row(s) : -1;
	m->wanted = 1;
	int numbers = g->cols < 44 ? g->cols : 31, beside = g->cols - numbers, below = g->rows - 12;
	if (beside >= 25 && below < 5)
		below = 0;
	int top = below >= 4 ? g->rows - below : g->rows;
	if (whole && beside >= 40 && g->rows >= 30)
		top = g->rows / 2;
	struct grid part = grid_part(g, 0, 0, top, numbers - (beside > 0));
	draw_numbers(loud, &part);
	if (beside >= 12) {
		int list = whole ? beside >= 90 ? 50 : beside >= 46 ? 24 : 0 : 0;
		int cloud = 2 * (top - 1) < beside - list ? 2 * (top - 1) : beside - list;
		if (whole && !list && row >= 0 && beside < 46)
			cloud = 0, list = beside;
		if (cloud >= 10) {
			part = grid_part(g, 0, numbers, top, cloud);
			draw_cloud(loud, &part);
		}
		int at = numbers + cloud + (cloud > 0);
		if (list && g->cols - at >= 20) {
			part = grid_part(g, 0, at, top, g->cols - at);
			rows_draw(&m->rows, &m->values, row, &m->first, &part);
			g->cursor_row = part.cursor_row;
			g->cursor_col = at + part.cursor_col;
		} else if (!whole && g->cols - at >= 20) {
			part = grid_part(g, 0, at, top, g->cols - at);
			draw_spectrum(loud, &part);
		}
	}
	below = g->rows - top;
	if (below < 4)
		return;
	int places = 0;
	if (whole) {
		places = verdicts_rows(s, g->cols);
		places = below - places < BELOW_PLACES ? 1 : places;
		below -= places;
		part = grid_part(g, g->rows - places, 0, places, g->cols);
		verdicts_brief(s, &part);
	}
	int limited = g->cols >= 60 && below >= 14 ? 6 : 0, right = g->cols >= 60 ? g->cols * 2 / 5 : 0;
	part = grid_part(g, top, 0, below - limited, g->cols - right - (right > 0));
	draw_curve(loud, &part);
	if (right) {
		part = grid_part(g, top, g->cols - right, below - limited, right);
		draw_spectrum(loud, &part);
	}
	if (limited) {
		part = grid_part(g, top + below - limited, 0, limited, g->cols);
		past_draw(&part, loud->limited_past, 0, "limiter", loud->limited, 0);
	}
}
