#include "cli/cmd.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/json.h"
#include "cli/opening.h"
#include "master/translate.h"

#define SMALL (-3.0) /* dB against the mix that are worth a mark */

const struct cli_option translate_cli[] = {
    {"speaker", 's', "NAME", "on this one alone, with what its figures are"},
    {"list", 0, NULL, "print the table of speakers"},
    {CMD_SKIP_BAD},
    {CMD_LENIENT},
    {"json", 0, NULL, "the figures as JSON"},
    {NULL, 0, NULL, NULL},
};

static void
show_list(void)
{
	for (const struct speaker *s = speakers; s->name; s++) {
		char mono[32] = "stereo";
		if (s->mono == 1)
			strcpy(mono, "mono");
		else if (s->mono > 0)
			snprintf(mono, sizeof mono, "mono < %.0f Hz", s->mono);
		printf("%-10s %-20s %4.0f Hz (%d dB/oct) to %5.0f Hz (%d), %s", s->name, s->title, s->low, s->low_slope,
		       s->high, s->high_slope, mono);
		if (s->bell_gain != 0)
			printf(", %+.0f dB at %.0f Hz", s->bell_gain, s->bell);
		if (!isnan(s->noise))
			printf(", noise %.0f dB", s->noise);
		if (s->codec == SPEAKER_SBC)
			printf(", SBC %.0f kb/s (%.0f at 48 kHz)", speaker_kbits(s, 44100), speaker_kbits(s, 48000));
		printf("; %s\n", s->note);
	}
}

static int
show_progress(void *arg, int64_t done, int64_t all)
{
	cli_bar_show(arg, "listening", all > 0 ? (double)done / (double)all : 1);
	return 0;
}

static int
listen(const struct cli *cli, const char *path, struct translation *t, struct err *err)
{
	struct cli_bar bar;
	cli_bar_begin(&bar, 0);
	if (!opening_is_session(path)) {
		int status = translate_file(path, show_progress, &bar, t, err);
		cli_bar_show(&bar, "", 1);
		return status;
	}
	struct session *session = opening_session(cli, path, err);
	struct stems *stems = session ? opening_stems(cli, session, path) : NULL;
	int status = stems ? translate_session(session, stems, show_progress, &bar, t, err) : -1;
	cli_bar_show(&bar, "", 1);
	for (size_t k = 0; stems && stems_warning(stems, k); k++)
		cli_say(cli, "%s", stems_warning(stems, k));
	stems_free(stems);
	session_free(session);
	return status;
}

static const struct translate_part *
mix_of(const struct translation *t)
{
	return &t->part[t->parts - 1];
}

/* Each strip's change against the mix's on each speaker, and what is gone. */
static void
show_table(const struct translation *t, const struct speaker *only)
{
	struct translate_loss loss;
	printf("%-20s", "dB against the mix");
	for (const struct speaker *s = speakers; s->name; s++)
		if (!only || s == only)
			printf(" %9s", s->name);
	putchar('\n');
	for (size_t k = 0; k + 1 < t->parts; k++) {
		printf("%-20.20s", t->part[k].name);
		for (const struct speaker *s = speakers; s->name; s++) {
			if (only && s != only)
				continue;
			translate_judge(s, &t->part[k], mix_of(t), &loss);
			char sign = loss.lost ? '!' : loss.against < SMALL ? '*' : ' ';
			if (isfinite(t->part[k].loudness))
				printf(" %+8.1f%c", loss.against > -99 ? loss.against : -99.0, sign);
			else
				printf(" %8s ", "silent");
		}
		putchar('\n');
	}
	printf("%-20s", "the mix itself");
	for (const struct speaker *s = speakers; s->name; s++)
		if (!only || s == only) {
			translate_judge(s, mix_of(t), mix_of(t), &loss);
			printf(" %+8.1f ", loss.change);
		}
	putchar('\n');
}

#define TITLE 80

static const char *
title(const struct translation *t, const struct speaker *s, char words[TITLE])
{
	speaker_words(s, t->rate, words, TITLE);
	return words;
}

/* How far below the mix a codec's own noise lies, and the strip that it comes nearest to. */
static void
show_codecs(const struct translation *t, const struct speaker *only)
{
	struct translate_loss loss;
	char words[TITLE];
	for (const struct speaker *s = speakers; s->name; s++) {
		double most = -HUGE_VAL;
		const char *nearest = NULL;
		if (s->codec == SPEAKER_WIRE || (only && s != only))
			continue;
		for (size_t k = 0; k + 1 < t->parts; k++) {
			translate_judge(s, &t->part[k], mix_of(t), &loss);
			if (loss.added > most) {
				most = loss.added;
				nearest = t->part[k].name;
			}
		}
		translate_judge(s, mix_of(t), mix_of(t), &loss);
		if (isfinite(loss.added))
			printf("\n%s: the codec adds noise %.1f dB below the mix", title(t, s, words), -loss.added);
		if (isfinite(loss.added) && nearest)
			printf(", %.1f dB %s %s", fabs(most), most > 0 ? "above" : "below", nearest);
		if (isfinite(loss.added))
			putchar('\n');
	}
}

/* Why, in words: the octaves that do not come through, the side, the noise. */
static void
show_reason(const struct speaker *s, const struct translate_part *p, const struct translate_loss *loss)
{
	double mid, side;
	speaker_gain(s, balance_hertz(p->heaviest), &mid, &side);
	printf("  %s: %+.1f dB against the mix", p->name, loss->against < -99 ? -99.0 : loss->against);
	if (mid < -6)
		printf("; most of it lies at %s Hz, where there is nothing", balance_name(p->heaviest));
	if (loss->side < SMALL)
		printf("; %.1f dB of it was in the difference of the sides", -loss->side);
	if (loss->drowned > TRANSLATE_DROWNED)
		printf("; %.0f %% of it lies below %s", loss->drowned * 100,
		       loss->coded > TRANSLATE_DROWNED ? "what the codec adds" : "the noise");
	putchar('\n');
}

static int
show_losses(const struct translation *t, const struct speaker *only)
{
	struct translate_loss loss;
	char words[TITLE];
	int lost = 0;
	for (const struct speaker *s = speakers; s->name; s++) {
		int told = 0;
		for (size_t k = 0; k + 1 < t->parts && (!only || s == only); k++) {
			translate_judge(s, &t->part[k], mix_of(t), &loss);
			if (!loss.lost)
				continue;
			if (!told)
				printf("\n%s loses\n", title(t, s, words));
			show_reason(s, &t->part[k], &loss);
			told = 1;
			lost++;
		}
	}
	return lost;
}

/* A strip's or the mix's thirds on a speaker. */
static void
show_thirds(const struct translation *t, const struct speaker *s)
{
	char words[TITLE];
	printf("\n%s\n%8s %8s %8s\n", title(t, s, words), "Hz", "middle", "side");
	for (int b = 0; b < BALANCE_BANDS; b++) {
		double mid, side;
		speaker_gain(s, balance_hertz(b), &mid, &side);
		printf("%8s %+8.1f ", balance_name(b), mid);
		printf(side > -200 ? "%+8.1f\n" : "    gone\n", side);
	}
}

static void
show_json(const struct translation *t, const struct speaker *only)
{
	json_open(NULL, '[');
	for (const struct speaker *s = speakers; s->name; s++) {
		if (only && s != only)
			continue;
		json_open(NULL, '{');
		json_text("speaker", s->name);
		if (s->codec == SPEAKER_SBC)
			json_number("codec_kbits", speaker_kbits(s, t->rate), 0);
		json_open("parts", '[');
		for (size_t k = 0; k < t->parts; k++) {
			struct translate_loss loss;
			translate_judge(s, &t->part[k], mix_of(t), &loss);
			json_open(NULL, '{');
			json_text("name", t->part[k].name);
			json_number("change_db", loss.change, 2);
			json_number("against_mix_db", loss.against, 2);
			json_number("drowned", loss.drowned, 3);
			if (s->codec == SPEAKER_SBC) {
				json_number("codec_drowned", loss.coded, 3);
				json_number("codec_noise_db", loss.added, 2);
			}
			json_flag("lost", loss.lost);
			json_close('}');
		}
		json_close(']');
		json_close('}');
	}
	json_end(']');
}

int
cmd_translate(const struct cli *cli)
{
	struct err err = {""};
	struct translation t;
	const char *name = cli_value(cli, "speaker");
	const struct speaker *only = name ? speaker_find(name) : NULL;
	if (cli_value(cli, "list")) {
		show_list();
		return CLI_DONE;
	}
	if (name && !only)
		err_set(&err, "--speaker %s: there is no such one; --list prints them", name);
	else if (!cli->words)
		err_set(&err, "say which song: a session or a sound file");
	if (*err.text) {
		cli_fail(cli, &err);
		return CLI_USAGE;
	}
	if (listen(cli, cli->word[0], &t, &err))
		return cli_fail(cli, &err);
	if (cli_value(cli, "json")) {
		show_json(&t, only);
	} else {
		show_table(&t, only);
		if (t.parts > 1 && !show_losses(&t, only))
			puts("\nnothing is lost anywhere");
		show_codecs(&t, only);
		if (only)
			show_thirds(&t, only);
	}
	translation_fini(&t);
	return CLI_DONE;
}
