#include "control/desk/edit.h"
#include "control/desk/sheet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/sink.h"
#include "session/text.h"

enum { BOUNCE = 1, MASTER = 2 };

#define NONE "none" /* no reference */
#define SONG "song" /* no variant of it, as the first choice is called; */
#define ALL "all"   /* the song and each of its variants */

/* What can be made: renders.def. */
static const struct render {
	const char *name;
	int program;
	const char *ending, *words, *title;
} renders[] = {
#define RENDER(name, program, ending, words, title) {name, program, ending, words, title},
#include "control/desk/renders.def"
#undef RENDER
};
#define RENDERS (sizeof renders / sizeof *renders)

_Static_assert((int)SHEET_ROWS <= DESK_RENDER_ROWS, "the sheet that is shown has room for all rows");

/* The rows. `option`: what it is in the command's line; `choices`: the first is the default, which the line leaves out.
 */
static const struct row {
	const char *name, *option;
	int programs;
	const char *choices; /* words; "": numbers, the default being none; NULL: others, see choice() */
	double least, most, step;
	const char *help;
} rows[SHEET_ROWS] = {
    [SHEET_WHAT] = {"what", NULL, BOUNCE | MASTER, NULL, 0, 0, 1,
                    "what is to be made; the rows below take what suits it"},
    [SHEET_TARGET] = {"target", "target", MASTER, NULL, 0, 0, 1,
                      "where it will be heard, a place of `stemdesk targets`"},
    [SHEET_LOUDNESS] = {"loudness", "lufs", MASTER, "", -60, 0, 0.5,
                        "integrated loudness in LUFS, in place of the target's"},
    [SHEET_CEILING] = {"ceiling", "ceiling", MASTER, "", -24, 0, 0.1,
                       "greatest true peak in dBTP, in place of the target's"},
    [SHEET_LIMITING] = {"limiting", "limiting", MASTER, "", 0, 24, 0.5, "the most that the limiter may take off, dB"},
    [SHEET_PLANT] = {"plant", "vinyl", MASTER, NULL, 0, 0, 1,
                     "what the pressing plant asks for: bass in mono, high-pass"},
    [SHEET_LIKE] = {"like", "reference", MASTER, NULL, 0, 0, 1,
                    "a reference that its balance and width go half of the way to"},
    [SHEET_FORMAT] = {"format", "format", BOUNCE | MASTER, "wav flac mp3 opus vorbis w64 rf64", 0, 0, 1,
                      "kind of file"},
    [SHEET_RATE] = {"rate", "rate", BOUNCE | MASTER, "song 44100 48000 88200 96000 176400 192000", 0, 0, 1,
                    "sample rate, Hz"},
    [SHEET_BITS] = {"bits", "bits", BOUNCE | MASTER, "24 16 32 32f 64f", 0, 0, 1,
                    "bits of a sample; f: floating point"},
    [SHEET_DITHER] = {"dither", "dither", BOUNCE | MASTER, "usual none tpdf shaped", 0, 0, 1,
                      "noise that keeps soft sounds whole in 16 bits"},
    [SHEET_PART] = {"part", NULL, BOUNCE | MASTER, "song loop", 0, 0, 1, "the whole song, or what the loop holds"},
    [SHEET_VARIANT] = {"variant", "variant", BOUNCE | MASTER, NULL, 0, 0, 1,
                       "variants (instrumental, TV ...): one, some with commas between, or all"},
    [SHEET_FILE] = {"file", NULL, BOUNCE | MASTER, NULL, 0, 0, 0,
                    "the file to write, beside the session unless it has a folder"},
};

static const struct render *
render_of(const struct desk_sheet *s)
{
	size_t k = 0;
	while (k + 1 < RENDERS && strcmp(renders[k].name, s->value[SHEET_WHAT]) != 0)
		k++;
	return &renders[k];
}

static int
has_word(const char *words, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = words; (at = strstr(at, word)); at++)
		if ((at == words || at[-1] == ' ') && (!at[n] || at[n] == ' ' || at[n] == '='))
			return 1;
	return 0;
}

/* The rows of a kind of thing, its words taken in. */
static void
choose_what(struct desk_sheet *s, const struct render *r)
{
	char name[32], value[64];
	int n;
	memset(s->value, 0, sizeof s->value);
	snprintf(s->value[SHEET_WHAT], SHEET_VALUE, "%s", r->name);
	for (const char *at = r->words; sscanf(at, " %31[^ =]%n", name, &n) == 1; at += n) {
		at += n;
		n = 0;
		if (sscanf(at, "=%63[^ ]%n", value, &n) != 1)
			continue;
		for (int k = 0; k < SHEET_ROWS; k++)
			if (rows[k].option && !strcmp(rows[k].option, name))
				snprintf(s->value[k], SHEET_VALUE, "%s", value);
	}
}

struct desk_sheet *
desk_sheet(struct desk *d)
{
	if (!d->sheet && (d->sheet = calloc(1, sizeof *d->sheet))) {
		choose_what(d->sheet, &renders[0]);
		d->sheet->stale = 1;
	}
	return d->sheet;
}

static int
is_lossy(const struct desk_sheet *s)
{
	return has_word("mp3 opus vorbis", *s->value[SHEET_FORMAT] ? s->value[SHEET_FORMAT] : "wav");
}

/* The file of the n-th reference that somebody gave, as the session has it; NULL: there are not so many. */
static const char *
reference_file(struct desk *d, int n)
{
	const struct node *strip;
	for (size_t k = 0; (strip = session_node(d->session, K_STRIP, k)); k++)
		for (size_t c = 0; desk_reference_number(strip) && c < strip->children; c++) {
			const char *file = strip->child[c]->kind == K_REGION ? strip->child[c]->text[P_REGION_FILE] : "";
			/* what came back from a codec lies in a folder that is hidden */
			int hidden = *file == '.' && file[1] != '.';
			if (*file && !hidden && n-- == 0)
				return file;
		}
	return NULL;
}

int
sheet_has(struct desk *d, const struct desk_sheet *s, int k)
{
	const struct render *r = render_of(s);
	int disc = has_word(r->words, "disc");
	if (!(rows[k].programs & r->program))
		return 0;
	if (k == SHEET_PLANT)
		return has_word(r->words, "vinyl");
	if (k == SHEET_LIKE)
		return reference_file(d, 0) != NULL;
	if (k == SHEET_FORMAT || k == SHEET_RATE)
		return !disc;
	if (k == SHEET_BITS || k == SHEET_DITHER)
		return !is_lossy(s) && (k == SHEET_DITHER || !disc);
	return k != SHEET_VARIANT || session_variant(d->session, 0) != NULL;
}

const struct target *
sheet_target(struct desk *d, const struct desk_sheet *s)
{
	return *s->value[SHEET_TARGET] ? targets_find(&d->targets, s->value[SHEET_TARGET]) : NULL;
}

/* The n-th choice of a row, NULL behind the last; `room` may hold it. */
const char *
sheet_choice(struct desk *d, int k, int n, char room[SHEET_VALUE])
{
	const char *at = rows[k].choices;
	if (k == SHEET_WHAT)
		return n < (int)RENDERS ? renders[n].name : NULL;
	if (k == SHEET_TARGET)
		return n < (int)d->targets.count ? d->targets.row[n].name : NULL;
	if (k == SHEET_PLANT)
		return n < (int)vinyl_profiles_count ? vinyl_profiles[n].name : NULL;
	if (k == SHEET_LIKE)
		return n ? reference_file(d, n - 1) : NONE;
	if (k == SHEET_VARIANT)
		return n < 2 ? n ? ALL : SONG : session_variant(d->session, (size_t)n - 2);
	for (; at && n && (at = strchr(at, ' ')); n--)
		at++;
	if (!at || !*at)
		return NULL;
	snprintf(room, SHEET_VALUE, "%.*s", (int)strcspn(at, " "), at);
	return room;
}

const char *
sheet_choice_title(const struct desk *d, int k, int n)
{
	return k == SHEET_WHAT     ? renders[n].title
	       : k == SHEET_TARGET ? d->targets.row[n].title
	       : k == SHEET_PLANT  ? vinyl_profiles[n].note
	                           : "";
}

/* Whether the first of its choices stands for what is not said. */
int
sheet_has_default(int k)
{
	return k == SHEET_VARIANT || k == SHEET_LIKE || (rows[k].choices && *rows[k].choices);
}

int
sheet_is_number(int k)
{
	return rows[k].choices && !*rows[k].choices;
}

/* What a number is where none is said; NAN: there is none. */
double
sheet_default(struct desk *d, const struct desk_sheet *s, int k)
{
	const struct target *t = sheet_target(d, s);
	return k == SHEET_LOUDNESS && t ? t->lufs : k == SHEET_CEILING && t ? t->ceiling : (double)NAN;
}

int
sheet_variants_many(const struct desk_sheet *s)
{
	return !strcmp(s->value[SHEET_VARIANT], ALL) || strchr(s->value[SHEET_VARIANT], ',');
}

int
sheet_is_master(const struct desk_sheet *s)
{
	return render_of(s)->program == MASTER;
}

/* song-cd.wav; the caller frees it. */
char *
sheet_file(struct desk *d, const struct desk_sheet *s)
{
	const struct render *r = render_of(s);
	const char *slash = strrchr(d->path, '/'), *name = slash ? slash + 1 : d->path, *dot = strrchr(name, '.');
	const char *format = *s->value[SHEET_FORMAT] ? s->value[SHEET_FORMAT] : "wav";
	/* of several the program makes the names */
	int alone = r->program == BOUNCE && sheet_has(d, s, SHEET_VARIANT) && !sheet_variants_many(s);
	const char *variant = alone ? s->value[SHEET_VARIANT] : "";
	int target = !strcmp(r->ending, "-TARGET");
	return text_format("%.*s%s%s%s%s%s%s.%s", dot ? (int)(dot - name) : (int)strlen(name), name, *variant ? "-" : "",
	                   variant, target ? "-" : r->ending, target ? s->value[SHEET_TARGET] : "",
	                   strcmp(s->value[SHEET_PART], "loop") ? "" : "-loop", "",
	                   strcmp(format, "vorbis") ? format : "ogg");
}

/* The command that makes it; the caller frees it. */
char *
sheet_line(struct desk *d, const struct desk_sheet *s)
{
	const struct render *r = render_of(s);
	const struct target *t = sheet_target(d, s);
	char *file = *s->value[SHEET_FILE] ? text_format("%s", s->value[SHEET_FILE]) : sheet_file(d, s);
	char *quoted = strpbrk(file, " \t\"\\#=") ? text_quote(file) : text_format("%s", file);
	char *line = text_format("%s %s", r->program == MASTER ? "master" : "bounce", quoted), *more;
	for (int k = 0; k < SHEET_ROWS; k++) {
		const char *value = s->value[k];
		if (!rows[k].option || !*value || !sheet_has(d, s, k))
			continue;
		/* the file's ending says it by itself */
		if (k == SHEET_FORMAT && !*s->value[SHEET_FILE])
			continue;
		/* the song is mastered anyway, and its gain is theirs */
		const char *option = k == SHEET_VARIANT && r->program == MASTER ? "siblings" : rows[k].option;
		char *word = text_format("%s=%s", option, value);
		char *safe = strpbrk(value, " \t\"\\#") ? text_quote(word) : text_format("%s", word);
		more = text_format("%s %s", line, safe);
		free(word);
		free(safe);
		free(line);
		line = more;
	}
	/* a place that names no loudness: as loud as is honest */
	int open =
	    r->program == MASTER && !*s->value[SHEET_LOUDNESS] && !*s->value[SHEET_LIMITING] && (!t || isnan(t->lufs));
	char part[120] = "";
	if (!strcmp(s->value[SHEET_PART], "loop"))
		snprintf(part, sizeof part, " %s=%lldsmp-%lldsmp", r->program == MASTER ? "trim" : "range",
		         (long long)d->loop.in, (long long)d->loop.out);
	more = text_format("%s%s%s%s%s", line, open ? " limiting=3" : "", has_word(r->words, "disc") ? " disc" : "",
	                   has_word(r->words, "mastered") ? " mastered" : "", part);
	free(line);
	free(quoted);
	free(file);
	return more;
}

int
sheet_row(const char *name, size_t n)
{
	for (int k = 0; k < SHEET_ROWS; k++)
		if (strlen(rows[k].name) == n && !strncmp(rows[k].name, name, n))
			return k;
	return -1;
}

/* All choices of a row with commas between. */
static void
choices_text(struct desk *d, int k, char *to, size_t size)
{
	char room[SHEET_VALUE];
	const char *one;
	size_t used = 0;
	*to = '\0';
	for (int n = 0; (one = sheet_choice(d, k, n, room)) && used < size; n++)
		used += (size_t)snprintf(to + used, size - used, "%s%s", n ? ", " : "", one);
}

/* The next value, or the one before; numbers by their step. */
void
sheet_step(struct desk *d, struct desk_sheet *s, int k, int by)
{
	char room[SHEET_VALUE];
	const char *one;
	if (sheet_is_number(k)) {
		double start = k == SHEET_LIMITING ? 3 : k == SHEET_CEILING ? -1 : -14, now = sheet_default(d, s, k);
		now = *s->value[k] ? strtod(s->value[k], NULL) : isnan(now) ? start - by * rows[k].step : now;
		now += by * rows[k].step;
		now = now < rows[k].least ? rows[k].least : now > rows[k].most ? rows[k].most : now;
		snprintf(s->value[k], SHEET_VALUE, "%.10g", round(now * 100) / 100);
		return;
	}
	int count = 0, at = 0;
	for (; (one = sheet_choice(d, k, count, room)); count++)
		at = !strcmp(one, s->value[k]) ? count : at;
	if (!count)
		return;
	at = ((at + by) % count + count) % count;
	one = sheet_choice(d, k, at, room);
	if (k == SHEET_WHAT)
		choose_what(s, &renders[at]);
	else
		snprintf(s->value[k], SHEET_VALUE, "%s", at == 0 && sheet_has_default(k) ? "" : one);
}

/* Names of variants with commas between. */
static int
set_variants(struct desk *d, struct desk_sheet *s, const char *value, struct err *err)
{
	char room[SHEET_VALUE], all[700];
	const char *one;
	for (const char *at = value; *at; at += strcspn(at, ","), at += *at == ',') {
		size_t n = strcspn(at, ",");
		int found = 0;
		for (int k = 0; !found && (one = sheet_choice(d, SHEET_VARIANT, k, room)); k++)
			found = strlen(one) == n && !strncmp(one, at, n) && (strcmp(one, ALL) != 0 || !strcmp(value, ALL));
		if (found)
			continue;
		choices_text(d, SHEET_VARIANT, all, sizeof all);
		return err_set(err, "render variant %s: there are %s; some of them with commas between", value, all);
	}
	snprintf(s->value[SHEET_VARIANT], SHEET_VALUE, "%s", strcmp(value, SONG) ? value : "");
	return 0;
}

/* The value as it was typed. */
int
sheet_set(struct desk *d, struct desk_sheet *s, int k, const char *value, struct err *err)
{
	char room[SHEET_VALUE], all[700], *end;
	const char *one;
	if (k == SHEET_FILE) {
		struct words w;
		if (words_init(&w, value, strlen(value), err))
			return -1;
		int whole = w.count == 1 && w.word[0].quoted;
		snprintf(s->value[k], SHEET_VALUE, "%s", whole ? w.word[0].text : value);
		words_fini(&w);
		enum sink_format format = sink_format_of_path(s->value[k]);
		if (format != SINK_AUTO && sheet_has(d, s, SHEET_FORMAT))
			snprintf(s->value[SHEET_FORMAT], SHEET_VALUE, "%s", format == SINK_WAV ? "" : sink_format_name(format));
		return 0;
	}
	if (k == SHEET_VARIANT)
		return set_variants(d, s, value, err);
	if (sheet_is_number(k)) {
		double x = strtod(value, &end);
		if (end == value || !(x >= rows[k].least && x <= rows[k].most) || strspn(end, " LUFSdBTP") != strlen(end))
			return err_set(err, "render %s %s: it is a number from %g to %g, or default", rows[k].name, value,
			               rows[k].least, rows[k].most);
		snprintf(s->value[k], SHEET_VALUE, "%.10g", x);
		return 0;
	}
	for (int n = 0; (one = sheet_choice(d, k, n, room)); n++)
		if (!strcmp(one, value)) {
			if (k == SHEET_WHAT)
				choose_what(s, &renders[n]);
			else
				snprintf(s->value[k], SHEET_VALUE, "%s", n == 0 && sheet_has_default(k) ? "" : value);
			return 0;
		}
	choices_text(d, k, all, sizeof all);
	return err_set(err, "render %s %s: there are %s", rows[k].name, value, all);
}

/* Back to what the kind of thing has by itself. */
void
sheet_reset(struct desk_sheet *s, int k)
{
	struct desk_sheet *fresh = calloc(1, sizeof *fresh);
	if (fresh)
		choose_what(fresh, k == SHEET_WHAT ? &renders[0] : render_of(s));
	if (fresh && k == SHEET_WHAT)
		memcpy(s->value, fresh->value, sizeof s->value);
	else if (fresh)
		memcpy(s->value[k], fresh->value[k], SHEET_VALUE);
	free(fresh);
}

const char *
sheet_name(int k)
{
	return rows[k].name;
}

const char *
sheet_help(int k)
{
	return rows[k].help;
}

const char *
sheet_title(const struct desk_sheet *s)
{
	return render_of(s)->title;
}
