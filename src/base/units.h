/* Levels and times: the one place where dB become factors. Any thread; real-time safe. */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include "base/fmath.h"

#define DB_SILENCE -144.0 /* at and below it a level is no signal at all: the faders' bottom */

/* The factor of a level: 0 at and below DB_SILENCE. */
static inline double
db_to_gain(double db)
{
	return db <= DB_SILENCE ? 0 : db == 0 ? 1 : f_exp2(db * 0.16609640474436811740);
}

/* The level of a factor, -HUGE_VAL for 0. */
static inline double
gain_to_db(double gain)
{
	return gain < 0 ? gain_to_db(-gain) : 20 * f_log10(gain);
}

#endif
