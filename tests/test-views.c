/* The views of the chosen strip as text: curves where their formulas put them, the focus, the cursor, every size. */
#include "viewtest.h"

/* Whether a dot of a curve stands there, by dots across and down from the top left of the plot, one more or less. */
static int
has_dot(const struct grid *g, int row, int col, double x, double y)
{
	static const unsigned bits[4][2] = {{1, 8}, {2, 16}, {4, 32}, {64, 128}};
	int across = (int)lround(x);
	for (int down = (int)lround(y) - 1; down <= (int)lround(y) + 1; down++) {
		const struct grid_cell *c = &g->cell[(row + down / 4) * g->stride + col + across / 2];
		if (c->ch >= 0x2800 && c->ch <= 0x28ff && (c->ch & bits[down % 4][across % 2]))
			return 1;
	}
	return 0;
}

/* Magnitude of an analogue bell, dB: (s^2 + s A/Q + 1) / (s^2 + s/(A Q) + 1), A = 10^(G/40). */
static double
bell(double gain, double q, double ratio)
{
	double a = pow(10, gain / 40), real = 1 - ratio * ratio;
	return 10 * log10((real * real + ratio * a / q * ratio * a / q) / (real * real + ratio / a / q * ratio / a / q));
}

/* The plot of 80 x 21: below the title, 4 columns of levels, 5 at the right, 9 rows of table, one of frequencies. */
START_TEST(test_eq)
{
	enum { WIDE = 80 - 4 - 5, HIGH = 21 - 1 - 1 - 9 };
	struct desk *d = begin();
	desk_send(d, "@/eq/3/freq 1k");
	desk_send(d, "@/eq/3/gain 12");
	desk_send(d, "@/eq/3/q 1");
	await(d, "eq/3/q", "1.00");
	struct grid g = draw("eq", 21, 80, 0);
	static const double hz[] = {30, 100, 300, 500, 700, 1300, 2000, 3000};
	for (size_t k = 0; k < sizeof hz / sizeof *hz; k++) {
		double x = log(hz[k] / 20) / log(1000) * (2 * WIDE - 1);
		/* the curve is that of the column's middle */
		double at = 20 * pow(1000, lround(x) / (2.0 * WIDE - 1));
		double y = (18 - bell(12, 1, at / 1000)) / 36 * (4 * HIGH - 1);
		ck_assert_msg(has_dot(&g, 1, 4, x, y), "no curve at %g Hz", hz[k]);
	}
	/* the band's number on its top: 12 dB at 1 kHz */
	int col = 4 + (int)lround(log(50) / log(1000) * (2 * WIDE - 1)) / 2;
	int row = 1 + (int)lround(6.0 / 36 * (4 * HIGH - 1)) / 4;
	ck_assert_uint_eq(g.cell[row * g.stride + col].ch, '3');
	ck_assert_ptr_nonnull(strstr(text(&g, row), "+12"));
	/* a high-pass is 3 dB down where it stands */
	desk_send(d, "@/hpf/freq 160");
	desk_send(d, "@/hpf/on on");
	await(d, "hpf/on", "on");
	g = draw("eq", 21, 80, 0);
	col = 4 + (int)lround(log(8) / log(1000) * (2 * WIDE - 1)) / 2;
	row = 1 + (int)lround((18 - 10 * log10(0.5)) / 36 * (4 * HIGH - 1)) / 4;
	ck_assert_uint_eq(g.cell[row * g.stride + col].ch, 'H');
	/* A and B of it are told */
	desk_send(d, "ab eq");
	for (int turns = 0; s.values.heard[DESK_HEARD_EQ] != 'B'; turns++) {
		ck_assert_int_lt(turns, 2000);
		poll(NULL, 0, 10);
		desk_strip_values(d, &s.values);
	}
	g = draw("eq", 21, 80, 0);
	ck_assert_msg(!strncmp(text(&g, 0), "EQ on  order eq-comp  B is heard   A", 36), "%s", text(&g, 0));
	/* the table: the value in focus is reversed, and the cursor stands on it */
	ck_assert_msg(strstr(text(&g, 16), "3   on   bell") && strstr(text(&g, 16), "1.00 kHz   12.0 dB   1.00 stereo"),
	              "%s", text(&g, 16));
	ck_assert_msg(!strncmp(text(&g, 14), "> 1", 3), "%s", text(&g, 14));
	char address[160];
	ck_assert_int_eq(screen_focus(&s, address, sizeof address), 0);
	ck_assert_str_eq(address, "@/eq/1/gain");
	ck_assert_int_eq(g.cursor_row, 14);
	ck_assert_uint_eq(g.cell[14 * g.stride + g.cursor_col].style & GRID_REVERSE, GRID_REVERSE);
	end(d);
}
END_TEST

/* j and k go from band to band in a column, and a band that has no such value to the last one it has. */
START_TEST(test_eq_walk)
{
	static const struct {
		const char *name, *args, *address;
	} steps[] = {
	    {"row", "2", "@/eq/3/gain"},   {"column", "1", "@/eq/3/q"},  {"column", "9", "@/eq/3/side"},
	    {"row", "9", "@/lpf/freq"},    {"row", "-1", "@/eq/6/freq"}, {"column", "-2", "@/eq/6/on"},
	    {"column", "-1", "@/eq/6/on"}, {"row", "-9", "@/eq/on"},     {"column", "1", "@/order"},
	    {"column", "1", "@/order"},    {"row", "1", "@/hpf/slope"},  {"row", "1", "@/eq/1/type"},
	};
	struct desk *d = begin();
	await(d, "eq/on", "on");
	s.current = view_find("eq");
	for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
		char address[160] = "";
		ck_assert_int_eq(s.current->command(&s, steps[k].name, steps[k].args), 1);
		ck_assert_int_eq(screen_focus(&s, address, sizeof address), 0);
		ck_assert_str_eq(address, steps[k].address);
		/* whatever has the focus is seen */
		for (int rows = 1; rows < 24; rows++) {
			struct grid g = draw("eq", rows, 40, 1);
			const struct grid_cell *c = &g.cell[g.cursor_row * g.stride + g.cursor_col];
			ck_assert_msg(c->style & GRID_REVERSE, "%s in %d rows", address, rows);
		}
	}
	end(d);
}
END_TEST

/* A compressor of 4:1 above -20 dB with a knee of 12 dB, and the point that is on its way. */
START_TEST(test_dynamics)
{
	/* of 100 x 40: three fifths of the columns, one left free, half of them each, 4 for levels; 27 rows, two of words
	 */
	enum { LEFT = 4, WIDE = 59 / 2 - 1 - LEFT, HIGH = 27 - 2 };
	struct desk *d = begin();
	desk_send(d, "@/comp/on on");
	desk_send(d, "@/comp/ratio 4");
	desk_send(d, "@/comp/knee 12");
	await(d, "comp/knee", "12.0 dB");
	s.strip.scope.uid = s.values.uid;
	s.strip.scope.comp_level = -8;
	s.strip.scope.reduction[DESK_BY_COMP] = 9;
	strip_move(&s.strip, &s.values, s.now += 1);
	struct grid g = draw("dynamics", 40, 100, 0);
	ck_assert_ptr_nonnull(strstr(text(&g, 0), "comp on -8.0 GR 9.0"));
	for (double in = -70; in <= 10; in += 4) {
		double x = lround((in + 72) / 84 * (2 * WIDE - 1)), level = -72 + x * 84 / (2 * WIDE - 1), over = level + 20;
		/* the quadratic knee of Giannoulis, Massberg and Reiss (2012) */
		double out = over < -6 ? level : over > 6 ? -20 + over / 4 : level - 0.75 * (over + 6) * (over + 6) / 24;
		double y = (12 - out) / 84 * (4 * HIGH - 1);
		/* the point is a cell of its own */
		int cell = (int)lround((-8 + 72) / 84.0 * (2 * WIDE - 1)) / 2 == (int)x / 2;
		ck_assert_msg(cell || has_dot(&g, 1, LEFT, x, y), "no curve at %g dB", in);
	}
	/* at the threshold the knee takes a quarter of what it takes at its end: 0.75 * 36 / 24 dB */
	ck_assert_double_eq_tol(desk_comp_curve(&s.values.shape, -20), -20 - 0.75 * 36 / 24, 1e-3);
	ck_assert_uint_eq(s.current->row(&s, 0, (char[160]){0}, 160), ROW_NONE); /* a heading */
	ck_assert_msg(strstr(text(&g, g.cursor_row), "> on"), "%s", text(&g, g.cursor_row));
	/* Tab goes from the compressor to the gate, and on, and S-Tab back */
	static const char *const groups[][2] = {
	    {"1", "@/gate/on"}, {"2", "@/transient/on"}, {"9", "@/transient/on"}, {"-2", "@/gate/on"}, {"-9", "@/comp/on"}};
	for (size_t k = 0; k < 5; k++) {
		char address[160];
		s.current->command(&s, "column", groups[k][0]);
		screen_focus(&s, address, sizeof address);
		ck_assert_str_eq(address, groups[k][1]);
	}
	end(d);
}
END_TEST

/* Ten seconds hang from the top, the newest at the right; between two seconds only the end changes. */
START_TEST(test_past)
{
	struct desk *d = begin();
	await(d, "comp/on", "off");
	s.strip.scope.uid = s.values.uid;
	static struct grid_cell old[ROWS * COLS];
	int changed = 0, turned = 0;
	for (int k = 0; k < 200; k++)
		s.strip.scope.past[DESK_BY_COMP][k] = (float)(k % 7);
	s.row[view_find("dynamics") - views] = rows_find(&s.strip.dynamics, &s.values, "comp/on");
	for (uint32_t points = 200; points < 240; points++) {
		float *past = s.strip.scope.past[DESK_BY_COMP];
		int count = 0;
		s.strip.scope.points = points;
		struct grid g = draw("dynamics", 30, 120, 0);
		for (int k = 0; k < ROWS * COLS; k++)
			count += all.cell[k].ch != old[k].ch;
		memcpy(old, all.cell, sizeof old);
		if (points % 20 != 1)
			changed = count > changed && points > 200 ? count : changed;
		else
			turned = count > turned ? count : turned;
		ck_assert_msg(strstr(text(&g, 21), "comp, 10 s") != NULL, "%s", text(&g, 21));
		memmove(past, past + 1, (DESK_PAST - 1) * sizeof *past);
		past[DESK_PAST - 1] = (float)(points % 7);
	}
	ck_assert_int_le(changed, 2 * 9); /* two columns of as many cells as the history is high */
	ck_assert_int_gt(turned, 2 * 9);
	end(d);
}
END_TEST

START_TEST(test_list)
{
	struct desk *d = begin();
	desk_send(d, "@/comp/threshold -30");
	await(d, "comp/threshold", "-30.0 dB");
	struct grid g = draw("list", 21, 80, 0);
	ck_assert_msg(strstr(text(&g, 1), "strip") == text(&g, 1), "%s", text(&g, 1));
	ck_assert_msg(!strncmp(text(&g, 2), "> name", 6), "%s", text(&g, 2));
	ck_assert_int_eq(g.cursor_row, 2);
	/* letters of an address in order, or words of heading and help */
	s.current->command(&s, "find", "cmpthr");
	g = draw("list", 21, 80, 0);
	ck_assert_msg(!strncmp(text(&g, 0), "A: 1 of ", 8), "%s", text(&g, 0));
	ck_assert_msg(!strcmp(text(&g, 1), "compressor"), "%s", text(&g, 1));
	ck_assert_msg(!strncmp(text(&g, 2), "> threshold           -30.0 dB", 30), "%s", text(&g, 2));
	char address[160];
	ck_assert_int_eq(screen_focus(&s, address, sizeof address), 0);
	ck_assert_str_eq(address, "@/comp/threshold");
	s.current->command(&s, "find", "de-esser width");
	g = draw("list", 21, 80, 0);
	ck_assert_msg(!strncmp(text(&g, 2), "> q", 3) && !*text(&g, 3), "%s", text(&g, 2));
	s.current->command(&s, "find", "nothing like it");
	g = draw("list", 21, 80, 0);
	ck_assert_msg(strstr(text(&g, 0), "0 of"), "%s", text(&g, 0));
	ck_assert_int_lt(screen_focus(&s, address, sizeof address), 0);
	ck_assert_int_eq(s.current->command(&s, "cancel", ""), 1);
	/* the focus is seen wherever it is */
	for (int k = 0; s.current->row(&s, k, address, sizeof address) != ROW_END; k++) {
		s.row[s.current - views] = k;
		g = draw("list", 7, 40, 0);
		const struct grid_cell *c = &g.cell[g.cursor_row * g.stride + g.cursor_col];
		ck_assert_msg(c->style & GRID_REVERSE, "row %d", k);
	}
	end(d);
}
END_TEST

/* The master shows what all places do with it, codecs aside; in one line where there is no room for more. */
START_TEST(test_places)
{
	static const struct desk_verdict rows[] = {{.name = "up", .good = 1, .brief = "+2.5"},
	                                           {.name = "as-it-is", .good = 1, .brief = "as is"},
	                                           {.name = "loud", .good = 0, .brief = "-3.0"},
	                                           {.name = "high", .good = 0, .brief = "peak"},
	                                           {.name = "spotify-quiet", .good = 1, .brief = "-12.5"},
	                                           {.name = "opus", .codec = 1, .good = 1}};
	struct desk *d = begin();
	s.verdicts = (struct desk_verdicts){.integrated = -14, .true_peak = -1, .count = 6};
	memcpy(s.verdicts.row, rows, sizeof rows);
	struct grid g = draw("master", 28, 80, 0);
	ck_assert_msg(strstr(text(&g, 25), "1 places take it as it is, 2 turn it (dB), ! 2 do not"), "%s", text(&g, 25));
	ck_assert_msg(!strncmp(text(&g, 26), "up            +2.5  loud         !-3.0  spotify-quiet -12.5", 58), "%s",
	              text(&g, 26));
	ck_assert_msg(!strncmp(text(&g, 27), "as-it-is      as is high         !peak", 38), "%s", text(&g, 27));
	g = draw("master", 18, 80, 0);
	ck_assert_msg(strstr(text(&g, 17), "1 places take it as it is"), "%s", text(&g, 17));
	s.verdicts.integrated = (float)-HUGE_VAL;
	g = draw("master", 28, 80, 0);
	ck_assert_msg(strstr(text(&g, 25), "nothing is measured yet"), "%s", text(&g, 25));
	end(d);
}
END_TEST

/* No size and no name leaves a view blank or goes over its edge. */
START_TEST(test_sizes)
{
	static const char *const names[] = {"eq",    "dynamics", "master", "list",     "sends",
	                                    "stage", "tape",     "scenes", "verdicts", "faults"};
	struct desk *d = begin();
	desk_send(d, "@/name \"\u6f22\u5b57 e\u0301\u202e \U0001f941 and a name that is longer than most\"");
	desk_send(d, "@/gate/on on");
	desk_send(d, "@/comp/on on");
	desk_send(d, "@/eq/2/gain -20");
	for (int k = 0; k < 20; k++) {
		char line[200];
		snprintf(line, sizeof line, "bus/b%d/name \"\u6f22\u5b57\u6f22\u5b57\u6f22 e\u0301 bus %d\"", k, k);
		desk_send(d, line);
		snprintf(line, sizeof line, "@/send/b%d/level -%d", k, k * 9);
		desk_send(d, line);
	}
	desk_send(d, "@/eq/2/side side");
	await(d, "eq/2/side", "side");
	s.strip.scope.uid = s.values.uid;
	s.strip.scope.gate_level = 40;
	s.strip.scope.comp_level = -20;
	for (int k = 0; k < DESK_BINS; k++)
		s.strip.scope.after[k] = (float)(k % 50 - 60);
	for (int k = 0; k < DESK_PAST; k++)
		s.strip.scope.past[DESK_BY_GATE][k] = s.strip.scope.past[DESK_BY_COMP][k] = (float)(k % 80);
	strip_move(&s.strip, &s.values, s.now += 1);
	desk_master_values(d, &s.master.values);
	desk_loudness(d, &s.master.now);
	master_move(&s.master, s.now);
	desk_verdicts(d, &s.verdicts);
	ck_assert_int_gt(s.verdicts.count, 10);
	for (s.faults.version = 1; s.faults.count < 30; s.faults.count++) {
		struct desk_fault *fault = &s.faults.fault[s.faults.count];
		*fault = (struct desk_fault){.kind = "sibilance", .clock = "59:59.9", .heavy = s.faults.count & 1};
		snprintf(fault->text, sizeof fault->text, "\u6f22\u5b57 covers a name that is longer than most, %d times",
		         s.faults.count);
	}
	s.fault = s.faults.chosen = 20;
	for (size_t k = 0; k < sizeof names / sizeof *names; k++)
		for (int cols = 1; cols <= 200; cols++)
			for (int rows = 1; rows <= 60; rows++)
				for (int ascii = 0; ascii < 2; ascii++) {
					/* wide ones in one of the two, turn by turn */
					if (cols > 81 && ((rows + cols) & 1) == ascii)
						continue;
					draw(names[k], rows, cols, ascii);
					if (k < 3 && (rows + cols) % 3 == 0)
						draw_as(names[k], rows, cols, ascii, 1); /* those that are panels */
				}
	/* a DCA has none of it, and says so */
	desk_send(d, "dca/all/name All");
	desk_send(d, "select all");
	await(d, "name", "All");
	for (size_t k = 0; k < sizeof names / sizeof *names; k++)
		for (int cols = 1; cols < 80; cols += 7)
			draw(names[k], cols % 9 + 1, cols, 0);
	end(d);
}
END_TEST

TEST_MAIN("views", 300, test_eq, test_eq_walk, test_dynamics, test_past, test_list, test_places, test_sizes)
