/* Faults found by the console: listened to beside the work, gone to by a command, known to be old once the desk moves.
 */
#include "control/desk/faults.h"

#include "opendesk.h"

static struct desk_faults faults;

/* What the view gets, once it is as wanted. */
#define WAIT_FAULTS(d, what)                                                                                           \
	do {                                                                                                               \
		int turns = 0;                                                                                                 \
		for (desk_faults(d, &faults); !(what); desk_faults(d, &faults)) {                                              \
			ck_assert_msg(turns++ < 2000, "%s did not come", #what);                                                   \
			poll(NULL, 0, 10);                                                                                         \
		}                                                                                                              \
	} while (0)

/* A's square of 0.5, through the pan law 3 dB lower, 10 dB up: 1.12 from its beginning to its end. */
START_TEST(test_faults)
{
	struct desk *d = open_desk(0);
	memset(&faults, 0, sizeof faults);
	desk_faults(d, &faults);
	ck_assert_uint_eq(faults.version, 0);
	ck_assert_int_eq(faults.listening, -1);
	desk_send(d, "fault next");
	expect(d, DESK_ERROR, "was not listened to yet");
	desk_send(d, "faults stop");
	expect(d, DESK_ERROR, "not being listened to");
	desk_send(d, "strip/a/fader 10");
	expect(d, DESK_SAYS, "fader");
	desk_send(d, "faults");
	expect(d, DESK_SAYS, "listened to");
	expect(d, DESK_SAYS, "faults of the mix and its master");
	WAIT_FAULTS(d, faults.version == 1 && faults.listening < 0);
	ck_assert_int_eq(faults.count, 2); /* above full scale, and so the limiter works */
	ck_assert_str_eq(faults.fault[0].kind, "clip");
	ck_assert_str_eq(faults.fault[1].kind, "limit");
	ck_assert_int_eq(faults.chosen, -1);
	desk_send(d, "faults list");
	expect(d, DESK_LINES, "1 0:0");
	expect(d, DESK_LINES, "limit");
	desk_send(d, "select b");
	WAIT_FOR(d, view.selected == 1);
	desk_send(d, "locate 2s");
	WAIT_FOR(d, view.position > 0);
	desk_send(d, "fault next");
	expect(d, DESK_SAYS, "100 % of it A");
	WAIT_FOR(d, view.selected == 0 && view.position <= 24000 * 3 / 2);
	WAIT_FAULTS(d, faults.chosen == 0);
	desk_send(d, "fault prev");
	expect(d, DESK_ERROR, "there are 2");
	desk_send(d, "fault 2");
	expect(d, DESK_SAYS, "limit at");
	desk_send(d, "fault nonsense");
	expect(d, DESK_ERROR, "next, prev or a number");
	/* mended: what was found is known to be old, and listened to again it is gone */
	desk_send(d, "strip/a/fader 0");
	expect(d, DESK_SAYS, "fader");
	WAIT_FAULTS(d, faults.stale);
	desk_send(d, "fault 1");
	expect(d, DESK_SAYS, "before the desk was changed");
	desk_send(d, "faults");
	expect(d, DESK_SAYS, "listened to");
	expect(d, DESK_SAYS, "0 faults of the mix and its master");
	WAIT_FAULTS(d, faults.version == 2 && !faults.stale && !faults.count);
	desk_send(d, "fault next");
	expect(d, DESK_ERROR, "no fault was found");
	/* one that is stopped, and one that is under way when the desk closes, leave nothing behind */
	desk_send(d, "faults");
	expect(d, DESK_SAYS, "listened to");
	close_desk(d);
}
END_TEST

TEST_MAIN("desk-faults", 120, test_faults)
