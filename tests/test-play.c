/*
 * `stemdesk play` by the real program, through the misbehaving device: what was played is what is bounced, bit for bit;
 * a device that goes and comes back; a device that is held; and no call that a real-time thread must not make.
 */
#include "faulttest.h"

#include "bouncetest.h"

#define RATE 48000
#define FRAMES 26000

static const char session[] =
    "stemdesk 1\n"
    "strip/kick/name \"kick\"\nstrip/kick/region/r1/file kick.wav\n"
    "strip/kick/eq/on on\nstrip/kick/eq/2/gain 6\nstrip/kick/comp/on on\nstrip/kick/comp/threshold -30\n"
    "strip/pad/name \"pad\"\nstrip/pad/region/r1/file pad.wav\nstrip/pad/pan L30\n";

static void
begin(void)
{
	fault_begin(".");
	test_begin();
	make_sound("kick.wav", 1, RATE, FRAMES, made_noise, 0);
	make_sound("pad.wav", 2, RATE, FRAMES, made_noise, SF_FORMAT_WAV | SF_FORMAT_PCM_24);
	write_text("song.desk", session);
}

/* Frames of `played`, from its frame `from`, that are those of the mix from its frame `at` on. */
static int64_t
alike(const struct sound *mix, int64_t at, const struct sound *played, int64_t from)
{
	int64_t n = 0;
	while (at + n < mix->frames && from + n < played->frames && mix->x[2 * (at + n)] == played->x[2 * (from + n)] &&
	       mix->x[2 * (at + n) + 1] == played->x[2 * (from + n) + 1])
		n++;
	return n;
}

START_TEST(played_is_bounced)
{
	static const struct {
		const char *formats, *bits, *options;
	} ways[] = {
	    {"FLOAT_LE", "32f", "--period 256"},
	    {"S32_LE", "32", "--period 32 --periods 16"},
	    {"S32_LE", "32", "--period 441"},
	    {"FLOAT_LE", "32f", "--period 4096 --periods 2"},
	    {"S24_3LE", "24", "--period 100 --periods 5"},
	};
	begin();
	for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
		setenv("FAULTS_FORMATS", ways[k].formats, 1);
		ck_assert_int_eq(DESK("bounce song.desk -o mix.wav --bits %s --dither none", ways[k].bits), 0);
		ck_assert_msg(DESK("play -D faults %s song.desk", ways[k].options) == 0, "%s", read_text("err"));
		SAYS("err", "faults: 48000 Hz");
		struct sound mix = read_sound("mix.wav"), played = read_sound("kept.wav");
		ck_assert_int_ge(mix.frames, FRAMES);
		ck_assert_int_eq(alike(&mix, 0, &played, 0), mix.frames);
		/* and the mix is no silence, which would be alike wherever it lies */
		double sum = 0;
		for (int64_t t = 0; t < 2 * FRAMES; t++)
			sum += fabs(mix.x[t]);
		ck_assert_double_gt(sum / FRAMES, 0.05);
	}
	test_end();
}
END_TEST

START_TEST(gone_and_back)
{
	begin();
	setenv("FAULTS", "unplug@0.2,replug@0.4", 1);
	setenv("FAULTS_FORMATS", "FLOAT_LE", 1);
	ck_assert_int_eq(DESK("bounce song.desk -o mix.wav --bits 32f"), 0);
	ck_assert_int_eq(DESK("play -D faults song.desk"), 0);
	SAYS("err", "the device is away");
	SAYS("err", "the device is back");
	struct sound mix = read_sound("mix.wav"), one = read_sound("kept.wav"), two = read_sound("kept-2.wav");
	int64_t first = alike(&mix, 0, &one, 0), skipped = 0;
	ck_assert_int_eq(first, one.frames);
	/* Song time stood still: what was lost is what the device held, 768 frames, and a period on its way. */
	while (skipped <= 1024 && alike(&mix, first + skipped, &two, 0) < mix.frames - first - skipped)
		skipped++;
	ck_assert_int_le(skipped, 1024);
	ck_assert_int_lt(first + skipped, FRAMES);
	/* Gone for good: an end is made of it, and said. */
	setenv("FAULTS", "unplug@0.2", 1);
	ck_assert_int_eq(DESK("play -D faults --wait 0.5 song.desk"), 1);
	SAYS("err", "faults");
	test_end();
}
END_TEST

START_TEST(held_by_another)
{
	begin();
	setenv("FAULTS", "busy:0.4", 1);
	ck_assert_int_eq(DESK("play -D faults --wait 0 song.desk"), 1);
	SAYS("err", "is busy");
	ck_assert_int_eq(DESK("play -D faults song.desk"), 0);
	SAYS("err", "waiting for it");
	ck_assert_int_eq(DESK("play -D nodevice song.desk"), 1);
	SAYS("err", "stemdesk devices");
	test_end();
}
END_TEST

/*
 * The desk's device is changed while it plays: the song fades out on the one and in on the other, and between the fades
 * both got the bounce's frames. One that another program holds is named as busy and had as soon as it is free.
 */
START_TEST(switched_while_it_plays)
{
	begin();
	make_sound("pad.wav", 2, RATE, 20 * RATE, made_noise, SF_FORMAT_WAV | SF_FORMAT_PCM_24);
	setenv("FAULTS_FORMATS", "FLOAT_LE", 1);
	setenv("FAULTS", "busy:0.4", 1);
	ck_assert_int_eq(DESK("bounce song.desk -o mix.wav --bits 32f"), 0);
	/* each turn goes on when the desk has said what it should: at most 20 s */
	ck_assert_int_eq(
	    run("mkfifo in; %s --plain --monitor=0 -D null song.desk <in >said 2>&1 & p=$!; exec 3>in;"
	        "await() { n=0; until grep -q \"$1\" said || [ $n -gt 400 ]; do n=$((n+1)); sleep 0.05; done; };"
	        "echo play >&3; echo device faults >&3; await 'is back'; sleep 0.15; echo device null >&3;"
	        "await 'no sound'; echo 'quit!' >&3; exec 3>&-; wait $p",
	        program),
	    0);
	SAYS("said", "is busy");
	SAYS("said", "the device is back");
	struct sound mix = read_sound("mix.wav"), kept = read_sound("kept.wav");
	int64_t begins = 0, ends = kept.frames, place = -1;
	while (begins < kept.frames && kept.x[2 * begins] == 0)
		begins++;
	while (ends > begins && kept.x[2 * ends - 2] == 0)
		ends--;
	ck_assert_int_gt(ends - begins, 3000);
	int64_t middle = begins + (ends - begins) / 2;
	for (int64_t at = 0; at < mix.frames && place < 0; at++)
		if (alike(&mix, at, &kept, middle) > 200)
			place = at;
	ck_assert_int_ge(place, 0);
	int64_t same = alike(&mix, place, &kept, middle);
	/* the rest is the fade, no frame of which is louder than the song's */
	ck_assert_int_le(ends - middle - same, 480);
	for (int64_t n = 0; n < 2 * (ends - middle - same); n++)
		ck_assert(fabs(kept.x[2 * (middle + same) + n]) <= fabs(mix.x[2 * (place + same) + n]));
	ck_assert_double_le(fabs(kept.x[2 * ends - 2]), 0.01);
	unsetenv("FAULTS");
	test_end();
}
END_TEST

/* Where priority is not to be had, that is said once, with the lines that the man page tells too. */
START_TEST(advice_is_in_the_man_page)
{
	char path[PATH_MAX], line[200];
	const char *srcdir = getenv("srcdir");
	snprintf(path, sizeof path, "%s/man/stemdesk.1", srcdir ? srcdir : ".");
	const char *page = read_text(path);
	int lines = 0;
	for (const char *at = device_realtime_advice; (at = strchr(at, '@')) != NULL; at++, lines++) {
		snprintf(line, sizeof line, "\n%.*s\n", (int)strcspn(at, "\n"), at);
		ck_assert_msg(strstr(page, line) != NULL, "the man page has not: %s", line);
	}
	ck_assert_int_eq(lines, 2);
	ck_assert_ptr_nonnull(strstr(device_realtime_advice, "/etc/security/limits.d/audio.conf"));
	ck_assert_ptr_nonnull(strstr(page, "/etc/security/limits.d/audio.conf"));
}
END_TEST

/* The checker of real-time rules sees our threads (ppoll, which they wait with, is forbidden once), and finds nothing.
 */
START_TEST(no_forbidden_call)
{
	if (getenv("SANITIZED")) {
		puts("NOT RUN: the checker of real-time rules does not go with sanitizers");
		return;
	}
	begin();
	char guard[PATH_MAX + 64];
	snprintf(guard, sizeof guard, "LD_PRELOAD='%s/tests/rt/librtguard.so' RTGUARD_NEED=1", test_origin);
	static const char *const ways[] = {"play -D null --mastered song.desk", "play -D faults song.desk"};
	setenv("FAULTS", "xrun@0.2", 1);
	unsetenv("FAULTS_OUT");
	for (int k = 0; k < 2; k++) {
		ck_assert_msg(run("RTGUARD_LOG=log%d %s %s %s", k, guard, program, ways[k]) == 0, "%s", read_text("err"));
		char log[16], want[] = ": 0 violation(s); real-time threads 1,";
		snprintf(log, sizeof log, "log%d", k);
		SAYS(log, want);
		SAYS(log, "flush-to-zero 0\n");
		const char *sections = strstr(read_text(log), "sections ");
		ck_assert_ptr_nonnull(sections);
		ck_assert_int_gt(atoi(sections + 9), FRAMES / 256);
	}
	/* The desk, worked at while it plays: edits, new and removed strips, buses and sends, jumps, another device. */
	static const char lines[] = "play|strip/kick/fader -6|locate 0.1s|strip/kick/mute on|strip/kick/mute off|"
	                            "strip/pad/eq/on on|strip/pad/eq/3/gain -4|bus/verb/name \"Verb\"|"
	                            "strip/kick/send/verb/level -6|monitor dim|monitor mono|locate 0.3s|undo|redo|"
	                            "strip/more/name \"More\"|strip/more/region/r1/file pad.wav|delete strip/more|"
	                            "loop 0.1s 0.3s|strip/kick/mute toggle|loop off|monitor pfl kick|monitor key comp pad|"
	                            "monitor unsolo|marker here|locate prev|"
	                            "device faults|strip/pad/pan R20|stop|play|locate 0s|strip/pad/solo on|unsolo";
	ck_assert_int_eq(
	    run("{ sleep 0.3; echo '%s' | tr '|' '\\n' | while read -r line; do echo \"$line\"; sleep 0.07; done;"
	        " echo 'quit!'; } | RTGUARD_LOG=desk %s %s --plain -D null song.desk",
	        lines, guard, program),
	    0);
	SAYS("out", "kick fader -6.0 dB");
	SAYS("desk", ": 0 violation(s); real-time threads 2,");
	SAYS("desk", "flush-to-zero 0\n");
	ck_assert_int_eq(run("RTGUARD_LOG=seen RTGUARD_DENY=ppoll %s %s %s", guard, program, ways[0]), 99);
	SAYS("seen", "ppoll");
	test_end();
}
END_TEST

TEST_MAIN("play", 60, played_is_bounced, gone_and_back, held_by_another, switched_while_it_plays,
          advice_is_in_the_man_page, no_forbidden_call)
