#include "control/cmd.h"

#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "device/device.h"
#include "base/fpu.h"
#include "engine/player.h"
#include "engine/stream.h"

const struct cli_option play_cli[] = {
    {"device", 'D', "NAME", "ALSA's name of the device (default \"default\"; \"null\": a clock without sound)"},
    {"period", 0, "FRAMES", "frames the device takes at a time (default 256)"},
    {"periods", 0, "N", "periods in its buffer (default 3)"},
    {"from", 0, "TIME", "where to start"},
    {"mastered", 0, NULL, "through the master section"},
    {"skip-bad", 0, NULL, "leave out stems that cannot be read"},
    {"lenient", 0, NULL, "skip lines of the session with bad values"},
    {NULL, 0, NULL, NULL},
};

static volatile sig_atomic_t interrupted;

static void
on_signal(int signal)
{
	(void)signal;
	interrupted = 1;
}

/* Watches the device and the clock until the end of the song. */
static int
follow(const struct cli *cli, struct player *player, struct device *device, int64_t end, double rate)
{
	struct player_meters m;
	enum device_event event;
	char text[32];
	int xruns = 0;
	while (!interrupted) {
		poll(NULL, 0, 50);
		if (player_poll(player, &m) == 0) {
			fprintf(stderr, "\r%s  load %2.0f %%  xruns %d\033[K", cli_clock((double)m.position / rate, text),
			        (double)m.load * 100, xruns);
			if (m.position >= end)
				break;
		}
		while (device_poll(device, &event) == 0) {
			if (event == DEVICE_LOST) {
				fputc('\n', stderr);
				cli_say(cli, "the device is gone; plug it in again and start anew");
				return CLI_FAILED;
			}
			xruns++;
		}
	}
	player_stop(player);
	poll(NULL, 0, 50);
	fputc('\n', stderr);
	return CLI_DONE;
}

static int
play(const struct cli *cli, struct session *session, struct streams *streams, struct graph *graph, int64_t frame,
     struct err *err)
{
	double period = 256, periods = 3, rate = session_rate(session);
	enum player_tap tap = cli_value(cli, "mastered") ? TAP_MASTER : TAP_MIX;
	int late = graph_latency(graph, tap == TAP_MIX ? graph_mix(graph) : graph_master(graph));
	if (cli_number(cli, "period", 16, 65536, &period, err) || cli_number(cli, "periods", 2, 64, &periods, err)) {
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
	if (streams_prime(streams, frame / QUANTUM * QUANTUM, late + (int)rate / 2, err)) {
		graph_free(graph);
		player_free(player);
		return CLI_FAILED;
	}
	fpu_flush_denormals();
	player_preroll(graph, tap);
	player_tap(player, tap);
	player_set_graph(player, graph, frame);
	player_play(player);
	struct device_config config = {.name = cli_value(cli, "device") ? cli_value(cli, "device") : "default",
	                               .rate = rate,
	                               .period = (int)period,
	                               .periods = (int)periods,
	                               .process = player_process,
	                               .arg = player};
	struct device_format format;
	struct device *device = device_open(&config, &format, err);
	int status = CLI_FAILED;
	if (device) {
		cli_say(cli, "%s: %.0f Hz, %s, %d frames of %d", config.name, format.rate, format.sample, format.period,
		        format.buffer);
		signal(SIGINT, on_signal);
		signal(SIGTERM, on_signal);
		status = follow(cli, player, device, end, rate);
		err->text[0] = '\0';
	}
	device_close(device);
	player_free(player);
	return status;
}

int
cmd_play(const struct cli *cli)
{
	struct err err = {""};
	struct session *session = cmd_open_session(cli, cli->word[0], &err);
	struct stems *stems = session ? cmd_open_stems(cli, session, cli->word[0]) : NULL;
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
