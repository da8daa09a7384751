/* Blind tests of the desk: equal loudness by formula, what the screen tells, and that all is as it was afterwards. */
#include <math.h>

#include "control/desk/scope.h"
#include "opendesk.h"

/* A and B are seen and told, X is neither; answers are counted until the end, which leaves nothing behind. */
START_TEST(test_score)
{
	struct desk *d = open_desk(0);
	desk_send(d, "abx strip/a/fader -3 | nonsense");
	expect(d, DESK_ERROR, "nonsense");
	WAIT_FOR(d, view.strip[0].fader == 0.0f && !*view.monitor);
	desk_send(d, "abx x");
	expect(d, DESK_ERROR, "no test");
	desk_send(d, "abx strip/a/fader -3 | strip/a/fader -9");
	expect(d, DESK_SAYS, "A is heard");
	expect(d, DESK_SAYS, "A is turned down by 6.0 dB");
	WAIT_FOR(d, view.strip[0].fader == -3.0f && !strcmp(view.monitor, "hearing A"));
	desk_send(d, "abx b");
	expect(d, DESK_SAYS, "B is heard");
	WAIT_FOR(d, view.strip[0].fader == -9.0f);
	for (int k = 0; k < 6; k++) {
		desk_send(d, "abx x");
		expect(d, DESK_SAYS, "X is heard");
		WAIT_FOR(d, !strcmp(view.monitor, "hearing X"));
		ck_assert(view.strip[0].fader == -9.0f); /* the screen does not tell */
		desk_send(d, "abx is a");
		expect(d, DESK_SAYS, " right; guessing");
	}
	desk_send(d, "abx a");
	expect(d, DESK_SAYS, "A is heard");
	WAIT_FOR(d, view.strip[0].fader == -3.0f);
	desk_send(d, "abx end");
	expect(d, DESK_SAYS, "of 6 right");
	WAIT_FOR(d, !*view.monitor && view.strip[0].fader == 0.0f);
	desk_send(d, "undo");
	expect(d, DESK_ERROR, "nothing to undo");
	close_desk(d);
}
END_TEST

/* The compressor in four bands as a gain of 4 dB: the master is turned down by it against the mix, and X is not told by
 * whether the one or the other is measured. */
START_TEST(test_equal)
{
	struct desk *d = open_desk(0);
	struct desk_loudness m;
	turn_master(d, 4);
	desk_send(d, "abx monitor mix | monitor master");
	expect(d, DESK_SAYS, "A is heard");
	expect(d, DESK_SAYS, "B is turned down by 4.0 dB");
	desk_send(d, "abx b");
	expect(d, DESK_SAYS, "B is heard");
	desk_send(d, "loop 0s 1s");
	expect(d, DESK_SAYS, "loop");
	desk_send(d, "play");
	do
		desk_loudness(d, &m);
	while (!m.mastered);
	WAIT_FOR(d, view.mastered);
	for (int k = 0; k < 8; k++) {
		desk_send(d, "abx x");
		expect(d, DESK_SAYS, "X is heard");
		int64_t from = 0;
		WAIT_FOR(d, !strcmp(view.monitor, "hearing X") && (from = view.position) >= 0);
		WAIT_FOR(d, view.position != from && view.strip[0].reduction == 0);
		desk_loudness(d, &m);
		ck_assert(m.mastered && view.mastered);
		desk_send(d, "abx is b");
		expect(d, DESK_SAYS, "right; guessing");
	}
	desk_send(d, "abx as-is monitor mix | monitor master");
	expect(d, DESK_SAYS, "as loud as it is");
	desk_send(d, "abx x"); /* need not wait */
	expect(d, DESK_SAYS, "X is heard");
	close_desk(d);
}
END_TEST

/* Each line is done to the desk as it was, and switches of the monitor do not pile up. What is changed by hand stays.
 */
START_TEST(test_apart)
{
	struct desk *d = open_desk(0);
	desk_send(d, "abx strip/a/fader -3 | strip/b/fader -4");
	expect(d, DESK_SAYS, "A is heard");
	expect(d, DESK_SAYS, "equally loud");
	WAIT_FOR(d, view.strip[0].fader == -3.0f && view.strip[1].fader == 0.0f);
	desk_send(d, "abx b");
	expect(d, DESK_SAYS, "B is heard");
	WAIT_FOR(d, view.strip[0].fader == 0.0f && view.strip[1].fader == -4.0f);
	desk_send(d, "abx end");
	expect(d, DESK_SAYS, "is over");
	desk_send(d, "undo");
	expect(d, DESK_ERROR, "nothing to undo");
	desk_send(d, "abx as-is monitor mono |");
	expect(d, DESK_SAYS, "A is heard");
	for (int k = 0; k < 2; k++) {
		desk_send(d, "abx b");
		expect(d, DESK_SAYS, "B is heard");
		desk_send(d, "abx a");
		expect(d, DESK_SAYS, "A is heard");
	}
	desk_send(d, "strip/a/mute on");
	expect(d, DESK_SAYS, "mute");
	desk_send(d, "abx end");
	expect(d, DESK_SAYS, "is over");
	WAIT_FOR(d, !*view.monitor);
	WAIT_FOR(d, view.strip[0].mute);
	close_desk(d);
}
END_TEST

TEST_MAIN("blind", 60, test_score, test_equal, test_apart)
