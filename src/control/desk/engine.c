#include "control/desk/edit.h"
#include "control/desk/look.h"
#include "media/overview.h"

#include <stdlib.h>
#include <string.h>

#include "base/fpu.h"
#include "base/text.h"

#define PRIME_SECONDS 0.15 /* of every stem in its ring before the sound begins */
#define TURN_SECONDS 0.25  /* so close before the end of a new loop it is begun at once */
#define TAIL_SECONDS 8.0   /* played past the end of the last region, for what rings on */

int
desk_engine_open(struct desk *d, struct err *err)
{
	d->rate = session_rate(d->session);
	d->player = player_new();
	d->stems = stems_new(d->session, d->path, 1, NULL, NULL);
	if (!d->player || !d->stems)
		return err_set(err, "not enough memory for the desk");
	if (desk_measure_begin(d, err))
		return -1;
	d->streams = streams_new(d->stems, session_rate(d->session), d->memory, err);
	if (!d->streams)
		return -1;
	streams_hurry(d->streams);
	fpu_flush_denormals();
	desk_engine_pick(d);
	if (desk_engine_start(d, d->position, err))
		return -1;
	desk_device_open(d);
	return 0;
}

void
desk_engine_close(struct desk *d)
{
	desk_device_close(d);
	pthread_mutex_lock(&d->lock);
	d->listening = 0; /* whoever listens goes on with the next player */
	desk_look_free(d->look);
	d->look = NULL;
	player_free(d->player);
	d->player = NULL;
	pthread_mutex_unlock(&d->lock);
	overviews_free(d->overviews);
	d->overviews = NULL;
	streams_free(d->streams);
	stems_free(d->stems);
	d->streams = NULL;
	d->stems = NULL;
	d->told = 0;
	d->looked = (struct player_view){0};
}

int
desk_engine_rate(struct desk *d, struct err *err)
{
	double ratio = session_rate(d->session) / d->rate;
	desk_device_quiet(d);
	desk_engine_close(d);
	d->position = (int64_t)((double)d->position * ratio);
	d->loop.in = (int64_t)((double)d->loop.in * ratio) / QUANTUM * QUANTUM;
	d->loop.out = (int64_t)((double)d->loop.out * ratio) / QUANTUM * QUANTUM;
	if (desk_engine_open(d, err)) {
		desk_say(d, DESK_QUIT, "%s", err->text);
		return -1;
	}
	player_monitor(d->player, &d->monitor);
	desk_monitor_hear(d);
	if (d->playing)
		player_play(d->player);
	return 0;
}

/* A graph of the session as it is, its rings filled from a frame on. */
static struct graph *
build(struct desk *d, int64_t position, const struct loop *loop, struct err *err)
{
	struct graph_options options = {.loop = *loop,
	                                .chunk = QUANTUM,
	                                .least_latency = PLAYER_LATENCY,
	                                .taps = 1,
	                                .opener = streams_opener(d->streams)};
	streams_loop(d->streams, loop);
	struct graph *g = graph_new(d->session, &options, err);
	if (!g)
		return NULL;
	int late = graph_latency(g, graph_mix(g)), master = graph_latency(g, graph_master(g));
	late = master > late ? master : late;
	if (streams_prime(d->streams, position, late + (int)(PRIME_SECONDS * session_rate(d->session)), err)) {
		graph_free(g);
		return NULL;
	}
	d->length = graph_length(g);
	d->changes = d->resend = 0;
	for (; stems_warning(d->stems, d->told); d->told++)
		desk_say(d, DESK_ERROR, "%s", stems_warning(d->stems, d->told));
	return g;
}

/* The loop that holds for what is played from there: none behind its end. */
static struct loop
loop_from(const struct desk *d, int64_t position)
{
	return d->looping && position < d->loop.out ? d->loop : (struct loop){0, 0};
}

int
desk_engine_rebuild(struct desk *d, struct err *err)
{
	if (player_is_moving(d->player))
		return desk_engine_start(d, d->position, err);
	int64_t frame = d->frame / QUANTUM * QUANTUM;
	struct graph *g = build(d, frame, &d->playing_loop, err);
	if (g)
		player_replace_graph(d->player, g, frame);
	return g ? 0 : -1;
}

int
desk_engine_start(struct desk *d, int64_t position, struct err *err)
{
	position = position / QUANTUM * QUANTUM;
	struct loop loop = loop_from(d, position);
	struct graph *g = build(d, position, &loop, err);
	if (!g)
		return -1;
	graph_start(g, d->session, position);
	player_preroll(d->player, g);
	player_set_graph(d->player, g, position);
	d->position = d->frame = position;
	d->playing_loop = loop;
	return 0;
}

int
desk_engine_loop(struct desk *d, struct err *err)
{
	int64_t position = d->position / QUANTUM * QUANTUM;
	int64_t soon = d->playing ? (int64_t)(TURN_SECONDS * session_rate(d->session)) : 0;
	if (d->looping && d->playing && position + soon >= d->loop.out)
		return desk_engine_start(d, d->loop.in, err);
	struct loop loop = loop_from(d, position);
	if (loop.in == d->playing_loop.in && loop.out == d->playing_loop.out)
		return 0;
	if (player_is_moving(d->player))
		return desk_engine_start(d, position, err);
	struct graph *g = build(d, position, &loop, err);
	if (!g)
		return -1;
	player_replace_graph(d->player, g, position);
	d->playing_loop = loop;
	return 0;
}

void
desk_engine_send(struct desk *d)
{
	if (d->resend) {
		struct node *node;
		d->changes = 0;
		for (int k = 0; d->changes < PLAYER_NODES && (node = desk_view_node(d, k)); k++)
			if (node->kind != K_DCA)
				d->changed[d->changes++] = node->uid;
		d->resend = 0;
	}
	int sent = 0;
	while (sent < d->changes && player_edit(d->player, d->session, d->changed[sent]) == 0)
		sent++;
	d->changes -= sent;
	memmove(d->changed, d->changed + sent, (size_t)d->changes * sizeof *d->changed);
}

void
desk_engine_play(struct desk *d, int play)
{
	if (play && d->position >= d->length + (int64_t)(TAIL_SECONDS * session_rate(d->session)))
		return;
	if (play)
		player_play(d->player);
	else
		player_stop(d->player);
	d->playing = play;
}

void
desk_engine_pick(struct desk *d)
{
	d->pick.tap = d->mastered ? TAP_MASTER : TAP_MIX;
	player_pick(d->player, &d->pick);
}

/* What files do while they are read; one that can be had at last sounds by another graph. */
static void
tell_streams(struct desk *d)
{
	struct err news;
	int rebuild = 0;
	for (int k = streams_news(d->streams, &news); k; k = streams_news(d->streams, &news)) {
		desk_say(d, k < 0 ? DESK_ERROR : DESK_SAYS, "%s", news.text);
		rebuild |= k == 2;
	}
	if (rebuild && session_rate(d->session) == d->rate && desk_engine_rebuild(d, &news))
		desk_say(d, DESK_ERROR, "%s", news.text);
}

void
desk_engine_poll(struct desk *d)
{
	int fresh = player_poll(d->player, &d->played) == 0;
	pthread_mutex_lock(&d->lock);
	if (fresh && desk_abx_letter(d) == 'X')
		desk_meters_rest(&d->meters, &d->played, clock_seconds());
	else if (fresh)
		desk_meters_add(&d->meters, &d->played, clock_seconds());
	else
		desk_meters_move(&d->meters, clock_seconds());
	pthread_mutex_unlock(&d->lock);
	if (fresh && d->played.mean > 0) /* a mean over about a second */
		d->load_mean += (d->played.mean - d->load_mean) * (d->load_mean > 0 ? 0.03f : 1);
	if (fresh && !player_is_moving(d->player)) {
		d->position = d->played.position;
		d->frame = d->played.frame;
	}
	if (d->changes || d->resend)
		desk_engine_send(d);
	desk_device_poll(d);
	tell_streams(d);
	if (d->playing && d->length && d->position >= d->length + (int64_t)(TAIL_SECONDS * session_rate(d->session)))
		desk_engine_play(d, 0);
}
