/* One master from a session or a file to its place: chain, solver, file, report. Control thread. */
#ifndef CLI_MASTERING_H
#define CLI_MASTERING_H

#include "cli/cli.h"
#include "cli/matching.h"
#include "master/blame.h"
#include "master/solve.h"
#include "master/targets.h"
#include "media/sink.h"
#include "session/session.h"

/* What is asked. */
struct mastering {
	const struct target *target;       /* NULL: none by name */
	double lufs, ceiling;              /* LUFS, NAN: as loud as `limiting` lets it be; dBTP, NAN: the session's */
	double limiting;                   /* dB that the limiter takes off at most, NAN: as much as the loudness needs */
	const struct vinyl_profile *vinyl; /* what a pressing plant asks for, NULL: none */
	int disc;                          /* 44100 Hz, 16 bits, whole sectors, with the sheets of a disc of one song */
	double rate;                       /* Hz, 0: the song's */
	struct sink_spec file;             /* format, bits, dither */
	const char **with;                 /* in turn: lines of the language, or sessions whose master section is taken */
	size_t withs;
	const struct matching *like; /* references, finished, and how far to go to them; NULL: none */
	int mono;                    /* one channel; a file of one channel becomes one anyway */
	int threads, apply, honest;
	const char *siblings; /* variants of the session too, at the gain found for the song (cli/variants.h); NULL: none */
};

#define MASTERED_LINES 12
#define DISC_FAULTS 4

/* A variant that went through at the same gain. */
struct sibling {
	char *output;
	struct pass pass;
};

/* What came of it. `input` and `output` are set by the caller, output is freed by mastered_fini. */
struct mastered {
	const char *input;
	char *output, *honest_output; /* honest_output NULL: none was written */
	struct session *session;      /* as mastered, for names */
	struct stems *stems;
	double rate;
	int64_t frames;
	int mono;                         /* written with one channel */
	struct origin origin;             /* the mix as it came */
	struct solution solution, honest; /* honest.passes 0: the master itself is */
	struct blame blame;
	struct matching matching;      /* where references were asked for */
	char line[MASTERED_LINES][80]; /* parameters that make a session this master */
	size_t lines;
	char fault[ORIGIN_FAULTS][256]; /* what is wrong with the mix itself */
	size_t faults;
	char refused[DISC_FAULTS][256]; /* what a disc or a plant would not take */
	size_t refusals;
	struct sibling *sibling;
	size_t siblings;
};

/* Brings the master section of the session at `path` into another. -1 with err filled. */
int mastering_take_chain(const struct cli *cli, struct session *to, const char *path, struct err *err);

/* 0; -1 with err filled, nothing was written. */
int mastering_run(const struct cli *cli, const struct mastering *m, struct mastered *r, struct err *err);
void mastered_fini(struct mastered *r);

#endif
