/* What a line that is typed may go on with, and what was typed before. */
#include "control/complete.h"
#include "control/history.h"
#include "control/userfiles.h"
#include "opendesk.h"

static const char names[] = "scene 1 Verse\nscene chorus Big chorus\nmarker bridge Bridge\npreset kick kick drum\n"
                            "row target where it will be heard\nrow/target cd CD\nrow/target spotify Spotify\n";
static struct completion got;

static void
strip(struct desk_view *v, enum desk_kind kind, int number, const char *address, const char *name)
{
	struct desk_strip *s = &v->strip[v->strips++];
	s->kind = kind;
	s->number = number;
	snprintf(s->address, sizeof s->address, "%s", address);
	snprintf(s->name, sizeof s->name, "%s", name);
}

/* Completes with a desk of a few strips. */
static void
complete(const char *line)
{
	static struct desk_view v;
	v.strips = 0;
	strip(&v, DESK_STRIP, 1, "strip/kick", "Kick in");
	strip(&v, DESK_STRIP, 2, "strip/snare", "Snare top");
	strip(&v, DESK_STRIP, 3, "strip/lvox", "Lead Vox");
	strip(&v, DESK_BUS, 1, "bus/verb", "Verb");
	strip(&v, DESK_MIX, 1, "mix", "Mix");
	strip(&v, DESK_MASTER, 1, "master", "Master");
	complete_line(&v, names, line, strlen(line), &got);
	for (int k = 1; k < got.count; k++)
		ck_assert_int_le(got.offer[k].score, got.offer[k - 1].score);
}

static int
offers(const char *text)
{
	for (int k = 0; k < got.count; k++)
		if (!strcmp(got.offer[k].text, text))
			return k + 1;
	return 0;
}

START_TEST(test_score)
{
	ck_assert_int_eq(complete_score("Snare", "x"), 0);
	ck_assert_int_eq(complete_score("Snare", "ens"), 0);
	ck_assert_int_gt(complete_score("Lead Vox", "lv"), complete_score("Solver", "lv"));
	ck_assert_int_gt(complete_score("Kick", "kick"), complete_score("Kick drum outside", "kick"));
	ck_assert_int_gt(complete_score("Snare top", "SNA"), 0);
}
END_TEST

START_TEST(test_lines)
{
	static const struct {
		const char *line, *first; /* first: NULL for nothing at all */
		const char *also, *never;
		size_t from;
	} cases[] = {
	    {"", "play", NULL, NULL, 0},
	    {"sel", "select", NULL, "play", 0},
	    {"loc", "locate", NULL, NULL, 0},
	    {"strip/k", "strip/kick/", NULL, "strip/snare/", 0},
	    {"strip/kick/eq", "strip/kick/eq/", NULL, "strip/kick/fader", 0},
	    {"strip/kick/eq/2/", "strip/kick/eq/2/on", "strip/kick/eq/2/freq", "strip/kick/eq/3/on", 0},
	    {"strip/kick/thresh", "strip/kick/gate/threshold", "strip/kick/comp/threshold", NULL, 0},
	    {"@/fa", "@/fader", NULL, NULL, 0},
	    {"strip/kick/send/", "strip/kick/send/verb/", NULL, "strip/kick/send/kick/", 0},
	    {"strip/kick/send/verb/l", "strip/kick/send/verb/level", NULL, NULL, 0},
	    {"master/lim", "master/limiter/", NULL, NULL, 0},
	    {"mix/pan", NULL, NULL, NULL, 0},
	    {"render ta", "target", NULL, "stop", 7},
	    {"render target ", "cd", "spotify", "target", 14},
	    {"render rate ", NULL, NULL, NULL, 12},
	    {"strip/kick/mute ", "on", "toggle", "bell", 16},
	    {"strip/kick/sat/type tu", "tube", NULL, "tape", 20},
	    {"strip/kick/out ", "mix", "bus/verb", NULL, 15},
	    {"@/eq/2/type b", "bell", "bandpass", NULL, 12},
	    {"select vox", "lvox", NULL, "kick", 7},
	    {"  select  le", "lvox", NULL, NULL, 10},
	    {"select ", "next", "kick", NULL, 7},
	    {"copy ", "chain", "eq", NULL, 5},
	    {"copy co", "comp", NULL, "eq", 5},
	    {"ab for", "forget", NULL, "filter", 3},
	    {"preset ", "load", "save", NULL, 7},
	    {"preset load ki", "kick", NULL, NULL, 12},
	    {"scene rec", "recall", NULL, "store", 6},
	    {"scene recall ", "1", "chorus", NULL, 13},
	    {"scene recall big", "chorus", NULL, "1", 13},
	    {"scene recall 1 fa", "faders", NULL, NULL, 15},
	    {"locate br", "bridge", NULL, NULL, 7},
	    {"monitor m", "mix", "master", NULL, 8},
	    {"value @/comp/on ", "on", NULL, NULL, 16},
	    {"variant tv strip/sn", "strip/snare/", NULL, NULL, 11},
	    {"view e", "eq", NULL, "any", 5},
	    {"nonsense ", NULL, NULL, NULL, 9},
	    {"undo ", NULL, NULL, NULL, 5},
	};
	for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
		complete(cases[k].line);
		ck_assert_msg(!cases[k].first == !got.count, "\"%s\": %d offers, %s", cases[k].line, got.count,
		              got.count ? got.offer[0].text : "");
		ck_assert_msg(!cases[k].first || offers(cases[k].first), "\"%s\" first offers %s", cases[k].line,
		              got.offer[0].text);
		ck_assert_msg(!cases[k].also || offers(cases[k].also), "\"%s\" does not offer %s", cases[k].line,
		              cases[k].also);
		ck_assert_msg(!cases[k].never || !offers(cases[k].never), "\"%s\" offers %s", cases[k].line, cases[k].never);
		ck_assert_msg(!cases[k].first || got.from == cases[k].from, "\"%s\" from %zu", cases[k].line, got.from);
	}
	/* what begins as typed goes first */
	complete("strip/kick/comp/ra");
	ck_assert_str_eq(got.offer[0].text, "strip/kick/comp/ratio");
	complete("un");
	ck_assert(offers("undo") && offers("undo") < 4);
	/* lines of any length and kind do no harm */
	char all[3000];
	for (size_t n = 1; n < sizeof all; n = n * 2 + 1) {
		memset(all, '/', n);
		all[n] = '\0';
		complete(all);
		memset(all, 'a', n);
		complete(all);
		memset(all, ' ', n);
		complete(all);
	}
}
END_TEST

START_TEST(test_desk)
{
	struct desk *d = open_desk(0);
	desk_send(d, "scene store 4 Outro");
	expect(d, DESK_SAYS, "stored scene 4 (Outro)");
	WAIT_FOR(d, view.undos == 1);
	for (int k = 0; k < 2000 && !offers("4"); k++) {
		desk_complete(d, "scene recall out", 16, &got);
		poll(NULL, 0, 10);
	}
	ck_assert_int_eq(offers("4"), 1);
	desk_complete(d, "preset load dru", 15, &got);
	ck_assert_int_gt(offers("drum-bus"), 0);
	close_desk(d);
}
END_TEST

START_TEST(test_history)
{
	char *line[HISTORY_KEPT + 10];
	made_begin();
	setenv("XDG_STATE_HOME", made_folder, 1);
	ck_assert_int_eq(history_load(line, 5), 0);
	history_add("play");
	history_add("undo");
	history_add("undo");
	history_add("strip/kick/fader -3");
	ck_assert_int_eq(history_load(line, 5), 3);
	ck_assert_str_eq(line[0], "strip/kick/fader -3");
	ck_assert_str_eq(line[2], "play");
	for (int k = 0; k < 3; k++)
		free(line[k]);
	char *path = userfiles_path(USER_STATE, "history");
	FILE *file = fopen(path, "w");
	for (int k = 0; k < HISTORY_KEPT + 5; k++)
		fprintf(file, "line %d\n", k);
	fclose(file);
	history_add("the last");
	int count = history_load(line, HISTORY_KEPT + 10);
	ck_assert_int_eq(count, HISTORY_KEPT);
	ck_assert_str_eq(line[0], "the last");
	ck_assert_str_eq(line[count - 1], "line 6");
	for (int k = 0; k < count; k++)
		free(line[k]);
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	free(path);
	made_end();
}
END_TEST

TEST_MAIN("complete", 60, test_score, test_lines, test_desk, test_history)
