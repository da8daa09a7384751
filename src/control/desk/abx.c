#include "control/desk/edit.h"
#include "control/desk/level.h"
#include "control/desk/look.h"
#include "control/desk/sheet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "control/abx.h"

#define MANY 100 /* trials are enough for anybody */

struct desk_abx {
	struct abx test;
	char line[2][512];        /* what makes A and B heard; "": the desk as it was */
	struct desk_heard_as was; /* what was heard before the test */
	size_t step;              /* steps of undo with the line of what plays; 0: it made none */
	struct level *levels;     /* of both, being worked out */
	double beside[2];         /* dB, that the monitor adds to each for what is bypassed */
	double match[2];          /* dB, that the louder one is turned down by */
};

void
desk_abx_free(struct desk *d)
{
	if (d->abx)
		level_free(d->abx->levels);
	free(d->abx);
	d->abx = NULL;
}

/* The letter that plays, 0 without a test. */
char
desk_abx_letter(const struct desk *d)
{
	return (char)(d->abx ? "ABX"[d->abx->test.heard] : 0);
}

static int
line_of(const struct desk_abx *a)
{
	return a->test.heard == 2 ? a->test.x : a->test.heard;
}

double
desk_abx_match(const struct desk *d)
{
	return d->abx ? d->abx->match[line_of(d->abx)] : 0;
}

/* The desk as it was before the line of what plays. Steps that the user has made since stay, and that line with them.
 */
static int
go_back(struct desk *d, struct err *err)
{
	struct desk_abx *a = d->abx;
	size_t redos, steps = session_steps(d->session, &redos);
	if (a->step && a->step == steps && !redos)
		session_undo(d->session);
	a->step = 0;
	desk_monitor_put(d, &a->was);
	return desk_follow(d, "", err);
}

/* What plays comes by its line, without a word that would tell which it is. */
static int
hear(struct desk *d, int which, struct err *err)
{
	struct desk_abx *a = d->abx;
	size_t redos;
	a->test.heard = which;
	desk_look_hold(d->look, which == 2);
	d->hush = 1;
	int failed = go_back(d, err);
	size_t steps = session_steps(d->session, &redos);
	const char *line = a->line[line_of(a)];
	if (!failed && *line)
		failed = desk_do(d, line, err);
	size_t after = session_steps(d->session, &redos);
	a->step = after == steps + 1 ? after : 0;
	d->hush = 0;
	desk_monitor_match(d);
	return failed;
}

/* The test is over: all is as it was before, but for what the user has changed meanwhile. */
static void
end(struct desk *d)
{
	struct err err;
	d->hush = 1;
	if (go_back(d, &err))
		desk_say(d, DESK_ERROR, "%s", err.text);
	d->hush = 0;
	desk_abx_free(d);
	desk_look_hold(d->look, 0);
	desk_monitor_match(d);
}

static void
say_score(struct desk *d, const char *before, const char *behind)
{
	const struct abx *t = &d->abx->test;
	desk_say(d, DESK_SAYS, "%s%d of %d right; guessing is as good with a chance of %.1f %%%s", before, t->right,
	         t->trials, abx_chance(t->trials, t->right) * 100, behind);
}

/* What plays now, for level_begin; 0 where that cannot be told. */
static int
take_side(struct desk *d, struct level_side *side, double *beside, struct err *err)
{
	int reference = desk_reference_loudness(d, &side->known);
	*beside = desk_bypass_match(d);
	side->mastered = d->mastered;
	if (reference > 0)
		return 1;
	if (reference < 0 || d->pick.count || d->pick.key)
		return 0;
	side->session = desk_copy_session(d, err);
	return side->session != NULL;
}

/* Both must work before anybody listens; and both are made as loud. */
static int
try_both(struct desk *d, int as_is, struct err *err)
{
	struct desk_abx *a = d->abx;
	struct level_side side[2] = {{.session = NULL}, {.session = NULL}};
	char codec[64];
	double left;
	int known = !as_is, percent;
	for (int k = 1; k >= 0; k--) {
		int failed = hear(d, k, err);
		if (!failed && desk_codec_state(d, codec, sizeof codec, &percent, &left))
			failed = err_set(err, "abx: the song is on its way %s; begin the test once that is heard", codec);
		if (failed) {
			session_free(side[1].session);
			return -1;
		}
		known = known && take_side(d, &side[k], &a->beside[k], err);
	}
	if (!known) {
		session_free(side[0].session);
		session_free(side[1].session);
		desk_say(d, DESK_SAYS, "A is heard%s",
		         as_is ? ", as loud as it is" : "; how loud both are cannot be compared: they are heard as they are");
		return 0;
	}
	a->levels = level_begin(d, side, err);
	if (a->levels)
		desk_say(d, DESK_SAYS, "A is heard; both are being measured, to be heard equally loud");
	return a->levels ? 0 : -1;
}

/* The text of a side, without the blanks around it. 0, or -1 with err filled. */
static int
take_line(char line[512], char *text, struct err *err)
{
	text += strspn(text, " ");
	size_t n = strlen(text);
	while (n && text[n - 1] == ' ')
		n--;
	if (n >= 512)
		return err_set(err, "abx: a line has 511 letters at the most");
	memcpy(line, text, n);
	line[n] = '\0';
	if (!strncmp(line, "abx", 3))
		return err_set(err, "abx: cannot choose between tests");
	return 0;
}

/* "[as-is] LINE | [LINE]" */
static int
begin(struct desk *d, char *args, struct err *err)
{
	struct desk_abx *a = d->edit->macro_depth ? NULL : calloc(1, sizeof *a);
	char *bar = strchr(args, '|');
	int as_is = !strncmp(args, "as-is ", 6);
	uint64_t seed;
	if (!a)
		return err_set(err, d->edit->macro_depth ? "abx: a macro cannot listen" : "not enough memory");
	*bar = '\0';
	if (take_line(a->line[0], args + (as_is ? 6 : 0), err) || take_line(a->line[1], bar + 1, err)) {
		free(a);
		return -1;
	}
	if (d->abx)
		end(d);
	if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
		seed = (uint64_t)(clock_seconds() * 1e9);
	abx_begin(&a->test, seed);
	desk_monitor_keep(d, &a->was);
	d->abx = a;
	if (!try_both(d, as_is, err))
		return 0;
	end(d);
	return -1;
}

static int
answer(struct desk *d, int which, struct err *err)
{
	struct abx *t = &d->abx->test;
	if (t->trials >= MANY)
		return err_set(err, "%d trials are enough: `abx end` ends the test", MANY);
	say_score(d, abx_answer(t, which) ? "right; " : "wrong; ", "");
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
	int is = !strcmp(args, "is a") || !strcmp(args, "is b");
	if (d->abx->levels && (is || !strcmp(args, "x")))
		return err_set(err, "abx: both are still being measured, to be heard equally loud; in a moment");
	for (int k = 0; k < 3; k++)
		if (!strcmp(args, letters[k])) {
			int failed = hear(d, k, err);
			if (!failed)
				desk_say(d, DESK_SAYS, "%c is heard", "ABX"[k]);
			return failed;
		}
	if (is)
		return answer(d, args[3] - 'a', err);
	if (!*args) {
		say_score(d, "", "");
		return 0;
	}
	if (strcmp(args, "end"))
		return err_set(err, "abx %s: it is a, b, x, is a, is b, end, or two lines with | between them", args);
	say_score(d, "the test is over: ", "; all is as it was before");
	end(d);
	return 0;
}

void
desk_abx_tick(struct desk *d)
{
	struct desk_abx *a = d->abx;
	struct levelled found;
	struct err err = {""};
	int done = a && a->levels ? level_done(a->levels, &found, &err) : 0;
	if (!done)
		return;
	level_free(a->levels);
	a->levels = NULL;
	if (done < 0) {
		desk_say(d, DESK_ERROR, "abx: both are heard as they are, since they could not be measured: %s", err.text);
		return;
	}
	double x = found.loudness[0] + a->beside[0], y = found.loudness[1] + a->beside[1];
	if (!isfinite(x) || !isfinite(y)) {
		desk_say(d, DESK_SAYS, "nothing sounds here in one of both: they are heard as they are");
		return;
	}
	a->match[x > y ? 0 : 1] = -fabs(x - y);
	desk_say(d, DESK_SAYS, "equally loud: A %.1f LUFS here, B %.1f; %c is turned down by %.1f dB", x, y,
	         x > y ? 'A' : 'B', fabs(x - y));
}
