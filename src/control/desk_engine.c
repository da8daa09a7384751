#include "control/desk_edit.h"
#include "control/desk_look.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fpu.h"
#include "base/text.h"

#define PRIME_SECONDS 0.15 /* of every stem in its ring before the sound begins */
#define TURN_SECONDS 0.25  /* so close before the end of a new loop it is begun at once */
#define FADE_WAIT 400      /* ms: the longest that leaving waits for a fade to be heard */
#define TAIL_SECONDS 8.0   /* played past the end of the last region, for what rings on */

/* What the console's head says of the device. */
static void
device_words(struct desk *d)
{
	struct device_format format;
	if (!strcmp(d->device_name, "null"))
		snprintf(d->device_words, sizeof d->device_words, "no sound (clock only)");
	else if (!d->device || !device_state(d->device, &format, NULL))
		snprintf(d->device_words, sizeof d->device_words, "%s is away (clock only)", d->device_name);
	else {
		d->buffer = format.buffer;
		snprintf(d->device_words, sizeof d->device_words, "%s %s %dx%d", d->device_name, format.sample, format.period,
		         format.period ? format.buffer / format.period : 0);
	}
}

static void
play_on(struct desk *d)
{
	struct device_config config = {.name = d->device_name,
	                               .rate = session_rate(d->session),
	                               .period = d->period,
	                               .periods = d->periods,
	                               .process = player_process,
	                               .arg = d->player};
	struct device_format format;
	struct err err;
	config.anyway = strcmp(config.name, "null") != 0;
	d->device = device_open(&config, &format, &err);
	d->buffer = format.buffer;
	if (!d->device)
		desk_say(d, DESK_ERROR, "%s", err.text);
	device_words(d);
}

int
desk_engine_device(struct desk *d, const char *name, struct err *err)
{
	if (!*name)
		return err_set(err, "say which device: `stemdesk devices` lists them, \"null\" is a clock without sound");
	snprintf(d->device_name, sizeof d->device_name, "%s", name);
	device_close(d->device);
	d->device = NULL;
	play_on(d);
	desk_say(d, DESK_SAYS, "device: %s", d->device_words);
	return 0;
}

int
desk_engine_open(struct desk *d, const struct desk_options *options, struct err *err)
{
	snprintf(d->device_name, sizeof d->device_name, "%s", options->device ? options->device : "default");
	d->period = options->period ? options->period : 256;
	d->periods = options->periods ? options->periods : 3;
	d->player = player_new();
	d->stems = stems_new(d->session, d->path, 1, NULL, NULL);
	if (!d->player || !d->stems)
		return err_set(err, "not enough memory for the desk");
	desk_measure_update(d);
	if (!(d->look = desk_look_new(d->player, session_rate(d->session), err)))
		return -1;
	d->streams = streams_new(d->stems, session_rate(d->session), STREAM_MEMORY, err);
	if (!d->streams)
		return -1;
	fpu_flush_denormals();
	desk_engine_pick(d);
	if (desk_engine_start(d, d->position, err))
		return -1;
	play_on(d);
	if (d->device && strcmp(d->device_name, "null") != 0) {
		struct device_format format;
		device_state(d->device, &format, NULL);
		if (!format.realtime)
			desk_say(d, DESK_SAYS, "no real-time priority: \"%s\" in %s grants it", DEVICE_RTPRIO_LINE,
			         DEVICE_LIMITS_FILE);
	}
	return 0;
}

void
desk_engine_close(struct desk *d)
{
	if (d->player && d->device && d->playing) {
		player_stop(d->player);
		/* what the device holds, and the fade behind it */
		int wait = 30 + (int)(d->buffer * 1000.0 / session_rate(d->session));
		poll(NULL, 0, wait < FADE_WAIT ? wait : FADE_WAIT);
	}
	device_close(d->device);
	desk_look_free(d->look);
	d->look = NULL;
	player_free(d->player);
	streams_free(d->streams);
	stems_free(d->stems);
	d->device = NULL;
	d->player = NULL;
	d->streams = NULL;
	d->stems = NULL;
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
	struct player_pick pick = {.tap = d->mastered ? TAP_MASTER : TAP_MIX};
	player_pick(d->player, &pick);
}

void
desk_engine_poll(struct desk *d)
{
	enum device_event event;
	int fresh = player_poll(d->player, &d->played) == 0;
	pthread_mutex_lock(&d->lock);
	if (fresh)
		desk_meters_add(&d->meters, &d->played, desk_seconds());
	else
		desk_meters_move(&d->meters, desk_seconds());
	pthread_mutex_unlock(&d->lock);
	if (fresh && !player_is_moving(d->player)) {
		d->position = d->played.position;
		d->frame = d->played.frame;
	}
	if (d->changes || d->resend)
		desk_engine_send(d);
	while (d->device && device_poll(d->device, &event) == 0) {
		if (event == DEVICE_LOST || event == DEVICE_BACK)
			device_words(d);
		if (event != DEVICE_XRUN && event != DEVICE_XRUN_OURS) {
			struct device_format format;
			struct err err = {""};
			int away = !device_state(d->device, &format, &err);
			desk_say(d, event == DEVICE_BACK ? DESK_SAYS : DESK_ERROR, "%s%s%s", device_event_words(event),
			         away ? ": " : "", away ? err.text : "");
			continue;
		}
		d->xruns++;
	}
	if (d->playing && d->length && d->position >= d->length + (int64_t)(TAIL_SECONDS * session_rate(d->session)))
		desk_engine_play(d, 0);
}
