/*
 * What the views of one strip and of the master show: values, live levels, spectra, loudness and the curves of
 * processors, without pointers. What takes a desk is called as control/desk/desk.h says: by any thread, one at a time.
 * The curves, scales and bins are pure functions: any thread.
 */
#ifndef CONTROL_DESK_SCOPE_H
#define CONTROL_DESK_SCOPE_H

#include <stdint.h>

#include "control/desk/desk.h"

/* Values of the chosen strip, as a table to walk through. */

#define DESK_VALUES 320

enum desk_type { DESK_REAL, DESK_INT, DESK_SWITCH, DESK_CHOICE, DESK_TEXT, DESK_REF };
enum desk_unit {
	DESK_NO_UNIT,
	DESK_DB,
	DESK_HZ,
	DESK_MS,
	DESK_FRAMES,
	DESK_PERCENT,
	DESK_PAN,
	DESK_RATIO,
	DESK_Q,
	DESK_BPM,
	DESK_DEGREES
};

/* One value; the line that changes it is "STRIP/ADDRESS VALUE", "@/ADDRESS VALUE" for the chosen strip. */
struct desk_value {
	char address[80]; /* below its strip: "eq/2/freq", "send/verb/level" */
	char group[16]; /* whose it is: strip input filter gate deess eq comp transient sat reverb echo limiter send output
	                 */
	char text[80];  /* the value as it is shown: "-6.5 dB", "1.20 kHz", "on" */
	char help[96];
	enum desk_type type;
	enum desk_unit unit;
	double value, min, max, def; /* of numbers, switches and choices (a choice's place) */
	double step;                 /* what one key press changes; where `ratio`, percent of the value */
	double place;                /* where it lies along its taper, 0 to 1 */
	int ratio;                   /* equal steps are equal ratios */
	int changed;                 /* differs from its default */
};

/* What shapes a strip's sound, as numbers; curves are drawn from it. Q, Hz, dB, ms. */
#define DESK_BANDS 6
struct desk_band {
	int on, type, side; /* places among the choices of eq/N/type (0 a bell) and eq/N/side (stereo mid side) */
	double freq, gain, q;
};
struct desk_shape {
	double rate; /* of the song */
	int mono;    /* one side goes through the chain */
	int eq_on;
	struct desk_band band[DESK_BANDS];
	int hpf_on, hpf_slope, lpf_on, lpf_slope; /* slopes: 0 to 3, 6 to 24 dB an octave */
	double hpf_freq, lpf_freq;
	int gate_on;
	double gate_ratio, gate_threshold, gate_hysteresis, gate_range;
	int comp_on;
	double comp_threshold, comp_ratio, comp_knee, comp_makeup, comp_mix; /* mix: percent */
};

struct desk_values {
	uint32_t version; /* counts up when any of it changes */
	uint32_t uid;     /* of the strip */
	enum desk_kind kind;
	char address[72], name[72];
	struct desk_shape shape;
	char heard[4]; /* what is compared with `ab`, 'A' or 'B', NUL for none: the equaliser, the compressor, the gate, and
	                  the whole desk */
	int count;
	struct desk_value value[DESK_VALUES];
};

enum { DESK_HEARD_EQ, DESK_HEARD_COMP, DESK_HEARD_GATE, DESK_HEARD_ALL };

/*
 * The values of the chosen strip. Zero *values before the first call; where its version is still the newest, nothing is
 * copied. Returns whether something was.
 */
int desk_strip_values(struct desk *d, struct desk_values *values);

/* The same of the master, whatever is chosen. */
int desk_master_values(struct desk *d, struct desk_values *values);

/* The value at an address below the strip, NULL where it has none of that name. */
const struct desk_value *desk_value_find(const struct desk_values *values, const char *address);

/* Live levels of the chosen strip. */

enum desk_reducer { DESK_BY_GATE, DESK_BY_DEESS, DESK_BY_COMP, DESK_BY_LIMITER, DESK_REDUCERS };

#define DESK_PAST 200             /* points of history */
#define DESK_PAST_MS 50           /* each: 10 s in all */
#define DESK_BINS 121             /* of a spectrum: 12 an octave, 10 octaves up from 20 Hz */
#define DESK_SPECTRUM_LOW -120.0f /* dB: at and below it there is nothing */

struct desk_scope {
	uint32_t uid;                              /* of the strip that it shows; 0: none yet */
	float reduction[DESK_REDUCERS];            /* dB, in the last 50 ms */
	float past[DESK_REDUCERS][DESK_PAST];      /* dB, the greatest of each point; the last is the newest */
	uint32_t points;                           /* there were so far; the newest of them is the last of `past` */
	float gate_level, comp_level;              /* dB, what drives them now, key and its filters included */
	int analyse_before;                        /* which of them is to be shown (`analyser`) */
	float before[DESK_BINS], after[DESK_BINS]; /* the equaliser: dB, a sine at full scale reads 0 */
};

/* As it stands now. */
void desk_scope(struct desk *d, struct desk_scope *scope);

/* The frequency of the middle of a bin, Hz. */
double desk_bin_hz(int bin);

/* What is heard, mix or master, measured before the monitor. */

#define DESK_LOUDNESS_POINTS 600
#define DESK_CLOUD 256

struct desk_loudness {
	int mastered;   /* the master is measured, else the mix */
	int measuring;  /* not paused, and the song plays */
	int paused;     /* by the user */
	double seconds; /* measured so far */
	unsigned lost;  /* quanta that could not be measured since the beginning */
	/* LUFS and LU; -HUGE_VAL: silence, or nothing yet */
	float momentary, shortterm, integrated, max_momentary, max_shortterm;
	float range, range_low, range_high; /* range: NAN before the first 3 s */
	float true_peak[2], sample_peak[2]; /* dBTP and dBFS, the greatest of each side so far */
	float plr, psr;        /* dB: true peak to integrated; the last 3 s' peak to short-term loudness; NAN: none */
	float target, ceiling; /* LUFS and dBTP that are aimed at; NAN: none */
	char target_name[32];
	/* short-term loudness over the song: the greatest of each point, -HUGE_VAL where it was not played yet */
	double point_seconds; /* of the song to a point */
	int points, now;      /* points in the song; the one that plays */
	float past[DESK_LOUDNESS_POINTS];
	float limited, limited_most, limited_past[DESK_PAST]; /* dB, the master's limiter, as in struct desk_scope */
	float multi[4], dyneq[4], clipped;    /* dB that units of the master take off, by band; below 0: they lift */
	float correlation, least_correlation; /* -1 to 1 of the last 0.4 s, and the least so far; NAN: silence */
	float balance;                        /* dB, right against left of the last 0.4 s; 0: silence */
	float cloud[DESK_CLOUD][2]; /* the newest frames, thinned out: side (right is positive) and middle, -1 to 1 */
	float spectrum[DESK_BINS];  /* dB */
};

void desk_loudness(struct desk *d, struct desk_loudness *loudness);

/* What a place judges by, for whoever needs no more: no spectrum is worked out for it. */
struct desk_figures {
	int mastered; /* as above, like the seconds */
	double seconds;
	float integrated, true_peak; /* LUFS; dBTP of the higher side */
};

void desk_figures(struct desk *d, struct desk_figures *figures);

/* Curves, from the formulas and coefficients that the engine has. */

/* Gain of a band (0 to 5, of the side it works on), in dB at a frequency; 0 where it is off. */
double desk_band_curve(const struct desk_shape *s, int band, double hz);
/* Of the high-pass and the low-pass together. */
double desk_filter_curve(const struct desk_shape *s, double hz);

/* All of it at `count` frequencies, dB, as the middle hears it and as the sides do; side may be NULL. */
void desk_eq_curve(const struct desk_shape *s, const double *hz, int count, float *middle, float *side);

/* dB out for dB in, at rest; `open`: as a gate that is open falls, else as one that is closed rises. */
double desk_gate_curve(const struct desk_shape *s, double level, int open);
double desk_comp_curve(const struct desk_shape *s, double level);

#endif
