/* Processors and chains from strip to strip, comparisons, presets. */
#include "session/groups.h"
#include "control/presets.h"
#include "control/userfiles.h"
#include "opendesk.h"

/* Reads a value of the session through the desk: "strip/b/eq/2/freq 1200". */
static void
is(struct desk *d, const char *line)
{
	char get[256];
	snprintf(get, sizeof get, "get %.*s", (int)strcspn(line, " "), line);
	struct desk_event event = {.kind = DESK_CHANGED};
	struct pollfd in = {.fd = desk_fd(d), .events = POLLIN};
	desk_send(d, get);
	while (event.kind != DESK_LINES) {
		ck_assert_msg(poll(&in, 1, 20000) == 1, "%s: no answer", line);
		ck_assert_int_eq(desk_event(d, &event), 0);
		ck_assert_msg(event.kind != DESK_ERROR, "%s", event.text);
	}
	ck_assert_str_eq(event.text, line);
}

START_TEST(test_groups)
{
	static const struct {
		const char *group, *address;
		enum node_kind kind;
		int has;
	} cases[] = {
	    {"eq", "eq/2/freq", K_STRIP, 1},      {"eq", "comp/on", K_STRIP, 0},    {"chain", "eq/on", K_STRIP, 1},
	    {"chain", "order", K_STRIP, 1},       {"chain", "fader", K_STRIP, 0},   {"strip", "fader", K_STRIP, 1},
	    {"strip", "level", K_SEND, 1},        {"sends", "level", K_SEND, 1},    {"sends", "fader", K_STRIP, 0},
	    {"pans", "pan-law", K_STRIP, 1},      {"faders", "fader", K_DCA, 1},    {"all", "solo", K_STRIP, 0},
	    {"filter", "hpf/on", K_STRIP, 1},     {"filter", "lpf/freq", K_BUS, 1}, {"strip", "name", K_STRIP, 0},
	    {"dynamics", "gate/key", K_STRIP, 1}, {"eq", "fader", K_STRIP, 0},      {"nothing", "fader", K_STRIP, 0},
	};
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		const struct param *p = param_find(cases[k].kind, cases[k].address);
		ck_assert_ptr_nonnull(p);
		ck_assert_msg(group_has(cases[k].group, p) == cases[k].has, "%s %s", cases[k].group, cases[k].address);
	}
	ck_assert(group_known("comp") && group_known("reverb") && !group_known("name"));
	ck_assert(!group_recalls(&params[P_SOLO]) && !group_recalls(&params[P_OUT]) && group_recalls(&params[P_MUTE]));
}
END_TEST

START_TEST(test_copy_paste)
{
	struct desk *d = open_desk(0);
	desk_send(d, "paste");
	expect(d, DESK_ERROR, "nothing was copied");
	desk_send(d, "strip/a/eq/2/freq 1200");
	desk_send(d, "strip/a/comp/on on");
	desk_send(d, "strip/a/comp/key strip/b");
	desk_send(d, "strip/b/eq/3/gain 6");
	WAIT_FOR(d, view.undos == 4);
	desk_send(d, "copy eq");
	desk_send(d, "select b");
	desk_send(d, "paste");
	WAIT_FOR(d, view.undos == 5);
	is(d, "strip/b/eq/2/freq 1200");
	is(d, "strip/b/eq/3/gain 0");
	is(d, "strip/b/comp/on off");
	desk_send(d, "undo");
	is(d, "strip/b/eq/2/freq 200");
	is(d, "strip/b/eq/3/gain 6");
	/* a chain whose key is the strip it goes to: the key stays away */
	desk_send(d, "select a");
	desk_send(d, "copy");
	desk_send(d, "select b");
	desk_send(d, "paste");
	is(d, "strip/b/comp/on on");
	is(d, "strip/b/comp/key none");
	desk_send(d, "undo");
	/* onto marked ones, the master among them */
	desk_send(d, "mark master");
	desk_send(d, "mark b");
	desk_send(d, "copy eq");
	desk_send(d, "copy nonsense");
	while (1) {
		struct desk_event event;
		struct pollfd in = {.fd = desk_fd(d), .events = POLLIN};
		ck_assert_int_eq(poll(&in, 1, 20000), 1);
		ck_assert_int_eq(desk_event(d, &event), 0);
		if (event.kind == DESK_ERROR && strstr(event.text, "copy nonsense") && strstr(event.text, "transient"))
			break;
	}
	close_desk(d);
}
END_TEST

START_TEST(test_ab)
{
	struct desk *d = open_desk(0);
	desk_send(d, "strip/a/eq/2/gain 3");
	desk_send(d, "ab eq");
	expect(d, DESK_SAYS, "eq/2/gain");
	expect(d, DESK_SAYS, "eq of 1 A: A is kept");
	desk_send(d, "strip/a/eq/2/gain -4");
	desk_send(d, "strip/a/comp/on on");
	WAIT_FOR(d, view.undos == 3);
	desk_send(d, "ab eq");
	is(d, "strip/a/eq/2/gain 3");
	is(d, "strip/a/comp/on on");
	desk_send(d, "ab eq");
	is(d, "strip/a/eq/2/gain -4");
	desk_send(d, "ab eq");
	is(d, "strip/a/eq/2/gain 3");
	/* flips that follow each other are one step, and one that is undone is not mistaken for a change */
	WAIT_FOR(d, view.undos == 4);
	desk_send(d, "undo");
	is(d, "strip/a/eq/2/gain -4");
	desk_send(d, "ab eq");
	is(d, "strip/a/eq/2/gain 3");
	desk_send(d, "ab eq");
	is(d, "strip/a/eq/2/gain -4");
	/* the desk */
	desk_send(d, "ab");
	desk_send(d, "strip/*/fader -10");
	desk_send(d, "strip/b/mute off");
	desk_send(d, "ab");
	is(d, "strip/a/fader 0");
	is(d, "strip/b/mute on");
	desk_send(d, "ab");
	is(d, "strip/b/fader -10");
	is(d, "strip/b/mute off");
	desk_send(d, "ab forget");
	desk_send(d, "ab forget");
	WAIT_FOR(d, view.strip[1].fader == -10);
	close_desk(d);
}
END_TEST

/* Each that comes along fits onto a strip or a bus, and changes something. */
START_TEST(test_shipped)
{
	struct desk *d = open_desk(0);
	char line[128];
	int count = 0;
	desk_send(d, "bus/fx/name Fx");
	WAIT_FOR(d, view.strips == 5);
	for (const struct preset *p = presets; p->name; p++, count++) {
		ck_assert(userfiles_name(p->name));
		snprintf(line, sizeof line, "select %s", strstr(p->lines, "reverb/") || strstr(p->lines, "echo/") ? "fx" : "a");
		desk_send(d, line);
		desk_view(d, &view);
		int undos = view.undos;
		snprintf(line, sizeof line, "preset load %s", p->name);
		desk_send(d, line);
		struct desk_event event = {.kind = DESK_CHANGED};
		struct pollfd in = {.fd = desk_fd(d), .events = POLLIN};
		while (!strstr(event.text, p->name) || event.kind == DESK_CHANGED) {
			ck_assert_msg(poll(&in, 1, 20000) == 1, "%s: no answer", p->name);
			ck_assert_int_eq(desk_event(d, &event), 0);
			ck_assert_msg(event.kind != DESK_ERROR, "%s", event.text);
		}
		ck_assert_msg(!strstr(event.text, "no place"), "%s", event.text);
		WAIT_FOR(d, view.undos == undos + 1);
	}
	ck_assert_int_ge(count, 12);
	close_desk(d);
}
END_TEST

START_TEST(test_own_presets)
{
	struct desk *d = open_desk(0);
	char *path, *text;
	struct err err;
	setenv("XDG_DATA_HOME", made_folder, 1);
	desk_send(d, "strip/a/eq/2/gain -3.5");
	desk_send(d, "strip/a/hpf/on on");
	desk_send(d, "preset save mine");
	expect(d, DESK_SAYS, "eq/2/gain");
	expect(d, DESK_SAYS, "hpf/on");
	expect(d, DESK_SAYS, "chain of 1 A is kept as preset mine");
	path = userfiles_path(USER_DATA, "presets/mine");
	text = userfiles_read(path, &err);
	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_nonnull(strstr(text, "eq/2/gain -3.5\n"));
	ck_assert_ptr_nonnull(strstr(text, "comp/on off\n"));
	free(text);
	desk_send(d, "select b");
	desk_send(d, "strip/b/comp/on on");
	desk_send(d, "preset load mine");
	is(d, "strip/b/eq/2/gain -3.5");
	is(d, "strip/b/hpf/on on");
	is(d, "strip/b/comp/on off");
	desk_send(d, "undo");
	is(d, "strip/b/comp/on on");
	is(d, "strip/b/hpf/on off");
	/* a file that says what no preset may, and names that lead elsewhere */
	static const char bad[] = "eq/2/gain 1\nregion/r1/file \"/etc/passwd\"\n";
	ck_assert_int_eq(userfiles_write(path, bad, sizeof bad - 1, &err), 0);
	desk_send(d, "preset load mine");
	expect(d, DESK_ERROR, "preset mine: line 2: \"region/r1/file");
	is(d, "strip/b/eq/2/gain 0");
	static const char *const names[] = {"../x", "/etc/passwd", "a/b", ".hidden", "a..b", "x."};
	for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
		char line[80];
		ck_assert(!userfiles_name(names[k]));
		snprintf(line, sizeof line, "preset save %s", names[k]);
		desk_send(d, line);
		expect(d, DESK_ERROR, "no name of a preset");
	}
	desk_send(d, "preset load nosuch");
	expect(d, DESK_ERROR, "there is no preset \"nosuch\"");
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	free(path);
	close_desk(d);
}
END_TEST

TEST_MAIN("copies", 60, test_groups, test_copy_paste, test_ab, test_shipped, test_own_presets)
