#include "cli/cmd.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fpu.h"
#include "cli/opening.h"
#include "device/device.h"
#include "engine/player.h"
#include "engine/stream.h"

const struct cli_option play_cli[] = {
    {CMD_DEVICE},
    {CMD_PERIOD},
    {CMD_PERIODS},
    {"wait", 0, "SECONDS", "how long a device is waited for that is busy or gone (default 60)"},
    {"from", 0, "TIME", "where to start"},
    {"mastered", 0, NULL, "through the master section"},
    {CMD_SKIP_BAD},
    {CMD_LENIENT},
    {NULL, 0, NULL, NULL},
};

static volatile sig_atomic_t interrupted;

static void
on_signal(int signal)
{
	(void)signal;
	interrupted = 1;
}

/* Opens the device; one that another program holds is waited for. */
static struct device *
open_device(const struct cli *cli, const struct device_config *config, double wait, struct device_format *format,
            struct err *err)
{
	struct device *device = device_open(config, format, err);
	if (!device && format->busy && wait > 0)
		cli_say(cli, "%s; waiting for it", err->text);
	for (double waited = 0; !device && format->busy && waited < wait && !interrupted; waited += 0.25) {
		poll(NULL, 0, 250);
		device = device_open(config, format, err);
	}
	return device;
}

/* What a playing is watched with. */
struct watch {
	const struct cli *cli;
	struct player *player;
	struct device *device;
	int64_t end; /* frame at which all has left the device */
	double rate;
	double wait; /* seconds that a device may be away */
	int xruns, ours;
};

/* Tells what happened. 1: the device is away. */
static int
tell_events(struct watch *w, int away)
{
	enum device_event event;
	struct device_format format;
	char words[160];
	while (device_poll(w->device, &event) == 0) {
		w->ours += event == DEVICE_XRUN_OURS;
		w->xruns += event == DEVICE_XRUN || event == DEVICE_XRUN_OURS;
		if (event != DEVICE_XRUN)
			cli_say(w->cli, "%s%s", isatty(2) ? "\r\033[K" : "", device_event_words(event));
		away = event == DEVICE_LOST ? 1 : event == DEVICE_BACK ? 0 : away;
		if (event == DEVICE_BACK && device_state(w->device, &format, NULL)) {
			device_format_words(&format, words, sizeof words);
			cli_say(w->cli, "%s", words);
		}
	}
	return away;
}

/* Watches the device and the clock until the end of the song. */
static int
follow(struct watch *w, struct err *err)
{
	struct player_meters m;
	struct device_format format;
	char text[32];
	int away = 0, turns = 0;
	while (!interrupted) {
		poll(NULL, 0, 50);
		if (player_poll(w->player, &m) == 0) {
			if (isatty(2))
				fprintf(stderr, "\r%s  load %2.0f %%  xruns %d\033[K", cli_clock((double)m.position / w->rate, text),
				        (double)m.load * 100, w->xruns);
			if (m.position >= w->end)
				break;
		}
		away = tell_events(w, away);
		turns = away ? turns + 1 : 0;
		if (turns * 0.05 > w->wait) {
			device_state(w->device, &format, err);
			return CLI_FAILED;
		}
	}
	player_stop(w->player);
	poll(NULL, 0, 50);
	if (isatty(2))
		fputc('\n', stderr);
	if (w->xruns)
		cli_say(w->cli, "the device ran dry %d times, %d of them because a period was too short for the desk", w->xruns,
		        w->ours);
	return CLI_DONE;
}

static int
play(const struct cli *cli, struct session *session, struct streams *streams, struct graph *graph, int64_t frame,
     struct err *err)
{
	double period = 256, periods = 3, wait = 60, rate = session_rate(session);
	enum player_tap tap = cli_value(cli, "mastered") ? TAP_MASTER : TAP_MIX;
	int mix = graph_latency(graph, graph_mix(graph)), master = graph_latency(graph, graph_master(graph));
	if (cli_number(cli, "period", 16, 65536, &period, err) || cli_number(cli, "periods", 2, 64, &periods, err) ||
	    cli_number(cli, "wait", 0, 1e6, &wait, err)) {
		graph_free(graph);
		return CLI_USAGE;
	}
	struct player *player = player_new();
	if (!player) {
		graph_free(graph);
		err_set(err, "not enough memory");
		return CLI_FAILED;
	}
	int64_t end = graph_length(graph);
	graph_start(graph, session, frame);
	if (streams_prime(streams, frame / QUANTUM * QUANTUM, (mix > master ? mix : master) + (int)rate / 2, err)) {
		graph_free(graph);
		player_free(player);
		return CLI_FAILED;
	}
	fpu_flush_denormals();
	player_pick(player, &(struct player_pick){.tap = tap});
	player_preroll(player, graph);
	player_set_graph(player, graph, frame);
	player_play(player);
	struct device_config config = {.name = cli_value(cli, "device") ? cli_value(cli, "device") : "default",
	                               .rate = rate,
	                               .period = (int)period,
	                               .periods = (int)periods,
	                               .hold = 1,
	                               .process = player_process,
	                               .arg = player};
	struct device_format format;
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	struct device *device = open_device(cli, &config, wait, &format, err);
	int status = CLI_FAILED;
	if (device) {
		char words[160];
		device_format_words(&format, words, sizeof words);
		cli_say(cli, "%s: %s", config.name, words);
		if (!format.realtime && strcmp(config.name, "null") != 0)
			cli_say(cli, "%s", device_realtime_advice);
		/* What has been asked for last leaves the device two buffers later. */
		struct watch watch = {.cli = cli,
		                      .player = player,
		                      .device = device,
		                      .end = end + 2 * (int64_t)format.buffer,
		                      .rate = rate,
		                      .wait = wait};
		status = follow(&watch, err);
	}
	device_close(device);
	player_free(player);
	return status;
}

int
cmd_play(const struct cli *cli)
{
	struct err err = {""};
	struct session *session = opening_session(cli, cli->word[0], &err);
	struct stems *stems = session ? opening_stems(cli, session, cli->word[0]) : NULL;
	struct graph_options options = {.chunk = QUANTUM};
	struct streams *streams = stems ? streams_new(stems, session_rate(session), STREAM_MEMORY, &err) : NULL;
	int64_t frame = 0;
	int status = CLI_FAILED;
	if (streams && cli_time(cli, "from", session_rate(session), &frame, &err) == 0) {
		options.opener = streams_opener(streams);
		struct graph *graph = graph_new(session, &options, &err);
		if (graph)
			status = play(cli, session, streams, graph, frame, &err);
	}
	if (status != CLI_DONE && err.text[0])
		cli_fail(cli, &err);
	streams_free(streams);
	stems_free(stems);
	session_free(session);
	return status;
}

static void
print_device(void *arg, const char *name, const char *about)
{
	(void)arg;
	printf("%s\t", name);
	for (; *about; about++)
		putchar(*about == '\n' ? ' ' : *about);
	putchar('\n');
}

int
cmd_devices(const struct cli *cli)
{
	struct err err;
	return device_list(print_device, NULL, &err) ? cli_fail(cli, &err) : CLI_DONE;
}
