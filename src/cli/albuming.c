#include "cli/albuming.h"

#include <errno.h>
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/album_files.h"
#include "cli/album_songs.h"
#include "cli/mastering.h"
#include "cli/opening.h"
#include "cli/pressing.h"
#include "engine/bounce.h"
#include "engine/graph.h"
#include "media/probe.h"

#define RULE_ROUNDS 6 /* of finding the gain by the loudest song */

/* The folder of this run's mixes. */
static int
make_scratch(struct albumed *r, struct err *err)
{
	const char *folder = getenv("TMPDIR");
	if (r->scratch)
		return 0;
	if (asprintf(&r->scratch, "%s/stemdesk-album-XXXXXX", folder && *folder ? folder : "/var/tmp") < 0)
		r->scratch = NULL;
	if (r->scratch && mkdtemp(r->scratch))
		return 0;
	err_set(err, "%s: no folder for the songs' mixes can be made: %s; set TMPDIR to one", r->scratch ? r->scratch : "",
	        strerror(errno));
	free(r->scratch);
	r->scratch = NULL;
	return -1;
}

/* Notes a file that is not to be written over. */
static void
keep_file(void *arg, const char *path)
{
	struct albumed *r = arg;
	char **more = realloc(r->kept, (r->keeps + 1) * sizeof *more), *copy = more ? strdup(path) : NULL;
	if (more)
		r->kept = more;
	if (copy)
		r->kept[r->keeps++] = copy;
}

/* The mix of a session as floats; the caller frees the path. */
static char *
mix_session(const struct cli *cli, const struct albuming *m, struct albumed *r, const struct album_song *song,
            const char *path, struct err *err)
{
	struct session *session = make_scratch(r, err) ? NULL : opening_session(cli, path, err);
	struct stems *stems = session ? opening_stems(cli, session, path) : NULL;
	struct bounce_report report;
	char *mix = NULL;
	int status = stems ? 0 : -1;
	if (!status)
		opening_each_file(session, stems, keep_file, r);
	if (!status && *song->text[SONG_VARIANT])
		status = session_apply_variant(session, song->text[SONG_VARIANT], err);
	if (!status && asprintf(&mix, "%s/%s.wav", r->scratch, song->id) < 0) {
		mix = NULL;
		status = err_set(err, "not enough memory");
	}
	struct bounce_options o = {.file = {.path = mix, .bits = SINK_32F, .rate = r->rate, .dither = DITHER_DEFAULT},
	                           .threads = m->threads,
	                           .tail = -1};
	if (!status && bounce(session, stems, &o, &report, err)) {
		free(mix);
		mix = NULL;
	}
	for (size_t k = 0; stems && stems_warning(stems, k); k++)
		cli_say(cli, "%s", stems_warning(stems, k));
	stems_free(stems);
	session_free(session);
	return status ? NULL : mix;
}

/* The sound file of each song and its length at the album's rate. */
static int
find_songs(const struct cli *cli, const struct albuming *m, struct albumed *r, int64_t *frames, struct err *err)
{
	struct cli_bar bar;
	cli_bar_begin(&bar, 0);
	for (size_t k = 0; k < r->album->songs; k++) {
		const struct album_song *song = &r->album->song[k];
		struct media_info info;
		char *path = album_path(r->album, song->text[SONG_FILE]);
		keep_file(r, path);
		cli_bar_show(&bar, "mixing the songs", (double)k / (double)r->album->songs);
		if (opening_is_session(path)) {
			r->song[k].source = mix_session(cli, m, r, song, path, err);
			free(path);
		} else {
			r->song[k].source = path;
		}
		if (!r->song[k].source || media_probe(r->song[k].source, &info, err))
			return err_prefix(err, "song/%s", song->id);
		if (info.channels > 2)
			return err_set(err, "song/%s: has %d channels; a song of an album is mono or stereo", song->id,
			               info.channels);
		frames[k] = (int64_t)((double)info.frames * r->rate / info.rate);
	}
	cli_bar_show(&bar, "", 1);
	return 0;
}

/* The rate: as asked, as the album says, or its first song's. */
static int
find_rate(const struct cli *cli, const struct albuming *m, struct albumed *r, struct err *err)
{
	char *first;
	struct media_info info;
	int status = album_outline(m->path, m->variant, &r->rate, &first, err);
	if (!status && m->rate > 0) {
		r->rate = m->rate;
	} else if (!status && r->rate == 0 && opening_is_session(first)) {
		struct session *s = opening_session(cli, first, err);
		status = s ? 0 : -1;
		r->rate = s ? session_rate(s) : 0;
		session_free(s);
	} else if (!status && r->rate == 0) {
		status = media_probe(first, &info, err);
		r->rate = status ? 0 : info.rate;
	}
	free(first);
	return status;
}

static int
find_target(const struct albuming *m, const struct targets *targets, struct albumed *r, struct err *err)
{
	const char *name = m->target ? m->target : m->vinyl ? "vinyl" : r->album->text[ALBUM_TARGET];
	const struct target *t = *name ? targets_find(targets, name) : NULL;
	if (*name && !t)
		return err_set(err, "target %s: there is no such target; `stemdesk targets` prints them", name);
	if (t)
		r->target = *t;
	double lufs = r->album->value[ALBUM_LUFS], ceiling = r->album->value[ALBUM_CEILING];
	/* what is asked here goes before the album's lines, those before the table */
	r->lufs = !isnan(m->lufs) ? m->lufs : !isnan(lufs) && !m->target ? lufs : t ? t->lufs : (double)NAN;
	r->ceiling = !isnan(m->ceiling)              ? m->ceiling
	             : !isnan(ceiling) && !m->target ? ceiling
	             : t                             ? t->ceiling
	                                             : (double)NAN;
	double rule = r->album->value[ALBUM_RULE];
	r->rule = rule >= 0 ? (enum album_rule)(int)rule : r->target.album == ALBUM_LOUDEST ? RULE_LOUDEST : RULE_ALBUM;
	return 0;
}

static int
take_line(void *arg, const char *line, struct err *err)
{
	return session_line(arg, line, err);
}

/* The album as a session with its chain. */
static struct session *
make_session(const struct cli *cli, const struct albuming *m, struct albumed *r, struct err *err)
{
	char **file = calloc(r->album->songs, sizeof *file), *chain = NULL, line[64];
	struct album_place *place = calloc(r->album->songs, sizeof *place);
	for (size_t k = 0; file && place && k < r->album->songs; k++) {
		file[k] = r->song[k].source;
		place[k] = r->song[k].place;
	}
	struct session *s = file && place ? album_session(r->album, r->rate, file, place, err) : NULL;
	free(file);
	free(place);
	int status = s ? 0 : -1;
	if (!status && *r->album->text[ALBUM_CHAIN]) {
		chain = album_path(r->album, r->album->text[ALBUM_CHAIN]);
		status = mastering_take_chain(cli, s, chain, err);
		free(chain);
	}
	status = status ? status : album_apply(r->album, s, err);
	if (!status && m->vinyl)
		status = pressing_lines(m->vinyl, take_line, s, err);
	if (!status && !isnan(r->ceiling)) {
		snprintf(line, sizeof line, "master/limiter/ceiling %.10g", r->ceiling);
		status = session_line(s, line, err);
	}
	status = status ? status : session_line(s, "master/limiter/on on", err);
	for (size_t k = 0; !status && k < r->album->songs; k++) {
		const struct node *strip = session_node(s, K_STRIP, k);
		r->song[k].trim = strip->value[P_TRIM];
		r->song[k].width = strip->value[P_WIDTH];
		r->song[k].free_bands = match_places(strip, r->song[k].free_band);
	}
	if (!status)
		return s;
	session_free(s);
	return NULL;
}

static int
show_render(void *arg, int64_t done, int64_t all)
{
	cli_bar_show(arg, "rendering", all > 0 ? (double)done / (double)all : 0);
	return 0;
}

static int
show_pass(void *arg, int passes)
{
	cli_bar_show(arg, "finding the gain", 1 - 1 / (1 + passes * 0.5));
	return 0;
}

/* The songs' figures before the limiter, against each other. */
static int
compare_songs(const struct premaster *p, int threads, struct albumed *r, struct err *err)
{
	size_t songs = r->album->songs;
	struct measured *m = calloc(songs, sizeof *m);
	int status = m ? album_songs_measure(p, threads, 0, r, err) : err_set(err, "not enough memory");
	for (size_t k = 0; m && k < songs; k++)
		m[k] = r->song[k].as_it_is;
	if (!status)
		outlier_judge(m, songs, r->rate, r->row);
	free(m);
	return status;
}

/* The gain that the rule asks for. */
static int
solve(const struct premaster *p, const struct limiter_params *limiter, struct albumed *r, struct cli_bar *bar,
      struct err *err)
{
	struct solution *s = &r->solution;
	double loudest, wanted = r->lufs;
	if (r->rule == RULE_NONE || isnan(r->lufs)) {
		*s = (struct solution){.limiter = *limiter, .passes = 1, .reached = 1};
		return 0;
	}
	for (int round = 0; round < RULE_ROUNDS; round++) {
		if (solve_loudness(p, limiter, wanted, show_pass, bar, s, err))
			return -1;
		if (r->rule == RULE_ALBUM)
			return 0;
		if (album_songs_loudest(p, &s->limiter, r, &loudest, &s->pass, err))
			return -1;
		double apart = r->lufs - loudest;
		if (!s->reached || fabs(apart) <= SOLVE_TOLERANCE)
			return 0;
		wanted += apart;
	}
	s->reached = 0;
	return 0;
}

/* At that gain: what is kept becomes the mastered album, and every song is measured. */
static int
master(struct premaster *p, struct session *session, int threads, struct albumed *r, struct cli_bar *bar,
       struct err *err)
{
	struct limiter_params limiter = graph_limiter(session_master(session));
	limiter.on = 1;
	return solve(p, &limiter, r, bar, err) || album_songs_limit(p, &r->solution.limiter, &r->solution.pass, err) ||
	               album_songs_measure(p, threads, 1, r, err)
	           ? -1
	           : 0;
}

struct refusing {
	const struct cli *cli;
	struct albumed *r;
};

static void
refuse(void *arg, const char *sentence)
{
	const struct refusing *to = arg;
	cli_say(to->cli, "%s", sentence);
	to->r->refusals++;
}

/* What the plant would send back of the sides as they were written. */
static void
judge_sides(const struct cli *cli, const struct node *master, struct albumed *r)
{
	struct refusing to = {cli, r};
	for (int k = 0; k < r->reels; k++) {
		const struct album_reel *side = &r->reel[k];
		const char *slash = strrchr(side->file, '/');
		pressing_judge(r->vinyl, slash ? slash + 1 : side->file, master, side->mastered.width,
		               (double)(side->end - side->begin) / r->rate / 60, refuse, &to);
	}
}

int
albuming_run(const struct cli *cli, const struct albuming *m, const struct targets *targets, struct albumed *r,
             struct err *err)
{
	r->vinyl = m->vinyl;
	if (find_rate(cli, m, r, err) || !(r->album = album_load(m->path, m->variant, r->rate, err)) ||
	    find_target(m, targets, r, err))
		return -1;
	size_t songs = r->album->songs;
	int64_t *frames = calloc(songs, sizeof *frames);
	struct album_place *place = calloc(songs, sizeof *place);
	r->song = calloc(songs, sizeof *r->song);
	r->row = calloc(songs, sizeof *r->row);
	int status = frames && place && r->song && r->row ? 0 : err_set(err, "not enough memory");
	status = status ? status : find_songs(cli, m, r, frames, err);
	status = status ? status : album_plan(r->album, r->rate, frames, place, err);
	for (size_t k = 0; !status && k < songs; k++)
		r->song[k].place = place[k];
	free(frames);
	free(place);
	struct session *session = status ? NULL : make_session(cli, m, r, err);
	struct stems *stems = session ? opening_stems(cli, session, "album.desk") : NULL;
	struct premaster p;
	struct cli_bar bar;
	cli_bar_begin(&bar, 0);
	struct premaster_options o = {.threads = m->threads, .progress = show_render, .arg = &bar};
	status = stems ? premaster_render(session, stems, &o, &p, err) : -1;
	if (!status) {
		int64_t sector = album_sector(r->rate);
		r->frames = (p.frames + sector - 1) / sector * sector;
		r->integrated = p.integrated;
		r->range = p.range;
		r->true_peak = p.true_peak;
		status = compare_songs(&p, m->threads, r, err);
		if (!status && (m->into || !isnan(r->lufs)))
			status = master(&p, session, m->threads, r, &bar, err);
		if (!status && m->into)
			status = album_files_write(cli, &p, m, r, err);
		if (!status && r->vinyl)
			judge_sides(cli, session_master(session), r);
		premaster_free(&p);
	}
	cli_bar_show(&bar, "", 1);
	stems_free(stems);
	session_free(session);
	return status;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st, (void)kind, (void)where;
	return remove(path);
}

void
albumed_fini(struct albumed *r)
{
	for (size_t k = 0; r->song && k < r->album->songs; k++) {
		free(r->song[k].source);
		free(r->song[k].output);
		measured_fini(&r->song[k].as_it_is);
		measured_fini(&r->song[k].mastered);
	}
	while (r->keeps)
		free(r->kept[--r->keeps]);
	free(r->kept);
	free(r->song);
	free(r->row);
	for (int k = 0; k < r->reels; k++) {
		measured_fini(&r->reel[k].mastered);
		free(r->reel[k].file);
		free(r->reel[k].cue);
		free(r->reel[k].toc);
	}
	free(r->manifest);
	if (r->scratch)
		nftw(r->scratch, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(r->scratch);
	album_free(r->album);
}
