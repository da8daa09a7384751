#include "config.h"
#include "cli/album_files.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "base/text.h"
#include "cli/album_songs.h"
#include "cli/sheets.h"
#include "master/disc.h"
#include "master/sides.h"

#define GAIN_REFERENCE (-18.0) /* LUFS of ReplayGain 2.0 */

/* A file of what the premaster holds: frames from..to-1, silence behind its end. */
struct stretch {
	int64_t from, to;
	struct sink *sink;
};

/*
 * A title as a part of a file's name: no way out of the folder, nothing unseen, and nothing that the computers of a
 * plant refuse in a name or a CUE sheet cannot name. The caller frees it.
 */
static char *
name_of(const char *title)
{
	char *name = malloc(strlen(title) + 2), *to = name;
	if (!name)
		return NULL;
	for (const unsigned char *c = (const unsigned char *)title; *c; c++)
		if (*c >= ' ' && *c != 0x7f)
			*to++ = *c == '"' ? '\'' : strchr("/\\:*?<>|", *c) ? '-' : (char)*c;
	*to = '\0';
	if (*name == '.')
		*name = '_';
	if (!*name)
		strcpy(name, "_");
	return name;
}

static char *
path_of(const char *folder, int number, const char *title, const char *ending)
{
	char *name = name_of(title), *path = NULL, digits[16] = "";
	if (number)
		snprintf(digits, sizeof digits, "%02d ", number);
	if (name && asprintf(&path, "%s/%s%s.%s", folder, digits, name, ending) < 0)
		path = NULL;
	free(name);
	return path;
}

static double
louder(double a, double b)
{
	return a > b ? a : b;
}

/* What a song's file says of it; `code` is room for its ISRC without hyphens, as tags have it. */
static void
tag_song(const struct albumed *r, size_t k, char code[13], struct sink_tags *t)
{
	const struct album *a = r->album;
	const struct album_song *song = &a->song[k];
	const struct measured *m = &r->song[k].mastered;
	double peak = -HUGE_VAL;
	for (size_t j = 0; j < a->songs; j++)
		peak = louder(peak, r->song[j].mastered.true_peak);
	*t = (struct sink_tags){
	    .title = song->text[SONG_TITLE],
	    .artist = *song->text[SONG_ARTIST] ? song->text[SONG_ARTIST] : a->text[ALBUM_ARTIST],
	    .album = a->text[ALBUM_TITLE],
	    .date = a->text[ALBUM_DATE],
	    .genre = a->text[ALBUM_GENRE],
	    .isrc = disc_isrc(song->text[SONG_ISRC], code, NULL) == 0 ? code : song->text[SONG_ISRC],
	    .track = (int)k + 1,
	    .tracks = (int)a->songs,
	    .measured = 1,
	    .track_gain = GAIN_REFERENCE - m->integrated,
	    .track_peak = m->true_peak,
	    .album_gain = GAIN_REFERENCE - r->solution.pass.integrated,
	    .album_peak = peak,
	    .integrated = m->integrated,
	    .range = m->range,
	    .true_peak = m->true_peak,
	    .max_momentary = m->max_momentary,
	    .max_shortterm = m->max_shortterm,
	};
}

static void
tag_reel(const struct albumed *r, const struct album_reel *reel, struct sink_tags *t)
{
	const struct measured *m = &reel->mastered;
	const struct pass *p = &r->solution.pass;
	*t = (struct sink_tags){
	    .title = r->album->text[ALBUM_TITLE],
	    .artist = r->album->text[ALBUM_ARTIST],
	    .album = r->album->text[ALBUM_TITLE],
	    .date = r->album->text[ALBUM_DATE],
	    .genre = r->album->text[ALBUM_GENRE],
	    .isrc = "",
	    .measured = 1,
	    .track_gain = GAIN_REFERENCE - m->integrated,
	    .track_peak = m->true_peak,
	    .album_gain = GAIN_REFERENCE - p->integrated,
	    .album_peak = p->true_peak,
	    .integrated = m->integrated,
	    .range = m->range,
	    .true_peak = m->true_peak,
	    .max_momentary = m->max_momentary,
	    .max_shortterm = m->max_shortterm,
	};
}

/* Never over a song, the album or what a song was mixed from. */
static int
spare(const struct albuming *m, const struct albumed *r, const char *path, struct err *err)
{
	char shown[512];
	int same = sink_would_overwrite(path, m->path);
	for (size_t k = 0; k < r->keeps; k++)
		same = same || sink_would_overwrite(path, r->kept[k]);
	return same ? err_set(err,
	                      "%s: is what a song of the album is made of and is not written over; choose another folder",
	                      text_show(path, shown, sizeof shown))
	            : 0;
}

static int
open_file(const struct albuming *m, struct albumed *r, const char *path, const struct sink_tags *tags,
          struct stretch *s, struct err *err)
{
	struct sink_spec spec = m->file;
	spec.path = path;
	spec.rate = r->rate;
	spec.channels = 2;
	spec.frames_expected = (uint64_t)(s->to - s->from);
	spec.history = "T=" PACKAGE_STRING;
	spec.tags = tags;
	if (spare(m, r, path, err))
		return -1;
	s->sink = sink_open(&spec, err);
	return s->sink ? 0 : -1;
}

struct album_reel
album_files_whole(const struct albumed *r)
{
	return (struct album_reel){.to = r->album->songs, .end = r->frames};
}

struct sides_song *
album_files_sides(const struct albumed *r)
{
	size_t songs = r->album->songs;
	struct sides_song *song = calloc(songs, sizeof *song);
	for (size_t k = 0; song && k < songs; k++) {
		const struct album_place *place = &r->song[k].place;
		int64_t end = k + 1 < songs ? r->song[k + 1].place.mark : r->frames;
		song[k] = (struct sides_song){.minutes = (double)(end - place->mark) / r->rate / 60,
		                              .loudness = r->song[k].as_it_is.max_shortterm,
		                              .joined = k > 0 && place->pause == place->mark};
	}
	return song;
}

/* What goes into one file: all of it, or a side of a record, which ends where the pause behind its last song begins. */
static int
find_reels(const struct premaster *p, const struct albuming *m, struct albumed *r, struct err *err)
{
	const struct pass *pass = &r->solution.pass;
	struct sides_song *song = m->vinyl ? album_files_sides(r) : NULL;
	struct sides s = {.first = r->album->songs};
	if (m->vinyl && !song)
		return err_set(err, "not enough memory");
	if (m->vinyl)
		sides_split(m->vinyl, song, r->album->songs, &s);
	free(song);
	r->reel[0] = album_files_whole(r);
	r->reels = 1;
	if (!m->vinyl) {
		r->reel[0].mastered = (struct measured){.integrated = pass->integrated,
		                                        .range = pass->range,
		                                        .true_peak = pass->true_peak,
		                                        .max_momentary = pass->max_momentary,
		                                        .max_shortterm = pass->max_shortterm};
		return 0;
	}
	if (s.first < r->album->songs) {
		const struct album_place *turned = &r->song[s.first].place;
		r->reel[1] = r->reel[0];
		r->reel[0].to = r->reel[1].from = s.first;
		r->reel[0].end = turned->pause;
		r->reel[1].begin = turned->mark;
		r->reels = 2;
	}
	for (int k = 0; k < r->reels; k++) {
		struct album_reel *side = &r->reel[k];
		int64_t end = side->end < p->frames ? side->end : p->frames;
		if (premaster_measure(p, side->begin, end, &side->mastered, err))
			return -1;
	}
	return 0;
}

static char *
reel_path(const struct albuming *m, const struct albumed *r, int k, const char *ending)
{
	const char *title = *r->album->text[ALBUM_TITLE] ? r->album->text[ALBUM_TITLE] : "album";
	char *name = NULL, *path;
	if (asprintf(&name, "%s%s%c", title, m->vinyl ? " - side " : "", m->vinyl ? 'A' + k : '\0') < 0)
		return NULL;
	path = path_of(m->into, 0, name, ending);
	free(name);
	return path;
}

static int
open_all(const struct albuming *m, struct albumed *r, struct stretch *file, size_t files, struct err *err)
{
	struct sink_tags tags;
	char code[13];
	const char *ending = sink_format_name(m->file.format == SINK_AUTO ? SINK_WAV : m->file.format);
	for (size_t k = 0; k < files; k++) {
		char *path;
		if (r->reels) {
			struct album_reel *reel = &r->reel[k];
			path = reel->file = reel_path(m, r, (int)k, ending);
			file[k] = (struct stretch){.from = reel->begin, .to = reel->end};
			tag_reel(r, reel, &tags);
		} else {
			path = r->song[k].output = path_of(m->into, (int)k + 1, r->album->song[k].text[SONG_TITLE], ending);
			int64_t to = k + 1 < files ? r->song[k + 1].place.mark : r->frames;
			file[k] = (struct stretch){.from = r->song[k].place.mark, .to = to};
			tag_song(r, k, code, &tags);
		}
		if (!path)
			return err_set(err, "not enough memory");
		if (open_file(m, r, path, &tags, &file[k], err))
			return -1;
	}
	return 0;
}

void
album_files_disc(const struct albumed *r, const struct album_reel *reel, struct disc_track *track, struct disc *d)
{
	const struct album *a = r->album;
	int64_t sector = album_sector(r->rate);
	for (size_t k = reel->from; k < reel->to; k++) {
		int64_t pause = r->song[k].place.pause, mark = r->song[k].place.mark;
		track[k - reel->from] = (struct disc_track){
		    .title = a->song[k].text[SONG_TITLE],
		    .artist = a->song[k].text[SONG_ARTIST],
		    .isrc = a->song[k].text[SONG_ISRC],
		    .pause = ((pause > reel->begin ? pause : reel->begin) - reel->begin) / sector,
		    .begin = (mark - reel->begin) / sector,
		};
	}
	*d = (struct disc){.title = a->text[ALBUM_TITLE],
	                   .artist = a->text[ALBUM_ARTIST],
	                   .upc = a->text[ALBUM_UPC],
	                   .date = a->text[ALBUM_DATE],
	                   .genre = a->text[ALBUM_GENRE],
	                   .track = track,
	                   .tracks = (int)(reel->to - reel->from),
	                   .sectors = (reel->end - reel->begin) / sector};
}

/* A disc is 16 bits at 44.1 kHz in a WAV; burners read nothing else. */
static int
is_disc(const struct albuming *m, const struct albumed *r)
{
	enum sink_format format = m->file.format == SINK_AUTO ? SINK_WAV : m->file.format;
	return r->rate == DISC_RATE && format == SINK_WAV && m->file.bits == SINK_16;
}

static int
write_sheets(const struct cli *cli, const struct albuming *m, struct albumed *r, struct album_reel *reel,
             struct err *err)
{
	struct disc_track *track = calloc(r->album->songs, sizeof *track);
	struct disc d;
	const char *slash = strrchr(reel->file, '/'), *image = slash ? slash + 1 : reel->file;
	if (!track)
		return err_set(err, "not enough memory");
	album_files_disc(r, reel, track, &d);
	char *cue = disc_cue(&d, image), *toc = disc_toc(&d, image);
	reel->cue = sheets_beside(reel->file, "cue");
	int status = reel->cue ? sheets_write(reel->cue, cue, err) : err_set(err, "not enough memory");
	if (!status && !m->vinyl && is_disc(m, r)) {
		reel->toc = sheets_beside(reel->file, "toc");
		status = reel->toc ? sheets_write(reel->toc, toc, err) : err_set(err, "not enough memory");
	} else if (!status && !m->vinyl) {
		cli_say(cli, "no TOC sheet: a disc wants WAV with 16 bits at 44100 Hz (--bits 16 --rate 44100)");
	}
	free(cue);
	free(toc);
	free(track);
	return status;
}

/* The SHA-256 of a file. */
static int
checksum(const char *path, char hex[65], struct err *err)
{
	struct stat st;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	void *bytes = MAP_FAILED;
	if (file >= 0 && fstat(file, &st) == 0 && st.st_size > 0)
		bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, file, 0);
	int failed = bytes == MAP_FAILED;
	if (failed)
		err_set(err, "%s: cannot be read back for its checksum: %s", path, strerror(errno));
	else
		sha256_hex(bytes, (size_t)st.st_size, hex);
	if (!failed)
		munmap(bytes, (size_t)st.st_size);
	if (file >= 0)
		close(file);
	return failed ? -1 : 0;
}

/* As sha256sum -c reads it. */
static int
write_manifest(const struct albuming *m, struct albumed *r, struct err *err)
{
	char *text = NULL, hex[65];
	size_t size;
	FILE *to = open_memstream(&text, &size);
	int status = to && asprintf(&r->manifest, "%s/SHA256SUMS", m->into) > 0 ? 0 : err_set(err, "not enough memory");
	for (size_t k = 0; !status && k < r->album->songs + 6; k++) {
		const struct album_reel *reel = &r->reel[k / 3 % 2];
		const char *const sheets[] = {reel->file, reel->cue, reel->toc};
		const char *path = k < 6 ? sheets[k % 3] : r->song[k - 6].output;
		if (!path)
			continue;
		const char *slash = strrchr(path, '/');
		status = checksum(path, hex, err);
		if (!status)
			fprintf(to, "%s  %s\n", hex, slash ? slash + 1 : path);
	}
	if (to && fclose(to) && !status)
		status = err_set(err, "not enough memory");
	if (!status)
		status = sheets_write(r->manifest, text, err);
	free(text);
	return status;
}

struct writing {
	const struct premaster *p;
	struct stretch *file;
};

static int
write_one(void *arg, size_t k, struct err *err)
{
	static const float silence[2048];
	const struct writing *w = arg;
	const struct stretch *s = &w->file[k];
	for (int64_t at = s->from, n; at < s->to; at += n) {
		int64_t left = s->to - at, kept = w->p->frames - at;
		n = kept > 0 ? (kept < 65536 ? kept : 65536) : 2048;
		n = n < left ? n : left;
		const float *side[2] = {kept > 0 ? w->p->side[0] + at : silence, kept > 0 ? w->p->side[1] + at : silence};
		if (sink_write(s->sink, side, (size_t)n, err))
			return -1;
	}
	return 0;
}

int
album_files_write(const struct cli *cli, const struct premaster *p, const struct albuming *m, struct albumed *r,
                  struct err *err)
{
	char shown[512];
	if (mkdir(m->into, 0777) && errno != EEXIST)
		return err_set(err, "--into %s: the folder cannot be made: %s", text_show(m->into, shown, sizeof shown),
		               strerror(errno));
	if ((m->image || m->vinyl) && find_reels(p, m, r, err))
		return -1;
	size_t files = r->reels ? (size_t)r->reels : r->album->songs;
	struct writing w = {.p = p, .file = calloc(files, sizeof *w.file)};
	int status = w.file ? open_all(m, r, w.file, files, err) : err_set(err, "not enough memory");
	status = status ? status : album_songs_each(files, m->threads, write_one, &w, err);
	for (size_t k = 0; w.file && k < files; k++) {
		if (!status)
			status = sink_commit(w.file[k].sink, err);
		else
			sink_abort(w.file[k].sink);
	}
	free(w.file);
	for (int k = 0; !status && k < r->reels; k++)
		status = write_sheets(cli, m, r, &r->reel[k], err);
	return status ? status : write_manifest(m, r, err);
}
