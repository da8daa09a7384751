#include "session/params.h"

#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"

#define REAL T_REAL
#define INT T_INT
#define SWITCH T_SWITCH
#define CHOICE T_CHOICE
#define TEXT T_TEXT
#define REF T_REF
#define GLIDE FLAG_GLIDE
#define AUTO FLAG_AUTO
#define BUILD FLAG_BUILD

const struct param params[PARAM_COUNT] = {
#define PARAM(ident, kinds, address, type, unit, choices, min, max, def, step, taper, flags, help)                     \
	[P_##ident] = {P_##ident, kinds, address, type, U_##unit, choices, min, max, def, step, TAPER_##taper, flags, help},
#include "session/params.def"
#undef PARAM
};

const struct param *
param_find(enum node_kind kind, const char *address)
{
	for (size_t k = 0; k < PARAM_COUNT; k++) {
		if (params[k].kinds & kind && params[k].address[0] == address[0] && !strcmp(params[k].address, address))
			return &params[k];
	}
	return NULL;
}

/*
 * The fader law: places along the fader's way, in steps near 0 dB, and the levels there. Between them it is a straight
 * line; below the last one lies -inf.
 */
static const struct {
	double place, db;
} fader_law[] = {{0, -90}, {3, -60}, {8, -40}, {18, -20}, {38, 0}, {50, 12}};
enum { FADER_POINTS = sizeof fader_law / sizeof *fader_law };

static double
fader_place(double db)
{
	if (db < fader_law[0].db)
		return fader_law[0].place - 1;
	int k = 1;
	while (k < FADER_POINTS - 1 && db > fader_law[k].db)
		k++;
	double slope = (fader_law[k].place - fader_law[k - 1].place) / (fader_law[k].db - fader_law[k - 1].db);
	return fader_law[k - 1].place + (db - fader_law[k - 1].db) * slope;
}

static double
fader_db(double place)
{
	if (place < fader_law[0].place)
		return PARAM_SILENCE_DB;
	int k = 1;
	while (k < FADER_POINTS - 1 && place > fader_law[k].place)
		k++;
	double slope = (fader_law[k].db - fader_law[k - 1].db) / (fader_law[k].place - fader_law[k - 1].place);
	return fader_law[k - 1].db + (place - fader_law[k - 1].place) * slope;
}

static double
clamp(const struct param *p, double value)
{
	return value < p->min ? p->min : value > p->max ? p->max : value;
}

/* To a number of decimals, so that steps there and back meet again. */
static double
round_to(double value, double grid)
{
	return f_floor(value * grid + 0.5) / grid;
}

/* To four significant digits. */
static double
round_digits(double value)
{
	double grid = 1e3;
	for (double size = value; size >= 10 && grid > 1e-6; size /= 10)
		grid /= 10;
	for (double size = value; size < 1 && grid < 1e9; size *= 10)
		grid *= 10;
	return round_to(value, grid);
}

double
param_step(const struct param *p, double value, double steps)
{
	if (p->type == T_TEXT || p->type == T_REF || p->step == 0 || steps == 0)
		return value;
	if (p->type != T_REAL) {
		double whole = steps * p->step;
		whole = whole > 0 && whole < 1 ? 1 : whole < 0 && whole > -1 ? -1 : whole;
		return clamp(p, f_floor(value + whole + 0.5));
	}
	switch (p->taper) {
	case TAPER_LIN:
		return clamp(p, round_to(value + steps * p->step, 1e6));
	case TAPER_LOG:
		return clamp(p, round_digits(value * f_pow(1 + p->step / 100, steps)));
	case TAPER_FADER:
		return clamp(p, round_to(fader_db(fader_place(value) + steps * p->step), 100));
	}
	return value;
}

double
param_place(const struct param *p, double value)
{
	double place = 0;
	if (p->type == T_TEXT || p->type == T_REF || p->max <= p->min)
		return 0;
	switch (p->taper) {
	case TAPER_LIN:
		place = (value - p->min) / (p->max - p->min);
		break;
	case TAPER_LOG:
		place = value <= p->min ? 0 : f_log(value / p->min) / f_log(p->max / p->min);
		break;
	case TAPER_FADER:
		place = fader_place(value) / fader_place(p->max);
		break;
	}
	return place < 0 ? 0 : place > 1 ? 1 : place;
}

double
param_at(const struct param *p, double place)
{
	double value = p->def;
	if (p->type == T_TEXT || p->type == T_REF)
		return value;
	place = place < 0 ? 0 : place > 1 ? 1 : place;
	switch (p->taper) {
	case TAPER_LIN:
		value = p->min + place * (p->max - p->min);
		break;
	case TAPER_LOG:
		value = p->min * f_pow(p->max / p->min, place);
		break;
	case TAPER_FADER:
		value = place <= 0 ? PARAM_SILENCE_DB : fader_db(place * fader_place(p->max));
		break;
	}
	return clamp(p, p->type == T_REAL ? value : f_floor(value + 0.5));
}

double
param_add(const struct param *p, double value, double amount)
{
	if (p->type == T_TEXT || p->type == T_REF)
		return value;
	if (p->taper == TAPER_FADER) {
		/* Down there a decibel is nothing: -inf stands right below the law's last point. */
		double from = value < fader_law[0].db ? fader_law[0].db : value;
		double to = from + amount;
		return to <= fader_law[0].db && amount < 0 ? PARAM_SILENCE_DB : clamp(p, round_to(to, 1e9));
	}
	return clamp(p, p->type == T_REAL ? round_to(value + amount, 1e9) : f_floor(value + amount + 0.5));
}
