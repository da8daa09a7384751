/*
 * The parameter table and values in units: what every address means, read by session, UI, help, man page and engine.
 * The table is constant; any thread may read it.
 */
#ifndef SESSION_PARAMS_H
#define SESSION_PARAMS_H

#include <stddef.h>

#include "base/err.h"

/* Kinds of nodes, as bits so that a parameter names all that have it. */
enum node_kind {
	K_SONG = 1,
	K_STRIP = 2,
	K_BUS = 4,
	K_MIX = 8,
	K_MASTER = 16,
	K_DCA = 32,
	K_SEND = 64,
	K_REGION = 128,
	K_MARKER = 256,
	K_NOTE = 512,
};

enum param_type { T_REAL, T_INT, T_SWITCH, T_CHOICE, T_TEXT, T_REF };
enum param_unit { U_NONE, U_DB, U_HZ, U_MS, U_FRAMES, U_PERCENT, U_PAN, U_RATIO, U_Q, U_BPM, U_DEGREES };
enum param_taper { TAPER_LIN, TAPER_LOG, TAPER_FADER };
enum param_flag { FLAG_GLIDE = 1, FLAG_AUTO = 2, FLAG_BUILD = 4 };

enum param_id {
#define PARAM(ident, ...) P_##ident,
#include "session/params.def"
#undef PARAM
	PARAM_COUNT
};

struct param {
	enum param_id id;
	unsigned kinds;      /* bits of enum node_kind */
	const char *address; /* below its node: "eq/2/freq" */
	enum param_type type;
	enum param_unit unit;
	const char *choices; /* words with spaces between, NULL unless T_CHOICE */
	double min, max, def;
	double step; /* TAPER_LOG: percent of the value */
	enum param_taper taper;
	unsigned flags; /* bits of enum param_flag */
	const char *help;
};

/* All parameters in table order, PARAM_COUNT of them. */
extern const struct param params[PARAM_COUNT];

/* The fader's bottom: at and below it a level is -inf dB. */
#define PARAM_SILENCE_DB -144.0

/* The parameter of a node of that kind at an address below the node, or NULL. */
const struct param *param_find(enum node_kind kind, const char *address);

/*
 * Reads a value of parameter p: units as people write them (-6.5 -6.5dB -inf 1.2k 1.2kHz 30ms 0.5s 37smp L30 C R100 50%
 * 3:1 1:23.456 on off, a choice's word); `rate` turns times into frames and back. The number goes to *value, clamping
 * nothing: out of range, a unit of another kind or a word that is no number is refused, saying what is allowed.
 */
int param_parse(const struct param *p, const char *text, double rate, double *value, struct err *err);

/*
 * Writes a value as a session holds it: the shortest decimal that reads back to the same double, in the unit the table
 * names, "." in every locale. Not for T_TEXT and T_REF. Returns the length as snprintf does.
 */
int param_format(const struct param *p, double value, char *text, size_t size);

/* The same for people: fixed decimals and the unit ("-6.5 dB", "1.20 kHz", "L30", "-inf dB"). */
int param_show(const struct param *p, double value, char *text, size_t size);

/* The value `steps` steps away along the taper, kept in range; what is whole moves by one at least. */
double param_step(const struct param *p, double value, double steps);

/*
 * An amount to nudge p by ("1", "-0.5dB", "10ms"), in the same units as param_parse; of a choice, places. Refused where
 * p has no numbers.
 */
int param_parse_amount(const struct param *p, const char *text, double rate, double *amount, struct err *err);

/*
 * The same for steps ("1step", "-0.1 steps"): 1 and their number; 0: text is something else; -1: p has no steps, or
 * text is no number of them.
 */
int param_parse_steps(const struct param *p, const char *text, double *steps, struct err *err);

/* The value plus an amount, kept in range. A level below -90 dB is -inf, and comes up from there again. */
double param_add(const struct param *p, double value, double amount);

/* Where a value lies along the taper, 0 to 1 (fader positions, MIDI), and the value at such a place. */
double param_place(const struct param *p, double value);
double param_at(const struct param *p, double place);

/* The word at a place among the choices of a T_CHOICE and its length; NULL past the last. */
const char *param_choice(const struct param *p, int place, size_t *len);

/* What p takes, in words for a message: "on or off", "-144 to 12 dB". Returns the length as snprintf does. */
int param_allowed(const struct param *p, char *text, size_t size);

#endif
