/* What the views see live: spectra and loudness by formula, levels since a look, and all of it from a desk that plays.
 */
#include "control/desk/heard.h"
#include "control/desk/meters.h"
#include "control/desk/scope.h"
#include "master/measure.h"
#include "master/spectrum.h"
#include "opendesk.h"

/* Seconds of a sine of that amplitude, as spectra get it. */
static void
hum(struct spectrum *s, double rate, double hz, double amplitude, double seconds, int sides)
{
	float x[100], none[100] = {0};
	for (int64_t t = 0; t < (int64_t)(seconds * rate); t += 100) {
		for (int k = 0; k < 100; k++)
			x[k] = (float)(amplitude * sin(2 * M_PI * hz * (double)(t + k) / rate));
		spectrum_take(s, x, sides == 1 ? NULL : sides == 2 ? x : none, 100);
	}
}

/* A full sine reads 0 dB in the band it lies in, wherever in it, and what is an octave away reads nothing. */
START_TEST(test_sines)
{
	static const double rates[] = {44100, 48000, 96000, 192000};
	float db[SPECTRUM_BANDS];
	for (int r = 0; r < 4; r++) {
		struct spectrum *s = spectrum_new(rates[r]);
		for (int band = 0; band < SPECTRUM_BANDS - 3; band += 3) {
			double hz = spectrum_hertz(band) * exp2((band % 5 - 2) / 60.0);
			spectrum_clear(s);
			hum(s, rates[r], hz, 1, 0.7, 1 + band % 2);
			spectrum_read(s, 10, db);
			ck_assert_msg(fabs((double)db[band]) < 0.3, "%.1f Hz at %.0f Hz: %.2f dB", hz, rates[r], (double)db[band]);
			for (int k = 0; k < SPECTRUM_BANDS; k++)
				if (k > 12 && (k < band - 12 || k > band + 12))
					ck_assert_msg(db[k] < -50, "%.1f Hz leaks %.1f dB into %.1f Hz", hz, (double)db[k],
					              spectrum_hertz(k));
		}
		/* on one side alone it is half the power */
		spectrum_clear(s);
		hum(s, rates[r], 1000, 0.1, 0.7, 0);
		spectrum_read(s, 10, db);
		ck_assert_double_le(fabs((double)db[68] + 20 + 3.0103), 0.3);
		spectrum_free(s);
	}
}
END_TEST

/* White noise reads its density times a band's width; it is fast up and 30 dB a second down. */
START_TEST(test_noise)
{
	enum { READINGS = 200 };
	struct spectrum *s = spectrum_new(48000);
	double sum[SPECTRUM_BANDS] = {0};
	float x[2][2048], db[SPECTRUM_BANDS], silence[4800] = {0};
	uint64_t seed = 5;
	for (int k = 0; k < READINGS; k++) {
		for (int t = 0; t < 2048; t++)
			for (int c = 0; c < 2; c++)
				x[c][t] = (float)test_random(&seed);
		spectrum_take(s, x[0], x[1], 2048);
		spectrum_read(s, 10, db);
		for (int band = 0; band < SPECTRUM_BANDS; band++)
			sum[band] += pow(10, (double)db[band] / 10) / READINGS;
	}
	for (int band = 84; band < 119; band++) { /* 2.6 kHz and up: bands much wider than a bin */
		double width = spectrum_hertz(band) * (exp2(1 / 24.0) - exp2(-1 / 24.0));
		double truth = 10 * log10(1.0 / 3 / 0.5 * width / 24000);
		ck_assert_msg(fabs(10 * log10(sum[band]) - truth) < 0.7, "band %d: %.2f dB, not %.2f", band,
		              10 * log10(sum[band]), truth);
	}
	hum(s, 48000, 1000, 1, 0.5, 1);
	spectrum_read(s, 10, db);
	for (int k = 0; k < 20; k++)
		spectrum_take(s, silence, NULL, 4800);
	spectrum_read(s, 0.5, db);
	ck_assert_double_le(fabs((double)db[68] + 15), 0.3);
	hum(s, 48000, 1000, 1, 0.5, 1);
	spectrum_read(s, 0.06, db);
	ck_assert_double_ge((double)db[68], -3);
	spectrum_free(s);
}
END_TEST

/* Whoever looks, however late, gets the greatest since then; who was away for very long gets no less than that. */
START_TEST(test_crest)
{
	static float value[3000];
	struct desk_crest c = {0};
	uint64_t seed = 9;
	for (uint32_t at = 1; at < 3000; at++) {
		value[at] = (float)fabs(test_random(&seed));
		desk_crest_put(&c, at, value[at]);
		ck_assert_int_le(c.count, DESK_CREST);
		float most = 0;
		for (uint32_t seen = at; seen-- > 0;) {
			most = value[seen + 1] > most ? value[seen + 1] : most;
			float got = desk_crest_since(&c, seen);
			ck_assert(got >= most);
			if (at - seen < DESK_CREST)
				ck_assert(got == most);
		}
		ck_assert(desk_crest_since(&c, at) == 0);
	}
	/* a long fall has more steps than are kept: the newest are, and none is too low */
	c.count = 0;
	for (uint32_t at = 1; at < 100; at++)
		desk_crest_put(&c, at, 1 - (float)at / 100);
	for (uint32_t seen = 1; seen < 99; seen++)
		ck_assert(desk_crest_since(&c, seen) >= 1 - (float)(seen + 1) / 100);
	for (uint32_t seen = 100 - DESK_CREST; seen < 99; seen++)
		ck_assert(desk_crest_since(&c, seen) == 1 - (float)(seen + 1) / 100);
}
END_TEST

/* Seconds of a tone with that amplitude on each side, from frame *at of the song on. */
static void
listen_to(struct desk_heard *h, int64_t *at, double seconds, double left, double right, int paused)
{
	struct player_look x = {.begins = *at == 0};
	for (int64_t end = *at + (int64_t)(seconds * 48000); *at < end; *at += QUANTUM) {
		x.frame = *at;
		for (int t = 0; t < QUANTUM; t++) {
			double y = sin(2 * M_PI * 997 * (double)(*at + t) / 48000);
			x.heard[0][t] = (float)(left * y);
			x.heard[1][t] = (float)(right * y);
		}
		desk_heard_take(h, &x, paused);
		x.begins = 0;
	}
}

/* BS.1770: 997 Hz at full scale on both sides is 0 LUFS, on one it is 3.01 less. */
START_TEST(test_heard)
{
	struct desk_heard *h = desk_heard_new(48000);
	struct desk_loudness m;
	int64_t at = 0;
	desk_heard_song(h, 30);
	listen_to(h, &at, 12, 0.125, 0.125, 0);
	desk_heard_read(h, &m, 1);
	ck_assert_double_le(fabs((double)m.integrated + 18.06), 0.05);
	ck_assert_double_le(fabs((double)m.shortterm + 18.06), 0.05);
	ck_assert_double_le(fabs((double)m.momentary + 18.06), 0.05);
	ck_assert_double_le(fabs((double)m.range), 0.05);
	ck_assert_double_le(fabs((double)m.true_peak[0] + 18.06), 0.05);
	ck_assert_double_le(fabs((double)m.plr), 0.1);
	ck_assert_double_le(fabs((double)m.psr), 0.1);
	ck_assert_double_le(fabs((double)m.correlation - 1), 1e-4);
	ck_assert_double_le(fabs((double)m.balance), 1e-3);
	ck_assert_double_le(fabs(m.seconds - 12), 0.01);
	ck_assert_int_eq(m.points, 30);
	ck_assert_int_eq(m.now, 11);
	ck_assert_double_le(fabs((double)m.past[5] + 18.06), 0.05);
	ck_assert(isinf(m.past[12]));
	/* the right side 6 dB lower and upside down; the true peaks are each side's */
	listen_to(h, &at, 4, 0.25, -0.125, 0);
	desk_heard_read(h, &m, 1);
	ck_assert_double_le(fabs((double)m.correlation + 1), 1e-4);
	ck_assert_double_le((double)m.least_correlation, -0.999);
	ck_assert_double_le(fabs((double)m.balance + 6.02), 0.01);
	ck_assert_double_le(fabs((double)m.true_peak[0] + 12.04), 0.05);
	ck_assert_double_le(fabs((double)m.true_peak[1] + 18.06), 0.05);
	ck_assert_double_le(fabs((double)(m.cloud[7][0] / m.cloud[7][1]) + 3), 0.01);
	/* paused: loudness stays; from the top: it begins anew, and the curve with it */
	float integrated = m.integrated;
	listen_to(h, &at, 4, 0.5, 0.5, 1);
	desk_heard_read(h, &m, 1);
	ck_assert(m.integrated == integrated);
	ck_assert_double_le(fabs(m.seconds - 16), 0.01);
	at = 0;
	listen_to(h, &at, 4, 0.5, 0.5, 0);
	desk_heard_read(h, &m, 1);
	ck_assert_double_le(fabs((double)m.integrated + 6.02), 0.05);
	ck_assert_double_le(fabs(m.seconds - 4), 0.01);
	ck_assert(isinf(m.past[12]));
	desk_heard_free(h);
}
END_TEST

/* What the console reads at the end of a song is what `measure` says of its file. */
START_TEST(test_same_as_measure)
{
	struct err err = {""};
	struct desk_heard *h = desk_heard_new(48000);
	struct meter *meter = meter_new(48000, 2, &err);
	struct measured measured;
	struct desk_loudness m;
	struct player_look x = {.begins = 1};
	uint64_t seed = 3;
	for (int q = 0; q < 40 * 750; q++) {
		double level = 0.01 + 0.3 * (q / 1000 % 7) / 7;
		for (int t = 0; t < QUANTUM; t++)
			for (int c = 0; c < 2; c++)
				x.heard[c][t] = (float)(level * test_random(&seed));
		desk_heard_take(h, &x, 0);
		x.begins = 0;
		const float *const side[2] = {x.heard[0], x.heard[1]};
		ck_assert_int_eq(meter_take(meter, side, QUANTUM, &err), 0);
	}
	desk_heard_read(h, &m, 1);
	ck_assert_int_eq(meter_finish(meter, &measured, &err), 0);
	ck_assert_double_gt(measured.range, 3);
	ck_assert_double_le(fabs((double)m.range - measured.range), 1e-5);
	ck_assert_double_le(fabs((double)m.integrated - measured.integrated), 0.02);
	ck_assert_double_le(fabs((double)m.max_shortterm - measured.max_shortterm), 1e-5);
	measured_fini(&measured);
	meter_free(meter);
	desk_heard_free(h);
}
END_TEST

/* Scales: the marks of each stand where its standard has them. */
START_TEST(test_scales)
{
	char text[32];
	static const struct {
		enum desk_needle needle;
		float db;
		const char *reads;
	} rows[] = {
	    {DESK_PEAK, -6, "-6.0 dBFS"}, {DESK_K12, -12, "0.0 dB"}, {DESK_K14, -20, "-6.0 dB"}, {DESK_K20, 0, "20.0 dB"},
	    {DESK_PPM, -18, "4.0"},       {DESK_PPM, -10, "6.0"},    {DESK_DIN, -9, "0.0 dB"},   {DESK_VU, -18, "0.0 VU"},
	};
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		desk_needle_text(rows[k].needle, rows[k].db, text, sizeof text);
		ck_assert_str_eq(text, rows[k].reads);
	}
	for (int needle = 0; needle < DESK_NEEDLES; needle++) {
		float careful, loud, before = -1;
		for (float db = -90; db <= 3; db += 0.5f) {
			float place = desk_needle_place(needle, db);
			ck_assert(place >= before && place <= 1);
			before = place;
		}
		ck_assert(before == 1);
		ck_assert(desk_needle_place(needle, DESK_SILENCE) == 0);
		desk_needle_zones(needle, &careful, &loud);
		ck_assert(careful > 0 && careful < loud && loud < 1);
		ck_assert_int_eq(desk_needle_find(desk_needle_name(needle)), needle);
	}
	/* VU: 71 % of the way at 0, as even steps of voltage give it */
	ck_assert_double_le(fabs((double)desk_needle_place(DESK_VU, -18) - 0.708), 0.001);
}
END_TEST

static struct desk_values values;
static struct desk_scope scope;
static struct desk_loudness loudness;

/* Waits until what is asked for is so, asking again each time. */
#define WAIT(ask, what)                                                                                                \
	do {                                                                                                               \
		int turns = 0;                                                                                                 \
		for (ask; !(what); ask) {                                                                                      \
			ck_assert_msg(turns++ < 2000, "%s did not come", #what);                                                   \
			poll(NULL, 0, 10);                                                                                         \
		}                                                                                                              \
	} while (0)

START_TEST(test_values)
{
	struct desk *d = open_desk(0);
	const struct desk_value *v;
	WAIT(desk_strip_values(d, &values), values.version > 0);
	ck_assert_str_eq(values.address, "strip/a");
	ck_assert(values.shape.mono);
	ck_assert_double_eq(values.shape.rate, 24000);
	ck_assert((v = desk_value_find(&values, "eq/2/freq")) != NULL);
	ck_assert_str_eq(v->group, "eq");
	ck_assert_str_eq(v->text, "200 Hz");
	ck_assert(v->unit == DESK_HZ && v->type == DESK_REAL && v->ratio && !v->changed);
	ck_assert_double_eq(v->max, 20000);
	ck_assert_int_eq(desk_strip_values(d, &values), 0); /* nothing is newer */
	desk_send(d, "@/eq/2/freq 1.2k");
	desk_send(d, "bus/verb/name Verb");
	desk_send(d, "@/send/verb/level -6");
	WAIT(desk_strip_values(d, &values), (v = desk_value_find(&values, "send/verb/level")) != NULL);
	ck_assert_str_eq(v->group, "send");
	ck_assert_str_eq(v->text, "-6.0 dB");
	v = desk_value_find(&values, "eq/2/freq");
	ck_assert_str_eq(v->text, "1.20 kHz");
	ck_assert(v->changed && v->place > 0.5);
	ck_assert_double_eq(values.shape.band[1].freq, 1200);
	desk_send(d, "select master");
	WAIT(desk_strip_values(d, &values), values.kind == DESK_MASTER);
	ck_assert(desk_value_find(&values, "limiter/ceiling") && !desk_value_find(&values, "pan"));
	close_desk(d);
}
END_TEST

/* Two readers: what one has seen, the other has not. */
START_TEST(test_readers)
{
	static struct desk_view other;
	struct desk *d = open_desk(0);
	WAIT_FOR(d, view.strips == 4);
	desk_view(d, &other);
	desk_send(d, "watch a -12");
	expect(d, DESK_SAYS, "above -12.0");
	desk_send(d, "watch a");
	expect(d, DESK_ERROR, "watch a off");
	desk_send(d, "play");
	expect(d, DESK_SAYS, "1 A: peak -9.0 dB, above -12.0");
	WAIT_FOR(d, view.strip[0].peak[0] > -10);
	desk_send(d, "stop");
	WAIT_FOR(d, view.strip[0].peak[0] < -100 && view.strip[0].level[0] < -15 && view.strip[0].hold < -15);
	desk_view(d, &other);
	ck_assert_double_le(fabs((double)other.strip[0].peak[0] + 9.03), 0.1);
	ck_assert_double_le(fabs((double)other.strip[0].most + 9.03), 0.1);
	desk_view(d, &other);
	ck_assert_double_le((double)other.strip[0].peak[0], -100);
	close_desk(d);
}
END_TEST

/* 0.5 x 0.707 of a square wave: its peak, its RMS as a sine's peak 3 dB above, its mean as a sine's 3.9 dB above. */
START_TEST(test_needles)
{
	struct desk *d = open_desk(0);
	desk_send(d, "strip/a/region/r1/length 0");
	desk_send(d, "play");
	static const struct {
		const char *line;
		enum desk_needle needle;
		double db;
	} rows[] = {{"meter vu", DESK_VU, -5.11}, {"meter k14", DESK_K14, -6.02}, {"meter peak", DESK_PEAK, -9.03}};
	for (size_t k = 0; k < 3; k++) {
		desk_send(d, "locate 0s");
		desk_send(d, rows[k].line);
		WAIT_FOR(d, view.needle == rows[k].needle && fabs((double)view.strip[0].level[0] - rows[k].db) < 0.2);
	}
	desk_send(d, "strip/a/trim 12");
	desk_send(d, "locate 0s");
	WAIT_FOR(d, view.strip[0].clips > 0 && view.strip[0].most > 2);
	desk_send(d, "stop");
	desk_send(d, "clear-peaks");
	WAIT_FOR(d, !view.playing && view.strip[0].most < 0);
	desk_send(d, "meter loud");
	struct desk_event event = {.kind = DESK_SAYS};
	WAIT((void)desk_event(d, &event), event.kind == DESK_ERROR);
	ck_assert(strstr(event.text, "k14"));
	close_desk(d);
}
END_TEST

/* A square wave of 375 Hz (64 frames at 24 kHz) through a bell: before it and behind it, with what the gate hears. */
START_TEST(test_live)
{
	struct desk *d = open_desk(0);
	int band = (int)lround(12 * log2(375 / 20.0));
	desk_send(d, "@/eq/2/freq 375");
	desk_send(d, "@/eq/2/gain -20");
	desk_send(d, "@/eq/2/q 1");
	desk_send(d, "@/comp/on on");
	desk_send(d, "@/comp/threshold -40");
	desk_send(d, "@/gate/on on");
	desk_send(d, "loudness target spotify");
	WAIT(desk_loudness(d, &loudness), loudness.target == -14.0f);
	desk_send(d, "play");
	/* the fundamental of a square wave is 4 / pi as high */
	WAIT(desk_scope(d, &scope), fabs((double)scope.before[band] + 6.02 - 2.10) < 0.5);
	WAIT(desk_scope(d, &scope), scope.before[band] - scope.after[band] > 18);
	WAIT(desk_scope(d, &scope), fabs((double)scope.gate_level + 6.02) < 0.2);
	WAIT(desk_scope(d, &scope), scope.reduction[DESK_BY_COMP] > 10 && scope.past[DESK_BY_COMP][DESK_PAST - 2] > 10);
	ck_assert(scope.reduction[DESK_BY_LIMITER] == 0);
	WAIT(desk_loudness(d, &loudness), loudness.measuring && loudness.seconds > 0.5 && isfinite(loudness.integrated));
	ck_assert_int_eq(loudness.mastered, 0);
	ck_assert_uint_eq(loudness.lost, 0);
	desk_send(d, "loudness pause");
	WAIT(desk_loudness(d, &loudness), loudness.paused && !loudness.measuring);
	desk_send(d, "loudness reset");
	WAIT(desk_loudness(d, &loudness), loudness.seconds == 0);
	desk_send(d, "loudness run");
	desk_send(d, "monitor master");
	desk_send(d, "locate 0s");
	WAIT(desk_loudness(d, &loudness), loudness.mastered && loudness.seconds > 0);
	desk_send(d, "select b");
	WAIT(desk_scope(d, &scope),
	     scope.uid != 0 && scope.reduction[DESK_BY_COMP] == 0 && scope.past[DESK_BY_COMP][0] == 0);
	close_desk(d);
}
END_TEST

TEST_MAIN("scope", 90, test_sines, test_noise, test_crest, test_heard, test_same_as_measure, test_scales, test_values,
          test_readers, test_needles, test_live)
