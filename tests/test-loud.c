/* The master's view, drawn from a measurement: figures in words, nothing by colour alone, every size, ASCII. */
#include "desktest.h"
#include "ui/view.h"

#include <stdio.h>
#include <string.h>

static struct screen s;
static char text[64][1024];

static void
make_screen(void)
{
	struct desk_loudness *m = &s.master.now;
	memset(&s, 0, sizeof s);
	s.current = view_find("master");
	ck_assert_ptr_nonnull(s.current);
	s.view.strips = 2;
	s.view.rate = 48000;
	for (int k = 0; k < 2; k++) {
		s.view.strip[k].kind = k ? DESK_MASTER : DESK_MIX;
		snprintf(s.view.strip[k].name, sizeof s.view.strip[k].name, "%s", k ? "Master" : "Mix");
		s.view.strip[k].hold = s.view.strip[k].most = s.view.strip[k].level[0] = s.view.strip[k].level[1] =
		    DESK_SILENCE;
	}
	*m = (struct desk_loudness){
	    .mastered = 1,
	    .measuring = 1,
	    .seconds = 83.4,
	    .momentary = -12.34f,
	    .shortterm = -13.16f,
	    .integrated = -12.94f,
	    .max_momentary = -9,
	    .max_shortterm = -11,
	    .range = 5.2f,
	    .true_peak = {-1.3f, -0.4f},
	    .sample_peak = {-1.4f, -0.6f},
	    .plr = 12.5f,
	    .psr = 9.8f,
	    .target = -14,
	    .ceiling = -1,
	    .target_name = "spotify",
	    .point_seconds = 1,
	    .points = 100,
	    .now = 60,
	    .limited = 2.3f,
	    .limited_most = 5.1f,
	    .correlation = 0.62f,
	    .least_correlation = -0.1f,
	    .balance = -0.4f,
	};
	for (int k = 0; k < DESK_LOUDNESS_POINTS; k++)
		m->past[k] = k <= 60 ? k < 30 ? -20 : -8 : (float)-HUGE_VAL;
	for (int k = 0; k < DESK_BINS; k++)
		m->spectrum[k] = k == 68 ? -12 : -80;
	for (int k = 0; k < DESK_CLOUD; k++)
		m->cloud[k][1] = (float)k / DESK_CLOUD;
}

static void
draw(int rows, int cols, int ascii)
{
	struct grid g = {.ascii = ascii};
	s.master.moved = 0;
	master_move(&s.master, 10);
	ck_assert_int_eq(grid_resize(&g, rows, cols), 0);
	screen_draw(&s, &g);
	for (int row = 0; row < rows; row++) {
		grid_row(&g, row, text[row], sizeof text[row]);
		for (int col = 0; col < cols && ascii; col++)
			ck_assert_uint_lt(g.cell[row * cols + col].ch, 0x7f);
	}
	ck_assert(g.cursor_row >= 0 && g.cursor_row < rows && g.cursor_col >= 0 && g.cursor_col < cols);
	grid_fini(&g);
}

/* The row that a text stands in, -1 where it is not there. */
static int
row_of(const char *what, int rows)
{
	for (int k = 0; k < rows; k++)
		if (strstr(text[k], what))
			return k;
	return -1;
}

START_TEST(test_figures)
{
	static const char *const lines[] = {
	    "master measured for 1:23",      "M    -12.3 LUFS  max   -9.0", "S    -13.2 LUFS  max  -11.0",
	    "I    -12.9 LUFS  1.1 LU above", "TP L  -1.3  R  -0.4  OVER",   "lim    2.3 dB    most   5.1",
	    "LRA    5.2 LU    PLR   12.5",   "corr   0.6      least  -0.1", "bal L 0.4",
	    "aim  -14.0 LUFS  spotify",
	};
	make_screen();
	for (int ascii = 0; ascii < 2; ascii++) {
		draw(24, 80, ascii);
		for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
			ck_assert_msg(row_of(lines[k], 24) > 0, "\"%s\" is not there", lines[k]);
	}
	/* in silence, and where nothing is aimed at */
	s.master.now.momentary = s.master.now.integrated = (float)-HUGE_VAL;
	s.master.now.plr = s.master.now.correlation = NAN;
	s.master.now.target = s.master.now.ceiling = NAN;
	s.master.now.paused = 1;
	draw(24, 80, 0);
	ck_assert(row_of("master paused at 1:23", 24) > 0 && row_of("M     -inf LUFS", 24) > 0);
	ck_assert(row_of("PLR      -", 24) > 0 && row_of(":loudness target", 24) > 0);
	ck_assert_int_eq(row_of("OVER", 24), -1); /* the peaks are below full scale */
}
END_TEST

/* Below the figures: 20 LUFS below the target's line, then above it, and nothing where the song was not played. */
START_TEST(test_curve)
{
	make_screen();
	draw(24, 80, 1);
	int aim = row_of("-14>", 24), low = -1, high = -1;
	ck_assert_int_gt(aim, 12);
	for (int k = 13; k < 22; k++) {
		/* the columns of 15 and 45 of 100 seconds, in a curve of 44 columns behind four */
		low = strchr("-'.", text[k][4 + 6]) && text[k][4 + 6] && k != aim ? k : low;
		high = strchr("-'.", text[k][4 + 19]) && text[k][4 + 19] && k != aim ? k : high;
	}
	ck_assert_msg(low > aim, "the soft part stands in row %d, the target in %d", low, aim);
	ck_assert_msg(high >= 0 && high < aim, "the loud part stands in row %d, the target in %d", high, aim);
	ck_assert(row_of("1:40", 24) > 0);
}
END_TEST

/* A needle of the correlation, the goniometer's line of equal sides, and a tone of 1 kHz in the spectrum. */
START_TEST(test_pictures)
{
	make_screen();
	draw(24, 80, 1);
	int row = row_of("-|-", 24);
	ck_assert_int_gt(row, 0);
	ck_assert_int_eq((int)(strchr(text[row], 'O') - text[row]), 21); /* (0.62 + 1) / 2 of 27 columns */
	s.master.now.correlation = -1;
	draw(24, 80, 1);
	ck_assert_int_eq(text[row][0], 'O');
	int middle = 31 + 11, lit = 0; /* of a cloud of 22 columns behind the figures */
	for (int k = 1; k < 7; k++)
		lit += text[k][middle] == '|' || text[k][middle] == '-' || text[k][middle] == '\'';
	ck_assert_int_ge(lit, 4);
	row = row_of("1k", 24) - 6; /* that many rows are the picture, under its top edge */
	int at = (int)(strstr(text[row + 6], "1k") - text[row + 6]);
	ck_assert_msg(text[row][at] == ':' || text[row][at] == '.' || text[row][at - 1] == ':' || text[row][at - 1] == '.',
	              "%s", text[row]);
}
END_TEST

START_TEST(test_sizes)
{
	make_screen();
	for (int empty = 0; empty < 2; empty++) {
		for (int rows = 1; rows <= 60; rows += rows < 30 ? 1 : 5)
			for (int cols = 1; cols <= 200; cols += cols < 90 ? 3 : 11)
				draw(rows, cols, rows % 2);
		memset(&s.master.now, 0, sizeof s.master.now);
	}
	make_screen();
	draw(10, 40, 0);
	ck_assert(row_of("LUFS", 10) > 0);
	draw(45, 160, 0);
	ck_assert(row_of("limiter, 10 s", 45) > 0);
}
END_TEST

TEST_MAIN("loud", 60, test_figures, test_curve, test_pictures, test_sizes)
