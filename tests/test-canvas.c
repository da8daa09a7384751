/* Curves in cells: where dots stand, what the two alphabets make of them, axes and their labels. */
#include "desktest.h"
#include "ui/canvas.h"

#include <string.h>

static const unsigned plain[CANVAS_LINE + 1];
static struct canvas c;

static struct grid
draw(int rows, int cols, int ascii)
{
	struct grid g = {.ascii = ascii};
	ck_assert_int_eq(grid_resize(&g, rows, cols), 0);
	return g;
}

static void
check_row(const struct grid *g, int row, const char *text)
{
	char line[2000];
	ck_assert_str_eq(grid_row(g, row, line, sizeof line), text);
}

/* Both ends of an axis stand on the first and the last dot; a ratio is a distance where it is logarithmic. */
START_TEST(test_axes)
{
	canvas_begin(&c, 10, 50, (struct axis){20, 20000, 1}, (struct axis){-18, 18, 0});
	ck_assert_int_eq(canvas_x(&c, 20), 0);
	ck_assert_int_eq(canvas_x(&c, 20000), 99);
	ck_assert_int_eq(canvas_y(&c, 18), 0);
	ck_assert_int_eq(canvas_y(&c, -18), 39);
	/* three decades in 99 steps */
	ck_assert_int_eq(canvas_x(&c, 200), 33);
	ck_assert_int_eq(canvas_x(&c, 2000), 66);
	ck_assert_double_eq_tol(canvas_x_value(&c, 33), 200, 1e-9);
	ck_assert_double_eq_tol(axis_at(&c.y, 0.25), -9, 1e-9);
	/* outside is outside, whatever it is */
	ck_assert_int_lt(canvas_x(&c, 10), 0);
	ck_assert_int_lt(canvas_x(&c, 0), 0);
	ck_assert_int_ge(canvas_x(&c, 1e9), 100);
	ck_assert_int_lt(canvas_y(&c, INFINITY), 0);
	ck_assert_int_ge(canvas_y(&c, -INFINITY), 40);
	ck_assert_int_ge(canvas_y(&c, -1e30), 40);
}
END_TEST

/* U+2800 has a bit for each dot, numbered down the left side, down the right side, and then the fourth row. */
START_TEST(test_dots)
{
	static const unsigned bit[4][2] = {{1, 8}, {2, 16}, {4, 32}, {64, 128}};
	for (int y = 0; y < 4; y++)
		for (int x = 0; x < 2; x++) {
			struct grid g = draw(1, 1, 0);
			canvas_begin(&c, 1, 1, (struct axis){0, 1, 0}, (struct axis){0, 1, 0});
			canvas_dot(&c, x, y, CANVAS_LINE);
			canvas_dot(&c, 2, 0, CANVAS_LINE);
			canvas_dot(&c, 0, -1, CANVAS_LINE);
			canvas_put(&c, &g, 0, 0, plain);
			ck_assert_uint_eq(g.cell[0].ch, 0x2800 + bit[y][x]);
			grid_fini(&g);
		}
}
END_TEST

/* A cell belongs to the highest layer that has dots in it, in whichever order they came. */
START_TEST(test_layers)
{
	static const unsigned style[] = {0, 1, 2, 3, 4};
	for (int turn = 0; turn < 2; turn++) {
		struct grid g = draw(1, 2, 0);
		canvas_begin(&c, 1, 2, (struct axis){0, 1, 0}, (struct axis){0, 1, 0});
		for (int k = 0; k < 2; k++)
			if (k == turn)
				canvas_dot(&c, 0, 0, CANVAS_LINE);
			else
				canvas_rule_y(&c, 0, 4);
		canvas_put(&c, &g, 0, 0, style);
		ck_assert_uint_eq(g.cell[0].ch, 0x2801);
		ck_assert_uint_eq(g.cell[0].style, 4);
		ck_assert_uint_eq(g.cell[1].ch, ' ');
		grid_fini(&g);
	}
}
END_TEST

/* A line from corner to corner, a curve that is joined and has a gap, and an area, in both alphabets. */
START_TEST(test_shapes)
{
	static const float step[8] = {0, 0, 7, 7, NAN, 3, 3, 3};
	for (int ascii = 0; ascii < 2; ascii++) {
		struct grid g = draw(6, 4, ascii);
		canvas_begin(&c, 2, 4, (struct axis){0, 7, 0}, (struct axis){0, 7, 0});
		canvas_line(&c, 0, 0, 7, 7, CANVAS_LINE);
		canvas_put(&c, &g, 0, 0, plain);
		canvas_begin(&c, 2, 4, (struct axis){0, 7, 0}, (struct axis){0, 7, 0});
		canvas_curve(&c, step, CANVAS_LINE);
		canvas_put(&c, &g, 2, 0, plain);
		canvas_begin(&c, 2, 4, (struct axis){0, 7, 0}, (struct axis){0, 7, 0});
		canvas_area(&c, step, 0);
		canvas_put(&c, &g, 4, 0, plain);
		check_row(&g, 0, ascii ? "  .'" : "  ⡠⠊");
		check_row(&g, 1, ascii ? ".'" : "⡠⠊");
		check_row(&g, 2, ascii ? " |" : " ⡏");
		check_row(&g, 3, ascii ? ".|''" : "⣀⠇⠈⠉");
		/* what stands at its foot is no area */
		check_row(&g, 4, ascii ? " :" : " ⡇");
		check_row(&g, 5, ascii ? " :::" : " ⡇⡇⡇");
		canvas_begin(&c, 2, 4, (struct axis){0, 7, 0}, (struct axis){0, 7, 0});
		canvas_area(&c, step, 7);
		grid_clear(&g);
		canvas_put(&c, &g, 0, 0, plain);
		check_row(&g, 0, ascii ? ": ::" : "⡇ ⡇⡇");
		check_row(&g, 1, ascii ? ": ::" : "⡇ ⠁⠁");
		grid_fini(&g);
	}
}
END_TEST

/* Labels stand where their values do, one blank apart at least, and 0 dB wins its row. */
START_TEST(test_labels)
{
	struct grid g = draw(9, 60, 1);
	canvas_begin(&c, 8, 50, (struct axis){20, 20000, 1}, (struct axis){-18, 18, 0});
	canvas_label_db(&c, &g, 0, 0, 4, 6);
	canvas_label_hz(&c, &g, 8, 5);
	check_row(&g, 0, " +18");
	check_row(&g, 7, " -18");
	int zero = canvas_y(&c, 0) / 4;
	check_row(&g, zero, "   0");
	char line[200];
	grid_row(&g, 8, line, sizeof line);
	ck_assert_ptr_eq(strstr(line, "1k"), line + 5 + canvas_x(&c, 1000) / 2);
	ck_assert_ptr_eq(strstr(line, "10k"), line + 5 + canvas_x(&c, 10000) / 2 - 1);
	ck_assert_ptr_eq(strstr(line, "20 "), line + 5);
	grid_fini(&g);
	/* nothing overflows a narrow one */
	g = draw(3, 8, 1);
	canvas_begin(&c, 1, 3, (struct axis){20, 20000, 1}, (struct axis){-18, 18, 0});
	canvas_label_db(&c, &g, 0, 0, 4, 6);
	canvas_label_hz(&c, &g, 1, 4);
	check_row(&g, 0, "   0");
	check_row(&g, 1, "    100");
	grid_fini(&g);
}
END_TEST

TEST_MAIN("canvas", 60, test_axes, test_dots, test_layers, test_shapes, test_labels)
