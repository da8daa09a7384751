#include "control/desk_parts.h"

#include <math.h>
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

void
desk_monitor_words(struct desk *d, char *text, size_t size)
{
	size_t n = 0;
	*text = '\0';
	if (d->monitor.level != 0)
		n += (size_t)snprintf(text, size, "%.1f dB", d->monitor.level);
	for (size_t k = 0; k < SWITCHES && n < size; k++)
		if (*switch_at(d, k))
			n += (size_t)snprintf(text + n, size - n, "%s%s", n ? ", " : "", switches[k].word);
	if (d->speaker && n < size)
		snprintf(text + n, size - n, "%s%s", n ? ", " : "", d->speaker->name);
}

/* The state in words: "monitor: master, -6.0 dB, dim, mono". */
static void
say_state(struct desk *d)
{
	char words[128];
	desk_monitor_words(d, words, sizeof words);
	desk_say(d, DESK_SAYS, "monitor: %s, %s%s%s", d->mastered ? "master" : "mix", *words ? words : "as it is",
	         d->speaker ? ": " : "", d->speaker ? d->speaker->title : "");
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

/* What the noise of a speaker stands against: a song at the loudness most places play at. */
#define SONG_LUFS (-18.0)

/* "NAME" or "off"; without a word, the next of the table. */
static int
set_speaker(struct desk *d, const char *name, struct err *err)
{
	const struct speaker *s = *name ? speaker_find(name) : d->speaker ? d->speaker + 1 : speakers;
	if (*name && strcmp(name, "off") && !s) {
		char names[256] = "off";
		for (const struct speaker *k = speakers; k->name; k++)
			snprintf(names + strlen(names), sizeof names - strlen(names), ", %s", k->name);
		return err_set(err, "monitor speaker %s: there are %s", name, names);
	}
	d->speaker = s && s->name ? s : NULL;
	desk_monitor_hear(d);
	return 0;
}

void
desk_monitor_hear(struct desk *d)
{
	const struct speaker *s = d->speaker;
	if (!s) {
		player_hearing(d->player, NULL, session_rate(d->session));
		return;
	}
	struct hearing_params p = {.low = s->low,
	                           .low_slope = s->low_slope,
	                           .high = s->high,
	                           .high_slope = s->high_slope,
	                           .mono = s->mono,
	                           .bell = s->bell,
	                           .bell_gain = s->bell_gain,
	                           .bell_q = s->bell_q,
	                           .noise = isnan(s->noise) ? -HUGE_VAL : s->noise + SONG_LUFS,
	                           .noise_slope = s->noise_slope};
	player_hearing(d->player, &p, session_rate(d->session));
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
	} else if (!strncmp(args, "speaker", 7) && (!args[7] || args[7] == ' ')) {
		if (set_speaker(d, args + 7 + strspn(args + 7, " "), err))
			return -1;
	} else if (!strcmp(args, "neutral")) {
		d->monitor = (struct monitor_settings){0};
		d->speaker = NULL;
		desk_monitor_hear(d);
	} else {
		return err_set(err,
		               "monitor %s: it is mix, master, level DB, dim, mono, side, swap, polarity-left, polarity-right, "
		               "cut-left, cut-right, speaker [NAME|off] or neutral",
		               args);
	}
	player_monitor(d->player, &d->monitor);
	say_state(d);
	return 0;
}
