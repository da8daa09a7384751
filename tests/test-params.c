#include "tests/desktest.h"

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "session/params.h"

/* What people write, and what it is at 48 kHz. */
static const struct {
	enum param_id id;
	const char *text;
	double value;
} reads[] = {
    {P_FADER, "-6.5", -6.5},
    {P_FADER, "-6.5dB", -6.5},
    {P_FADER, "+3db", 3},
    {P_FADER, "-inf", -144},
    {P_FADER, "-200", -144},
    {P_FADER, ".5", 0.5},
    {P_EQ2_FREQ, "1.2k", 1200},
    {P_EQ2_FREQ, "1.2kHz", 1200},
    {P_EQ2_FREQ, "440Hz", 440},
    {P_EQ2_FREQ, "44.1", 44.1},
    {P_RATE, "44.1k", 44100},
    {P_RATE, "88.2kHz", 88200},
    {P_COMP_ATTACK, "30ms", 30},
    {P_COMP_ATTACK, "0.03s", 30},
    {P_COMP_ATTACK, "48smp", 1},
    {P_COMP_ATTACK, "0.1", 0.1},
    {P_DELAY, "37smp", 37},
    {P_DELAY, "37", 37},
    {P_DELAY, "10ms", 480},
    {P_DELAY, "0.1s", 4800},
    {P_REGION_AT, "1:23.456", 83.456 * 48000},
    {P_REGION_AT, "1:02:03", 3723.0 * 48000},
    {P_REGION_AT, "0:00.5", 24000},
    {P_PAN, "L30", -30},
    {P_PAN, "C", 0},
    {P_PAN, "R100", 100},
    {P_PAN, "l12.5", -12.5},
    {P_PAN, "-20", -20},
    {P_COMP_MIX, "50%", 50},
    {P_COMP_RATIO, "3:1", 3},
    {P_COMP_RATIO, "2.5", 2.5},
    {P_TEMPO, "97.5bpm", 97.5},
    {P_MUTE, "on", 1},
    {P_MUTE, "off", 0},
    {P_EQ1_TYPE, "highshelf", 2},
    {P_HPF_SLOPE, "24", 3},
    {P_PAN_LAW, "-4.5", 1},
    {P_ECHO_NOTE, "1/8d", 9},
    {P_CHANNELS, "1", 1},
};

START_TEST(reads_units)
{
	for (size_t k = 0; k < sizeof reads / sizeof *reads; k++) {
		double value = NAN;
		struct err err = {""};
		int result = param_parse(&params[reads[k].id], reads[k].text, 48000, &value, &err);
		ck_assert_msg(!result && value == reads[k].value, "%s: %.17g, not %.17g %s", reads[k].text, value,
		              reads[k].value, err.text);
	}
}
END_TEST

static const struct {
	enum param_id id;
	const char *text;
} refusals[] = {
    {P_FADER, "13"},
    {P_FADER, ""},
    {P_FADER, "-6,5"},
    {P_FADER, "6 5"},
    {P_FADER, "nan"},
    {P_FADER, "inf"},
    {P_FADER, "+inf"},
    {P_FADER, "0x10"},
    {P_FADER, "1e999"},
    {P_FADER, "-"},
    {P_FADER, "."},
    {P_FADER, "dB"},
    {P_FADER, "3ms"},
    {P_TRIM, "-inf"},
    {P_TRIM, "-61"},
    {P_EQ2_FREQ, "5"},
    {P_EQ2_FREQ, "100%"},
    {P_EQ2_FREQ, "1kk"},
    {P_DELAY, "1.5"},
    {P_DELAY, "-1"},
    {P_DELAY, "16385"},
    {P_PAN, "L101"},
    {P_PAN, "L"},
    {P_PAN, "L-5"},
    {P_PAN, "30%"},
    {P_MUTE, "yes"},
    {P_MUTE, "ON "},
    {P_MUTE, "2"},
    {P_EQ1_TYPE, "peak"},
    {P_EQ1_TYPE, ""},
    {P_EQ1_TYPE, "bell low"},
    {P_COMP_RATIO, "0.5:1"},
    {P_REGION_AT, "1:61"},
    {P_REGION_AT, "1:"},
    {P_REGION_AT, ":5"},
    {P_REGION_AT, "1:2:3:4"},
    {P_REGION_AT, "1:-5"},
    {P_CHANNELS, "3"},
    {P_REGION_AT, "1.5:20"},
    {P_FADER, "1e"},
    {P_NAME, "x"},
    {P_OUT, "mix"},
};

START_TEST(refuses_with_what_is_allowed)
{
	for (size_t k = 0; k < sizeof refusals / sizeof *refusals; k++) {
		double value = 77;
		struct err err = {""};
		const struct param *p = &params[refusals[k].id];
		int result = param_parse(p, refusals[k].text, 48000, &value, &err);
		ck_assert_msg(result == -1 && value == 77, "%s %s", p->address, refusals[k].text);
		ck_assert_msg(strstr(err.text, p->address) != NULL && strlen(err.text) > 12, "%s", err.text);
	}
	struct err err;
	param_parse(&params[P_FADER], "-6,5", 48000, &(double){0}, &err);
	ck_assert_str_eq(err.text, "\"-6,5\" is not possible (decimals have a point) for fader: -inf to 12 dB");
	param_parse(&params[P_MUTE], "maybe", 48000, &(double){0}, &err);
	ck_assert_str_eq(err.text, "\"maybe\" is not possible for mute: on or off");
}
END_TEST

/* Every value of every parameter comes back from its text as the same double. */
static void
round_trips(void)
{
	uint64_t seed = 1;
	for (size_t k = 0; k < PARAM_COUNT; k++) {
		const struct param *p = &params[k];
		if (p->type == T_TEXT || p->type == T_REF)
			continue;
		for (int n = 0; n < 300; n++) {
			double value = n == 0   ? p->min
			               : n == 1 ? p->max
			               : n == 2 ? p->def
			                        : p->min + (p->max - p->min) * (test_random(&seed) + 1) / 2;
			if (n % 3 == 0)
				value = floor(value * 100) / 100 < p->min ? p->min : floor(value * 100) / 100;
			if (p->type != T_REAL)
				value = floor(value);
			char text[64];
			double back = NAN;
			struct err err = {""};
			int len = param_format(p, value, text, sizeof text);
			ck_assert_int_eq(len, (int)strlen(text));
			ck_assert_msg(strpbrk(text, ", ") == NULL, "%s", text);
			ck_assert_msg(!param_parse(p, text, 48000, &back, &err), "%s: %s", text, err.text);
			ck_assert_msg(back == value, "%s %s: %.17g is not %.17g", p->address, text, back, value);
		}
	}
}

START_TEST(formats_and_reads_back)
{
	round_trips();
	char text[64];
	param_format(&params[P_FADER], -6.5, text, sizeof text);
	ck_assert_str_eq(text, "-6.5");
	param_format(&params[P_FADER], 0.1, text, sizeof text);
	ck_assert_str_eq(text, "0.1");
	param_format(&params[P_FADER], -144, text, sizeof text);
	ck_assert_str_eq(text, "-inf");
	param_format(&params[P_TRIM], -0.0, text, sizeof text);
	ck_assert_str_eq(text, "0");
	param_format(&params[P_REGION_AT], 4e9, text, sizeof text);
	ck_assert_str_eq(text, "4000000000");
	ck_assert_int_eq(param_format(&params[P_EQ1_TYPE], 2, text, 4), 9);
	ck_assert_str_eq(text, "hig");
}
END_TEST

START_TEST(is_the_same_in_every_locale)
{
	/* A German locale, installed or made on the spot, puts its comma to the test. */
	static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "./de-test"};
	char text[64], here[1024];
	bool found = false;
	for (size_t k = 0; k < sizeof names / sizeof *names && !found; k++) {
		if (*names[k] == '.') {
			if (!getcwd(here, sizeof here) || system("localedef -i de_DE -f UTF-8 ./de-test >/dev/null 2>&1") < 0)
				break;
			setenv("LOCPATH", here, 1);
			found = setlocale(LC_ALL, "de-test") != NULL;
			ck_assert_int_ne(system("rm -rf ./de-test"), -1);
		} else {
			found = setlocale(LC_ALL, names[k]) != NULL;
		}
	}
	if (found) {
		snprintf(text, sizeof text, "%.1f", 0.5);
		ck_assert_str_eq(text, "0,5");
	}
	round_trips();
	param_show(&params[P_FADER], -6.5, text, sizeof text);
	ck_assert_str_eq(text, "-6.5 dB");
	setlocale(LC_ALL, "C");
}
END_TEST

static const struct {
	enum param_id id;
	double value;
	const char *text;
} shows[] = {
    {P_FADER, -6.5, "-6.5 dB"},
    {P_FADER, -144, "-inf dB"},
    {P_FADER, -0.04, "0.0 dB"},
    {P_EQ1_FREQ, 1200, "1.20 kHz"},
    {P_EQ1_FREQ, 80, "80.0 Hz"},
    {P_EQ1_FREQ, 440, "440 Hz"},
    {P_EQ1_FREQ, 999.7, "1.00 kHz"},
    {P_RATE, 48000, "48000 Hz"},
    {P_COMP_ATTACK, 0.5, "0.50 ms"},
    {P_COMP_ATTACK, 10, "10.0 ms"},
    {P_COMP_RELEASE, 1500, "1.50 s"},
    {P_PAN, -30, "L30"},
    {P_PAN, 0.2, "C"},
    {P_PAN, 100, "R100"},
    {P_COMP_RATIO, 3, "3.0:1"},
    {P_WIDTH, 120, "120 %"},
    {P_MUTE, 1, "on"},
    {P_EQ1_TYPE, 0, "bell"},
    {P_EQ1_Q, 0.71, "0.71"},
    {P_DELAY, 37, "37 smp"},
    {P_TEMPO, 120, "120.0 bpm"},
    {P_METER, 3, "3"},
};

START_TEST(shows_for_people)
{
	for (size_t k = 0; k < sizeof shows / sizeof *shows; k++) {
		char text[64];
		param_show(&params[shows[k].id], shows[k].value, text, sizeof text);
		ck_assert_str_eq(text, shows[k].text);
	}
}
END_TEST

START_TEST(steps_along_the_taper)
{
	const struct param *fader = &params[P_FADER], *freq = &params[P_EQ1_FREQ], *pan = &params[P_PAN];
	ck_assert(param_step(fader, -6.5, 1) == -5.5);
	ck_assert(param_step(fader, 12, 1) == 12);
	ck_assert(param_step(fader, -90, -1) == -144);
	ck_assert(param_step(fader, -144, -1) == -144);
	/* From the bottom up to 0 dB and back takes as many presses, and they grow finer on the way. */
	double value = -144, last = 0;
	int up = 0;
	for (; value < 0 && up < 100; up++) {
		double next = param_step(fader, value, 1);
		ck_assert(next > value);
		if (up > 0)
			ck_assert(up == 1 || next - value <= last + 1e-9);
		last = next - value;
		value = next;
	}
	ck_assert_int_le(up, 60);
	for (int down = 0; down < up; down++)
		value = param_step(fader, value, -1);
	ck_assert(value == -144);
	ck_assert(fabs(param_step(freq, 1000, 1) - 1030) < 0.5);
	ck_assert(param_step(freq, 20000, 5) == 20000);
	ck_assert(param_step(pan, 98, 1) == 100);
	ck_assert(param_step(&params[P_EQ1_TYPE], 6, 1) == 6);
	ck_assert(param_step(&params[P_MUTE], 0, 1) == 1);
	/* what is whole moves by one at least */
	ck_assert(param_step(&params[P_MUTE], 1, -0.1) == 0);
	ck_assert(param_step(&params[P_DELAY], 7, 0.1) == 8);
	ck_assert(param_step(&params[P_EQ1_TYPE], 2, -0.1) == 1);
	ck_assert(param_add(fader, -6.5, 1) == -5.5);
	ck_assert(param_add(fader, -144, 6) == -84);
	ck_assert(param_add(fader, -89, -6) == -144);
	ck_assert(param_add(fader, 11, 6) == 12);
	ck_assert(param_add(&params[P_TRIM], 0.1, 0.2) == 0.3);
}
END_TEST

START_TEST(reads_steps)
{
	static const struct {
		enum param_id id;
		const char *text;
		int got;
		double steps;
	} rows[] = {
	    {P_FADER, "1step", 1, 1},     {P_FADER, "-0.1 steps", 1, -0.1}, {P_EQ1_FREQ, "3step", 1, 3},
	    {P_FADER, "1", 0, 0},         {P_FADER, "1dB", 0, 0},           {P_FADER, "step", -1, 0},
	    {P_FADER, "loudstep", -1, 0}, {P_NAME, "1step", -1, 0},         {P_MUTE, "1step", 1, 1},
	    {P_REVERB_TIME, "2s", 0, 0},  {P_FADER, "1e9step", -1, 0},
	};
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		double steps = 0;
		struct err err;
		int got = param_parse_steps(&params[rows[k].id], rows[k].text, &steps, &err);
		ck_assert_msg(got == rows[k].got && (got != 1 || steps == rows[k].steps), "%s: %d, %g", rows[k].text, got,
		              steps);
	}
}
END_TEST

START_TEST(has_a_sound_table)
{
	for (size_t k = 0; k < PARAM_COUNT; k++) {
		const struct param *p = &params[k];
		ck_assert_uint_eq((size_t)p->id, k);
		ck_assert_msg(p->help && *p->help, "%s", p->address);
		ck_assert_msg((p->type == T_CHOICE) == (p->choices != NULL), "%s", p->address);
		if (p->type != T_TEXT && p->type != T_REF)
			ck_assert_msg(p->min < p->max && p->def >= p->min && p->def <= p->max, "%s", p->address);
		if (p->taper == TAPER_LOG)
			ck_assert_msg(p->min > 0, "%s", p->address);
		if (p->choices) {
			size_t len;
			ck_assert_ptr_nonnull(param_choice(p, (int)p->max, &len));
			ck_assert_ptr_null(param_choice(p, (int)p->max + 1, &len));
		}
		for (int bit = 0; bit < 8; bit++) {
			if (p->kinds & 1u << bit)
				ck_assert_ptr_eq(param_find((enum node_kind)(1 << bit), p->address), p);
		}
		for (double place = 0; place <= 1; place += 0.0625) {
			double value = param_at(p, place);
			if (p->type != T_REAL || (p->taper == TAPER_FADER && place == 0))
				continue;
			ck_assert_msg(fabs(param_place(p, value) - place) < 1e-9, "%s at %g", p->address, place);
		}
	}
	ck_assert_ptr_null(param_find(K_MIX, "pan"));
	ck_assert_ptr_null(param_find(K_STRIP, "eq/7/freq"));
	ck_assert_ptr_null(param_find(K_STRIP, ""));
}
END_TEST

TEST_MAIN("params", 30, reads_units, refuses_with_what_is_allowed, formats_and_reads_back, is_the_same_in_every_locale,
          shows_for_people, steps_along_the_taper, reads_steps, has_a_sound_table)
