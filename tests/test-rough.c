#include "bouncetest.h"

#include "control/roles.h"
#include "control/rough.h"

#define RATE 48000

static const struct {
	const char *name, *like; /* the same role as this name's */
} names[] = {
    {"Kick In", "kick"},
    {"03_KickOut", "kick"},
    {"bass drum", "kick"},
    {"BD", "kick"},
    {"snare-bottom", "snare"},
    {"SD top", "snare"},
    {"HiHat", "hat"},
    {"hats", "hat"},
    {"Tom 1", "tom"},
    {"Floor Tom", "tom"},
    {"tom2", "tom"},
    {"OH_L", "overheads"},
    {"Crash L", "overheads"},
    {"Lead Vox", "vocal"},
    {"leadvox", "vocal"},
    {"VOCALS", "vocal"},
    {"Backing Vocals", "bv"},
    {"BV 3", "bv"},
    {"doublevox", "bv"},
    {"Lead Vox Double Vox", "bv"},
    {"Bass DI", "bass"},
    {"fingerbass", "bass"},
    {"double bass", "bass"},
    {"contrabass", "bass"},
    {"Synth Bass", "bass"},
    {"sub", "bass"},
    {"overdrive", "gtr"},
    {"Ac Guitar L", "gtr"},
    {"distgtr", "gtr"},
    {"Steel Drum", "shaker"},
    {"bassoon", "oboe"},
    {"bass clarinet", "oboe"},
    {"bass trombone", "oboe"},
    {"Alto Sax", "oboe"},
    {"French Horn", "oboe"},
    {"click", "metronome"},
    {"CLICK TRACK", "metronome"},
    {"Grand Piano", "keys"},
    {"Rhodes", "keys"},
    {"synth lead", "lead"},
    {"cello 1", "violin"},
    {"Violins II", "violin"},
    {"strings", "pad"},
    {"Drum Loop", "drums"},
    {"Track 07", "R 0001 12"},
    {"Monkey business", "xyz"},
    {"mushroom", "xyz"},
    {"Custom", "xyz"},
    {"bottom", "xyz"},
    {"crossing", "xyz"},
    {"", "xyz"},
    {"\xc3\xa4\xc3\xb6", "xyz"},
};

START_TEST(knows_instruments)
{
	for (size_t k = 0; k < sizeof names / sizeof *names; k++)
		ck_assert_msg(role_of(names[k].name) == role_of(names[k].like), "\"%s\" is not taken for %s", names[k].name,
		              names[k].like);
	static const char *const all[] = {"kick", "snare", "hat",  "tom",    "overheads", "vocal", "bv",  "bass",
	                                  "gtr",  "oboe",  "keys", "shaker", "lead",      "pad",   "xyz", "metronome"};
	for (size_t k = 0; k < sizeof all / sizeof *all; k++)
		for (size_t n = 0; n < k; n++)
			ck_assert_msg(role_of(all[k]) != role_of(all[n]), "%s, %s", all[k], all[n]);
	ck_assert(role_of("click")->flags & ROLE_MUTE && role_of("vox")->flags & ROLE_LEAD);
	char longest[1000];
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	ck_assert(role_of(longest) == role_of("xyz"));
}
END_TEST

START_TEST(places_in_balance)
{
	ck_assert_int_eq(role_side("OH_L"), -1);
	ck_assert_int_eq(role_side("gtr right"), 1);
	ck_assert_int_eq(role_side("Left Gtr"), -1);
	ck_assert_int_eq(role_side("Gtr.L"), -1);
	ck_assert_int_eq(role_side("Lead"), 0);
	ck_assert_int_eq(role_side("R 0001 12"), 0);
	ck_assert_int_eq(role_side("L"), -1);
	ck_assert_int_eq(role_side(""), 0);
	static const char *const mono[] = {"tom", "gtr", "bv", "keys", "overhead", "kick", "xyz"};
	for (size_t k = 0; k < sizeof mono / sizeof *mono; k++)
		for (int n = 2; n <= 40; n++) {
			double sum = 0;
			for (int i = 0; i < n; i++) {
				double pan = role_pan(role_of(mono[k]), i, n, 0);
				ck_assert(pan >= -100 && pan <= 100);
				sum += pan;
			}
			ck_assert_msg(fabs(sum) <= n / 2., "%d of %s lean by %g", n, mono[k], sum);
		}
	ck_assert(role_pan(role_of("gtr"), 0, 1, 20) < 0 && role_pan(role_of("gtr"), 0, 1, -20) > 0);
	ck_assert(role_pan(role_of("vox"), 0, 1, 20) == 0 && role_pan(role_of("R 0001 12"), 5, 32, 0) == 0);
}
END_TEST

static double
tone(int64_t t, int c)
{
	(void)c;
	return 0.9 * sin(2 * M_PI * 1000 * (double)t / RATE);
}

static double
soft(int64_t t, int c)
{
	return 0.01 * tone(t, c);
}

static double
nothing(int64_t t, int c)
{
	(void)t;
	(void)c;
	return 0;
}

static double
hiss(int64_t t, int c)
{
	return 1e-4 * tone(t, c);
}

struct proposed {
	struct session *session;
	char text[4096];
};

static void
take(void *arg, const char *line)
{
	struct proposed *p = arg;
	struct err err = {""};
	strcat(strcat(p->text, line), "\n");
	ck_assert_msg(!session_line(p->session, line, &err), "%s: %s", line, err.text);
}

#define STRIP(id) "strip/" id "/name " id "\nstrip/" id "/channels 1\nstrip/" id "/region/r" id "/file " id ".wav\n"

START_TEST(leaves_a_balance)
{
	static const char text[] =
	    "stemdesk 1\n" STRIP("vox") STRIP("gtr") STRIP("keys") STRIP("horn") STRIP("kick") STRIP("snare") STRIP("bass")
	        STRIP("band") STRIP("click") STRIP("empty") STRIP("hiss") "strip/keys/trim -20\nmix/trim -40\n";
	static const char *const strips[] = {"vox", "gtr", "keys", "horn", "kick", "snare", "bass", "band"};
	enum { STRIPS = sizeof strips / sizeof *strips };
	test_begin();
	make_sound("vox.wav", 1, RATE, RATE, soft, 0);
	for (size_t k = 1; k < STRIPS; k++) {
		char file[32];
		snprintf(file, sizeof file, "%s.wav", strips[k]);
		make_sound(file, 1, RATE, RATE, tone, 0);
	}
	make_sound("click.wav", 1, RATE, RATE, tone, 0);
	make_sound("empty.wav", 1, RATE, RATE, nothing, 0);
	make_sound("hiss.wav", 1, RATE, RATE, hiss, 0);
	struct err err = {""};
	struct session *s = session_new(), *sung = session_new();
	ck_assert(!session_parse(s, text, strlen(text), "song.desk", 0, &err));
	ck_assert(!session_parse(sung, text, strlen(text), "song.desk", 0, &err));
	struct stems *stems = stems_new(sung, "song.desk", 0, NULL, NULL);
	struct proposed p = {s, ""};
	ck_assert_msg(!rough_mix(sung, stems, take, &p, &err), "%s", err.text);
	stems_free(stems);
	session_free(sung);
	/* The singer stands 4 LU under all others together, whatever came in, and the sum has its room. */
	double lead = 0, others = 0;
	for (size_t k = 0; k < STRIPS; k++) {
		char address[32];
		snprintf(address, sizeof address, "strip/%s", strips[k]);
		const struct node *n = session_find(s, address);
		double db = test_db(k ? 0.9 : 0.009) + n->value[P_TRIM] + n->value[P_FADER];
		*(k ? &others : &lead) += pow(10, db / 10);
	}
	double gap = 10 * log10(lead / others);
	ck_assert_msg(gap >= -4.8 && gap <= -3.2, "%g", gap); /* trims and faders are rounded to half decibels */
	ck_assert(session_find(s, "strip/click")->value[P_MUTE] == 1);
	ck_assert(!strstr(p.text, "strip/empty/") && !strstr(p.text, "strip/hiss/"));
	ck_assert_msg(!strstr(p.text, "strip/vox/fader") && !strstr(p.text, "strip/vox/pan"), "%s", p.text);
	stems = stems_new(s, "song.desk", 0, NULL, NULL);
	struct bounce_options options = {.file.path = "mix.wav"};
	struct bounce_report report;
	ck_assert_msg(!bounce(s, stems, &options, &report, &err), "%s", err.text);
	ck_assert_msg(report.sample_peak <= -6 && report.sample_peak > -6.6, "%g", report.sample_peak);
	/* A second look at it changes nothing. */
	struct proposed again = {s, ""};
	ck_assert(!rough_mix(s, stems, take, &again, &err));
	ck_assert_str_eq(again.text, "");
	stems_free(stems);
	session_free(s);
	test_end();
}
END_TEST

TEST_MAIN("rough", 20, knows_instruments, places_in_balance, leaves_a_balance)
