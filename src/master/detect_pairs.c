#include "master/detect_tracks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fft.h"
#include "base/fmath.h"
#include "master/detect_parts.h"
#include "session/text.h"

/*
 * Two tracks that hear one source: the phases of their cross spectra lie on one straight line, whatever their levels
 * and their microphones' colours (Knapp and Carter's phase transform), so their inverse transform has one peak, where
 * the delay is, upside down where the polarity is. Each bin counts by how far its phase is the same in all pieces of
 * the song that were looked at: what the two have not in common has any phase.
 *
 * Pieces of some 0.7 s are taken from all over the song, where most strips play, and more where a strip plays alone.
 */
#define PIECES 40    /* all over the song */
#define PIECES_OWN 6 /* that each track should sound in */
#define LAG_PART 8   /* delays up to this part of a piece */
#define LOWEST 60.0  /* Hz */
#define HIGHEST 16000.0
#define SOUNDS 1e-7F /* mean square of a second: -70 dBFS */
#define CLEAR 0.10   /* of all bins' phases that agree on one delay: a pair */
#define SAME 0.35    /* one sound recorded twice, rather than one microphone that hears another's source too */
#define SECOND 1.6   /* times the next peak */
#define MEMORY ((size_t)96 << 20) /* bytes of sums held at once */

struct edge {
	int a, b;   /* tracks */
	int lag;    /* frames of their rate by which b is behind a, as the files are */
	int turned; /* one is the other's opposite */
	double clear;
};

struct pairs {
	struct tracks *t;
	int rate, log2;
	size_t n, low, bins;  /* of a piece; the first bin that counts, how many */
	int *member, members; /* tracks of this rate */
	double *piece;        /* seconds at which pieces begin */
	size_t pieces;
	struct fft *fft;
	float *window, *re, *im, *planar[2], *side[2];
	float **phase; /* by member: cos and sin of each bin's phase in the piece at hand; NULL where it is silent */
	struct edge *edge;
	size_t edges;
};

static float
loud_at(const struct track *t, double second)
{
	size_t k = (size_t)second;
	return k < t->seconds ? t->loud[k] / (float)t->is.channels : 0;
}

static void
add_piece(struct pairs *p, size_t second)
{
	for (size_t k = 0; k < p->pieces; k++)
		if ((size_t)p->piece[k] == second)
			return;
	p->piece = text_realloc(p->piece, (p->pieces + 1) * sizeof *p->piece);
	p->piece[p->pieces++] = (double)second;
}

/* Seconds in which most members sound, one of each zone; then each member's loudest. */
static void
choose_pieces(struct pairs *p)
{
	size_t seconds = 0;
	for (int k = 0; k < p->members; k++) {
		const struct track *t = &p->t->track[p->member[k]];
		seconds = t->seconds > seconds ? t->seconds : seconds;
	}
	for (size_t zone = 0; zone < PIECES; zone++) {
		size_t best = 0;
		int most = 0;
		for (size_t s = seconds * zone / PIECES; s < seconds * (zone + 1) / PIECES; s++) {
			int sounding = 0;
			for (int k = 0; k < p->members; k++)
				sounding += loud_at(&p->t->track[p->member[k]], (double)s) > SOUNDS;
			if (sounding > most) {
				most = sounding;
				best = s;
			}
		}
		if (most > 1)
			add_piece(p, best);
	}
	for (int k = 0; k < p->members; k++) {
		const struct track *t = &p->t->track[p->member[k]];
		int own = 0;
		for (size_t i = 0; i < p->pieces; i++)
			own += loud_at(t, p->piece[i]) > SOUNDS;
		for (; own < PIECES_OWN; own++) {
			size_t best = 0, known = p->pieces;
			float most = SOUNDS;
			for (size_t s = 0; s < t->seconds; s++) {
				int taken = 0;
				for (size_t i = 0; i < p->pieces; i++)
					taken = taken || (size_t)p->piece[i] == s;
				if (!taken && t->loud[s] > most) {
					most = t->loud[s];
					best = s;
				}
			}
			if (most > SOUNDS)
				add_piece(p, best);
			if (p->pieces == known)
				break;
		}
	}
}

/* The mono sum of a member's piece, windowed, into out. */
static int
read_piece(struct pairs *p, int member, double second, float *out)
{
	struct track *t = &p->t->track[p->member[member]];
	memset(out, 0, p->n * sizeof *out);
	if (loud_at(t, second) <= SOUNDS)
		return 0;
	if (*t->broken.text || track_read(t, (int64_t)(second * t->is.rate), (int64_t)p->n, p->planar))
		return 0;
	for (int c = 0; c < t->is.channels; c++)
		for (size_t k = 0; k < p->n; k++)
			out[k] += p->planar[c][k] * p->window[k];
	return 1;
}

/* Phases of two members from one transform, told apart by symmetry. */
static void
take_phases(struct pairs *p, const int *sounds, float *const *phase)
{
	fft_run(p->fft, p->side[0], p->side[1]);
	const float *re = p->side[0], *im = p->side[1];
	for (size_t i = 0; i < p->bins; i++) {
		size_t k = p->low + i, m = p->n - k;
		float part[2][2] = {{re[k] + re[m], im[k] - im[m]}, {im[k] + im[m], re[m] - re[k]}};
		for (int c = 0; c < 2; c++) {
			if (!sounds[c])
				continue;
			float size = sqrtf(part[c][0] * part[c][0] + part[c][1] * part[c][1]);
			phase[c][2 * i] = size > 1e-9F ? part[c][0] / size : 0;
			phase[c][2 * i + 1] = size > 1e-9F ? part[c][1] / size : 0;
		}
	}
}

static void
transform_piece(struct pairs *p, double second, int *sounds)
{
	for (int k = 0; k < p->members; k += 2) {
		int two = k + 1 < p->members;
		sounds[k] = read_piece(p, k, second, p->side[0]);
		if (two)
			sounds[k + 1] = read_piece(p, k + 1, second, p->side[1]);
		else
			memset(p->side[1], 0, p->n * sizeof(float));
		int here[2] = {sounds[k], two && sounds[k + 1]};
		float *phase[2] = {p->phase[k], two ? p->phase[k + 1] : NULL};
		if (here[0] || here[1])
			take_phases(p, here, phase);
	}
}

/* Adds the phase differences of two members: sum holds their cosines and sines. */
static void
add_difference(const float *restrict a, const float *restrict b, float *restrict sum, size_t bins)
{
	for (size_t i = 0; i < 2 * bins; i += 2) {
		sum[i] += b[i] * a[i] + b[i + 1] * a[i + 1];
		sum[i + 1] += b[i + 1] * a[i] - b[i] * a[i + 1];
	}
}

/* Finds the delay of a pair from its sum over `count` pieces. */
static void
judge_pair(struct pairs *p, int a, int b, const float *sum, int count)
{
	double agree = 0, peak = 0, next = 0;
	long lag = 0, reach = (long)(p->n / LAG_PART);
	if (count < 3)
		return;
	memset(p->re, 0, p->n * sizeof *p->re);
	memset(p->im, 0, p->n * sizeof *p->im);
	for (size_t i = 0; i < p->bins; i++) {
		float x = sum[2 * i] / (float)count, y = sum[2 * i + 1] / (float)count;
		float weight = x * x + y * y - 1 / (float)count;
		if (weight <= 0)
			continue;
		size_t k = p->low + i;
		/* conjugated, so that the forward transform is the inverse one */
		p->re[k] = weight * x;
		p->im[k] = -weight * y;
		p->re[p->n - k] = p->re[k];
		p->im[p->n - k] = -p->im[k];
		agree += (double)weight * sqrt((double)(x * x + y * y));
	}
	if (agree <= 0)
		return;
	fft_run(p->fft, p->re, p->im);
	for (long k = -reach; k <= reach; k++) {
		double height = fabs((double)p->re[(size_t)(k + (long)p->n) % p->n]);
		if (height > peak) {
			peak = height;
			lag = k;
		}
	}
	for (long k = -reach; k <= reach; k++)
		if (labs(k - lag) > 12)
			next = fmax(next, fabs((double)p->re[(size_t)(k + (long)p->n) % p->n]));
	double clear = sqrt(peak / 2 / (double)p->bins);
	if (clear < CLEAR || peak < SECOND * next)
		return;
	/* the transform of exp(-i w d), conjugated, has its peak at -d: b behind a by d */
	int turned = p->re[(size_t)(lag + (long)p->n) % p->n] < 0;
	p->edge = text_realloc(p->edge, (p->edges + 1) * sizeof *p->edge);
	p->edge[p->edges++] = (struct edge){p->member[a], p->member[b], (int)lag, turned, clear};
}

/* Looks at the pairs from `first` on of all, as many as fit; how many that were. */
static size_t
judge_some(struct pairs *p, size_t first)
{
	size_t all = (size_t)p->members * (size_t)(p->members - 1) / 2, size = 2 * (p->bins ? p->bins : 1) * sizeof(float);
	size_t some = MEMORY / size < all - first ? MEMORY / size : all - first, at;
	float *sum = text_alloc(some * size);
	int *count = text_alloc(some * sizeof *count), *sounds = text_alloc((size_t)p->members * sizeof *sounds);
	memset(sum, 0, some * size);
	memset(count, 0, some * sizeof *count);
	for (size_t k = 0; k < p->pieces; k++) {
		transform_piece(p, p->piece[k], sounds);
		at = 0;
		for (int a = 0; a < p->members; a++)
			for (int b = a + 1; b < p->members; b++, at++)
				if (at >= first && at < first + some && sounds[a] && sounds[b]) {
					add_difference(p->phase[a], p->phase[b], sum + (at - first) * 2 * p->bins, p->bins);
					count[at - first]++;
				}
	}
	at = 0;
	for (int a = 0; a < p->members; a++)
		for (int b = a + 1; b < p->members; b++, at++)
			if (at >= first && at < first + some)
				judge_pair(p, a, b, sum + (at - first) * 2 * p->bins, count[at - first]);
	free(sum);
	free(count);
	free(sounds);
	return some;
}

static int
by_clearness(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;
	return (x->clear < y->clear) - (x->clear > y->clear);
}

/* What the desk does to a track before they meet. */
static double
desk_delay(const struct track *t)
{
	return t->is.strip->value[P_DELAY];
}

static int
desk_turned(const struct track *t)
{
	return t->is.strip->value[P_POLARITY] != 0;
}

/*
 * Tracks that hear one another, joined by the clearest pairs alone. Each gets a finding but the last to hear: that one
 * stays, the others are delayed until they are with it.
 *
 * group   by track: a track that stands for all that are joined
 * behind  by track: frames behind that one, of the song's rate, with the desk's delays
 */
struct joined {
	int *group, *turned;
	double *behind;
};

static void
join(struct pairs *p, struct joined *j, const struct edge *e)
{
	const struct track *a = &p->t->track[e->a], *b = &p->t->track[e->b];
	double lag = e->lag * p->t->rate / p->rate + desk_delay(b) - desk_delay(a);
	int turned = e->turned ^ desk_turned(a) ^ desk_turned(b), from = j->group[e->b];
	if (j->group[e->a] == from)
		return;
	double move = j->behind[e->a] + lag - j->behind[e->b];
	int turn = j->turned[e->a] ^ turned ^ j->turned[e->b];
	for (size_t k = 0; k < p->t->count; k++)
		if (j->group[k] == from) {
			j->group[k] = j->group[e->a];
			j->behind[k] += move;
			j->turned[k] ^= turn;
		}
}

/* The clearest pair of a track within its group. */
static const struct edge *
edge_of(const struct pairs *p, const struct joined *j, int track)
{
	for (size_t k = 0; k < p->edges; k++)
		if ((p->edge[k].a == track || p->edge[k].b == track) && j->group[p->edge[k].a] == j->group[p->edge[k].b])
			return &p->edge[k];
	return NULL;
}

static void
tell(struct pairs *p, const struct joined *j, int track, int last, struct findings *to)
{
	const struct edge *e = edge_of(p, j, track);
	const struct track *t = &p->t->track[track];
	double ahead = floor(j->behind[last] - j->behind[track] + 0.5);
	int turned = j->turned[track] != j->turned[last];
	if (!e || (ahead < 1 && !turned))
		return;
	to->track = track;
	struct finding *f = finding_new(to, e->clear < SAME ? DETECT_NOTE : DETECT_FAULT, turned && ahead < 1 ? 0 : ahead);
	f->other = last;
	const char *other = session_address(p->t->track[last].is.strip);
	char time[64] = "";
	if (ahead >= 1)
		snprintf(time, sizeof time, "%.0f frame%s (%.2f ms) before", ahead, ahead < 2 ? "" : "s",
		         1e3 * ahead / p->t->rate);
	finding_say(f, "hears what %s hears%s%s%s%s (%.0f %% clear)", other, ahead >= 1 ? ", " : "", time,
	            turned && ahead >= 1 ? " it and"
	            : ahead >= 1         ? " it"
	                                 : ",",
	            turned ? " upside down" : "", 100 * e->clear);
	const char *address = session_address(t->is.strip);
	if (turned)
		finding_fix(f, "%s/polarity %s", address, desk_turned(t) ? "off" : "on");
	double delay = desk_delay(t) + ahead;
	if (ahead >= 1 && delay <= params[P_DELAY].max)
		finding_fix(f, "%s/delay %.0fsmp", address, delay);
}

/* Makes findings of the pairs that were found. */
static void
tell_groups(struct pairs *p, struct findings *to)
{
	size_t n = p->t->count;
	struct joined j = {text_alloc(n * sizeof(int)), text_alloc(n * sizeof(int)), text_alloc(n * sizeof(double))};
	for (size_t k = 0; k < n; k++) {
		j.group[k] = (int)k;
		j.turned[k] = 0;
		j.behind[k] = 0;
	}
	if (p->edges)
		qsort(p->edge, p->edges, sizeof *p->edge, by_clearness);
	for (size_t k = 0; k < p->edges; k++)
		join(p, &j, &p->edge[k]);
	for (size_t g = 0; g < n; g++) {
		/* of two at one time the first on the desk stays as it is */
		int last = -1;
		for (size_t k = 0; k < n; k++)
			if (j.group[k] == (int)g && (last < 0 || j.behind[k] > j.behind[last] + 0.5))
				last = (int)k;
		for (size_t k = 0; k < n && last >= 0; k++)
			if (j.group[k] == (int)g && (int)k != last)
				tell(p, &j, (int)k, last, to);
	}
	free(j.group);
	free(j.turned);
	free(j.behind);
}

static void
pairs_fini(struct pairs *p)
{
	for (int k = 0; k < p->members; k++) {
		track_end(&p->t->track[p->member[k]]);
		free(p->phase ? p->phase[k] : NULL);
	}
	free(p->phase);
	free(p->member);
	free(p->piece);
	free(p->edge);
	fft_free(p->fft);
	float *all[] = {p->window, p->re, p->im, p->planar[0], p->planar[1], p->side[0], p->side[1]};
	for (size_t k = 0; k < sizeof all / sizeof *all; k++)
		free(all[k]);
}

static int
pairs_init(struct pairs *p, struct tracks *t, int rate, struct err *err)
{
	*p = (struct pairs){.t = t, .rate = rate, .log2 = 13};
	while (rate / (double)(1 << p->log2) > 1.6)
		p->log2++;
	p->n = (size_t)1 << p->log2;
	p->low = (size_t)(LOWEST * (double)p->n / rate) + 1;
	p->bins = (size_t)(fmin(HIGHEST, 0.45 * rate) * (double)p->n / rate) - p->low;
	p->member = text_alloc((t->count + 1) * sizeof *p->member);
	for (size_t k = 0; k < t->count; k++)
		if (t->track[k].is.rate == rate && !*t->track[k].broken.text)
			p->member[p->members++] = (int)k;
	p->fft = fft_new(p->log2);
	if (!p->fft)
		return err_set(err, "not enough memory to compare the strips");
	float **all[] = {&p->window, &p->re, &p->im, &p->planar[0], &p->planar[1], &p->side[0], &p->side[1]};
	for (size_t k = 0; k < sizeof all / sizeof *all; k++)
		*all[k] = text_alloc(p->n * sizeof(float));
	for (size_t k = 0; k < p->n; k++)
		p->window[k] = (float)(0.5 - 0.5 * f_cos(2 * F_PI * ((double)k + 0.5) / (double)p->n));
	p->phase = text_alloc(((size_t)p->members + 1) * sizeof *p->phase);
	memset(p->phase, 0, ((size_t)p->members + 1) * sizeof *p->phase);
	for (int k = 0; k < p->members; k++) {
		p->phase[k] = text_alloc(2 * p->bins * sizeof(float));
		if (track_begin(&t->track[p->member[k]]))
			return err_set(err, "%s", t->track[p->member[k]].broken.text);
	}
	return 0;
}

int
detect_pairs(struct tracks *t, struct findings *to, struct err *err)
{
	for (size_t k = 0; k < t->count; k++) {
		int rate = t->track[k].is.rate, known = 0;
		for (size_t i = 0; i < k; i++)
			known = known || t->track[i].is.rate == rate;
		if (known)
			continue;
		struct pairs p;
		int status = pairs_init(&p, t, rate, err);
		size_t all = (size_t)p.members * (size_t)(p.members ? p.members - 1 : 0) / 2;
		if (!status && all)
			choose_pieces(&p);
		for (size_t at = 0; at < all && !status;)
			at += judge_some(&p, at);
		if (!status)
			tell_groups(&p, to);
		pairs_fini(&p);
		if (status)
			return status;
	}
	return 0;
}
