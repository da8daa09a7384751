/* The cell grid and the mixer's screens as text. */
#include "desktest.h"
#include "ui/grid.h"
#include "ui/view.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

/*
 * A terminal that only knows where things go: it takes what grid_diff makes, and finds out where grid_diff is wrong
 * about its cursor and its style.
 */
static void
pen_move(struct grid_bytes *to, const struct grid_place *from, int row, int col)
{
	char text[64];
	grid_bytes_add(to, text, (size_t)snprintf(text, sizeof text, "\033%d;%d;%d;%d.", row, col, from->row, from->col));
}

/* The cheap moves of a terminal: short, so that they are taken where the cells between would be longer. */
static void
pen_move_near(struct grid_bytes *to, const struct grid_place *from, int row, int col)
{
	if (from->row == row && from->col >= 0 && col > from->col)
		grid_bytes_add(to, (char[2]){'\001', (char)(col - from->col)}, 2);
	else
		pen_move(to, from, row, col);
}

static void
pen_style(struct grid_bytes *to, unsigned from, unsigned style)
{
	char text[32];
	grid_bytes_add(to, text, (size_t)snprintf(text, sizeof text, "\034%u;%u.", style, from));
}

static void
pen_blank(struct grid_bytes *to)
{
	grid_bytes_add(to, "\002", 1);
}

static void
pen_repeat(struct grid_bytes *to, int ch, int count)
{
	grid_bytes_add(to, (char[3]){'\003', (char)ch, (char)count}, 3);
}

static const struct grid_pen pens[] = {{pen_move, pen_style, NULL, NULL, 0},
                                       {pen_move, pen_style, pen_blank, pen_repeat, 0},
                                       {pen_move_near, pen_style, pen_blank, pen_repeat, 1}};

struct tube {
	int rows, cols, row, col; /* col: cols behind the last */
	unsigned style;
	struct grid_cell cell[7 * 33];
};

static void
tube_put(struct tube *t, char c)
{
	ck_assert_int_ge(t->row, 0);
	ck_assert_int_lt(t->col, t->cols);
	t->cell[t->row * t->cols + t->col++] = (struct grid_cell){(unsigned char)c, t->style};
}

/* Plays bytes of a pen into cells of single characters. */
static void
tube_play(struct tube *t, const struct grid_bytes *bytes)
{
	int from_row, from_col, row, col;
	unsigned from_style;
	for (size_t k = 0; k < bytes->count; k++) {
		const char *at = bytes->data + k;
		switch (*at) {
		case '\033':
			from_row = t->row;
			from_col = t->col;
			ck_assert_int_eq(sscanf(at + 1, "%d;%d;%d;%d.", &t->row, &t->col, &row, &col), 4);
			ck_assert(row < 0 || row == from_row);
			ck_assert(row < 0 || col < 0 || col == from_col);
			k += strcspn(at, ".");
			break;
		case '\034':
			ck_assert_int_eq(sscanf(at + 1, "%u;%u.", &from_style, &from_style), 2);
			ck_assert(from_style == GRID_STYLE_UNKNOWN || from_style == t->style);
			sscanf(at + 1, "%u", &t->style);
			k += strcspn(at, ".");
			break;
		case '\001':
			t->col += at[1];
			k++;
			break;
		case '\002':
			ck_assert(!(t->style & (GRID_REVERSE | GRID_UNDERLINE)));
			for (col = t->col; col < t->cols; col++)
				t->cell[t->row * t->cols + col] = (struct grid_cell){' ', 0};
			break;
		case '\003':
			for (int n = 0; n < at[2]; n++)
				tube_put(t, at[1]);
			k += 2;
			break;
		default:
			tube_put(t, *at);
		}
	}
}

/* Random screens one after the other: what the terminal holds is what was drawn, and the same twice costs nothing. */
static void
check_diff(const struct grid_pen *pen)
{
	struct grid old = {0}, now = {0};
	struct grid_bytes bytes = {0};
	struct tube t = {7, 33, -1, -1, 0, {{0, 0}}};
	uint64_t seed = 1;
	ck_assert_int_eq(grid_resize(&now, t.rows, t.cols), 0);
	for (int turn = 0; turn < 400; turn++) {
		int changes = turn % 20, from = (int)(fabs(test_random(&seed)) * 33);
		unsigned style = (unsigned)(fabs(test_random(&seed)) * 12);
		for (int k = 0; k < changes; k++)
			grid_put(&now, (int)(fabs(test_random(&seed)) * t.rows), (int)(fabs(test_random(&seed)) * t.cols),
			         (uint32_t)(33 + fabs(test_random(&seed)) * 90), (unsigned)(fabs(test_random(&seed)) * 4));
		for (int col = from; changes > 10 && col < t.cols; col++)
			grid_put(&now, turn % t.rows, col, turn & 1 ? ' ' : '-', style);
		now.cursor_row = turn % t.rows;
		now.cursor_col = from;
		bytes.count = 0;
		ck_assert_int_eq(grid_diff(&old, &now, pen, &bytes), 0);
		tube_play(&t, &bytes);
		ck_assert_int_eq(t.row, now.cursor_row);
		ck_assert_int_eq(t.col, now.cursor_col);
		for (int k = 0; k < t.rows * t.cols; k++) {
			const struct grid_cell *is = &t.cell[k], *want = &now.cell[k];
			int plain = want->ch == ' ' && !(want->style & (GRID_REVERSE | GRID_UNDERLINE));
			if (pen->corner && k == t.rows * t.cols - 1)
				ck_assert_msg(!is->ch || is->ch == ' ', "turn %d: the corner is written", turn);
			else if (plain)
				ck_assert_msg(is->ch == ' ' && !(is->style & (GRID_REVERSE | GRID_UNDERLINE)), "turn %d, cell %d", turn,
				              k);
			else
				ck_assert_msg(is->ch == want->ch && is->style == want->style, "turn %d, cell %d", turn, k);
		}
		bytes.count = 0;
		ck_assert_int_eq(grid_diff(&old, &now, pen, &bytes), 0);
		ck_assert_uint_eq(bytes.count, 0);
	}
	free(bytes.data);
	grid_fini(&old);
	grid_fini(&now);
}

START_TEST(test_diff)
{
	for (size_t k = 0; k < sizeof pens / sizeof *pens; k++)
		check_diff(&pens[k]);
}
END_TEST

/* Wide characters take two cells and never leave a half; what has no width is left out; outside is nowhere. */
START_TEST(test_text)
{
	struct grid g = {0};
	char row[256];
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		printf("skipped: there is no locale C.UTF-8\n");
		return;
	}
	grid_resize(&g, 2, 10);
	ck_assert_int_eq(grid_text(&g, 0, 0, -1, 0, "\u6f22\u5b57ab"), 6);
	ck_assert_str_eq(grid_row(&g, 0, row, sizeof row), "\u6f22\u5b57ab");
	grid_put(&g, 0, 1, 'x', 0);
	ck_assert_str_eq(grid_row(&g, 0, row, sizeof row), " x\u5b57ab");
	grid_put(&g, 0, 2, 'y', 0);
	ck_assert_str_eq(grid_row(&g, 0, row, sizeof row), " xy ab");
	ck_assert_int_eq(grid_text(&g, 1, 0, 3, 0, "a\u6f22\u5b57"), 3);
	ck_assert_str_eq(grid_row(&g, 1, row, sizeof row), "a\u6f22");
	ck_assert_int_eq(grid_text(&g, 1, 0, 2, 0, "a\u6f22"), 2);
	ck_assert_str_eq(grid_row(&g, 1, row, sizeof row), "a");
	ck_assert_int_eq(grid_text(&g, 1, 0, 4, 0, "e\u0301\xff\n"), 4);
	ck_assert_str_eq(grid_row(&g, 1, row, sizeof row), "e??");
	grid_text(&g, -1, 0, -1, 0, "nowhere");
	grid_text(&g, 9, 0, -1, 0, "nowhere");
	grid_text(&g, 0, 8, -1, 0, "cut off");
	ck_assert_str_eq(grid_row(&g, 0, row, sizeof row), " xy ab  cu");
	g.ascii = 1;
	grid_text(&g, 1, 0, 4, 0, "\u00e4\u6f22");
	ck_assert_str_eq(grid_row(&g, 1, row, sizeof row), "??");
	grid_fini(&g);
}
END_TEST

static struct desk_view view;

/* 24 strips, the mix and the master; strip 3 chosen. */
static void
make_view(void)
{
	static const char *const names[] = {"Kick", "Snare", "LVox"};
	memset(&view, 0, sizeof view);
	view.strips = 26;
	view.rate = 48000;
	view.position = 48000 * 83 + 24000;
	view.playing = 1;
	view.selected = 2;
	view.load = 0.07f;
	view.load_mean = 0.04f;
	view.disk = 1;
	view.xruns = 3;
	view.structure = 1;
	strcpy(view.path, "/home/me/song.desk");
	strcpy(view.device, "hw:CARD=USB");
	for (int k = 0; k < 26; k++) {
		struct desk_strip *s = &view.strip[k];
		s->uid = (uint32_t)k + 1;
		s->kind = k == 24 ? DESK_MIX : k == 25 ? DESK_MASTER : DESK_STRIP;
		s->number = k < 24 ? k + 1 : 1;
		snprintf(s->name, sizeof s->name, "%s", k == 24 ? "Mix" : k == 25 ? "Master" : k < 3 ? names[k] : "Guitar");
		s->level[0] = s->level[1] = s->hold = DESK_SILENCE;
	}
	view.strip[0].level[0] = view.strip[0].level[1] = view.strip[0].hold = 0;
	view.strip[0].fader = -6.5f;
	view.strip[0].reduction = 4.2f;
	view.strip[0].on = 1u << DESK_COMP | 1u << DESK_EQ;
	view.strip[1].fader = -144;
	view.strip[1].mute = 1;
	view.strip[1].pan = -30;
	view.strip[2].fader = -2;
	view.strip[2].solo = 1;
	view.strip[2].pan = 100;
	view.strip[2].level[0] = view.strip[2].level[1] = view.strip[2].hold = -20; /* half way up the scale */
	view.strip[24].level[0] = view.strip[24].hold = 0.5f;
	view.strip[24].clips = 1;
	view.strip[25].on = 1u << DESK_EFFECT;
}

static char screen[128][1024];

static void
draw(int rows, int cols, int ascii)
{
	static struct screen s;
	struct grid g = {.ascii = ascii};
	s = (struct screen){
	    .current = views, .view = view, .now = 10, .message = "3 LVox fader -2.0 dB (was -3.0 dB)", .hint = "? help"};
	meters_move(&s.meters, &view, s.now);
	ck_assert_int_eq(grid_resize(&g, rows, cols), 0);
	screen_draw(&s, &g);
	int filled = 0;
	for (int row = 0; row < rows; row++) {
		grid_row(&g, row, screen[row], sizeof screen[row]);
		filled += *screen[row] != '\0';
		for (int col = 0; col < cols && ascii; col++)
			ck_assert_uint_lt(g.cell[row * cols + col].ch, 0x7f);
	}
	ck_assert_int_gt(filled, 0);
	ck_assert_int_ge(g.cursor_row, 0);
	ck_assert_int_lt(g.cursor_row, rows);
	ck_assert_int_lt(g.cursor_col, cols);
	grid_fini(&g);
}

static int
has(int row, const char *text)
{
	return strstr(screen[row], text) != NULL;
}

static int
rows_with(const char *text, int rows)
{
	int count = 0;
	for (int row = 0; row < rows; row++)
		count += has(row, text);
	return count;
}

START_TEST(test_80x24)
{
	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	make_view();
	draw(24, 80, 0);
	ck_assert_msg(has(0, "play 1:23.5") && has(0, "load 4/7%") && has(0, "xruns 3") && has(0, "song.desk"), "%s",
	              screen[0]);
	ck_assert_msg(!strncmp(screen[1], "1  2  3 \u25c24 ", 13) && has(1, "22 23 24"), "%s",
	              screen[1]); /* all 24 at once */
	ck_assert_msg(!strncmp(screen[2], "Ki Sn LV Gt", 11) && has(2, " Mix Mas"), "%s", screen[2]);
	ck_assert_msg(!strncmp(screen[3], "ck re ox ar", 11), "%s", screen[3]);
	/* meters in rows 4 to 13: full scale is full, -20 dB is half of them */
	for (int row = 4; row < 14; row++) {
		ck_assert_msg(!strncmp(screen[row], "\u2588\u2588", 6), "row %d: %s", row, screen[row]);
		int lit = !strncmp(screen[row] + 6, "    \u2588\u2588", 10);
		ck_assert_msg(lit == (row >= 9), "row %d: %s", row, screen[row]);
	}
	ck_assert_msg(has(4, "!1"), "%s", screen[4]); /* one clip on the mix */
	ck_assert_msg(!strncmp(screen[14], " 4", 2), "%s", screen[14]);
	ck_assert_msg(!strncmp(screen[15], " -7 -\u221e -2  0", 14) || !strncmp(screen[15], " -6 -\u221e -2  0", 14) ||
	                  !strncmp(screen[15], " -7", 3),
	              "%s", screen[15]);
	ck_assert_msg(!strncmp(screen[16], "  CL30Rgt  C", 12), "%s", screen[16]);
	ck_assert_msg(!strncmp(screen[17], "   M   S", 8), "%s", screen[17]);
	ck_assert_int_eq(rows_with("E", 22) >= 1, 1);
	ck_assert_msg(has(22, "3 LVox") && has(22, "fader -2.0 dB") && has(22, "pan R100") && has(22, "solo"), "%s",
	              screen[22]);
	ck_assert_msg(!strncmp(screen[23], "3 LVox fader -2.0 dB (was -3.0 dB)", 34) && has(23, "? help"), "%s",
	              screen[23]);
}
END_TEST

START_TEST(test_160x45)
{
	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	make_view();
	draw(45, 160, 0);
	ck_assert_msg(has(0, "hw:CARD=USB"), "%s", screen[0]);
	ck_assert_msg(!strncmp(screen[2], "Kic Sna LVo Gui", 15) && has(2, "Master"), "%s", screen[2]);
	ck_assert_msg(!strncmp(screen[3], "k   re  x   tar", 15), "%s", screen[3]);
	ck_assert_int_eq(rows_with("-\u221e", 43), 1);
	ck_assert_int_eq(rows_with("R100", 44), 1);
	ck_assert_int_eq(rows_with("L30", 43), 1);
	/* fewer strips at the same size: names and levels whole */
	view.strips = 12;
	view.strip[10] = view.strip[24];
	view.strip[11] = view.strip[25];
	draw(45, 160, 0);
	ck_assert_msg(!strncmp(screen[2], "Kick     Snare    LVox     Guitar", 33), "%s", screen[2]);
	ck_assert_int_eq(rows_with("-6.5", 43), 1);
}
END_TEST

/* Many strips: numbers are whole, and so are those at the end of names. */
START_TEST(test_many)
{
	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	make_view();
	view.strips = 130;
	view.strip[128] = view.strip[24];
	view.strip[129] = view.strip[25];
	for (int k = 3; k < 128; k++) {
		view.strip[k] = view.strip[4];
		view.strip[k].number = k + 1;
		snprintf(view.strip[k].name, sizeof view.strip[k].name, "Bass Guitar %d", k + 1);
	}
	view.selected = 127;
	draw(24, 80, 0);
	ck_assert_msg(has(1, "127 128\u25c2"), "%s", screen[1]);
	ck_assert_msg(has(2, " Bss Bss "), "%s", screen[2]);
	ck_assert_msg(has(3, "127 128 "), "%s", screen[3]);
}
END_TEST

START_TEST(test_small)
{
	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	make_view();
	view.selected = 20; /* far from the first: the grid goes there */
	draw(10, 40, 0);
	ck_assert_msg(has(1, "21") && !has(1, "24"), "%s", screen[1]);
	ck_assert_msg(has(8, "21 Guitar"), "%s", screen[8]);
	draw(24, 70, 0); /* 20 of 24 fit, the chosen one is the last of them */
	ck_assert_msg(has(1, "\u2039") && has(1, "21") && has(1, "\u203a") && !has(1, "23"), "%s", screen[1]);
	view.selected = 2;
	for (int rows = 1; rows <= 30; rows++)
		for (int cols = 1; cols < 100; cols += 3)
			draw(rows, cols, cols & 1); /* never blank, never outside */
	draw(4, 30, 0);
	ck_assert_msg(has(0, "3 LVox"), "%s", screen[0]);
}
END_TEST

START_TEST(test_ascii)
{
	make_view();
	draw(24, 80, 1);
	ck_assert_msg(has(0, "> play"), "%s", screen[0]);
	ck_assert_msg(!strncmp(screen[5], "##", 2), "%s", screen[5]);
	ck_assert_msg(has(15, "off"), "%s", screen[15]);
	ck_assert_int_eq(rows_with("C", 21) >= 1, 1);
}
END_TEST

/* Meters rise at once, fall in every other frame, stand still where they wobble by a little, and numbers stand a while.
 */
START_TEST(test_meters)
{
	static struct meters m;
	float numbers[100];
	int changes = 0, stood = 0;
	make_view();
	view.strip[2].level[0] = -20;
	meters_move(&m, &view, 10);
	ck_assert_double_eq_tol((double)view.strip[2].level[0], -20, 0.001);
	for (int k = 0; k < 2; k++) {
		view.strip[2].level[0] = -30;
		meters_move(&m, &view, 10);
	}
	ck_assert_double_eq_tol((double)view.strip[2].level[0], -30, 0.001);
	for (int k = 0; k < 100; k++) {
		view.strip[3].level[0] = k & 1 ? -30.0f : -30.3f;
		view.strip[4].reduction = k == 50 ? 9 : 1;
		meters_move(&m, &view, 20 + k * 0.01);
		if (k > 2)
			ck_assert_double_eq_tol((double)view.strip[3].level[0], -30, 0.001);
		numbers[k] = view.strip[4].reduction;
		changes += k && numbers[k] != numbers[k - 1];
		stood += numbers[k] > 8;
	}
	/* what was there for a moment is to be read, and is gone again */
	ck_assert_int_eq(changes, 2);
	ck_assert_int_ge(stood, 10);
	ck_assert_double_eq_tol((double)numbers[99], 1, 0.001);
	/* another strip in its place begins anew */
	view.strip[2].uid = 99;
	view.strip[2].level[0] = -50;
	meters_move(&m, &view, 30);
	ck_assert_double_eq_tol((double)view.strip[2].level[0], -50, 0.001);
}
END_TEST

/* Marks stand where a level of theirs ends, on the scale of the needle, and each has a row of its own. */
START_TEST(test_scale)
{
	enum { ROWS = 20 };
	static const struct {
		enum desk_needle needle;
		int width, row; /* from the top */
		const char *text;
	} marks[] = {
	    /* -20 dBFS is half of the peak meter's height; full scale its top (IEC 60268-18) */
	    {DESK_PEAK, 3, 0, "0"},
	    {DESK_PEAK, 3, 10, "-20"},
	    {DESK_PEAK, 2, 10, "20"},
	    {DESK_PEAK, 3, 14, "-30"},
	    /* of 54 dB from -40 to +14: 0 ends at 14.8 rows, -20 at 7.4 */
	    {DESK_K14, 3, 5, "0"},
	    {DESK_K14, 3, 12, "-20"},
	    {DESK_K14, 3, 3, "+4"},
	    /* 4 of 7.5 ends at 10.7 rows */
	    {DESK_PPM, 3, 9, "4"},
	    {DESK_PPM, 2, 17, "1"},
	};
	struct grid g = {0};
	for (size_t k = 0; k < sizeof marks / sizeof *marks; k++) {
		char text[64];
		ck_assert_int_eq(grid_resize(&g, ROWS, marks[k].width), 0);
		meters_scale(&g, 0, ROWS, 0, marks[k].width, marks[k].needle);
		grid_row(&g, marks[k].row, text, sizeof text);
		ck_assert_msg(!strcmp(text + strspn(text, " "), marks[k].text), "%zu: \"%s\", not %s", k, text, marks[k].text);
	}
	for (int rows = 0; rows < 70; rows++)
		for (int needle = 0; needle < DESK_NEEDLES; needle++) {
			ck_assert_int_eq(grid_resize(&g, rows, 3), 0);
			meters_scale(&g, 0, rows, 0, 3, (enum desk_needle)needle);
		}
	grid_fini(&g);
}
END_TEST

TEST_MAIN("grid", 60, test_diff, test_text, test_80x24, test_160x45, test_many, test_small, test_ascii, test_meters,
          test_scale)
