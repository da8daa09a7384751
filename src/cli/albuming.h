/* One album from its file to its medium: songs, chain, loudness, figures, files. Control thread. */
#ifndef CLI_ALBUMING_H
#define CLI_ALBUMING_H

#include "cli/cli.h"
#include "master/album.h"
#include "master/measure.h"
#include "master/outlier.h"
#include "master/solve.h"
#include "master/targets.h"
#include "media/sink.h"

/* What is asked. */
struct albuming {
	const char *path, *variant; /* variant NULL: none */
	double rate;                /* Hz; 0: the album's, else the first song's */
	double lufs, ceiling;       /* NAN: the album's, else the target's */
	const char *target;         /* NULL: the album's */
	const char *into;           /* a folder to write into; NULL: figures only */
	int image;                  /* one file of all and its sheets, in place of a file a song */
	/* a record for that plant: what it asks for in the master, a file and a sheet a side; NULL: none */
	const struct vinyl_profile *vinyl;
	struct sink_spec file; /* format, bits, dither */
	int threads;
};

/* A song as it came out. */
struct albumed_song {
	char *source; /* the sound file that was taken: the song's, or its session's mix */
	struct album_place place;
	struct measured as_it_is; /* before the limiter */
	struct measured mastered; /* where files are written */
	char *output;             /* NULL: none */
	double trim, width;       /* as its lines set them: dB, percent */
	int free_band[EQ_BANDS];  /* bands of its equaliser that its lines leave free */
	int free_bands;
};

/* Songs from..to-1 in one file, and its sheets: an image, or a side of a record. */
struct album_reel {
	char *file, *cue, *toc; /* toc NULL: none */
	size_t from, to;
	int64_t begin, end;       /* frames of the album */
	struct measured mastered; /* its loudness; of a side its width too */
};

struct albumed {
	struct album *album;
	double rate;
	int64_t frames; /* of all, whole sectors */
	struct albumed_song *song;
	struct outlier_row *row;
	double integrated, range, true_peak; /* of all, before the limiter: LUFS, LU, dBTP */
	struct target target;                /* name "": none */
	double lufs, ceiling;                /* as asked for; NAN: not */
	enum album_rule rule;
	struct solution solution;          /* passes 0: not asked for */
	const struct vinyl_profile *vinyl; /* as asked for */
	struct album_reel reel[2];         /* of an image or a record */
	int reels;
	char *manifest;
	int refusals; /* what a plant would send back: said as it was found */
	char **kept;  /* files that songs are made of: sessions and their stems, sound files */
	size_t keeps;
	char *scratch; /* a folder with mixes of sessions; gone with albumed_fini */
};

/* 0; -1 with err filled. Files that were whole stay. */
int albuming_run(const struct cli *cli, const struct albuming *m, const struct targets *targets, struct albumed *r,
                 struct err *err);
void albumed_fini(struct albumed *r);

#endif
