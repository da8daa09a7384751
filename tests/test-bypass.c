/* Processors of the master bypassed at equal loudness: the match by formula, who ends it, and what is refused. */
#include <math.h>

#include "engine/monitor.h"
#include "opendesk.h"

START_TEST(test_match)
{
	struct desk *d = open_desk(0);
	turn_master(d, 3);
	desk_send(d, "monitor master");
	expect(d, DESK_SAYS, "monitor: master, as it is");
	desk_send(d, "bypass");
	expect(d, DESK_SAYS, "nothing");
	desk_send(d, "bypass multi");
	expect(d, DESK_SAYS, "multi/on off");
	expect(d, DESK_SAYS, "monitor +3.0 dB");
	desk_send(d, "bypass");
	expect(d, DESK_SAYS, "multi (+3.0 dB)");
	/* switched on again in whatever way, it is not bypassed any more */
	desk_send(d, "undo");
	expect(d, DESK_SAYS, "undone");
	desk_send(d, "bypass");
	expect(d, DESK_SAYS, "nothing");
	desk_send(d, "bypass multi");
	expect(d, DESK_SAYS, "multi/on off");
	expect(d, DESK_SAYS, "monitor +3.0 dB");
	desk_send(d, "bypass multi");
	expect(d, DESK_SAYS, "multi/on on");
	desk_send(d, "bypass");
	expect(d, DESK_SAYS, "nothing");
	/* softer with it: the monitor goes down */
	desk_send(d, "master/comp/makeup -8");
	expect(d, DESK_SAYS, "makeup");
	desk_send(d, "master/comp/threshold 0");
	expect(d, DESK_SAYS, "threshold");
	desk_send(d, "master/comp/on on");
	expect(d, DESK_SAYS, "comp");
	desk_send(d, "bypass comp");
	expect(d, DESK_SAYS, "comp/on off");
	expect(d, DESK_SAYS, "monitor -8.0 dB");
	desk_send(d, "bypass nonsense");
	expect(d, DESK_ERROR, "no such processor");
	close_desk(d);
}
END_TEST

/* Never beyond full scale: of 20 dB only as many as the peaks below it leave, 0.5 through the pan law on each side. */
START_TEST(test_room)
{
	struct desk *d = open_desk(0);
	char line[64];
	desk_send(d, "master/limiter/on off");
	expect(d, DESK_SAYS, "limiter");
	for (int k = 1; k <= 4; k++) {
		snprintf(line, sizeof line, "master/multi/%d/ratio 1", k);
		desk_send(d, line);
		expect(d, DESK_SAYS, "ratio");
		snprintf(line, sizeof line, "master/multi/%d/makeup 20", k);
		desk_send(d, line);
		expect(d, DESK_SAYS, "makeup");
	}
	desk_send(d, "master/multi/on on");
	expect(d, DESK_SAYS, "multi/on");
	desk_send(d, "bypass multi");
	expect(d, DESK_SAYS, "multi/on off");
	expect(d, DESK_SAYS, "monitor +9.0 dB, 11.0 dB too little: no more fits below full scale");
	close_desk(d);
}
END_TEST

START_TEST(test_matrix)
{
	const struct monitor_settings s = {.level = -6, .match = 2.5, .dim = 1};
	float gain[4];
	monitor_matrix(&s, gain);
	ck_assert(fabs(test_db((double)gain[0]) - (-6 + 2.5 - 20)) < 1e-4);
	ck_assert(gain[1] == 0 && gain[2] == 0 && gain[3] == gain[0]);
}
END_TEST

/* What the units take off is told while it plays: a square wave whose fundamental, 375 Hz, lies some 32 dB too high in
 * the second band and alone there. */
START_TEST(test_taken)
{
	struct desk *d = open_desk(0);
	static const char *const lines[] = {"master/multi/2/threshold -40", "master/multi/2/ratio 100",
	                                    "master/multi/on on"};
	for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
		desk_send(d, lines[k]);
		expect(d, DESK_SAYS, "multi");
	}
	desk_send(d, "monitor master");
	expect(d, DESK_SAYS, "monitor");
	desk_send(d, "loop 0s 2s");
	desk_send(d, "play");
	WAIT_FOR(d, view.playing && view.position > 4800);
	int told = 0;
	for (int turn = 0; turn < 200 && !told; turn++) {
		struct desk_event event;
		desk_send(d, "loudness");
		poll(NULL, 0, 100);
		while (desk_event(d, &event) == 0) {
			const char *found = strstr(event.text, "compressor in four bands: takes ");
			double first, second;
			if (found && sscanf(found + 32, "%lf %lf", &first, &second) == 2)
				told = first == 0 && second > 10 && second < 40;
		}
	}
	ck_assert_msg(told, "nobody told what the second band takes off");
	close_desk(d);
}
END_TEST

/* Left in the middle of it: nothing hangs, nothing is lost. */
START_TEST(test_left)
{
	struct desk *d = open_desk(0);
	desk_send(d, "play");
	WAIT_FOR(d, view.playing);
	desk_send(d, "bypass limiter");
	close_desk(d);
}
END_TEST

TEST_MAIN("bypass", 60, test_match, test_room, test_matrix, test_taken, test_left)
