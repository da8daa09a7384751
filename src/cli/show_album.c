#include "cli/show_album.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/units.h"
#include "cli/album_files.h"
#include "cli/json.h"
#include "cli/pressing.h"
#include "cli/sheets.h"
#include "master/album_lines.h"
#include "master/disc.h"
#include "master/sides.h"

#define FLOOR (-14.0) /* LUFS that gains are shown for where no target is named */
#define WIDEST 200.0  /* percent that a strip can have */
#define COLUMNS 10    /* songs beside each other in the table of balances */

static const char *const figures[OUTLIER_FIGURES] = {"loudness", "range", "PLR", "width"};
static const char *const units[OUTLIER_FIGURES] = {"LU", "LU", "dB", "dB"};

static const char *
title_of(const struct albumed *r, size_t k, char shown[64])
{
	return text_show(r->album->song[k].text[SONG_TITLE], shown, 64);
}

static void
figure(double x, int out)
{
	if (isfinite(x) && x > -100)
		printf(" %6.1f%c", x, out ? '*' : ' ');
	else
		printf(" %6s%c", x < 0 ? "-inf" : "-", out ? '*' : ' ');
}

static void
show_songs(const struct albumed *r)
{
	char shown[64], clock[32], length[32];
	printf("  #        at    length    LUFS     LRA     PLR   width   dBTP  title\n");
	for (size_t k = 0; k < r->album->songs; k++) {
		const struct albumed_song *s = &r->song[k];
		const struct measured *m = &s->as_it_is;
		unsigned out = r->row[k].out;
		printf("%3zu %9s %9s", k + 1, cli_clock((double)s->place.at / r->rate, clock),
		       cli_clock((double)s->place.length / r->rate, length));
		figure(m->integrated, out >> OUTLIER_LOUDNESS & 1);
		figure(m->range, out >> OUTLIER_RANGE & 1);
		figure(m->plr, out >> OUTLIER_PLR & 1);
		figure(m->width, out >> OUTLIER_WIDTH & 1);
		printf(" %5.1f  %s\n", m->true_peak, title_of(r, k, shown));
	}
	printf("    whole    %9s", cli_clock((double)r->frames / r->rate, clock));
	figure(r->integrated, 0);
	figure(r->range, 0);
	figure(r->true_peak - r->integrated, 0);
	printf(" %8s%5.1f  before the limiter; * stands apart from the others\n", "", r->true_peak);
}

/* The lines of the album that bring a song closer, beyond those that it has. */
static void
each_proposal(const struct albumed *r, size_t k, void (*each)(void *arg, const char *line), void *arg)
{
	const struct albumed_song *song = &r->song[k];
	const struct outlier_row *row = &r->row[k];
	char line[120];
	const char *id = r->album->song[k].id;
	if (row->trim != 0) {
		snprintf(line, sizeof line, "song/%.64s/trim %.1f", id, song->trim + row->trim);
		each(arg, line);
	}
	if (row->width != 100) {
		double width = song->width * row->width / 100;
		snprintf(line, sizeof line, "song/%.64s/width %.0f", id, width < WIDEST ? width : WIDEST);
		each(arg, line);
	}
	for (int b = 0; b < row->match.bands && b < song->free_bands; b++) {
		snprintf(line, sizeof line, "song/%.64s/eq/%d", id, song->free_band[b]);
		match_lines(&row->match.band[b], line, each, arg);
	}
}

static void
show_line(void *arg, const char *line)
{
	(void)arg;
	printf("  %s\n", line);
}

static void
json_line(void *arg, const char *line)
{
	(void)arg;
	json_text(NULL, line);
}

/* Who stands apart, and lines for the album that bring them closer. */
static void
show_outliers(const struct albumed *r)
{
	char shown[64];
	for (size_t k = 0; k < r->album->songs; k++) {
		const struct outlier_row *row = &r->row[k];
		if (!row->out && !row->bands_out)
			continue;
		printf("\n%s:", title_of(r, k, shown));
		for (int f = 0; f < OUTLIER_FIGURES; f++)
			if (row->out >> f & 1)
				printf(" %s %+.1f %s", figures[f], row->apart[f], units[f]);
		int worst = -1;
		for (int b = 0; b < BALANCE_BANDS; b++)
			if (row->bands_out >> b & 1 && (worst < 0 || fabs(row->want[b]) > fabs(row->want[worst])))
				worst = b;
		if (worst >= 0)
			printf(" %d thirds of an octave, most at %s Hz: %+.1f dB", __builtin_popcount(row->bands_out),
			       balance_name(worst), -row->want[worst]);
		puts(" against the album's middle");
		each_proposal(r, k, show_line, NULL);
	}
}

static void
line_alone(void *arg, const char *line)
{
	(void)arg;
	puts(line);
}

void
show_album_lines(const struct albumed *r)
{
	for (size_t k = 0; k < r->album->songs; k++)
		each_proposal(r, k, line_alone, NULL);
}

struct applying {
	char *text; /* NULL: it failed */
	const char *variant;
	size_t count;
	struct err *err;
};

static void
apply_line(void *arg, const char *line)
{
	struct applying *a = arg;
	a->text = a->text ? album_lines_put(a->text, a->variant, line, a->err) : NULL;
	a->count++;
}

int
show_album_apply(const struct albumed *r, const char *path, const char *variant, size_t *count, struct err *err)
{
	struct applying a = {.text = album_text(path, err), .variant = variant, .err = err};
	for (size_t k = 0; k < r->album->songs; k++)
		each_proposal(r, k, apply_line, &a);
	int status = !a.text ? -1 : a.count ? sheets_write(path, a.text, err) : 0;
	free(a.text);
	*count = a.count;
	return status;
}

/* Thirds of an octave against the album's median, a column a song. */
static void
show_balance(const struct albumed *r)
{
	for (size_t from = 0; from < r->album->songs; from += COLUMNS) {
		size_t to = from + COLUMNS < r->album->songs ? from + COLUMNS : r->album->songs;
		printf("\n%8s", "Hz");
		for (size_t k = from; k < to; k++)
			printf(" %5zu ", k + 1);
		puts(from == 0 ? "  dB against the middle of all" : "");
		for (int b = 0; b < BALANCE_BANDS; b++) {
			printf("%8s", balance_name(b));
			for (size_t k = from; k < to; k++) {
				double x = -r->row[k].want[b];
				if (isnan(x))
					printf("     - ");
				else
					printf(" %+5.1f%c", x, r->row[k].bands_out >> b & 1 ? '*' : ' ');
			}
			putchar('\n');
		}
	}
}

/* What a player that turns albums will do to this one, by each rule. */
static void
show_rules(const struct albumed *r)
{
	double lufs = isnan(r->lufs) ? FLOOR : r->lufs, loudest = -HUGE_VAL, softest = HUGE_VAL;
	size_t which = 0;
	char shown[64];
	for (size_t k = 0; k < r->album->songs; k++) {
		double x = r->song[k].as_it_is.integrated;
		which = x > loudest ? k : which;
		loudest = fmax(loudest, x);
		softest = isfinite(x) ? fmin(softest, x) : softest;
	}
	if (!isfinite(loudest))
		return;
	printf("\ngain to %.1f LUFS by each rule\n", lufs);
	printf("  %-16s %+6.1f dB: songs from %.1f to %.1f LUFS\n", "whole album", lufs - r->integrated,
	       softest + lufs - r->integrated, loudest + lufs - r->integrated);
	printf("  %-16s %+6.1f dB: songs from %.1f to %.1f LUFS; the loudest is %s\n", "loudest song", lufs - loudest,
	       softest + lufs - loudest, lufs, title_of(r, which, shown));
	printf("  %-16s %+6.1f to %+.1f dB: all at %.1f LUFS, the songs' balance is lost\n", "each song", lufs - loudest,
	       lufs - softest, lufs);
}

/* Songs of a side, as numbers. */
static void
show_order(const char *name, const size_t *order, size_t from, size_t to)
{
	printf("%s", name);
	for (size_t k = from; k < to; k++)
		printf(" %zu", order[k] + 1);
}

static void
show_sides(const struct albumed *r)
{
	size_t songs = r->album->songs;
	struct sides_song *song = album_files_sides(r);
	size_t *order = calloc(songs, sizeof *order);
	char shown[64];
	printf("\nrecord, 12 inch at 33 rpm\n");
	for (size_t p = 0; p < vinyl_profiles_count && song; p++) {
		struct sides s;
		sides_split(&vinyl_profiles[p], song, songs, &s);
		printf("  %-15s A songs 1-%zu %.1f min", vinyl_profiles[p].name, s.first, s.minutes[0]);
		if (s.level[0] > 0)
			printf(" (%.1f dB lower)", s.level[0]);
		if (s.first < songs)
			printf(", B %zu-%zu %.1f min", s.first + 1, songs, s.minutes[1]);
		if (s.level[1] > 0)
			printf(" (%.1f dB lower)", s.level[1]);
		puts(s.fits ? "" : "; too long for its sides");
		for (int side = 0; side < 2 && p == 0; side++)
			if (s.loud_inside[side] >= 0)
				printf("  %-15s \"%s\" is loudest and stands last on its side, where the groove is slowest: better "
				       "earlier\n",
				       "", title_of(r, (size_t)s.loud_inside[side], shown));
		if (p == 0 && s.first < songs && song[s.first].joined)
			printf("  %-15s the record is turned within the music: \"%s\" has no pause before it\n", "",
			       title_of(r, s.first, shown));
	}
	if (song && order && songs > 2) {
		size_t first = sides_order(song, songs, order);
		show_order("  loud songs outside, where the groove is fastest: A", order, 0, first);
		show_order(", B", order, first, songs);
		putchar('\n');
	}
	free(song);
	free(order);
}

static int
show_asked(void *arg, const char *line, struct err *err)
{
	(void)arg, (void)err;
	printf("  %s\n", line);
	return 0;
}

static void
show_reels(const struct albumed *r)
{
	char shown[512];
	for (int k = 0; k < r->reels; k++) {
		const struct album_reel *reel = &r->reel[k];
		const char *const sheets[] = {reel->file, reel->cue, reel->toc};
		for (size_t j = 0; j < 3; j++)
			if (sheets[j])
				puts(text_show(sheets[j], shown, sizeof shown));
		if (r->vinyl)
			printf("  songs %zu-%zu, %.1f min, %.2f LUFS, %.2f dBTP, sides %.1f dB against the middle\n",
			       reel->from + 1, reel->to, (double)(reel->end - reel->begin) / r->rate / 60,
			       reel->mastered.integrated, reel->mastered.true_peak, reel->mastered.width);
	}
}

static void
show_written(const struct albumed *r)
{
	const struct solution *s = &r->solution;
	char shown[512];
	if (!s->passes)
		return;
	printf("\nmastered%s: %.2f LUFS, %.2f LU range, %.2f dBTP, limiter gain %.3f dB, at most %.1f dB of limiting\n",
	       r->rule == RULE_LOUDEST && !isnan(r->lufs) ? " by its loudest song" : "", s->pass.integrated, s->pass.range,
	       s->pass.true_peak, (double)s->limiter.gain, s->pass.limited);
	for (size_t k = 0; k < r->album->songs; k++) {
		const struct measured *m = &r->song[k].mastered;
		printf(
		    "%3zu %7.2f LUFS %6.1f dBTP  %s\n", k + 1, m->integrated, m->true_peak,
		    text_show(r->song[k].output ? r->song[k].output : r->album->song[k].text[SONG_TITLE], shown, sizeof shown));
	}
	show_reels(r);
	if (r->manifest)
		puts(text_show(r->manifest, shown, sizeof shown));
	if (r->vinyl) {
		printf("lines of the master that %s asks for\n", r->vinyl->name);
		pressing_lines(r->vinyl, show_asked, NULL, NULL);
	} else if (r->reels)
		puts("DDP is not written. Plants take this image with its CUE sheet; those that insist make DDP of it.");
}

void
show_album(const struct albumed *r)
{
	show_songs(r);
	show_outliers(r);
	show_balance(r);
	show_rules(r);
	show_sides(r);
	show_written(r);
}

static void
json_measured(const struct measured *m)
{
	json_number("integrated_lufs", m->integrated, 3);
	json_number("range_lu", m->range, 3);
	json_number("true_peak_dbtp", m->true_peak, 3);
	json_number("plr_db", m->plr, 3);
	json_number("width_db", m->width, 3);
	json_number("max_shortterm_lufs", m->max_shortterm, 3);
}

static void
json_song(const struct albumed *r, size_t k)
{
	const struct albumed_song *song = &r->song[k];
	const struct outlier_row *row = &r->row[k];
	int mastered = r->solution.passes > 0;
	json_open(NULL, '{');
	json_text("id", r->album->song[k].id);
	json_text("title", r->album->song[k].text[SONG_TITLE]);
	json_number("at_frame", (double)song->place.at, 0);
	json_number("length_frames", (double)song->place.length, 0);
	json_measured(&song->as_it_is);
	json_number("mastered_lufs", mastered ? song->mastered.integrated : HUGE_VAL, 3);
	json_number("mastered_dbtp", mastered ? song->mastered.true_peak : HUGE_VAL, 3);
	json_text("file", song->output);
	json_open("apart", '{');
	for (int f = 0; f < OUTLIER_FIGURES; f++)
		json_number(figures[f], row->out >> f & 1 ? row->apart[f] : HUGE_VAL, 3);
	json_close('}');
	json_open("balance_db", '[');
	for (int b = 0; b < BALANCE_BANDS; b++)
		json_number(NULL, -row->want[b], 2);
	json_close(']');
	json_open("lines", '[');
	each_proposal(r, k, json_line, NULL);
	json_close(']');
	json_close('}');
}

/* Of a record. */
static void
json_side(const struct albumed *r, const struct album_reel *side)
{
	json_open(NULL, '{');
	json_text("file", side->file);
	json_text("cue", side->cue);
	json_number("first", (double)side->from + 1, 0);
	json_number("last", (double)side->to, 0);
	json_number("minutes", (double)(side->end - side->begin) / r->rate / 60, 3);
	json_measured(&side->mastered);
	json_close('}');
}

void
show_album_json(const struct albumed *r)
{
	const struct solution *s = &r->solution;
	int mastered = s->passes > 0;
	json_open(NULL, '{');
	json_text("title", r->album->text[ALBUM_TITLE]);
	json_number("rate", r->rate, 0);
	json_number("frames", (double)r->frames, 0);
	json_number("integrated_lufs", r->integrated, 3);
	json_number("range_lu", r->range, 3);
	json_number("true_peak_dbtp", r->true_peak, 3);
	json_number("wanted_lufs", r->lufs, 3);
	json_number("gain_db", mastered ? (double)s->limiter.gain : HUGE_VAL, 3);
	json_number("mastered_lufs", mastered ? s->pass.integrated : HUGE_VAL, 3);
	json_number("mastered_dbtp", mastered ? s->pass.true_peak : HUGE_VAL, 3);
	json_number("limited_db", mastered ? s->pass.limited : HUGE_VAL, 3);
	json_text("image", r->vinyl ? NULL : r->reel[0].file);
	json_text("cue", r->vinyl ? NULL : r->reel[0].cue);
	json_text("toc", r->reel[0].toc);
	json_open("sides", '[');
	for (int k = 0; r->vinyl && k < r->reels; k++)
		json_side(r, &r->reel[k]);
	json_close(']');
	json_text("manifest", r->manifest);
	json_open("songs", '[');
	for (size_t k = 0; k < r->album->songs; k++)
		json_song(r, k);
	json_close(']');
	json_end('}');
}

int
show_album_faults(const struct cli *cli, const struct albumed *r, int image)
{
	const struct solution *s = &r->solution;
	struct disc_track *track = calloc(r->album->songs, sizeof *track);
	struct disc d;
	struct album_reel whole = album_files_whole(r);
	int wrong = r->refusals;
	if (track) {
		album_files_disc(r, &whole, track, &d);
		wrong += (image ? disc_check : disc_check_codes)(&d, cli_sentence, (void *)cli);
	}
	free(track);
	if (s->passes && !s->reached) {
		cli_say(cli, "%.1f LUFS cannot be had: this is %.2f LUFS", r->lufs, s->pass.integrated);
		wrong++;
	}
	if (s->passes && s->pass.limited > LOUD_DB) {
		cli_say(cli, "TOO LOUD: the limiter takes off %.1f dB; this will sound crushed", s->pass.limited);
		wrong++;
	} else if (s->passes && s->pass.limited > HONEST_DB) {
		cli_say(cli, "the limiter takes off %.1f dB", s->pass.limited);
	}
	return wrong;
}
