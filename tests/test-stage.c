/* The stage: what depth means, and what it writes. */
#include "control/stage.h"
#include "opendesk.h"
#include "session/params.h"

/* The law as stage.h has it, from its formulas at the ends and at each doubling of the distance. */
START_TEST(test_law)
{
	struct stage_place p;
	stage_place(0, &p);
	ck_assert(p.level == 0 && p.corner == 0 && p.near == PARAM_SILENCE_DB && p.far == PARAM_SILENCE_DB);
	for (int doublings = 1; doublings <= 4; doublings++) {
		stage_place(25 * doublings, &p);
		ck_assert_double_eq(p.level, -3.0 * doublings);
		ck_assert_double_eq_tol(p.corner, 20000 / pow(2, doublings / 2.0), 5); /* to 10 Hz */
		/* both together, as powers: 6 dB a doubling from -30 */
		double power = pow(10, p.near / 10) + pow(10, p.far / 10);
		ck_assert_double_eq_tol(10 * log10(power), -30 + 6 * doublings, 0.06);
	}
	ck_assert_double_eq(p.near, PARAM_SILENCE_DB);
	stage_place(50, &p);
	ck_assert_double_eq(p.near, p.far);
	double last = 0;
	for (int depth = 1; depth <= 100; depth++) {
		stage_place(depth, &p);
		ck_assert(p.level < last && p.corner >= 5000 && p.corner <= 20000);
		last = p.level;
	}
}
END_TEST

START_TEST(test_desk)
{
	struct desk *d = open_desk(0);
	desk_send(d, "strip/a/fader -2");
	WAIT_FOR(d, view.undos == 1);
	desk_send(d, "stage strip/a L30 50");
	expect(d, DESK_SAYS, "fader");
	expect(d, DESK_SAYS, "1 A at L30, depth 50: fader -8.0 dB, damped above 10.00 kHz");
	WAIT_FOR(d, view.undos == 2 && view.strips == 6 && view.strip[0].depth == 50 && view.strip[0].pan == -30);
	ck_assert(view.strip[0].fader == -8);
	ck_assert_str_eq(view.strip[2].address, "bus/stage-near");
	/* a fader moved by hand stays moved, and back in front all is as it was */
	desk_send(d, "strip/a/fader += 1");
	desk_send(d, "stage strip/a . 0");
	WAIT_FOR(d, view.strip[0].depth == 0 && view.strip[0].fader == -1);
	ck_assert(view.strip[0].pan == -30 && !(view.strip[0].on & 1 << DESK_FILTER));
	desk_send(d, "stage strip/a . +=25");
	WAIT_FOR(d, view.strip[0].depth == 25 && view.strip[0].fader == -4);
	for (int k = 0; k < 3; k++)
		desk_send(d, "undo");
	WAIT_FOR(d, view.strip[0].depth == 50 && view.strip[0].fader == -8 && view.undos == 2);
	desk_send(d, "undo");
	WAIT_FOR(d, view.strips == 4 && view.strip[0].pan == 0 && view.strip[0].fader == -2 && view.undos == 1);
	/* somebody's own low-pass is his */
	desk_send(d, "strip/b/lpf/on on");
	desk_send(d, "strip/b/lpf/freq 3000");
	desk_send(d, "stage strip/b C 100");
	WAIT_FOR(d, view.strip[1].depth == 100);
	desk_send(d, "mark all");
	desk_send(d, "stage @ -=10 .");
	WAIT_FOR(d, view.strip[0].pan == -10 && view.strip[1].pan == -10 && view.strip[1].depth == 100);
	desk_send(d, "stage bus/stage-far C 10");
	desk_send(d, "stage @ L30");
	desk_send(d, "stage mix C 10");
	int errors = 0;
	struct pollfd in = {.fd = desk_fd(d), .events = POLLIN};
	while (errors < 3) {
		struct desk_event event;
		ck_assert_int_eq(poll(&in, 1, 20000), 1);
		ck_assert_int_eq(desk_event(d, &event), 0);
		errors += event.kind == DESK_ERROR;
		ck_assert_msg(event.kind != DESK_ERROR || strstr(event.text, "room of the stage") ||
		                  strstr(event.text, "it reads") || strstr(event.text, "strips and buses"),
		              "%s", event.text);
	}
	desk_send(d, "get strip/b/lpf/freq");
	expect(d, DESK_LINES, "strip/b/lpf/freq 3000");
	close_desk(d);
}
END_TEST

TEST_MAIN("stage", 60, test_law, test_desk)
