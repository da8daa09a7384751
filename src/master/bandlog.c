#include "master/bandlog.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/fft.h"
#include "base/four.h"
#include "base/fpu.h"
#include "dsp/ops.h"

#define LINE_HZ 12.0         /* the most that lines may lie apart: Hann's lobe of four is an ERB at 80 Hz */
#define QUIET 3e-6F          /* samples below it, -110 dBFS, are silence */
#define DEPTH BANDLOG_BEHIND /* blocks that may be under way */
#define MOST_THREADS 16

/* What a thread works with. */
struct hand {
	struct bandlog *log;
	pthread_t thread;
	struct fft *fft;
	float *re, *im, *power;
};

/* Lines of a band, those at its edges by what of them lies inside. */
struct span {
	int first, last;
	float first_part, last_part;
};

/*
 * The lock guards what stands below it.
 *
 * ready    blocks that can be worked on; `next` counts their jobs, one a node
 * left     by block under way: jobs that are not done
 * told     blocks whose lines were given away
 */
struct bandlog {
	const struct taps *taps;
	const struct dsp_ops *ops;
	int nodes, block, window, hands;
	int first_line, lines, last_line; /* the low ones that are kept; the last that a band has */
	float *shape, scale;
	struct span span[BANDLOG_LEVELS];
	struct hand hand[MOST_THREADS];
	struct bandlog_lines *low; /* DEPTH x nodes */
	int64_t frame[DEPTH];
	void (*give)(void *arg, int64_t block, const struct bandlog_lines *node, int lines);
	void *arg;
	uint8_t *level;
	size_t room; /* blocks */

	pthread_mutex_t lock;
	pthread_cond_t moved;
	int64_t ready, next, told;
	int left[DEPTH], quit;
};

double
bandlog_edge(int band)
{
	return (pow(10, (band + 1) / 21.4) - 1) / 0.00437;
}

double
bandlog_hertz(int band)
{
	return (pow(10, (band + 1.5) / 21.4) - 1) / 0.00437;
}

int
bandlog_block(double rate)
{
	int window = 1024;
	while (rate / window > LINE_HZ && window < 2 * TAPS_CHUNK)
		window *= 2;
	return window / 2;
}

static struct span
span_of(const struct bandlog *l, double low, double high)
{
	double line = taps_rate(l->taps) / l->window, from = low / line + 0.5, to = high / line + 0.5;
	double most = l->window / 2 - 1;
	from = from < 1 ? 1 : from > most ? most : from;
	to = to < from ? from : to > most ? most : to;
	struct span s = {(int)from, (int)to, 1, 1};
	s.first_part = (float)(s.first + 1 - from);
	s.last_part = (float)(to - s.last);
	if (s.first == s.last)
		s.first_part = (float)(to - from), s.last_part = 0;
	return s;
}

static void
make_tables(struct bandlog *l)
{
	double energy = 0;
	for (int t = 0; t < l->window; t++) {
		double w = 0.5 - 0.5 * cos(2 * M_PI * (t + 0.5) / l->window);
		l->shape[t] = (float)w;
		energy += w * w;
	}
	l->scale = (float)(1 / (energy * l->window));
	for (int b = 0; b < BANDLOG_BANDS; b++)
		l->span[b] = span_of(l, bandlog_edge(b), bandlog_edge(b + 1));
	l->span[BANDLOG_BODY] = span_of(l, 1000, 4000);
	l->span[BANDLOG_SIBILANCE] = span_of(l, 5000, 10000);
	for (int b = 0; b < BANDLOG_LEVELS; b++)
		l->last_line = l->span[b].last > l->last_line ? l->span[b].last : l->last_line;
	double line = taps_rate(l->taps) / l->window;
	l->first_line = (int)ceil(20 / line);
	l->lines = (int)(BANDLOG_LOW / line) - l->first_line + 1;
	l->lines = l->lines > BANDLOG_LINES ? BANDLOG_LINES : l->lines;
}

static uint8_t
code(float power)
{
	if (power < 1e-11F) /* -110 dBFS */
		return BANDLOG_SILENCE;
	float half = 20 * log10f(power) + 230.5F; /* the bands' own -115 dBFS, rounded */
	return half > 255 ? 255 : (uint8_t)half;
}

static float
sum_of(const float *power, const struct span *s)
{
	float sum = power[s->first] * s->first_part;
	for (int k = s->first + 1; k < s->last; k++)
		sum += power[k];
	return s->last > s->first ? sum + power[s->last] * s->last_part : sum;
}

/* Left and right went through one transform as real and imaginary part; symmetry tells them apart. */
static void
keep_lines(const struct bandlog *l, const struct hand *h, struct bandlog_lines *to)
{
	for (int i = 0; i < l->lines; i++) {
		int k = l->first_line + i, m = l->window - k;
		float lr = (h->re[k] + h->re[m]) / 2, li = (h->im[k] - h->im[m]) / 2;
		float rr = (h->im[k] + h->im[m]) / 2, ri = (h->re[m] - h->re[k]) / 2;
		to->mid[i][0] = (lr + rr) / 2;
		to->mid[i][1] = (li + ri) / 2;
		to->side[i][0] = (lr - rr) / 2;
		to->side[i][1] = (li - ri) / 2;
	}
}

/* One node in one block: the window reaches from the block before. */
static void
work(struct hand *h, int64_t block, int node)
{
	struct bandlog *l = h->log;
	struct bandlog_lines *low = &l->low[(size_t)(block % DEPTH) * (size_t)l->nodes + (size_t)node];
	uint8_t *level = l->level + ((size_t)block * (size_t)l->nodes + (size_t)node) * BANDLOG_LEVELS;
	int64_t frame = l->frame[block % DEPTH] + l->block - l->window;
	const float *x[2] = {taps_at(l->taps, node, 0, frame), taps_at(l->taps, node, 1, frame)};
	low->sounds = 0;
	memset(level, BANDLOG_SILENCE, BANDLOG_LEVELS);
	if (taps_into(l->taps, node) < 0 ||
	    (l->ops->bank->peak(x[0], l->window) < QUIET && l->ops->bank->peak(x[1], l->window) < QUIET))
		return;
	low->sounds = 1;
	for (int t = 0; t < l->window; t += 4) {
		four w = four_load(l->shape + t);
		four_store(h->re + t, four_load(x[0] + t) * w);
		four_store(h->im + t, four_load(x[1] + t) * w);
	}
	fft_run(h->fft, h->re, h->im);
	for (int k = 1; k <= l->last_line; k += 4) {
		int m = l->window - k - 3; /* the other end of the spectrum, which runs backwards */
		four re = four_load(h->re + k), im = four_load(h->im + k), other = four_load(h->re + m),
		     turned = four_load(h->im + m);
		four mirrored = __builtin_shuffle(other * other + turned * turned, (four_places){3, 2, 1, 0});
		four_store(h->power + k, (re * re + im * im + mirrored) * l->scale);
	}
	for (int b = 0; b < BANDLOG_LEVELS; b++)
		level[b] = code(sum_of(h->power, &l->span[b]));
	keep_lines(l, h, low);
}

/* Takes a job and does it. Called locked, returns locked. */
static void
work_on(struct hand *h)
{
	struct bandlog *l = h->log;
	int64_t block = l->next / l->nodes;
	int node = (int)(l->next++ % l->nodes);
	pthread_mutex_unlock(&l->lock);
	work(h, block, node);
	pthread_mutex_lock(&l->lock);
	if (--l->left[block % DEPTH] == 0)
		pthread_cond_broadcast(&l->moved);
}

static void *
run(void *arg)
{
	struct hand *h = arg;
	struct bandlog *l = h->log;
	fpu_flush_denormals();
	pthread_mutex_lock(&l->lock);
	while (!l->quit)
		if (l->next < l->ready * l->nodes)
			work_on(h);
		else
			pthread_cond_wait(&l->moved, &l->lock);
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

/* The hand of whoever takes the blocks has no thread: it helps while it would wait. */
static int
make_hand(struct bandlog *l, int log2)
{
	struct hand *h = &l->hand[l->hands++];
	*h = (struct hand){.log = l, .fft = fft_new(log2)};
	h->re = malloc((size_t)l->window * sizeof(float));
	h->im = malloc((size_t)l->window * sizeof(float));
	h->power = calloc((size_t)l->window / 2 + 4, sizeof(float));
	return h->fft && h->re && h->im && h->power ? 0 : -1;
}

struct bandlog *
bandlog_new(const struct taps *taps, int threads,
            void (*low)(void *arg, int64_t block, const struct bandlog_lines *node, int lines), void *arg,
            struct err *err)
{
	struct bandlog *l = calloc(1, sizeof *l);
	if (!l) {
		err_set(err, "not enough memory");
		return NULL;
	}
	*l = (struct bandlog){.taps = taps, .ops = dsp_ops_pick(0), .nodes = taps_mix(taps) + 1, .give = low, .arg = arg};
	l->block = bandlog_block(taps_rate(taps));
	l->window = 2 * l->block;
	int log2 = 0;
	while (1 << log2 < l->window)
		log2++;
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->moved, NULL);
	l->shape = malloc((size_t)l->window * sizeof *l->shape);
	l->low = calloc((size_t)DEPTH * (size_t)l->nodes, sizeof *l->low);
	int failed = !l->shape || !l->low || make_hand(l, log2);
	if (!failed)
		make_tables(l);
	for (int k = 1; k < threads && k < MOST_THREADS && !failed; k++)
		failed = make_hand(l, log2);
	if (failed) {
		l->hands = 0; /* none has a thread yet */
		err_set(err, "not enough memory");
		bandlog_free(l);
		return NULL;
	}
	for (int k = 1; k < l->hands; k++)
		if (pthread_create(&l->hand[k].thread, NULL, run, &l->hand[k])) {
			l->hands = k; /* as many as there are */
			break;
		}
	return l;
}

void
bandlog_free(struct bandlog *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	l->quit = 1;
	pthread_cond_broadcast(&l->moved);
	pthread_mutex_unlock(&l->lock);
	for (int k = 1; k < l->hands; k++)
		pthread_join(l->hand[k].thread, NULL);
	for (int k = 0; k < MOST_THREADS; k++) {
		fft_free(l->hand[k].fft);
		free(l->hand[k].re);
		free(l->hand[k].im);
		free(l->hand[k].power);
	}
	pthread_cond_destroy(&l->moved);
	pthread_mutex_destroy(&l->lock);
	free(l->shape);
	free(l->low);
	free(l->level);
	free(l);
}

/* Gives away the lines of blocks until no more than `most` are under way. Called locked. */
static void
catch_up(struct bandlog *l, int64_t most)
{
	while (l->ready - l->told > most || (l->told < l->ready && l->left[l->told % DEPTH] == 0)) {
		if (l->left[l->told % DEPTH] == 0) {
			pthread_mutex_unlock(&l->lock);
			if (l->give)
				l->give(l->arg, l->told, l->low + (size_t)(l->told % DEPTH) * (size_t)l->nodes, l->lines);
			pthread_mutex_lock(&l->lock);
			l->told++;
		} else if (l->next < l->ready * l->nodes) {
			work_on(&l->hand[0]);
		} else {
			pthread_cond_wait(&l->moved, &l->lock);
		}
	}
}

int
bandlog_take(struct bandlog *l, int64_t frame)
{
	size_t row = (size_t)l->nodes * BANDLOG_LEVELS;
	pthread_mutex_lock(&l->lock);
	if ((size_t)l->ready == l->room) {
		catch_up(l, 0); /* nobody writes where it moves away */
		size_t room = l->room ? 2 * l->room : 512;
		uint8_t *level = realloc(l->level, room * row);
		if (!level) {
			pthread_mutex_unlock(&l->lock);
			return -1;
		}
		l->level = level;
		l->room = room;
	}
	catch_up(l, DEPTH - 1);
	l->frame[l->ready % DEPTH] = frame;
	l->left[l->ready % DEPTH] = l->nodes;
	l->ready++;
	pthread_cond_broadcast(&l->moved);
	if (l->hands == 1)
		catch_up(l, 0);
	pthread_mutex_unlock(&l->lock);
	return 0;
}

void
bandlog_end(struct bandlog *l)
{
	pthread_mutex_lock(&l->lock);
	catch_up(l, 0);
	pthread_mutex_unlock(&l->lock);
}

int64_t
bandlog_blocks(const struct bandlog *l)
{
	return l->told;
}

const uint8_t *
bandlog_levels(const struct bandlog *l, int64_t block, int node)
{
	return l->level + ((size_t)block * (size_t)l->nodes + (size_t)node) * BANDLOG_LEVELS;
}
