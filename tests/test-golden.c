/*
 * Sessions of this version line sound as they always did: each in tests/golden is rendered from stems made here, and
 * its samples have the hash that stands in tests/golden/checksums, for every lane width and packing. Needs only base,
 * dsp, session and the graph, so that it can be built for other machines without sound libraries.
 */
#include "deskgraph.h"

#include "base/fmath.h"
#include "base/sha256.h"

#define FRAMES 48000

#ifdef BARE_CHECK_H
#define ONE_WAY_EACH 1 /* an emulated processor is slow */
#else
#define ONE_WAY_EACH 0
#endif

static const char *const names[] = {"bare",   "chain", "colour", "dynamics", "fades", "image",
                                    "master", "plain", "smooth", "space",    "tone"};
#define NAMES (sizeof names / sizeof *names)

static const char *
golden(const char *name)
{
	static char path[4096];
	const char *srcdir = getenv("srcdir");
	snprintf(path, sizeof path, "%s/tests/golden/%s", srcdir ? srcdir : ".", name);
	return path;
}

/* Whole steps of 24 bits, so that the stems are the same wherever they are made. */
static float
step(double x)
{
	return (float)(f_floor(x * 8388608 + 0.5) / 8388608);
}

static double
noise(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return (double)(int32_t)*state / 2147483648.0;
}

/* A decaying hit every quarter of a second: a low sine that falls, and a click. */
static double
drum(int64_t t, int c, uint32_t *state)
{
	int64_t in = t % 12000;
	double fall = f_exp(-(double)in / 1800), click = in < 200 ? noise(state) * 0.4 : 0;
	(void)c;
	return 0.7 * fall * f_sin(2 * F_PI * 55 * (double)in / 48000 * (1 + 2 * fall)) + click * fall;
}

/* A tone that is loud and soft in turns. */
static double
tone(int64_t t, int c, uint32_t *state)
{
	(void)state;
	return (t / 7000 % 2 ? 0.6 : 0.06) * f_sin(2 * F_PI * (c ? 997 : 441.3) * (double)t / 48000);
}

/* A chord, a hiss and a swell. */
static double
song(int64_t t, int c, uint32_t *state)
{
	double at = 2 * F_PI * (double)t / 48000, swell = 0.15 + 0.15 * f_sin(at * 2.3);
	double chord = f_sin(at * 220) + f_sin(at * 277.18 + c) + f_sin(at * 329.63 + 2 * c);
	return swell * chord + 0.03 * noise(state);
}

static double
hiss(int64_t t, int c, uint32_t *state)
{
	(void)t;
	(void)c;
	return 0.5 * noise(state);
}

static void
make_stems(void)
{
	static const struct {
		const char *name;
		int channels;
		double (*sample)(int64_t, int, uint32_t *);
	} rows[] = {{"drum", 1, drum}, {"noise", 2, hiss}, {"song", 2, song}, {"tone", 2, tone}};
	for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
		struct memory_stem *stem = &memory_stems[k];
		*stem = (struct memory_stem){.name = rows[k].name, .channels = rows[k].channels, .frames = FRAMES};
		for (int c = 0; c < rows[k].channels; c++) {
			uint32_t state = (uint32_t)(1000 * k + (size_t)c + 1);
			stem->side[c] = calloc(FRAMES, sizeof(float));
			for (int64_t t = 0; t < FRAMES; t++)
				stem->side[c][t] = step(rows[k].sample(t, c, &state));
		}
	}
}

static struct session *
load(const char *name)
{
	struct err err = {""};
	char file[64];
	snprintf(file, sizeof file, "%s.desk", name);
	struct session *s = session_load(golden(file), 0, &err);
	ck_assert_msg(s != NULL, "%s", err.text);
	ck_assert_msg(session_warning(s, 0) == NULL, "%s", session_warning(s, 0));
	return s;
}

/* The hash of the frames, left and right in turns, as little-endian floats. */
static void
hash(float *const side[2], char hex[65])
{
	static unsigned char bytes[8 * FRAMES];
	for (size_t t = 0; t < FRAMES; t++)
		for (size_t c = 0; c < 2; c++) {
			uint32_t bits;
			memcpy(&bits, &side[c][t], sizeof bits);
			for (size_t k = 0; k < 4; k++)
				bytes[8 * t + 4 * c + k] = (unsigned char)(bits >> 8 * k);
		}
	sha256_hex(bytes, sizeof bytes, hex);
}

/* The line of a session and a tap in the file, "HASH NAME TAP"; "" where there is none. */
static const char *
kept(const char *name, const char *tap)
{
	static char hex[65];
	char line[256], of[64], at[64];
	*hex = '\0';
	FILE *file = fopen(golden("checksums"), "r");
	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof line, file)) {
		char found[65];
		if (*line != '#' && sscanf(line, "%64s %63s %63s", found, of, at) == 3 && !strcmp(of, name) && !strcmp(at, tap))
			strcpy(hex, found);
	}
	fclose(file);
	return hex;
}

START_TEST(test_golden)
{
	static const struct render ways[] = {
	    {.lanes = 4, .chunk = 4096, .threads = 1},
	    {.lanes = 1, .chunk = 2048, .threads = 1, .shuffle = 7},
	    {.lanes = 8, .chunk = 64, .threads = 2, .shuffle = 3},
	};
	const char *name = names[_i / 2], *tap = _i % 2 ? "master" : "mix";
	fpu_flush_denormals();
	make_stems();
	struct session *s = load(name);
	for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
		if (ONE_WAY_EACH && k != (size_t)_i % 3)
			continue;
		float *side[2];
		char hex[65];
		struct render how = ways[k];
		if (!dsp_ops_pick(how.lanes))
			continue; /* this processor has no such vectors */
		how.master = _i % 2;
		render(s, &how, FRAMES, side);
		hash(side, hex);
		double most = 0;
		for (int t = 0; t < FRAMES; t++)
			most = fmax(most, fmax(fabs((double)side[0][t]), fabs((double)side[1][t])));
		ck_assert(most > 0.05 && most < 20);
		free(side[0]);
		free(side[1]);
		if (!*kept(name, tap))
			ck_abort_msg("no checksum is kept; the line to add is: %s %s %s", hex, name, tap);
		ck_assert_msg(!strcmp(hex, kept(name, tap)), "%s %s, %d lanes: the sound has changed; it is now %s", name, tap,
		              how.lanes, hex);
	}
	session_free(s);
	memory_forget();
}
END_TEST

/* Whether some channel node of a session has the parameter at another value than its default. */
static int
uses(struct session *s, int param)
{
	static const enum node_kind kinds[] = {K_STRIP, K_BUS, K_DCA, K_SONG, K_MIX, K_MASTER};
	for (size_t j = 0; j < sizeof kinds / sizeof *kinds; j++)
		for (size_t k = 0;; k++) {
			const struct node *node = kinds[j] == K_MIX      ? session_mix(s)
			                          : kinds[j] == K_MASTER ? session_master(s)
			                                                 : NULL;
			if (kinds[j] == K_SONG)
				node = session_song(s);
			else if (!node)
				node = session_node(s, kinds[j], k);
			if (!node)
				break;
			if ((params[param].kinds & kinds[j]) && (node->value[param] != params[param].def || *node->text[param]))
				return 1;
			for (size_t c = 0; c < node->children; c++) {
				const struct node *child = node->child[c];
				if ((params[param].kinds & child->kind) &&
				    (child->value[param] != params[param].def || *child->text[param]))
					return 1;
			}
			if (kinds[j] & (K_SONG | K_MIX | K_MASTER))
				break;
		}
	return 0;
}

/* Everything that sounds is used in some golden session, so that no change of it passes unseen. */
START_TEST(test_complete)
{
	static const int silent[] = {P_TITLE,        P_ARTIST,     P_BRIEF,       P_METER,      P_COLOUR,   P_NOTE,
	                             P_REGION_PRINT, P_SCENE_SAFE, P_STAGE_DEPTH, P_GAP_BEFORE, P_GAP_AFTER};
	static const unsigned sounding = K_SONG | K_STRIP | K_BUS | K_DCA | K_MIX | K_MASTER | K_SEND | K_REGION;
	struct session *s[NAMES];
	for (size_t k = 0; k < NAMES; k++)
		s[k] = load(names[k]);
	for (int p = 0; p < PARAM_COUNT; p++) {
		int used = !(params[p].kinds & sounding); /* notes and places make no sound */
		for (size_t k = 0; k < sizeof silent / sizeof *silent; k++)
			used |= p == silent[k];
		for (size_t k = 0; k < NAMES; k++)
			used |= uses(s[k], p);
		ck_assert_msg(used, "%s is at its default in every golden session; add one that uses it", params[p].address);
	}
	for (size_t k = 0; k < NAMES; k++)
		session_free(s[k]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("golden");
	TCase *tcase = tcase_create("golden");
	tcase_set_timeout(tcase, 300);
	tcase_add_loop_test(tcase, test_golden, 0, 2 * NAMES);
	tcase_add_test(tcase, test_complete);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
