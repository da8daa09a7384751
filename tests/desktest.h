/* What every test program begins with: Check, a main function from a list of test cases, and exact limits in dB. */
#ifndef DESKTEST_H
#define DESKTEST_H

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* TEST_MAIN("name", 60, case_a, case_b): runs the tests in one suite, each with a limit in seconds. */
#define TEST_MAIN(name, seconds, ...)                                                                                  \
	int main(void)                                                                                                     \
	{                                                                                                                  \
		const TTest *tests[] = {__VA_ARGS__};                                                                          \
		Suite *suite = suite_create(name);                                                                             \
		TCase *tcase = tcase_create(name);                                                                             \
		tcase_set_timeout(tcase, seconds);                                                                             \
		for (size_t k = 0; k < sizeof tests / sizeof *tests; k++)                                                      \
			tcase_add_test(tcase, tests[k]);                                                                           \
		suite_add_tcase(suite, tcase);                                                                                 \
		SRunner *runner = srunner_create(suite);                                                                       \
		srunner_run_all(runner, CK_ENV);                                                                               \
		int failed = srunner_ntests_failed(runner);                                                                    \
		srunner_free(runner);                                                                                          \
		return failed ? EXIT_FAILURE : EXIT_SUCCESS;                                                                   \
	}

/* How far apart the cases of a long list are that are run: 1, all; `few` where SHORT is set, for slow instruments. */
static inline int
test_step(int few)
{
	return getenv("SHORT") ? few : 1;
}

/* 20 log10 |x|, -400 at 0 */
static inline double
test_db(double x)
{
	return x == 0 ? -400 : 20 * log10(fabs(x));
}

/* A repeatable random number in [-1, 1). */
static inline double
test_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (double)(int32_t)(*state >> 32) / 2147483648.0;
}

/* Noise for made sounds: at any frame, a channel its own, within 0.3. */
static inline double
made_noise(int64_t t, int c)
{
	uint64_t state = (uint64_t)(2 * t + c) * 0x9e3779b97f4a7c15u;
	test_random(&state);
	return 0.3 * test_random(&state);
}

#endif
