/* A desk on its own thread for tests: two strips, the clock device, events that are waited for. */
#ifndef OPENDESK_H
#define OPENDESK_H

#include "control/desk/desk.h"
#include "desktest.h"
#include "session/session.h"
#include "wavmake.h"

#include <poll.h>

static struct desk_view view;

/* Two strips of one second of sound each, at half scale. */
static inline struct desk *
open_desk(int view_only)
{
	struct err err = {""};
	made_begin();
	for (int k = 0; k < 2; k++) {
		struct bytes o = {.n = 0};
		put_riff(&o, "RIFF", 1, 24000, 8);
		put_chunk_head(&o, "data", 60000);
		for (int t = 0; t < 60000; t++)
			put_le(&o, 128 + (t & 32 ? 64 : -64), 1);
		end_riff(&o);
		save(k ? "b.wav" : "a.wav", &o);
	}
	struct session *s = session_new();
	static const char *const lines[] = {"song/rate 24000",    "strip/a/name A", "strip/a/region/r1/file a.wav",
	                                    "strip/a/channels 1", "strip/b/name B", "strip/b/region/r1/file b.wav",
	                                    "strip/b/channels 1", "strip/b/mute on"};
	for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
		ck_assert_msg(session_line(s, lines[k], &err) == 0, "%s: %s", lines[k], err.text);
	if (view_only)
		ck_assert_int_eq(session_save(s, "song.desk", &err), 0);
	const struct desk_options options = {.device = "null", .view_only = view_only, .monitor = "0"};
	struct desk *d = desk_open(s, "song.desk", &options, &err);
	ck_assert_msg(d != NULL, "%s", err.text);
	return d;
}

static inline void
close_desk(struct desk *d)
{
	desk_close(d);
	ck_assert_int_eq(chdir(made_folder), 0);
	unlink("song.desk");
	if (chdir(".song.desk.d") == 0) {
		DIR *dir = opendir(".");
		for (struct dirent *e; (e = readdir(dir));)
			unlink(e->d_name);
		closedir(dir);
		ck_assert_int_eq(chdir(".."), 0);
	}
	made_end();
}

/* The next event, waited for. */
static inline void
expect(struct desk *d, enum desk_event_kind kind, const char *text)
{
	struct desk_event event = {.kind = DESK_CHANGED};
	struct pollfd in = {.fd = desk_fd(d), .events = POLLIN};
	while (event.kind == DESK_CHANGED) {
		ck_assert_msg(poll(&in, 1, 20000) == 1, "no event came, \"%s\" was waited for", text);
		ck_assert_int_eq(desk_event(d, &event), 0);
	}
	ck_assert_msg(event.kind == kind && strstr(event.text, text), "%d \"%s\", not %d \"%s\"", (int)event.kind,
	              event.text, (int)kind, text);
}

/* What the master's compressor in four bands does with ratio 1 and as much make-up in all bands: a gain, nothing else.
 */
static inline void
turn_master(struct desk *d, int db)
{
	char line[64];
	for (int k = 0; k < 9; k++) {
		if (k < 8)
			snprintf(line, sizeof line, "master/multi/%d/%s %d", k / 2 + 1, k % 2 ? "makeup" : "ratio", k % 2 ? db : 1);
		else
			snprintf(line, sizeof line, "master/multi/on on");
		desk_send(d, line);
		expect(d, DESK_SAYS, "master");
	}
}

/* Waits until what is asked for is in the snapshot. */
#define WAIT_FOR(d, what)                                                                                              \
	do {                                                                                                               \
		int turns = 0;                                                                                                 \
		for (desk_view(d, &view); !(what); desk_view(d, &view)) {                                                      \
			ck_assert_msg(turns++ < 2000, "%s did not come", #what);                                                   \
			poll(NULL, 0, 10);                                                                                         \
		}                                                                                                              \
	} while (0)

#endif
