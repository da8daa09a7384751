/*
 * As much of Check as tests/test-golden.c needs, for machines that it is cross-built for and that have no Check: the
 * cases run one after the other in one process, and the first failure ends it.
 */
#ifndef BARE_CHECK_H
#define BARE_CHECK_H

#include <stdio.h>
#include <stdlib.h>

typedef struct bare_case {
	void (*run)(int);
	int from, to;
} TCase;
typedef struct bare_suite {
	TCase cases[8];
	int count;
} Suite;
typedef Suite SRunner;
enum { CK_ENV };

static Suite bare_suite;

#define START_TEST(name)                                                                                               \
	static void name(int _i)                                                                                           \
	{                                                                                                                  \
		(void)_i;
#define END_TEST }

#define ck_assert_msg(condition, ...)                                                                                  \
	do {                                                                                                               \
		if (!(condition)) {                                                                                            \
			fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition);                                            \
			fprintf(stderr, __VA_ARGS__);                                                                              \
			fputc('\n', stderr);                                                                                       \
			exit(1);                                                                                                   \
		}                                                                                                              \
	} while (0)
#define ck_assert(condition) ck_assert_msg(condition, "failed")
#define ck_assert_ptr_nonnull(pointer) ck_assert((pointer) != NULL)
#define ck_abort_msg(...) ck_assert_msg(0, __VA_ARGS__)

#define suite_create(name) (&bare_suite)
#define tcase_create(name) bare_suite.cases
#define tcase_set_timeout(tcase, seconds) ((void)0)
#define tcase_add_loop_test(tcase, name, first, end)                                                                   \
	(void)((tcase)[bare_suite.count++] = (TCase){name, first, (int)(end)})
#define tcase_add_test(tcase, name) tcase_add_loop_test(tcase, name, 0, 1)
#define suite_add_tcase(suite, tcase) ((void)0)
#define srunner_create(suite) (suite)
#define srunner_ntests_failed(runner) 0
#define srunner_free(runner) ((void)0)

static inline void
srunner_run_all(SRunner *runner, int how)
{
	(void)how;
	for (int k = 0; k < runner->count; k++)
		for (int i = runner->cases[k].from; i < runner->cases[k].to; i++)
			runner->cases[k].run(i);
}

#endif
