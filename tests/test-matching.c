/* A song against references: a copy that known filters made is brought back, in balance and in width; weights; masters.
 */
#include "bouncetest.h"

#include "master/balance.h"

#define RATE 44100
#define FRAMES (8 * RATE)
#define EACH 5    /* tones in a third */
#define LOWEST 4  /* the first third that holds some: 50 Hz */
#define THIRDS 26 /* from there: to 16 kHz */

/* The analogue prototypes of RBJ's cookbook: a shelf at 150 Hz, a bell at 900 Hz, a shelf at 5 kHz; dB. */
static double
filtered(double hz)
{
	double all = 0, a, w, w2, n, d;
	a = pow(10, 3.0 / 40), w = hz / 150, w2 = w * w;
	n = pow(a * (a - w2), 2) + a * a * a * w2 * 2;
	d = pow(1 - a * w2, 2) + a * w2 * 2;
	all += 10 * log10(n / d);
	a = pow(10, -4.0 / 40), w = hz / 900, w2 = w * w;
	all += 10 * log10((pow(1 - w2, 2) + w2 * a * a) / (pow(1 - w2, 2) + w2 / (a * a)));
	a = pow(10, 3.5 / 40), w = hz / 5000, w2 = w * w;
	n = pow(a * (1 - a * w2), 2) + a * a * a * w2 * 2;
	d = pow(a - w2, 2) + a * w2 * 2;
	return all + 10 * log10(n / d);
}

/* Sides 4 dB up between 300 Hz and 3 kHz, 3 dB down above: the sum of Linkwitz and Riley's bands; dB. */
static double
widened(double hz)
{
	double low = 1 / (1 + pow(hz / 300, 4)), high = 1 / (1 + pow(hz / 3000, 4));
	return 20 * log10(high * (low + (1 - low) * pow(10, 4 / 20.0)) + (1 - high) * pow(10, -3 / 20.0));
}

/* Tones in all thirds, middle and sides of other frequencies, as a response leaves them; the file's level in dB. */
static void
make_song(const char *path, double level, double (*response)(double hz), double (*width)(double hz))
{
	SF_INFO info = {.channels = 2, .samplerate = RATE, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
	SNDFILE *file = sf_open(path, SFM_WRITE, &info);
	double *x = calloc(2 * FRAMES, sizeof *x);
	uint64_t seed = 42;
	ck_assert(file != NULL && x != NULL);
	for (int k = 0; k < THIRDS * EACH * 2; k++) {
		int side = k % 2;
		double hz = balance_hertz(LOWEST + k / 2 / EACH) * pow(10, 0.045 * test_random(&seed));
		double db = level - 40 - 0.3 * (k / 2 / EACH) + (response ? response(hz) : 0);
		db += side ? -8 + (width ? width(hz) : 0) : 0;
		double phase = M_PI * test_random(&seed), a = pow(10, db / 20), turn = 2 * M_PI * hz / RATE;
		double re = a * cos(phase), im = a * sin(phase), c = cos(turn), s = sin(turn);
		for (int t = 0; t < FRAMES; t++) {
			double was = re;
			x[2 * t] += re;
			x[2 * t + 1] += side ? -re : re;
			re = re * c - im * s;
			im = was * s + im * c;
		}
	}
	ck_assert_int_eq(sf_writef_double(file, x, FRAMES), FRAMES);
	sf_close(file);
	free(x);
}

/* The numbers of a list in the last output's JSON; NAN for null. Returns how many. */
static int
list(const char *key, double *x)
{
	const char *at = strstr(read_text("out"), key);
	int count = 0;
	ck_assert_msg(at != NULL, "%s", key);
	at += strcspn(at, "[") + 1;
	while (*at && *at != ']' && count < BALANCE_BANDS) {
		x[count++] = *at == 'n' ? (double)NAN : strtod(at, NULL);
		at += strcspn(at, ",]");
		at += *at == ',';
	}
	return count;
}

static double
number(const char *object, const char *key)
{
	const char *at = strstr(read_text("out"), object);
	ck_assert(at && (at = strstr(at, key)));
	return strtod(at + strcspn(at, ":") + 1, NULL);
}

/* No third that counts is further off than that; returns how many count. */
static int
near(const char *key, double most)
{
	double x[BALANCE_BANDS];
	int counts = 0;
	ck_assert_int_eq(list(key, x), BALANCE_BANDS);
	for (int k = 0; k < BALANCE_BANDS; k++) {
		ck_assert_msg(!(fabs(x[k]) > most), "%s at %s Hz: %.2f dB", key, balance_name(k), x[k]);
		counts += !isnan(x[k]);
	}
	return counts;
}

/* A filtered and widened copy, 5 dB softer, comes back within half a dB a third; the lines do it, and say so. */
START_TEST(test_copy)
{
	test_begin();
	make_song("song.wav", 0, NULL, NULL);
	make_song("copy.wav", -5, filtered, widened);
	ck_assert_int_eq(DESK("match copy.wav song.wav --strength=100 --json"), 0);
	double before[BALANCE_BANDS], most = 0;
	list("lacks_width_before_db", before);
	for (int k = LOWEST + 1; k < LOWEST + THIRDS - 1; k++) {
		ck_assert_double_eq_tol(before[k], -widened(balance_hertz(k)), 0.5);
		most = fmax(most, fabs(before[k]));
	}
	ck_assert_double_gt(most, 3);
	ck_assert_int_ge(near("lacks_after_db", 0.5), THIRDS);
	ck_assert_int_ge(near("lacks_width_after_db", 0.5), THIRDS);
	/* as parameters of a session: what --apply wrote is what is found there, and there is nothing left to do */
	ck_assert_int_eq(DESK("new copy.wav -o s.desk"), 0);
	ck_assert_int_eq(DESK("match s.desk song.wav --strength=100 --apply"), 0);
	ck_assert_int_eq(DESK("get s.desk master/stereo"), 0);
	SAYS("out", "master/stereo/on on");
	SAYS("out", "master/stereo/2/width");
	ck_assert_int_eq(DESK("match s.desk song.wav --strength=100 --json"), 0);
	near("lacks_before_db", 0.5);
	near("lacks_width_before_db", 0.5);
	/* half of the way */
	ck_assert_int_eq(DESK("match copy.wav song.wav --json"), 0);
	double half[BALANCE_BANDS], whole[BALANCE_BANDS];
	list("lacks_before_db", whole);
	list("lacks_after_db", half);
	for (int k = LOWEST + 1; k < LOWEST + THIRDS - 1; k++)
		ck_assert_double_eq_tol(half[k], whole[k] / 2, 0.5);
	test_end();
}
END_TEST

/* Sides 5 dB down below 100 Hz and above 1 kHz. */
static double
narrowed(double hz)
{
	double low = 1 / (1 + pow(hz / 100, 4)), high = 1 / (1 + pow(hz / 1000, 4));
	return 20 * log10(high * (low * pow(10, -5 / 20.0) + 1 - low) + (1 - high) * pow(10, -5 / 20.0));
}

/* The bass is not made wider; what is above it comes back, as far as the bands' edges let it. */
START_TEST(test_bass)
{
	test_begin();
	double before[BALANCE_BANDS], after[BALANCE_BANDS];
	make_song("song.wav", 0, NULL, NULL);
	make_song("copy.wav", 0, NULL, narrowed);
	ck_assert_int_eq(DESK("match copy.wav song.wav --strength=100 --json"), 0);
	list("lacks_width_before_db", before);
	list("lacks_width_after_db", after);
	for (int k = LOWEST + 1; k < LOWEST + THIRDS - 1; k++) {
		if (balance_hertz(k) < 75) {
			ck_assert_double_gt(before[k], 3.5);
			ck_assert_double_eq_tol(after[k], before[k], 0.7);
		} else if (balance_hertz(k) > 1200) {
			ck_assert_double_gt(before[k], 3);
			ck_assert_double_le(fabs(after[k]), 0.7);
		}
	}
	test_end();
}
END_TEST

static double
tilted(double hz)
{
	return 4 * log10(hz / 1000);
}

/* Two references of weights 3 and 1: their loudness and each third's level are that mean. */
START_TEST(test_weights)
{
	test_begin();
	make_song("a.wav", 0, NULL, NULL);
	make_song("b.wav", -4, tilted, NULL);
	ck_assert_int_eq(DESK("measure b.wav --json"), 0);
	double b = number("{", "integrated_lufs"), lacks[BALANCE_BANDS];
	ck_assert_int_eq(DESK("measure a.wav --json"), 0);
	double a = number("{", "integrated_lufs");
	ck_assert_int_eq(DESK("match a.wav a.wav=3 b.wav --json"), 0);
	ck_assert_double_eq_tol(number("\"reference\"", "integrated_lufs"), (3 * a + b) / 4, 0.002);
	list("lacks_before_db", lacks);
	double apart = lacks[LOWEST + THIRDS - 2] - lacks[LOWEST + 1];
	double tilt = tilted(balance_hertz(LOWEST + THIRDS - 2)) - tilted(balance_hertz(LOWEST + 1));
	ck_assert_double_eq_tol(apart, tilt / 4, 0.15);
	ck_assert_int_eq(DESK("match a.wav b.wav=0"), 1);
	SAYS("err", "weight");
	ck_assert_int_eq(DESK("match a.wav a=1.wav"), 1); /* no weight: a file that is not there */
	SAYS("err", "a=1.wav");
	test_end();
}
END_TEST

/* The master takes the references' balance and width on its way, and measure compares. */
START_TEST(test_master)
{
	test_begin();
	make_song("song.wav", 0, NULL, NULL);
	make_song("copy.wav", -5, filtered, widened);
	ck_assert_int_eq(DESK("master copy.wav -o out.wav --lufs=-20 --reference song.wav --strength=100"), 0);
	SAYS("out", "master/stereo/on on");
	SAYS("out", "master/eq/1/on on");
	ck_assert_int_eq(DESK("measure out.wav --reference song.wav --json"), 0);
	near("lacks_before_db", 0.5);
	near("lacks_width_before_db", 0.5);
	ck_assert_double_eq_tol(number("\"file\"", "integrated_lufs"), -20, 0.05);
	ck_assert_int_eq(DESK("measure copy.wav --reference song.wav --plot p.svg"), 0);
	SAYS("out", "lack against the reference");
	SAYS("p.svg", "reference");
	ck_assert_int_eq(DESK("master copy.wav -o out.wav --lufs=-20 --reference none.wav"), 1);
	SAYS("err", "none.wav");
	ck_assert_int_eq(DESK("master copy.wav -o out.wav --lufs=-20 --strength=50"), 2);
	SAYS("err", "--reference");
	test_end();
}
END_TEST

TEST_MAIN("matching", 120, test_copy, test_bass, test_weights, test_master)
