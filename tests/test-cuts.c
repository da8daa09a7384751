/* Cuts, fades and gaps of a master: exact to the frame in playback's graph and in the file, by their formulas. */
#include "bouncetest.h"
#include "deskgraph.h"

#define RATE 48000
#define FRAMES 30000

#define SONG                                                                                                           \
	"stemdesk 1\nstrip/a/name A\nstrip/a/region/r1/file a.wav\nmaster/limiter/on off\n"                                \
	"master/cut/from 1000smp\nmaster/cut/to 25003smp\nmaster/fade/in 2400smp\nmaster/fade/out 4801smp\n"

static double
constant(int64_t t, int c)
{
	(void)t;
	return c ? -0.25 : 0.5;
}

static double
shaped(int shape, double x)
{
	x = fmin(fmax(x, 0), 1);
	switch (shape) {
	case 1:
		return sin(M_PI / 2 * x);
	case 2:
		return (1 - cos(M_PI * x)) / 2;
	case 3:
		return x == 0 ? 0 : pow(10, 3 * (x - 1));
	}
	return x;
}

/* The factor at a frame of the song. */
static double
gain(int shape, int64_t t)
{
	if (t < 1000 || t >= 25003)
		return 0;
	return shaped(shape, (double)(t - 1000) / 2400) * shaped(shape, (double)(25002 - t) / 4801);
}

/* In the graph, as playback hears it: chunk by chunk, from the start and from the middle of the song. */
START_TEST(test_graph)
{
	static const char *const names[] = {"line", "power", "s", "db"};
	memory_stems[0] = (struct memory_stem){.name = "a.wav", .channels = 2, .frames = FRAMES};
	for (int c = 0; c < 2; c++) {
		memory_stems[0].side[c] = calloc(FRAMES, sizeof(float));
		for (int t = 0; t < FRAMES; t++)
			memory_stems[0].side[c][t] = (float)constant(t, c);
	}
	fpu_flush_denormals();
	for (int shape = 0; shape < 4; shape++)
		for (int start = 0; start <= 6400; start += 6400) {
			char text[1024];
			snprintf(text, sizeof text, SONG "master/fade/shape %s\n", names[shape]);
			struct session *s = parse(text);
			const struct render how = {.lanes = 4, .chunk = 512, .threads = 1, .start = start, .master = 1};
			float *side[2];
			render(s, &how, FRAMES - start, side);
			for (int c = 0; c < 2; c++)
				for (int t = start ? 200 : 0; t < FRAMES - start; t++) {
					double wanted = constant(t, c) * gain(shape, start + t), got = (double)side[c][t];
					ck_assert_msg(fabs(got - wanted) < 1e-7, "%s, frame %d: %.9f, should be %.9f", names[shape],
					              start + t, got, wanted);
				}
			free(side[0]);
			free(side[1]);
			session_free(s);
		}
	memory_forget();
}
END_TEST

/* In the file: it begins and ends there, with silence around it, and a range leaves the cut to the ear alone. */
START_TEST(test_file)
{
	test_begin();
	make_sound("a.wav", 2, RATE, FRAMES, constant, 0);
	struct bounce_options how = {.file = {.bits = SINK_32F}, .mastered = 1, .tail = 0};
	struct bounce_report report;
	struct sound x =
	    bounced(SONG "master/fade/shape line\nmaster/gap/before 777smp\nmaster/gap/after 48smp\n", how, &report);
	ck_assert_int_eq(x.frames, 777 + 24003 + 48);
	ck_assert_int_eq(report.begin, 1000 - 777);
	for (int64_t t = 0; t < x.frames; t++)
		for (int c = 0; c < 2; c++) {
			double wanted = t < 777 ? 0 : constant(t, c) * gain(0, t - 777 + 1000);
			ck_assert(fabs(x.x[2 * t + c] - wanted) < 1e-7);
		}
	/* the mix has none of it */
	how.mastered = 0;
	x = bounced(SONG, how, NULL);
	ck_assert_int_eq(x.frames, FRAMES);
	ck_assert(x.x[2 * 500] == 0.5);
	how.mastered = 1;
	how.from = 500;
	how.to = 2500;
	x = bounced(SONG "master/fade/shape line\n", how, NULL);
	ck_assert_int_eq(x.frames, 2000);
	for (int64_t t = 0; t < x.frames; t++)
		ck_assert(fabs(x.x[2 * t] - 0.5 * gain(0, t + 500)) < 1e-7);
	test_end();
}
END_TEST

/* A fade out of a song that is not cut ends with its last region, and the file with it. */
START_TEST(test_end_of_song)
{
	test_begin();
	make_sound("a.wav", 2, RATE, FRAMES, constant, 0);
	struct bounce_options how = {.file = {.bits = SINK_32F}, .mastered = 1, .tail = 1};
	struct sound x = bounced("stemdesk 1\nstrip/a/name A\nstrip/a/region/r1/file a.wav\nmaster/limiter/on off\n"
	                         "master/fade/out 1000smp\nmaster/fade/shape line\n",
	                         how, NULL);
	ck_assert_int_eq(x.frames, FRAMES);
	ck_assert(x.x[2 * (FRAMES - 1)] == 0);
	ck_assert(fabs(x.x[2 * (FRAMES - 501)] - 0.25) < 1e-7);
	test_end();
}
END_TEST

TEST_MAIN("cuts", 60, test_graph, test_file, test_end_of_song)
