/* Our elementary functions against libm, over the ranges their header names. */
#include "base/fmath.h"
#include "desktest.h"

struct row {
	const char *name;
	double (*ours)(double), (*libm)(double);
	double from, to;
	double relative, absolute; /* an error is within one of the two */
};

static const struct row rows[] = {
    {"exp", f_exp, exp, -700, 700, 4e-15, 0},
    {"exp2", f_exp2, exp2, -1000, 1000, 4e-15, 0},
    {"log", f_log, log, 1e-300, 10, 4e-15, 4e-15},
    {"log2", f_log2, log2, 1e-9, 1e9, 4e-15, 4e-15},
    {"log10", f_log10, log10, 0.5, 2, 4e-15, 4e-15},
    {"sin", f_sin, sin, -1000, 1000, 4e-15, 1e-15},
    {"cos", f_cos, cos, -1000, 1000, 4e-15, 1e-15},
    {"tan", f_tan, tan, -1.57, 1.57, 4e-15, 0},
    {"sqrt", f_sqrt, sqrt, 0, 1e6, 0, 0},
    {"floor", f_floor, floor, -1e6, 1e6, 0, 0},
    {"exp near 0", f_exp, exp, -1, 1, 4e-15, 0},
};

START_TEST(test_against_libm)
{
	uint64_t seed = 1;
	for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
		const struct row *row = &rows[r];
		for (int k = 0; k < 200000; k++) {
			double x = row->from + (row->to - row->from) * (0.5 + 0.5 * test_random(&seed));
			double want = row->libm(x), error = fabs(row->ours(x) - want);
			ck_assert_msg(error <= row->relative * fabs(want) || error <= row->absolute,
			              "%s(%.17g) = %.17g, libm %.17g", row->name, x, row->ours(x), want);
		}
	}
}
END_TEST

START_TEST(test_pow)
{
	uint64_t seed = 2;
	for (int k = 0; k < 200000; k++) {
		double x = 5 * (1.0001 + test_random(&seed)), y = 8 * test_random(&seed);
		ck_assert_double_le(fabs(f_pow(x, y) - pow(x, y)), 1e-14 * pow(x, y));
	}
	ck_assert(f_pow(0, 2) == 0);
}
END_TEST

START_TEST(test_edges)
{
	ck_assert(isinf(f_log(0)) && f_log(0) < 0);
	ck_assert(f_exp(-800) == 0 && f_exp2(-1100) == 0);
	ck_assert(f_log(4e-320) - log(4e-320) < 1e-12);
	ck_assert(f_sin(0) == 0 && f_cos(0) == 1);
}
END_TEST

TEST_MAIN("fmath", 60, test_against_libm, test_pow, test_edges)
