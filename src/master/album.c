#include "master/album.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/text.h"

#define FILE_MAX (4 << 20) /* bytes of an album's file */
#define SONGS_MAX 999

#define TEXT(name)                                                                                                     \
	{                                                                                                                  \
		.address = name, .type = T_TEXT                                                                                \
	}
#define TIME(name)                                                                                                     \
	{                                                                                                                  \
		.address = name, .type = T_INT, .unit = U_FRAMES, .min = 0, .max = 4e9                                         \
	}

static const struct param album_keys[ALBUM_KEYS] = {
    [ALBUM_TITLE] = TEXT("title"),
    [ALBUM_ARTIST] = TEXT("artist"),
    [ALBUM_UPC] = TEXT("upc"),
    [ALBUM_DATE] = TEXT("date"),
    [ALBUM_GENRE] = TEXT("genre"),
    [ALBUM_CHAIN] = TEXT("chain"),
    [ALBUM_TARGET] = TEXT("target"),
    [ALBUM_RULE] = {.address = "rule", .type = T_CHOICE, .choices = "album loudest none", .max = 2},
    [ALBUM_LUFS] = {.address = "lufs", .type = T_REAL, .min = -60, .max = 0},
    [ALBUM_CEILING] = {.address = "ceiling", .type = T_REAL, .unit = U_DB, .min = -24, .max = 0},
    [ALBUM_RATE] = {.address = "rate", .type = T_INT, .unit = U_HZ, .min = 8000, .max = 192000},
    [ALBUM_GAP] = TIME("gap"),
};

static const struct param song_keys[SONG_KEYS] = {
    [SONG_FILE] = TEXT("file"),           [SONG_TITLE] = TEXT("title"),       [SONG_ARTIST] = TEXT("artist"),
    [SONG_ISRC] = TEXT("isrc"),           [SONG_VARIANT] = TEXT("variant"),   [SONG_GAP] = TIME("gap"),
    [SONG_CROSSFADE] = TIME("crossfade"), [SONG_FROM] = TIME("from"),         [SONG_TO] = TIME("to"),
    [SONG_FADE_IN] = TIME("fade-in"),     [SONG_FADE_OUT] = TIME("fade-out"),
};

#define DEFAULT_GAP 2.0 /* seconds, as on a CD */

/* A line cut into its address and its value. */
struct reader {
	struct album *a;
	const char *variant;
	double rate;
	int outline; /* nothing but album/rate and songs' files is read */
	int laid;    /* lines of the variant were there */
	int number;  /* of the line */
	struct err *err;
};

static int
key_named(const struct param *keys, int count, const char *name)
{
	for (int k = 0; k < count; k++)
		if (!strcmp(keys[k].address, name))
			return k;
	return -1;
}

static int
take_value(struct reader *r, const struct param *key, const struct word *word, size_t words, char **text, double *value)
{
	if (key->type == T_TEXT) {
		if (words != 1)
			return err_set(r->err, "%s: is one text; put it in quotes", key->address);
		free(*text);
		*text = text_copy(word->text, strlen(word->text));
		return 0;
	}
	char *joined = words_value(word, words);
	int status = param_parse(key, joined, r->rate, value, r->err);
	free(joined);
	return status ? err_prefix(r->err, "%s", key->address) : 0;
}

static struct album_song *
song_of(struct album *a, const char *id, size_t length)
{
	for (size_t k = 0; k < a->songs; k++)
		if (strlen(a->song[k].id) == length && !strncmp(a->song[k].id, id, length))
			return &a->song[k];
	a->song = text_realloc(a->song, (a->songs + 1) * sizeof *a->song);
	struct album_song *s = &a->song[a->songs++];
	*s = (struct album_song){.id = text_copy(id, length)};
	for (int k = 0; k < SONG_KEYS; k++)
		s->text[k] = text_copy("", 0);
	return s;
}

/* A line that goes into the session as it is, under another address. */
static void
keep_line(struct reader *r, const char *prefix, const char *address, const char *rest)
{
	struct album *a = r->a;
	a->line = text_realloc(a->line, (a->lines + 1) * sizeof *a->line);
	a->line[a->lines++] = (struct album_line){text_format("%s%s%s", prefix, address, rest), r->number};
}

static int
song_line(struct reader *r, const char *address, const struct words *w, size_t first, const char *rest)
{
	const char *id = address + 5, *slash = strchr(id, '/');
	size_t length = slash ? (size_t)(slash - id) : strlen(id);
	if (!slash || !text_is_id(id, length))
		return err_set(r->err, "\"%s\": a song's line is song/ID/KEY VALUE; an ID is a-z, then a-z, 0-9 and -",
		               address);
	int key = key_named(song_keys, SONG_KEYS, slash + 1);
	size_t before = r->a->songs;
	struct album_song *s = song_of(r->a, id, length);
	if (r->a->songs > before && key != SONG_FILE)
		return err_set(r->err, "song/%s: comes before its file line, which makes the song", s->id);
	if (r->a->songs > SONGS_MAX)
		return err_set(r->err, "an album has at most %d songs", SONGS_MAX);
	if (key < 0) {
		keep_line(r, "strip/", id, rest);
		return 0;
	}
	s->gap |= key == SONG_GAP;
	return take_value(r, &song_keys[key], w->word + first, w->count - first, &s->text[key], &s->value[key]);
}

static int
take_words(struct reader *r, const char *line, const struct words *w)
{
	size_t first = 0;
	if (!strcmp(w->word[0].text, "variant")) {
		if (w->count < 4)
			return err_set(r->err, "a line of a variant is: variant NAME ADDRESS VALUE");
		if (!r->variant || strcmp(w->word[1].text, r->variant))
			return 0;
		r->laid = 1;
		first = 2;
	}
	const char *address = w->word[first].text, *rest = line + w->word[first].end;
	const char *last = strrchr(address, '/');
	if (r->outline && strcmp(address, "album/rate") != 0 &&
	    (strncmp(address, "song/", 5) != 0 || !last || strcmp(last, "/file") != 0))
		return 0;
	if (w->count < first + 2)
		return err_set(r->err, "%s: has no value", address);
	if (!strncmp(address, "album/", 6)) {
		int key = key_named(album_keys, ALBUM_KEYS, address + 6);
		if (key < 0)
			return err_set(r->err, "%s: an album has no such key; stemdesk-album(5) lists them", address);
		return take_value(r, &album_keys[key], w->word + first + 1, w->count - first - 1, &r->a->text[key],
		                  &r->a->value[key]);
	}
	if (!strncmp(address, "song/", 5))
		return song_line(r, address, w, first + 1, rest);
	if (!strncmp(address, "master/", 7)) {
		keep_line(r, "", address, rest);
		return 0;
	}
	return err_set(r->err, "%s: lines of an album begin with album/, song/ID/, master/ or variant", address);
}

/* One pass over the lines; those of the variant after all others. */
static int
take_lines(struct reader *r, const char *text, int variants)
{
	for (r->number = 1; *text; r->number++) {
		struct words w;
		size_t length = strcspn(text, "\n");
		char *line = text_copy(text, length && text[length - 1] == '\r' ? length - 1 : length);
		int status = words_init(&w, line, strlen(line), r->err);
		if (!status) {
			if (w.count && strcmp(w.word[0].text, "stemdesk") && variants == !strcmp(w.word[0].text, "variant"))
				status = take_words(r, line, &w);
			words_fini(&w);
		}
		free(line);
		if (status)
			return err_prefix(r->err, "line %d", r->number);
		text += length + (text[length] == '\n');
	}
	return 0;
}

static int
take_version(const char *text, struct err *err)
{
	struct words w;
	size_t length = strcspn(text, "\r\n");
	if (words_init(&w, text, length, err))
		return -1;
	int ours = w.count == 3 && !strcmp(w.word[0].text, "stemdesk") && !strcmp(w.word[1].text, "album");
	int version = ours ? atoi(w.word[2].text) : 0;
	words_fini(&w);
	if (!ours)
		return err_set(err, "is no album: its first line is not \"stemdesk album 1\"");
	return version == 1 ? 0 : err_set(err, "is an album of version %d; this program reads version 1", version);
}

char *
album_text(const char *path, struct err *err)
{
	FILE *file = fopen(path, "re");
	char *text = file ? calloc(1, FILE_MAX + 1) : NULL;
	size_t got = text ? fread(text, 1, FILE_MAX, file) : 0;
	int failed = !text || ferror(file) || got == FILE_MAX;
	if (failed)
		err_set(err, "cannot be read: %s", got == FILE_MAX ? "too long for an album" : strerror(errno));
	else if (text_invalid(text, got) < got)
		failed = err_set(err, "is no album: it is not UTF-8 text");
	if (file)
		fclose(file);
	if (failed) {
		free(text);
		return NULL;
	}
	return text;
}

static struct album *
new_album(const char *path)
{
	struct album *a = text_alloc(sizeof *a);
	const char *slash = strrchr(path, '/');
	*a = (struct album){.folder = text_copy(path, slash ? (size_t)(slash + 1 - path) : 0)};
	for (int k = 0; k < ALBUM_KEYS; k++) {
		a->text[k] = text_copy("", 0);
		a->value[k] = k == ALBUM_LUFS || k == ALBUM_CEILING ? (double)NAN : 0;
	}
	a->value[ALBUM_GAP] = a->value[ALBUM_RULE] = -1;
	return a;
}

/* What the lines say together. */
static int
settle(struct album *a, double rate, struct err *err)
{
	if (a->value[ALBUM_GAP] < 0)
		a->value[ALBUM_GAP] = DEFAULT_GAP * rate;
	for (size_t k = 0; k < a->songs; k++) {
		struct album_song *s = &a->song[k];
		if (!s->gap)
			s->value[SONG_GAP] = k && s->value[SONG_CROSSFADE] == 0 ? a->value[ALBUM_GAP] : 0;
		if (s->value[SONG_GAP] > 0 && s->value[SONG_CROSSFADE] > 0)
			return err_set(err, "song/%s has both a gap and a crossfade; delete one of the lines", s->id);
		if (k == 0 && s->value[SONG_CROSSFADE] > 0)
			return err_set(err, "song/%s: is the first, and there is nothing to crossfade from", s->id);
		if (!*s->text[SONG_TITLE]) {
			free(s->text[SONG_TITLE]);
			s->text[SONG_TITLE] = text_copy(s->id, strlen(s->id));
		}
	}
	return 0;
}

static struct album *
load(const char *path, const char *variant, double rate, int outline, struct err *err)
{
	char *text = album_text(path, err);
	struct album *a = text ? new_album(path) : NULL;
	struct reader r = {.a = a, .variant = variant, .rate = rate, .outline = outline, .err = err};
	int status = text ? take_version(text, err) : -1;
	for (int variants = 0; !status && variants < 2; variants++)
		status = take_lines(&r, text, variants);
	if (!status && variant && !r.laid)
		status = err_set(err, "there is no variant \"%.60s\"; lines `variant NAME ADDRESS VALUE` make one", variant);
	if (!status && !a->songs)
		status = err_set(err, "has no songs; a line song/ID/file FILE makes one");
	if (!status && !outline)
		status = settle(a, rate, err);
	free(text);
	if (status) {
		album_free(a);
		text_clean(err, err_prefix(err, "%s", path));
		return NULL;
	}
	return a;
}

struct album *
album_load(const char *path, const char *variant, double rate, struct err *err)
{
	return load(path, variant, rate, 0, err);
}

int
album_outline(const char *path, const char *variant, double *rate, char **first, struct err *err)
{
	struct album *a = load(path, variant, 0, 1, err);
	*first = NULL;
	if (!a)
		return -1;
	*rate = a->value[ALBUM_RATE];
	*first = album_path(a, a->song[0].text[SONG_FILE]);
	album_free(a);
	return 0;
}

void
album_free(struct album *a)
{
	if (!a)
		return;
	for (size_t k = 0; k < a->songs; k++) {
		free(a->song[k].id);
		for (int key = 0; key < SONG_KEYS; key++)
			free(a->song[k].text[key]);
	}
	for (size_t k = 0; k < a->lines; k++)
		free(a->line[k].text);
	for (int key = 0; key < ALBUM_KEYS; key++)
		free(a->text[key]);
	free(a->song);
	free(a->line);
	free(a->folder);
	free(a);
}

char *
album_path(const struct album *a, const char *file)
{
	return text_format("%s%s", *file == '/' ? "" : a->folder, file);
}

int64_t
album_sector(double rate)
{
	int64_t hz = (int64_t)rate;
	return hz % 75 ? 1 : hz / 75;
}

int
album_plan(const struct album *a, double rate, const int64_t *frames, struct album_place *place, struct err *err)
{
	int64_t end = 0, sector = album_sector(rate);
	for (size_t k = 0; k < a->songs; k++) {
		const struct album_song *s = &a->song[k];
		struct album_place *p = &place[k];
		int64_t to = (int64_t)s->value[SONG_TO], cross = (int64_t)s->value[SONG_CROSSFADE];
		*p = (struct album_place){.from = (int64_t)s->value[SONG_FROM],
		                          .fade_in = (int64_t)s->value[SONG_FADE_IN],
		                          .fade_out = (int64_t)s->value[SONG_FADE_OUT]};
		to = to > 0 && to < frames[k] ? to : frames[k];
		p->length = to - p->from;
		if (p->length <= 0)
			return err_set(err, "song/%s: nothing is left between its from and its end (%.3f s)", s->id,
			               (double)frames[k] / rate);
		/* of the song before, what its own crossfade leaves */
		if (cross > 0 &&
		    (cross > p->length || cross > place[k - 1].length - (int64_t)a->song[k - 1].value[SONG_CROSSFADE]))
			return err_set(err, "song/%s: its crossfade is longer than one of the two songs", s->id);
		int64_t gap = (int64_t)s->value[SONG_GAP];
		p->at = end - cross + gap;
		if (gap > 0)
			p->at = (p->at + sector - 1) / sector * sector;
		p->mark = p->at / sector * sector;
		p->pause = gap > 0 ? (end + sector - 1) / sector * sector : p->mark;
		if (cross > 0) {
			p->fade_in = cross;
			place[k - 1].fade_out = cross;
		}
		end = p->end = p->at + p->length;
	}
	return 0;
}

static int
add_song(struct session *s, const struct album_song *song, const char *file, const struct album_place *p,
         struct err *err)
{
	char *name = text_quote(song->text[SONG_TITLE]), *path = text_quote(file);
	char *line[] = {
	    text_format("strip/%s/name %s", song->id, name),
	    text_format("strip/%s/region/song/file %s", song->id, path),
	    text_format("strip/%s/region/song/at %lldsmp", song->id, (long long)p->at),
	    text_format("strip/%s/region/song/from %lldsmp", song->id, (long long)p->from),
	    text_format("strip/%s/region/song/length %lldsmp", song->id, (long long)p->length),
	    text_format("strip/%s/region/song/fade-in %lldsmp", song->id, (long long)p->fade_in),
	    text_format("strip/%s/region/song/fade-out %lldsmp", song->id, (long long)p->fade_out),
	};
	int status = 0;
	for (size_t k = 0; k < sizeof line / sizeof *line; k++) {
		status = status ? status : session_line(s, line[k], err);
		free(line[k]);
	}
	free(name);
	free(path);
	return status;
}

struct session *
album_session(const struct album *a, double rate, char *const *file, const struct album_place *place, struct err *err)
{
	struct session *s = session_new();
	char *line = text_format("song/rate %.0f", rate);
	int status = session_line(s, line, err);
	free(line);
	for (size_t k = 0; !status && k < a->songs; k++)
		status = add_song(s, &a->song[k], file[k], &place[k], err);
	if (!status)
		return s;
	session_free(s);
	return NULL;
}

int
album_apply(const struct album *a, struct session *s, struct err *err)
{
	for (size_t k = 0; k < a->lines; k++)
		if (session_line(s, a->line[k].text, err))
			return err_prefix(err, "line %d", a->line[k].number);
	return 0;
}
