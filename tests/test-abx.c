/* Blind tests: X is one of the two by chance, answers are counted, and the chance of guessing is the binomial's. */
#include "control/abx.h"
#include "desktest.h"

/* Of ten trials: tables of the binomial distribution at one half. */
START_TEST(test_chance)
{
	static const struct {
		int trials, right;
		double chance;
	} rows[] = {{10, 10, 1 / 1024.0},
	            {10, 9, 11 / 1024.0},
	            {10, 8, 56 / 1024.0},
	            {10, 5, 638 / 1024.0},
	            {10, 0, 1},
	            {1, 1, 0.5},
	            {0, 0, 1},
	            {16, 12, 2517 / 65536.0}};
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
		ck_assert_double_eq_tol(abx_chance(rows[k].trials, rows[k].right), rows[k].chance, 1e-12);
}
END_TEST

/* Whoever says "A" each time is right half of the time, and X does not go by turns: over 4000 trials within 5 sigma. */
START_TEST(test_draw)
{
	struct abx t;
	int same = 0, last = -1;
	abx_begin(&t, 12345);
	for (int k = 0; k < 4000; k++) {
		same += t.x == last;
		last = t.x;
		ck_assert_int_eq(abx_answer(&t, 0), last == 0);
	}
	ck_assert_int_eq(t.trials, 4000);
	ck_assert_int_lt(abs(t.right - 2000), 158);
	ck_assert_int_lt(abs(same - 2000), 158);
	struct abx other;
	int differ = 0;
	for (uint64_t seed = 0; seed < 64; seed++) {
		abx_begin(&other, seed);
		differ += other.x;
	}
	ck_assert(differ > 12 && differ < 52);
}
END_TEST

TEST_MAIN("abx", 20, test_chance, test_draw)
