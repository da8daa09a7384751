/* What a client of the control socket is sent as it comes: changes, meters, and the sound, which is the bounce's. */
#include "sockettest.h"

#include <poll.h>

#include "base/clock.h"
#include "engine/player.h"

START_TEST(test_watch)
{
	unsigned long long last = 0, number;
	char word[64];
	open_desk(RATE);
	int fd = enter(), other = enter();
	ask(fd, "watch nonsense", "error ");
	ask(fd, "watch events", "ok");
	ask(other, "strip/a/fader -6.5", "ok");
	desk_send(desk, "strip/b/mute on"); /* the user at the desk */
	ask(other, "bus/room/name Room", "ok");
	static const char *const words[] = {"change strip/a/fader -6.5",     "event 1 A fader -6.5 dB (was 0.0 dB)",
	                                    "change strip/b/mute on",        "event 2 B mute on",
	                                    "change bus/room/name \"Room\"", "structure"};
	for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
		const char *line = hear(fd);
		int at = 0;
		ck_assert_ptr_nonnull(line);
		ck_assert_int_eq(sscanf(line, "%63s %llu%n", word, &number, &at), 2);
		ck_assert_uint_gt(number, last);
		last = number;
		char whole[256];
		snprintf(whole, sizeof whole, "%s%s", word, line + at);
		ck_assert_msg(!strncmp(whole, words[k], strlen(words[k])), "%s, not %s", whole, words[k]);
	}
	close(fd);
	fd = enter();
	ask(fd, "strip/b/mute off", "ok");
	ask(fd, "watch meters", "ok");
	desk_send(desk, "play");
	/* a peak of 0.26 (noise() at its most), -3 dB on the way and panned: below -11.7 dB, and not much below */
	double left = -200, began = clock_seconds();
	int meters = 0;
	while (left < -20) {
		float l;
		const char *line = hear(fd);
		ck_assert_ptr_nonnull(line);
		if (sscanf(line, "meter strip/b %f", &l) == 1)
			left = (double)l;
		meters += !strncmp(line, "meters ", 7);
		ck_assert_double_lt(clock_seconds() - began, 20);
	}
	ck_assert_double_lt(left, test_db(0.26));
	ck_assert_int_ge(meters, 1);
	say(fd, "watch off");
	while (strcmp(hear(fd), "ok") != 0)
		continue;
	struct pollfd quiet = {.fd = fd, .events = POLLIN};
	ck_assert_int_eq(poll(&quiet, 1, 300), 0);
	close(fd);
	close(other);
	close_desk();
}
END_TEST

static void
read_piece(int fd, struct player_heard *piece)
{
	ck_assert_int_eq(recv(fd, piece, sizeof *piece, MSG_WAITALL), sizeof *piece);
}

/* Whether frame t of what was heard is frame `at` of the bounce, bit for bit. */
static int
same(const struct player_heard *piece, int t, const struct sound *mix, int64_t at)
{
	return (double)piece->x[t][0] == mix->x[2 * at] && (double)piece->x[t][1] == mix->x[2 * at + 1];
}

/* What is heard is the bounce: from its first frame, and behind what a listener that slept has missed. */
START_TEST(test_listen)
{
	struct player_heard piece;
	int64_t start = -1, compared = 0, missed = 0, next = -1;
	int slept = 0;
	open_desk(FRAMES);
	struct sound mix = bounced(SONG, (struct bounce_options){.file = {.bits = SINK_32F}}, NULL);
	int fd = enter();
	ask(fd, "listen", "ok 96000");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){4096}, sizeof(int));
	read_piece(fd, &piece);
	desk_send(desk, "play");
	for (int64_t at = 0; at < FRAMES;) {
		read_piece(fd, &piece);
		if (next >= 0 && piece.frame != next)
			missed += piece.frame - next;
		next = piece.frame + PLAYER_HEARD;
		for (int t = 0; t < PLAYER_HEARD; t++) {
			if (start < 0 && piece.x[t][0] != 0)
				start = piece.frame + t;
			at = start < 0 ? 0 : piece.frame + t - start;
			if (start < 0 || at >= FRAMES)
				continue;
			ck_assert_msg(same(&piece, t, &mix, at), "frame %lld of the song is not that of the bounce", (long long)at);
			compared++;
		}
		if (at > RATE / 2 && !slept++)
			poll(NULL, 0, 1300);
	}
	/* 1.3 s at 768 kB/s are more than waits for anybody */
	ck_assert_int_gt(missed, 0);
	ck_assert_int_eq(compared + missed, FRAMES);
	ck_assert_int_gt(compared, FRAMES / 2);
	ck_assert_int_eq(missed % PLAYER_HEARD, 0);
	close(fd);
	close_desk();
}
END_TEST

/* The program's WAV: its length, the mix in it, without a gap. */
START_TEST(test_listen_wav)
{
	char command[2 * PATH_MAX];
	open_desk(RATE);
	struct sound mix = bounced(SONG, (struct bounce_options){.file = {.bits = SINK_32F}}, NULL);
	ck_assert_int_eq(DESK("listen other.desk >l.wav"), 1);
	SAYS("err", "no desk has it open");
	int fd = enter();
	snprintf(command, sizeof command, "%s listen song.desk --seconds 1.8 >l.wav 2>missed", program);
	FILE *listener = popen(command, "r");
	ck_assert_ptr_nonnull(listener);
	struct stat st = {0};
	for (int turns = 0; stat("l.wav", &st) || st.st_size < 1000; turns++) {
		ck_assert_int_lt(turns, 2000);
		poll(NULL, 0, 10);
	}
	ask(fd, "play", "ok");
	ck_assert_int_eq(pclose(listener), 0);
	struct sound heard = read_sound("l.wav");
	ck_assert_int_eq(heard.frames, RATE * 9 / 5);
	ck_assert_int_eq(heard.rate, RATE);
	ck_assert_int_eq(heard.channels, 2);
	int64_t start = 0;
	while (start < heard.frames && heard.x[2 * start] == 0)
		start++;
	ck_assert_int_lt(start, heard.frames - RATE);
	/* on a machine that stands still for a second pieces are missed: silence in their place, and told */
	int64_t silent = 0;
	for (int64_t t = 0; t < RATE; t++) {
		const double *a = heard.x + 2 * (start + t), *b = mix.x + 2 * t;
		int missed = a[0] == 0 && a[1] == 0;
		silent += missed;
		ck_assert_msg(missed || (a[0] == b[0] && a[1] == b[1]), "frame %lld is not the bounce's", (long long)t);
	}
	ck_assert_int_eq(silent > 0, strstr(read_text("missed"), "were missed") != NULL);
	close(fd);
	close_desk();
}
END_TEST

TEST_MAIN("listen", 60, test_watch, test_listen, test_listen_wav)
