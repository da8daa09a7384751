/* The curves that views draw against the kernels themselves: their impulse responses and what they do to tones. */
#include "control/desk/scope.h"
#include "dsp/comp.h"
#include "dsp/gate.h"
#include "dyntest.h"
#include "eqtest.h"

#define FRAMES 65536

/* The response of filters and equaliser of one lane to a frame of 1 on one side or both. */
static void
respond(const struct desk_shape *s, int right, float *x[2])
{
	struct bank eq = bank_new(&eq_proc_w4, 4, s->rate), filter = bank_new(&filter_proc_w4, 4, s->rate);
	struct eq_params ep = {.on = s->eq_on};
	const struct filter_params fp = {s->hpf_on, s->hpf_slope, s->hpf_freq, s->lpf_on, s->lpf_slope, s->lpf_freq};
	for (int k = 0; k < DESK_BANDS; k++) {
		const struct desk_band *b = &s->band[k];
		ep.band[k] = (struct eq_band){b->on, b->type, b->side, b->freq, b->gain, b->q};
	}
	eq.proc->set(eq.state, 2, &ep, 1);
	filter.proc->set(filter.state, 2, &fp, 1);
	for (int c = 0; c < 2; c++)
		memset(x[c], 0, FRAMES * sizeof(float));
	x[0][0] = 1;
	x[1][0] = (float)right;
	for (int t = 0; t < FRAMES; t += QUANTUM) {
		bank_lane(&filter, 2, x[0] + t, x[1] + t);
		bank_lane(&eq, 2, x[0] + t, x[1] + t);
	}
	bank_free(&eq);
	bank_free(&filter);
}

static const struct desk_shape shapes[] = {
    {.rate = 48000,
     .eq_on = 1,
     .band = {{1, EQ_LOWSHELF, 0, 90, 4, 0.7},
              {1, EQ_BELL, 0, 250, -7, 2},
              {1, EQ_BELL, 0, 1000, 0, 1},
              {1, EQ_NOTCH, 0, 3000, 0, 4},
              {0, EQ_BELL, 0, 4000, 12, 1},
              {1, EQ_HIGHSHELF, 0, 9000, 5, 0.7}}},
    {.rate = 44100, .hpf_on = 1, .hpf_slope = 3, .hpf_freq = 120, .lpf_on = 1, .lpf_slope = 0, .lpf_freq = 9000},
    {.rate = 96000,
     .eq_on = 1,
     .band = {{1, EQ_BELL, 0, 15000, 12, 3}, {1, EQ_BANDPASS, 0, 700, 0, 0.4}, {1, EQ_LOWPASS, 0, 17000, 0, 1}},
     .hpf_on = 1,
     .hpf_slope = 2,
     .hpf_freq = 30},
    {.rate = 48000,
     .eq_on = 1,
     .band = {{1, EQ_BELL, 1, 400, 6, 1}, {1, EQ_HIGHSHELF, 2, 6000, -8, 0.7}, {1, EQ_BELL, 0, 2000, 3, 1}}},
    {.rate = 48000, .eq_on = 0, .band = {{1, EQ_BELL, 0, 400, 6, 1}}},
};

/* The middle hears what both sides alike get, the sides what they get upside down of one another. */
START_TEST(test_tone)
{
	const struct desk_shape *s = &shapes[_i];
	float *x[2] = {malloc(FRAMES * sizeof(float)), malloc(FRAMES * sizeof(float))}, curve[2][40];
	double hz[40];
	for (int k = 0; k < 40; k++)
		hz[k] = 25 * exp2(k / 4.1);
	desk_eq_curve(s, hz, 40, curve[0], curve[1]);
	for (int side = 0; side < 2; side++) {
		respond(s, side ? -1 : 1, x);
		for (int k = 0; k < 40; k++) {
			double db = test_db(gain_at(x[0], FRAMES, hz[k], s->rate));
			if (db > -60)
				ck_assert_msg(fabs(db - (double)curve[side][k]) < 0.02, "%s at %.0f Hz: %.3f dB, drawn %.3f",
				              side ? "side" : "middle", hz[k], db, (double)curve[side][k]);
			else
				ck_assert_double_lt((double)curve[side][k], -50);
		}
	}
	free(x[0]);
	free(x[1]);
}
END_TEST

/* Bands and filters alone, by the formulas of their prototypes; together they are the whole. */
START_TEST(test_parts)
{
	const struct desk_shape *s = &shapes[_i];
	for (double hz = 30; hz < 20000; hz *= 1.3) {
		float whole, other;
		double sum = desk_filter_curve(s, hz);
		for (int k = 0; k < DESK_BANDS; k++) {
			const struct desk_band *b = &s->band[k];
			struct eq_band eq = {b->on, b->type, b->side, b->freq, b->gain, b->q};
			double db = desk_band_curve(s, k, hz), truth = b->on && s->eq_on ? test_db(cabs(eq_truth(&eq, hz))) : 0;
			if (truth > -40)
				ck_assert_msg(fabs(db - truth) < 0.1, "band %d at %.0f Hz: %.3f dB, not %.3f", k + 1, hz, db, truth);
			sum += b->side == EQ_SIDE ? 0 : db;
		}
		desk_eq_curve(s, &hz, 1, &whole, &other);
		ck_assert_double_le(fabs((double)whole - sum), 0.001);
	}
	/* Butterworth: 3 dB down at the corner, and so many dB an octave below it */
	const struct desk_shape pass = {.rate = 48000, .hpf_on = 1, .hpf_slope = 3, .hpf_freq = 800};
	ck_assert_double_le(fabs(desk_filter_curve(&pass, 800) + 3.0103), 0.05);
	ck_assert_double_le(fabs(desk_filter_curve(&pass, 50) - desk_filter_curve(&pass, 100) + 24.08), 0.1);
}
END_TEST

#define SECOND 48000

/* What a processor makes of a tone whose peaks stand at `before`, then for a second at `level`, dB. */
static double
settle(const struct dsp_proc *proc, const void *params, double before, double level, double *driven)
{
	struct strip s = strip_open(proc, 4, 1, SECOND);
	proc->set(s.state, 1, params, 1);
	double out = 0;
	for (int k = 0; k < 2; k++) {
		float *x = tone(1000, SECOND, pow(10, (k ? level : before) / 20), SECOND);
		strip_run_mono(&s, x, NULL, SECOND);
		out = test_db(tone_level(x + SECOND / 2, SECOND / 2, 1000, SECOND));
		free(x);
	}
	*driven = test_db((double)proc->level(s.state, 1));
	strip_close(&s);
	return out;
}

START_TEST(test_comp)
{
	static const struct comp_params rows[] = {
	    {.on = 1, .threshold = -30, .ratio = 4, .knee = 6, .attack = 5, .release = 50, .mix = 100, .key_hpf = 10},
	    {.on = 1, .threshold = -20, .ratio = 100, .knee = 0, .attack = 5, .release = 50, .mix = 100, .key_hpf = 10},
	    {.on = 1,
	     .threshold = -40,
	     .ratio = 2,
	     .knee = 20,
	     .attack = 5,
	     .release = 50,
	     .makeup = 6,
	     .mix = 60,
	     .key_hpf = 10},
	};
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		const struct comp_params *p = &rows[k];
		const struct desk_shape s = {.comp_on = 1,
		                             .comp_threshold = p->threshold,
		                             .comp_ratio = p->ratio,
		                             .comp_knee = p->knee,
		                             .comp_makeup = p->makeup,
		                             .comp_mix = p->mix};
		for (double level = -54; level <= 0; level += 4.5) {
			double driven, out = settle(&comp_proc_w4, p, level, level, &driven), curve = desk_comp_curve(&s, level);
			ck_assert_msg(fabs(out - curve) < 0.05, "row %zu at %.1f dB: %.2f dB, drawn %.2f", k, level, out, curve);
			ck_assert_double_le(fabs(driven - level), 0.05);
		}
	}
}
END_TEST

START_TEST(test_gate)
{
	static const struct gate_params rows[] = {
	    {.on = 1,
	     .ratio = 100,
	     .threshold = -30,
	     .hysteresis = 6,
	     .range = 40,
	     .attack = 1,
	     .release = 30,
	     .key_hpf = 10,
	     .key_lpf = 20000},
	    {.on = 1,
	     .ratio = 3,
	     .threshold = -20,
	     .hysteresis = 0,
	     .range = 24,
	     .attack = 1,
	     .release = 30,
	     .key_hpf = 10,
	     .key_lpf = 20000},
	};
	for (size_t k = 0; k < 2; k++) {
		const struct gate_params *p = &rows[k];
		const struct desk_shape s = {.gate_on = 1,
		                             .gate_ratio = p->ratio,
		                             .gate_threshold = p->threshold,
		                             .gate_hysteresis = p->hysteresis,
		                             .gate_range = p->range};
		/* never on a threshold itself */
		for (double level = -58.2; level <= 0; level += 3.1)
			for (int open = 0; open < 2; open++) {
				double driven, out = settle(&gate_proc_w4, p, open ? 0 : -70, level, &driven);
				double curve = desk_gate_curve(&s, level, open);
				ck_assert_msg(fabs(out - curve) < 0.05, "row %zu at %.1f dB, %s: %.2f dB, drawn %.2f", k, level,
				              open ? "open" : "closed", out, curve);
				ck_assert_double_le(fabs(driven - level), 0.05);
			}
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("curves");
	TCase *cases = tcase_create("curves");
	tcase_set_timeout(cases, 60);
	tcase_add_loop_test(cases, test_tone, 0, sizeof shapes / sizeof *shapes);
	tcase_add_loop_test(cases, test_parts, 0, sizeof shapes / sizeof *shapes);
	tcase_add_test(cases, test_comp);
	tcase_add_test(cases, test_gate);
	suite_add_tcase(suite, cases);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
