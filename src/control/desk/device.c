#include "control/desk/parts.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FADE_WAIT 400 /* ms: the longest that is waited for a fade to leave the device */
#define STOP_TURNS 25 /* of 10 ms: the longest that is waited for it to be played */

/* What the console's head says of the device. */
static void
device_words(struct desk *d)
{
	struct device_format format;
	char out[32] = "";
	if (d->first)
		snprintf(out, sizeof out, " out %d-%d", d->first + 1, d->first + 2);
	if (!strcmp(d->device_name, "null"))
		snprintf(d->device_words, sizeof d->device_words, "no sound (clock only)");
	else if (!d->device || !device_state(d->device, &format, NULL))
		snprintf(d->device_words, sizeof d->device_words, "%s is away (clock only)", d->device_name);
	else {
		d->buffer = format.buffer;
		snprintf(d->device_words, sizeof d->device_words, "%s %s %dx%d%s", d->device_name, format.sample, format.period,
		         format.period ? format.buffer / format.period : 0, out);
	}
}

/* Once: what grants real-time priority, where it was refused. */
static void
tell_priority(struct desk *d, const struct device_format *format)
{
	if (d->device && strcmp(d->device_name, "null") != 0 && !format->realtime && !d->told_priority) {
		d->told_priority = 1;
		desk_say(d, DESK_SAYS, "no real-time priority: \"%s\" in %s grants it", DEVICE_RTPRIO_LINE, DEVICE_LIMITS_FILE);
	}
}

void
desk_device_open(struct desk *d)
{
	struct device_config config = {.name = d->device_name,
	                               .rate = session_rate(d->session),
	                               .period = d->period,
	                               .periods = d->periods,
	                               .first = d->first,
	                               .process = player_process,
	                               .arg = d->player};
	struct device_format format;
	struct err err;
	config.anyway = strcmp(config.name, "null") != 0;
	d->device = device_open(&config, &format, &err);
	d->buffer = format.buffer;
	if (!d->device)
		desk_say(d, DESK_ERROR, "%s", err.text);
	tell_priority(d, &format);
	device_words(d);
}

/* What the device holds has been heard. */
static void
play_out(struct desk *d)
{
	int wait = 30 + (int)(d->buffer * 1000.0 / session_rate(d->session));
	poll(NULL, 0, wait < FADE_WAIT ? wait : FADE_WAIT);
}

void
desk_device_quiet(struct desk *d)
{
	if (!d->device || !d->playing)
		return;
	player_stop(d->player);
	for (int k = 0; k < STOP_TURNS; k++) {
		poll(NULL, 0, 10);
		desk_engine_poll(d);
		if (!d->played.playing)
			break;
	}
	play_out(d);
}

void
desk_device_close(struct desk *d)
{
	if (d->player && d->device && d->playing) {
		player_stop(d->player);
		play_out(d);
	}
	device_close(d->device);
	d->device = NULL;
}

/* The same player on another device, or on other channels of it; the song goes on where it faded out. */
static void
reopen(struct desk *d)
{
	desk_device_quiet(d);
	device_close(d->device);
	desk_device_open(d);
	if (d->playing)
		player_play(d->player);
}

int
desk_device(struct desk *d, char *args, struct err *err)
{
	if (!*args)
		return err_set(err, "say which device: `stemdesk devices` lists them, \"null\" is a clock without sound");
	snprintf(d->device_name, sizeof d->device_name, "%s", args);
	d->first = 0;
	reopen(d);
	desk_say(d, DESK_SAYS, "device: %s", d->device_words);
	return 0;
}

int
desk_device_out(struct desk *d, const char *text, struct err *err)
{
	struct device_format format;
	char *end;
	long left = strtol(text, &end, 10), right = *end == '-' ? strtol(end + 1, &end, 10) : left + 1;
	if (end == text || *end || left < 1 || left > 255 || right != left + 1)
		return err_set(err, "monitor out %s: it is a pair of the device's channels, such as 3-4", text);
	if (!d->device || !device_state(d->device, &format, NULL))
		return err_set(err, "monitor out %s: the device is away", text);
	int was = d->first;
	d->first = (int)left - 1;
	reopen(d);
	if (!d->device || !device_state(d->device, &format, NULL) || format.channels < d->first + 2) {
		int channels = d->device ? format.channels : 0;
		d->first = was;
		reopen(d);
		return err_set(err, "monitor out %s: %s has %d channels", text, d->device_name, channels);
	}
	desk_say(d, DESK_SAYS, "device: %s", d->device_words);
	return 0;
}

void
desk_device_poll(struct desk *d)
{
	enum device_event event;
	while (d->device && device_poll(d->device, &event) == 0) {
		if (event == DEVICE_LOST || event == DEVICE_BACK)
			device_words(d);
		if (event == DEVICE_XRUN || event == DEVICE_XRUN_OURS) {
			d->xruns++;
			d->xruns_ours += event == DEVICE_XRUN_OURS;
			continue;
		}
		struct device_format format;
		struct err err = {""};
		int away = !device_state(d->device, &format, &err);
		desk_say(d, event == DEVICE_BACK ? DESK_SAYS : DESK_ERROR, "%s%s%s", device_event_words(event),
		         away ? ": " : "", away ? err.text : "");
	}
}
