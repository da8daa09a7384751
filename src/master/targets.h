/*
 * Targets of delivery: what each place asks of a master and does with its loudness; the built-in table and the user's.
 * Control thread, or any other one at a time.
 */
#ifndef MASTER_TARGETS_H
#define MASTER_TARGETS_H

#include <stddef.h>

#include "base/err.h"

enum target_use {
	USE_STREAM,   /* takes everything and turns it itself */
	USE_DELIVERY, /* refuses what is not within its tolerance */
	USE_MEDIUM,   /* plays what is on it */
};

/* What a place does to a master that is louder or softer than its target. */
enum target_turn {
	TURN_NONE,
	TURN_DOWN,
	TURN_BOTH,  /* up too, as long as `headroom` stays */
	TURN_LIMIT, /* up too, through a limiter */
};

enum target_album {
	ALBUM_NONE,
	ALBUM_TRACK,   /* every track by itself */
	ALBUM_ALBUM,   /* one gain from the loudness of all tracks together */
	ALBUM_LOUDEST, /* one gain from that of the loudest track */
};

/* A row; figures that the place does not name are NAN. */
struct target {
	char name[32];
	enum target_use use;
	double lufs, tolerance; /* LUFS, +- LU */
	double ceiling;         /* dBTP */
	enum target_turn turn;
	double headroom; /* dB that stay when it is turned up */
	enum target_album album;
	char date[12]; /* of the source, or when it was last looked at */
	int tier;      /* 1 its own document, 2 measured or reported by others, 3 habit or the user's own */
	char title[48], note[128];
};

/* What a pressing plant asks for: Hz, dB, minutes of a 12 inch side at 33 rpm. */
struct vinyl_profile {
	const char *name;
	double mono_below, high_pass, no_boost_above, low_pass; /* low_pass 0: none */
	double side;                                            /* greatest level of side against mid; NAN: not named */
	double minutes, most_minutes;                           /* in full level; at all */
	const char *note;
};

extern const struct vinyl_profile vinyl_profiles[];
extern const size_t vinyl_profiles_count;

/* All rows: the built-in ones, then the user's (which replace those of the same name). */
struct targets {
	struct target *row;
	size_t count;
};

/*
 * Reads the table and the user's file, $XDG_CONFIG_HOME/stemdesk/targets ($HOME/.config/...), which need not be there.
 * -1 with err filled ("FILE:LINE: ..."), and nothing to free.
 */
int targets_load(struct targets *t, struct err *err);
/* The same with the user's rows from memory; `name` stands in messages. */
int targets_parse(struct targets *t, const char *text, size_t length, const char *name, struct err *err);
void targets_free(struct targets *t);

const struct target *targets_find(const struct targets *t, const char *name);

/* A row as the user's file has it; out has room for 512 bytes. `header` is the line above. */
#define TARGET_LINE 512
char *target_line(const struct target *row, char out[TARGET_LINE]);
extern const char targets_header[];

/* What a place makes of a master. */
enum fate {
	FATE_AS_IS,   /* played, or taken, as it is */
	FATE_DOWN,    /* turned down */
	FATE_UP,      /* turned up to the target */
	FATE_PART_UP, /* turned up as far as its peaks allow */
	FATE_LIMITED, /* turned up through a limiter */
	FATE_LOUD,    /* refused: too loud */
	FATE_QUIET,   /* refused: too soft */
};
struct verdict {
	enum fate fate;
	double gain;     /* dB that the place turns it by, or that a delivery lacks */
	double peak;     /* dBTP as played there */
	double loudness; /* LUFS as played there */
	double over;     /* dB that the master's own true peak lies above the ceiling; 0: it does not */
	double limited;  /* dB that the place's limiter takes off the peaks */
};

/* integrated in LUFS (-HUGE_VAL: silence, which nobody turns), true_peak in dBTP. */
void target_judge(const struct target *row, double integrated, double true_peak, struct verdict *v);

/* The verdict in words: "turned down 3.2 dB -> peaks at -4.2 dBTP". Returns out. */
char *verdict_text(const struct target *row, const struct verdict *v, char *out, size_t size);
/* Whether it is taken as it stands: no delivery refuses it and no ceiling is passed. */
int verdict_good(const struct verdict *v);
const char *fate_name(enum fate fate);

#endif
