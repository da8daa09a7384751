#include "master/blame.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

#define RUN_UP 4.0 /* seconds played before the moment, so that compressors and reverbs are where they were */
#define SPAN (2 * BLAME_HALF)

static double
product(const struct taps *taps, int node, int64_t frame, float sum[2][SPAN])
{
	double all = 0;
	for (int c = 0; c < 2; c++) {
		const float *x = taps_at(taps, node, c, frame);
		for (int t = 0; t < SPAN; t++)
			all += (double)x[t] * (double)sum[c][t];
	}
	return all;
}

/* The shares of all that play into a node, in what they make together there. */
static void
share_out(const struct taps *taps, int into, int64_t frame, double *share)
{
	float sum[2][SPAN] = {{0}};
	double whole = 0;
	for (int node = 0; node < taps_mix(taps); node++)
		for (int c = 0; c < 2 && taps_into(taps, node) == into; c++) {
			const float *x = taps_at(taps, node, c, frame);
			for (int t = 0; t < SPAN; t++)
				sum[c][t] += x[t];
		}
	for (int c = 0; c < 2; c++)
		for (int t = 0; t < SPAN; t++)
			whole += (double)sum[c][t] * (double)sum[c][t];
	for (int node = 0; node < taps_mix(taps); node++)
		if (taps_into(taps, node) == into)
			share[node] = whole > 0 ? product(taps, node, frame, sum) / whole : 0;
}

static int
greatest(const struct taps *taps, int into, const double *share)
{
	int most = -1;
	for (int node = 0; node < taps_mix(taps); node++)
		if (taps_into(taps, node) == into && share[node] > 0 && (most < 0 || share[node] > share[most]))
			most = node;
	return most;
}

void
blame_most(const struct taps *taps, const double *share, struct blame *b)
{
	int top = greatest(taps, taps_mix(taps), share), within = top < 0 ? -1 : greatest(taps, top, share);
	*b = (struct blame){0};
	if (top >= 0) {
		b->top = taps_uid(taps, top);
		b->share = share[top];
	}
	if (within >= 0) {
		b->within = taps_uid(taps, within);
		b->within_share = share[within];
	}
}

void
blame_look(const struct taps *taps, int64_t frame, struct blame *b)
{
	double *share = calloc((size_t)taps_nodes(taps), sizeof *share);
	*b = (struct blame){0};
	if (!share)
		return;
	share_out(taps, taps_mix(taps), frame - BLAME_HALF, share);
	int top = greatest(taps, taps_mix(taps), share);
	if (top >= 0)
		share_out(taps, top, frame - BLAME_HALF, share);
	blame_most(taps, share, b);
	free(share);
}

/* The moment that is waited for. */
struct moment {
	int64_t frame;
	struct blame *blame;
};

static int
look(void *arg, const struct taps *taps, int64_t frame, double limited)
{
	struct moment *m = arg;
	(void)limited;
	if (frame + TAPS_CHUNK < m->frame + BLAME_HALF)
		return 0;
	blame_look(taps, m->frame, m->blame);
	return 1;
}

int
blame_moment(struct session *session, struct stems *stems, int64_t frame, struct blame *b, struct err *err)
{
	struct moment moment = {frame, b};
	int64_t start = frame - BLAME_HALF - (int64_t)(RUN_UP * session_rate(session));
	struct taps_options how = {.start = start < 0 ? 0 : start,
	                           .to = frame + 2 * TAPS_CHUNK,
	                           .block = TAPS_CHUNK,
	                           .behind = 1,
	                           .without_limiter = 1,
	                           .take = look,
	                           .arg = &moment};
	*b = (struct blame){0};
	struct taps *taps = taps_new(session, stems, &how, err);
	int status = taps ? taps_play(taps, err) : -1;
	taps_free(taps);
	return status < 0 ? -1 : 0;
}

char *
blame_node(struct session *session, uint32_t uid, char *text, size_t size)
{
	static const enum node_kind kinds[] = {K_STRIP, K_BUS};
	const struct node *node;
	for (size_t j = 0; j < 2; j++)
		for (size_t k = 0; (node = session_node(session, kinds[j], k)); k++)
			if (node->uid == uid)
				return text_show(*node->text[P_NAME] ? node->text[P_NAME] : node->id, text, size);
	return NULL;
}

int
blame_name(struct session *session, const struct blame *b, char *text, size_t size)
{
	char top[100], within[100];
	*text = '\0';
	if (!b->top || !blame_node(session, b->top, top, sizeof top))
		return 0;
	if (b->within && blame_node(session, b->within, within, sizeof within))
		return snprintf(text, size, "%s (%s)", top, within);
	return snprintf(text, size, "%s", top);
}

int
blame_text(struct session *session, const struct blame *b, char *text, size_t size)
{
	char name[220];
	*text = '\0';
	if (!blame_name(session, b, name, sizeof name))
		return 0;
	return snprintf(text, size, "%.0f %% of it %s", (b->share > 1 ? 1 : b->share) * 100, name);
}

uint32_t
blame_whom(const struct blame *b)
{
	return b->within ? b->within : b->top;
}
