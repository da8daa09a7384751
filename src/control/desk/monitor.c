#include "control/desk/edit.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define START_DB -20.0 /* where the level begins: a full scale that nobody expects is as loud as speech then */

static const struct param level = {.address = "level", .type = T_REAL, .unit = U_DB, .min = -60, .max = 0};

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

/* Adds "pfl kick" for what is heard alone. */
static void
add_solos(struct desk *d, char *text, size_t n, size_t size)
{
	struct node *node;
	if (*desk_codec_heard(d)) {
		snprintf(text + n, size - n, "%scodec %s", n ? ", " : "", desk_codec_heard(d));
		return;
	}
	for (int k = 0; d->pick.count && (node = desk_view_node(d, k)); k++)
		for (int i = 0; i < d->pick.count && n < size; i++)
			if (d->pick.solo[i].uid == node->uid)
				n += (size_t)snprintf(text + n, size - n, "%s%s %s", n ? ", " : "", d->pick.solo[i].pre ? "pfl" : "afl",
				                      node->id);
	if (d->pick.key && n < size)
		snprintf(text + n, size - n, "%s%s", n ? ", " : "", d->key_words);
}

void
desk_monitor_words(struct desk *d, char *text, size_t size)
{
	size_t n = 0;
	if (desk_abx_letter(d)) {
		snprintf(text, size, "hearing %c", desk_abx_letter(d));
		return;
	}
	*text = '\0';
	if (d->monitor.level != 0)
		n += (size_t)snprintf(text, size, "%.1f dB", d->monitor.level);
	for (size_t k = 0; k < SWITCHES && n < size; k++)
		if (*switch_at(d, k))
			n += (size_t)snprintf(text + n, size - n, "%s%s", n ? ", " : "", switches[k].word);
	if (*d->place && n < size)
		n += (size_t)snprintf(text + n, size - n, "%sas %s %+.1f dB", n ? ", " : "", d->place, d->monitor.turn);
	if (d->speaker && n < size)
		n += (size_t)snprintf(text + n, size - n, "%s%s", n ? ", " : "", d->speaker->name);
	if (n < size)
		add_solos(d, text, n, size);
}

/* The state in words: "monitor: master, -6.0 dB, dim, mono". */
static void
say_state(struct desk *d)
{
	char words[160], speaker[80] = "";
	desk_monitor_words(d, words, sizeof words);
	if (d->speaker)
		speaker_words(d->speaker, session_rate(d->session), speaker, sizeof speaker);
	desk_say(d, DESK_SAYS, "monitor: %s, %s%s%s", d->mastered ? "master" : "mix", *words ? words : "as it is",
	         *speaker ? ": " : "", speaker);
}

/* A strip, bus, mix or master by its name, or the chosen one. */
static struct node *
heard_node(struct desk *d, const char *name, struct err *err)
{
	struct node *node = *name ? desk_find_node(d, name) : desk_chosen(d);
	if (!node || node->kind == K_DCA) {
		err_set(err, "monitor: no strip, bus, mix or master is called \"%s\"", name);
		return NULL;
	}
	return node;
}

/* Into the solo bus, out of it, or from before the fader to behind it. */
static int
set_solo(struct desk *d, const char *name, int pre, struct err *err)
{
	struct node *node = heard_node(d, name, err);
	if (!node)
		return -1;
	int k = 0;
	while (k < d->pick.count && d->pick.solo[k].uid != node->uid)
		k++;
	d->pick.key = 0;
	if (k < d->pick.count && d->pick.solo[k].pre == pre) {
		d->pick.solo[k] = d->pick.solo[--d->pick.count];
	} else if (k == PLAYER_SOLOS) {
		return err_set(err, "monitor: %d strips are heard alone already; `monitor unsolo`", PLAYER_SOLOS);
	} else {
		d->pick.solo[k].uid = node->uid;
		d->pick.solo[k].pre = pre;
		d->pick.count += k == d->pick.count;
	}
	return 0;
}

/* "comp [STRIP]": its detector's ear. */
static int
set_key(struct desk *d, char *text, struct err *err)
{
	static const struct {
		const char *word;
		enum dsp_stage stage;
	} stages[] = {{"gate", STAGE_GATE}, {"deess", STAGE_DEESS}, {"comp", STAGE_COMP}};
	char *name = text + strcspn(text, " ");
	size_t k = 0, count = sizeof stages / sizeof *stages;
	if (*name)
		*name++ = '\0';
	while (k < count && strcmp(text, stages[k].word) != 0)
		k++;
	if (k == count)
		return err_set(err, "monitor key %s: it is gate, deess or comp, and a strip", text);
	struct node *node = heard_node(d, name, err);
	if (!node)
		return -1;
	if (player_key(d->player, node, stages[k].stage))
		return err_set(err, "monitor key: the desk is busy; try again");
	d->pick.key = 1;
	snprintf(d->key_words, sizeof d->key_words, "key of %s of %s", text, node->id);
	return 0;
}

/* Words that change what is picked of the desk. 0 done, 1 another word, -1 with err filled. */
static int
pick_words(struct desk *d, char *args, struct err *err)
{
	char *name = args + strcspn(args, " ");
	size_t n = (size_t)(name - args);
	name += strspn(name, " ");
	if (!strcmp(args, "unsolo"))
		d->pick = (struct player_pick){.tap = d->pick.tap};
	else if (n == 3 && (!strncmp(args, "pfl", 3) || !strncmp(args, "afl", 3)))
		return set_solo(d, name, *args == 'p', err);
	else if (n == 3 && !strncmp(args, "key", 3))
		return set_key(d, name, err);
	else if (!*args || !strcmp(args, "mix") || !strcmp(args, "master"))
		d->mastered = *args ? args[1] == 'a' : !d->mastered;
	else
		return 1;
	return 0;
}

/* "-12", "+= 3", "-= 3": never above 0 dB, which is what is bounced. */
static int
set_level(struct desk *d, const char *text, struct err *err)
{
	double value, sign = *text == '-' ? -1 : 1;
	int step = !strncmp(text, "+=", 2) || !strncmp(text, "-=", 2);
	if (step ? param_parse_amount(&level, text + 2 + strspn(text + 2, " "), session_rate(d->session), &value, err)
	         : param_parse(&level, text, session_rate(d->session), &value, err))
		return err_prefix(err, "monitor level");
	d->monitor.level = step ? param_add(&level, d->monitor.level, sign * value) : value;
	d->softened = 0;
	return 0;
}

int
desk_monitor_options(struct desk *d, const struct desk_options *options, struct err *err)
{
	d->monitor.level = START_DB;
	d->softened = !options->monitor;
	if (options->monitor && param_parse(&level, options->monitor, session_rate(d->session), &d->monitor.level, err))
		return err_prefix(err, "--monitor");
	return 0;
}

void
desk_monitor_plays(struct desk *d)
{
	if (d->softened)
		desk_say(d, DESK_SAYS, "monitor at %g dB, so that it hurts nobody: o+ makes it louder, up to 0 dB",
		         d->monitor.level);
	d->softened = 0;
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
	struct hearing_params p = {.codec = s->codec == SPEAKER_SBC,
	                           .low = s->low,
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

void
desk_monitor_match(struct desk *d)
{
	double match = desk_bypass_match(d) + desk_abx_match(d);
	if (match == d->monitor.match)
		return;
	d->monitor.match = match;
	player_monitor(d->player, &d->monitor);
}

void
desk_monitor_keep(struct desk *d, struct desk_heard_as *to)
{
	*to =
	    (struct desk_heard_as){.mastered = d->mastered, .monitor = d->monitor, .pick = d->pick, .speaker = d->speaker};
	memcpy(to->place, d->place, sizeof to->place);
}

void
desk_monitor_place(struct desk *d, const char *name)
{
	pthread_mutex_lock(&d->lock);
	snprintf(d->place, sizeof d->place, "%s", name);
	d->heard_stamp++;
	pthread_mutex_unlock(&d->lock);
}

void
desk_monitor_put(struct desk *d, const struct desk_heard_as *from)
{
	const struct monitor_settings now = d->monitor;
	d->mastered = from->mastered;
	d->monitor = from->monitor;
	d->monitor.level = now.level;
	d->monitor.match = now.match;
	d->pick = from->pick;
	desk_monitor_place(d, from->place);
	if (d->speaker != from->speaker) {
		d->speaker = from->speaker;
		desk_monitor_hear(d);
	}
	desk_engine_pick(d);
	player_monitor(d->player, &d->monitor);
}

int
desk_monitor(struct desk *d, char *args, struct err *err)
{
	size_t k = 0;
	while (k < SWITCHES && strcmp(args, switches[k].word) != 0)
		k++;
	int picked = pick_words(d, args, err);
	if (picked < 0)
		return -1;
	if (picked > 0 && !strncmp(args, "out ", 4))
		return desk_device_out(d, args + 4 + strspn(args + 4, " "), err);
	if (k < SWITCHES) {
		*switch_at(d, k) = !*switch_at(d, k);
	} else if (!strncmp(args, "level ", 6)) {
		if (set_level(d, args + 6 + strspn(args + 6, " "), err))
			return -1;
	} else if (!strncmp(args, "speaker", 7) && (!args[7] || args[7] == ' ')) {
		if (set_speaker(d, args + 7 + strspn(args + 7, " "), err))
			return -1;
	} else if (!strncmp(args, "as", 2) && (!args[2] || args[2] == ' ')) {
		return desk_monitor_as(d, args + 2 + strspn(args + 2, " "), err);
	} else if (!strncmp(args, "codec", 5) && (!args[5] || args[5] == ' ')) {
		return desk_monitor_codec(d, args + 5 + strspn(args + 5, " "), err);
	} else if (!strcmp(args, "neutral")) {
		d->monitor = (struct monitor_settings){.level = d->monitor.level};
		desk_monitor_place(d, "");
		d->speaker = NULL;
		desk_monitor_hear(d);
		d->pick = (struct player_pick){.tap = d->pick.tap};
		picked = 0;
	} else if (picked) {
		return err_set(err,
		               "monitor %s: it is mix, master, level DB, level += DB, dim, mono, side, swap, polarity-left, "
		               "polarity-right, "
		               "cut-left, cut-right, speaker [NAME|off], as [TARGET|off], codec [NAME|off], pfl, afl, key, "
		               "unsolo, out or neutral",
		               args);
	}
	if (picked == 0)
		desk_engine_pick(d);
	player_monitor(d->player, &d->monitor);
	say_state(d);
	return 0;
}
