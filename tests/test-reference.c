/* `match`: what a filter did to a copy of a song is taken back, third by third, in the session. */
#include "bouncetest.h"

#define RATE 48000
#define FRAMES (20 * RATE)

static double *made[2];

static double
take(int64_t t, int c)
{
	return made[c][t];
}

/* Noise that falls 3 dB an octave (P. Kellet's filter), the sides half alike. */
static void
make_noise(void)
{
	uint64_t seed = 7;
	double state[3][3] = {{0}}, pink[3];
	for (int64_t t = 0; t < FRAMES; t++) {
		for (int k = 0; k < 3; k++) {
			double white = test_random(&seed);
			state[k][0] = 0.99765 * state[k][0] + white * 0.0990460;
			state[k][1] = 0.96300 * state[k][1] + white * 0.2965164;
			state[k][2] = 0.57000 * state[k][2] + white * 1.0526913;
			pink[k] = 0.03 * (state[k][0] + state[k][1] + state[k][2] + white * 0.1848);
		}
		made[0][t] = pink[0] + pink[1];
		made[1][t] = pink[0] + pink[2];
	}
}

/* A bell of the audio EQ cookbook (R. Bristow-Johnson) over both sides. */
static void
bell(double hertz, double gain, double q)
{
	double a = pow(10, gain / 40), w = 2 * M_PI * hertz / RATE, alpha = sin(w) / (2 * q), norm = 1 + alpha / a;
	double b[3] = {(1 + alpha * a) / norm, -2 * cos(w) / norm, (1 - alpha * a) / norm},
	       d[2] = {-2 * cos(w) / norm, (1 - alpha / a) / norm};
	for (int c = 0; c < 2; c++) {
		double x[2] = {0}, y[2] = {0};
		for (int64_t t = 0; t < FRAMES; t++) {
			double in = made[c][t], out = b[0] * in + b[1] * x[0] + b[2] * x[1] - d[0] * y[0] - d[1] * y[1];
			x[1] = x[0], x[0] = in;
			y[1] = y[0], y[0] = out;
			made[c][t] = out;
		}
	}
}

/* The numbers of a list in the last answer. */
static size_t
numbers(const char *key, double *x, size_t most)
{
	char *at = strstr(read_text("out"), key);
	size_t n = 0;
	ck_assert_msg(at != NULL, "%s", key);
	for (at = strchr(at, '[') + 1; n < most && *at != ']'; at += *at == ',') {
		x[n++] = strtod(at, &at);
		if (!strncmp(at, "null", 4)) {
			at += 4;
			x[n - 1] = NAN;
		}
	}
	return n;
}

START_TEST(test_filtered_copy)
{
	double lacks[31];
	test_begin();
	made[0] = calloc(FRAMES, sizeof(double));
	made[1] = calloc(FRAMES, sizeof(double));
	make_noise();
	make_sound("song.wav", 2, RATE, FRAMES, take, 0);
	bell(90, 4, 0.7);
	bell(700, -4, 1);
	bell(3000, 3.5, 1.4);
	bell(9000, -4.5, 0.7);
	make_sound("dull.wav", 2, RATE, FRAMES, take, 0);
	ck_assert_int_eq(DESK("new dull.wav -o dull.desk"), 0);
	ck_assert_int_eq(DESK("match dull.desk song.wav --strength 100 --json --apply"), 0);
	ck_assert_uint_eq(numbers("lacks_before_db", lacks, 31), 31);
	double most = 0;
	for (int k = 0; k < 31; k++)
		most = fmax(most, isnan(lacks[k]) ? 0 : fabs(lacks[k]));
	ck_assert_double_gt(most, 3); /* there is something to do */
	/* read anew from the session */
	ck_assert_int_eq(DESK("match dull.desk song.wav --json"), 0);
	ck_assert_uint_eq(numbers("lacks_before_db", lacks, 31), 31);
	for (int k = 0; k < 31; k++)
		ck_assert_msg(isnan(lacks[k]) || fabs(lacks[k]) <= 0.5, "third %d lacks %.2f dB", k, lacks[k]);
	/* two references alike, and a weight, are the one */
	ck_assert_int_eq(DESK("match dull.wav song.wav song.wav=3 --strength 100 --json"), 0);
	ck_assert_uint_eq(numbers("lacks_after_db", lacks, 31), 31);
	for (int k = 0; k < 31; k++)
		ck_assert_msg(isnan(lacks[k]) || fabs(lacks[k]) <= 0.5, "third %d lacks %.2f dB", k, lacks[k]);
	ck_assert_int_eq(DESK("match dull.wav song.wav --apply"), 2);
	ck_assert_int_eq(DESK("match dull.wav none.wav"), 1);
	SAYS("err", "none.wav");
	free(made[0]);
	free(made[1]);
	test_end();
}
END_TEST

TEST_MAIN("reference", 120, test_filtered_copy)
