/*
 * A desk with a stem on a disk that does not answer as it is opened, caught here until it is let go: the desk lives,
 * the other strips play, and the stem sounds once it is there.
 */
#include "gatetest.h"
#include "opendesk.h"

#include "control/desk/tape.h"

/* The strips are squares at half scale in the middle: -6.02 - 3.01 dB. */
static int
sounds(int strip)
{
	return view.strip[strip].peak[0] > -9.1f && view.strip[strip].peak[0] < -8.9f;
}

START_TEST(test_a_stem_comes_late)
{
	gate_set("b.wav");
	struct desk *d = open_desk(0);
	expect(d, DESK_ERROR, "b.wav: the disk does not answer; its strip is silent until it does");
	desk_send(d, "strip/b/mute off");
	expect(d, DESK_SAYS, "2 B mute off");
	desk_send(d, "loop 0s 2s");
	expect(d, DESK_SAYS, "");
	desk_send(d, "play");
	WAIT_FOR(d, view.playing && sounds(0));
	ck_assert_double_le((double)view.strip[1].peak[0], -140);
	/* another graph of the same stems, and one more of another structure */
	desk_send(d, "locate 0s");
	desk_send(d, "bus/verb/name Verb");
	WAIT_FOR(d, view.strips == 5 && sounds(0));
	ck_assert_double_le((double)view.strip[1].peak[0], -140);
	gate_set(NULL);
	WAIT_FOR(d, sounds(0) && sounds(1));
	close_desk(d);
}
END_TEST

START_TEST(test_the_desk_ends)
{
	gate_set("b.wav");
	struct desk *d = open_desk(0);
	struct desk_tape tape = {0};
	desk_tape(d, &tape);
	expect(d, DESK_ERROR, "b.wav: the disk does not answer");
	desk_send(d, "strip/a/mute on");
	expect(d, DESK_SAYS, "1 A mute on");
	close_desk(d);
	gate_set(NULL);
	gate_empties();
}
END_TEST

TEST_MAIN("hang", 120, test_a_stem_comes_late, test_the_desk_ends)
