#include "control/desk/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "control/abx.h"

#define MANY 100 /* trials are enough for anybody */

struct desk_abx {
	struct abx test;
	char line[2][512]; /* what makes A and B heard */
};

void
desk_abx_free(struct desk *d)
{
	free(d->abx);
	d->abx = NULL;
}

/* The letter that plays, 0 without a test. */
char
desk_abx_letter(const struct desk *d)
{
	return (char)(d->abx ? "ABX"[d->abx->test.heard] : 0);
}

/* What plays comes by its line, without a word that would tell which it is. */
static int
hear(struct desk *d, int which, struct err *err)
{
	struct desk_abx *a = d->abx;
	int line = which == 2 ? a->test.x : which;
	a->test.heard = which;
	d->hush = 1;
	int failed = desk_do(d, a->line[line], err);
	d->hush = 0;
	return failed;
}

static void
say_score(struct desk *d, const char *before)
{
	const struct abx *t = &d->abx->test;
	desk_say(d, DESK_SAYS, "%s%d of %d right; guessing is as good with a chance of %.1f %%", before, t->right,
	         t->trials, abx_chance(t->trials, t->right) * 100);
}

/* "LINE | LINE" */
static int
begin(struct desk *d, char *args, struct err *err)
{
	char *bar = strstr(args, " | ");
	uint64_t seed;
	struct desk_abx *a = bar ? calloc(1, sizeof *a) : NULL;
	if (!bar)
		return err_set(err, "abx: write the two lines to choose between, as in: abx monitor mix | monitor master");
	if (!a)
		return err_set(err, "not enough memory");
	*bar = '\0';
	snprintf(a->line[0], sizeof a->line[0], "%s", args);
	snprintf(a->line[1], sizeof a->line[1], "%s", bar + 3 + strspn(bar + 3, " "));
	for (int k = 0; k < 2; k++)
		if (!strncmp(a->line[k], "abx", 3)) {
			free(a);
			return err_set(err, "abx: cannot choose between tests");
		}
	if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
		seed = (uint64_t)(clock_seconds() * 1e9);
	desk_abx_free(d);
	d->abx = a;
	abx_begin(&a->test, seed);
	/* both must work before anybody listens */
	if (hear(d, 1, err) || hear(d, 0, err)) {
		desk_abx_free(d);
		return -1;
	}
	desk_say(d, DESK_SAYS, "A is heard: `abx b` and `abx x` hear the others, `abx is a` and `abx is b` say what X is");
	return 0;
}

static int
answer(struct desk *d, int which, struct err *err)
{
	struct abx *t = &d->abx->test;
	if (t->trials >= MANY)
		return err_set(err, "%d trials are enough: `abx end` ends the test", MANY);
	say_score(d, abx_answer(t, which) ? "right; " : "wrong; ");
	/* the next X is heard at once, or the same one sounds on and tells */
	return hear(d, 2, err);
}

int
desk_abx(struct desk *d, char *args, struct err *err)
{
	static const char *const letters[] = {"a", "b", "x"};
	if (strchr(args, '|'))
		return begin(d, args, err);
	if (!d->abx)
		return err_set(err, "no test is under way; begin one, as in: abx monitor mix | monitor master");
	for (int k = 0; k < 3; k++)
		if (!strcmp(args, letters[k])) {
			int failed = hear(d, k, err);
			if (!failed)
				desk_say(d, DESK_SAYS, "%c is heard", "ABX"[k]);
			return failed;
		}
	if (!strcmp(args, "is a") || !strcmp(args, "is b"))
		return answer(d, args[3] - 'a', err);
	if (!*args) {
		say_score(d, "");
		return 0;
	}
	if (strcmp(args, "end"))
		return err_set(err, "abx %s: it is a, b, x, is a, is b, end, or two lines with | between them", args);
	say_score(d, "the test is over: ");
	desk_abx_free(d);
	return 0;
}
