#include "control/desk_parts.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* What can be switched in the monitor, and where it is kept. */
static const struct {
	const char *word;
	size_t at;
} switches[] = {
    {"dim", offsetof(struct monitor_settings, dim)},
    {"mono", offsetof(struct monitor_settings, mono)},
    {"side", offsetof(struct monitor_settings, side)},
    {"swap", offsetof(struct monitor_settings, swap)},
    {"polarity-left", offsetof(struct monitor_settings, polarity[0])},
    {"polarity-right", offsetof(struct monitor_settings, polarity[1])},
    {"cut-left", offsetof(struct monitor_settings, cut[0])},
    {"cut-right", offsetof(struct monitor_settings, cut[1])},
};
#define SWITCHES (sizeof switches / sizeof *switches)

static int *
switch_at(struct desk *d, size_t k)
{
	return (int *)((char *)&d->monitor + switches[k].at);
}

/* The state in words: "monitor: master, -6.0 dB, dim, mono". */
static void
say_state(struct desk *d)
{
	char text[256];
	size_t n =
	    (size_t)snprintf(text, sizeof text, "monitor: %s, %.1f dB", d->mastered ? "master" : "mix", d->monitor.level);
	for (size_t k = 0; k < SWITCHES && n < sizeof text; k++)
		if (*switch_at(d, k))
			n += (size_t)snprintf(text + n, sizeof text - n, ", %s", switches[k].word);
	desk_say(d, DESK_SAYS, "%s", text);
}

static int
set_level(struct desk *d, const char *text, struct err *err)
{
	const struct param level = {.address = "level", .type = T_REAL, .unit = U_DB, .min = -60, .max = 0};
	double value;
	if (param_parse(&level, text, session_rate(d->session), &value, err))
		return err_prefix(err, "monitor level");
	d->monitor.level = value;
	return 0;
}

int
desk_monitor(struct desk *d, const char *args, struct err *err)
{
	size_t k = 0;
	while (k < SWITCHES && strcmp(args, switches[k].word) != 0)
		k++;
	if (!*args || !strcmp(args, "mix") || !strcmp(args, "master")) {
		d->mastered = *args ? args[1] == 'a' : !d->mastered;
		desk_engine_pick(d);
		say_state(d);
		return 0;
	}
	if (k < SWITCHES) {
		*switch_at(d, k) = !*switch_at(d, k);
	} else if (!strncmp(args, "level ", 6)) {
		if (set_level(d, args + 6 + strspn(args + 6, " "), err))
			return -1;
	} else if (!strcmp(args, "neutral")) {
		d->monitor = (struct monitor_settings){0};
	} else {
		return err_set(err,
		               "monitor %s: it is mix, master, level DB, dim, mono, side, swap, polarity-left, polarity-right, "
		               "cut-left, cut-right or neutral",
		               args);
	}
	player_monitor(d->player, &d->monitor);
	say_state(d);
	return 0;
}
