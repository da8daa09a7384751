#include "session/params.h"

#include <locale.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"

/* Numbers are read and written in the C locale, whatever the program's is. */
static pthread_once_t plain_once = PTHREAD_ONCE_INIT;
static locale_t plain_locale;

static void
plain_init(void)
{
	plain_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* Reads the decimal number that is the whole of text[0..len), times ten to the shift: "44.1" shifted by 3 is 44100. */
static int
read_number(const char *text, size_t len, int shift, double *value)
{
	char digits[96];
	size_t at = 0, seen = 0;
	if (len >= sizeof digits - 8)
		return -1;
	if (at < len && (text[at] == '-' || text[at] == '+'))
		at++;
	for (; at < len && text[at] >= '0' && text[at] <= '9'; at++)
		seen++;
	if (at < len && text[at] == '.') {
		for (at++; at < len && text[at] >= '0' && text[at] <= '9'; at++)
			seen++;
	}
	if (!seen)
		return -1;
	size_t mantissa = at;
	int exponent = 0;
	if (at < len && (text[at] == 'e' || text[at] == 'E')) {
		int sign = 1, places = 0;
		at++;
		if (at < len && (text[at] == '-' || text[at] == '+'))
			sign = text[at++] == '-' ? -1 : 1;
		for (; at < len && text[at] >= '0' && text[at] <= '9' && places < 4; at++, places++)
			exponent = exponent * 10 + (text[at] - '0');
		if (!places)
			return -1;
		exponent *= sign;
	}
	if (at != len)
		return -1;
	memcpy(digits, text, mantissa);
	snprintf(digits + mantissa, sizeof digits - mantissa, "e%d", exponent + shift);
	pthread_once(&plain_once, plain_init);
	double number = strtod_l(digits, NULL, plain_locale);
	if (!(number >= -1e300 && number <= 1e300))
		return -1;
	*value = number + 0.0; /* no negative zero */
	return 0;
}

/* snprintf of one double in the C locale: %.*f where fixed is set, %.*g otherwise. */
static int
write_number(char *text, size_t size, bool fixed, int precision, double value)
{
	pthread_once(&plain_once, plain_init);
	locale_t old = uselocale(plain_locale);
	int len = fixed ? snprintf(text, size, "%.*f", precision, value) : snprintf(text, size, "%.*g", precision, value);
	uselocale(old);
	return len;
}

static double
round_half(double value)
{
	return f_floor(value + 0.5);
}

/* A suffix of a unit: the number before it times 10^shift, then times factor. */
struct suffix {
	const char *word;
	int shift;
	double factor; /* 0: frames of the song's rate */
};

static const struct suffix *
suffixes(enum param_unit unit)
{
	static const struct suffix none[] = {{NULL, 0, 0}};
	static const struct suffix db[] = {{"dB", 0, 1}, {NULL, 0, 0}};
	static const struct suffix hz[] = {{"kHz", 3, 1}, {"Hz", 0, 1}, {"k", 3, 1}, {NULL, 0, 0}};
	static const struct suffix time[] = {{"ms", 0, 1}, {"smp", 0, 0}, {"s", 3, 1}, {NULL, 0, 0}};
	static const struct suffix percent[] = {{"%", 0, 1}, {NULL, 0, 0}};
	static const struct suffix ratio[] = {{":1", 0, 1}, {NULL, 0, 0}};
	static const struct suffix bpm[] = {{"bpm", 0, 1}, {NULL, 0, 0}};
	static const struct suffix degrees[] = {{"deg", 0, 1}, {"\xc2\xb0", 0, 1}, {NULL, 0, 0}};
	switch (unit) {
	case U_NONE:
	case U_Q:
	case U_PAN:
		return none;
	case U_DB:
		return db;
	case U_HZ:
		return hz;
	case U_MS:
	case U_FRAMES:
		return time;
	case U_PERCENT:
		return percent;
	case U_RATIO:
		return ratio;
	case U_BPM:
		return bpm;
	case U_DEGREES:
		return degrees;
	}
	return none;
}

/* Whether text ends in word, in any case of ASCII letters. */
static int
ends_in(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);
	if (n > len)
		return 0;
	for (size_t k = 0; k < n; k++) {
		char c = text[len - n + k], w = word[k];
		if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != (w >= 'A' && w <= 'Z' ? w + 32 : w))
			return 0;
	}
	return 1;
}

/* "1:23.456" and "1:02:03" as milliseconds. */
static int
read_clock(const char *text, size_t len, double *ms)
{
	double total = 0;
	int parts = 0;
	for (size_t at = 0; at <= len; parts++) {
		const char *colon = memchr(text + at, ':', len - at);
		size_t end = colon ? (size_t)(colon - text) : len;
		double part;
		if (end == at || text[at] < '0' || text[at] > '9' || read_number(text + at, end - at, 0, &part))
			return -1;
		if (parts && part >= 60)
			return -1;
		if (colon && part != f_floor(part))
			return -1;
		total = total * 60 + part;
		at = end + 1;
	}
	if (parts < 2 || parts > 3)
		return -1;
	*ms = total * 1000;
	return 0;
}

static int
read_pan(const char *text, size_t len, double *value)
{
	if (len == 1 && (*text == 'C' || *text == 'c')) {
		*value = 0;
		return 0;
	}
	int left = len > 1 && (*text == 'L' || *text == 'l');
	int right = len > 1 && (*text == 'R' || *text == 'r');
	if (!left && !right)
		return read_number(text, len, 0, value);
	if (text[1] == '-' || text[1] == '+' || read_number(text + 1, len - 1, 0, value))
		return -1;
	if (left)
		*value = 0 - *value;
	return 0;
}

/* A number with the units that p understands. */
static int
read_value(const struct param *p, const char *text, size_t len, double rate, double *value)
{
	double to_unit = p->unit == U_FRAMES ? rate / 1000 : 1; /* from milliseconds */
	if (p->unit == U_PAN)
		return read_pan(text, len, value);
	if ((p->unit == U_MS || p->unit == U_FRAMES) && memchr(text, ':', len)) {
		if (read_clock(text, len, value))
			return -1;
		*value *= to_unit;
	} else {
		const struct suffix *s = suffixes(p->unit);
		while (s->word && !ends_in(text, len, s->word))
			s++;
		if (!s->word)
			return read_number(text, len, 0, value);
		len -= strlen(s->word);
		while (len && text[len - 1] == ' ')
			len--;
		if (read_number(text, len, s->shift, value))
			return -1;
		if (p->unit != U_MS && p->unit != U_FRAMES)
			return 0;
		if (s->factor == 0)
			to_unit = p->unit == U_FRAMES ? 1 : 1000 / rate;
		*value *= to_unit;
	}
	if (p->unit == U_FRAMES && to_unit != 1)
		*value = round_half(*value);
	return 0;
}

/* The place of a word among the choices, -1 where it is none. */
static int
choice_place(const char *choices, const char *word, size_t len)
{
	for (int place = 0; choices && *choices; place++) {
		size_t n = strcspn(choices, " ");
		if (n == len && !memcmp(choices, word, n))
			return place;
		choices += n;
		choices += strspn(choices, " ");
	}
	return -1;
}

const char *
param_choice(const struct param *p, int place, size_t *len)
{
	const char *word = p->choices;
	for (; word && *word && place > 0; place--) {
		word += strcspn(word, " ");
		word += strspn(word, " ");
	}
	if (!word || !*word || place < 0)
		return NULL;
	*len = strcspn(word, " ");
	return word;
}

int
param_allowed(const struct param *p, char *text, size_t size)
{
	char low[48], high[48];
	switch (p->type) {
	case T_TEXT:
		return snprintf(text, size, "text in double quotes");
	case T_REF:
		return p->id == P_OUT ? snprintf(text, size, "mix, none or a bus such as bus/drums")
		                      : snprintf(text, size, "none, or a node such as strip/kick or bus/drums");
	case T_SWITCH:
		return snprintf(text, size, "on or off");
	case T_CHOICE:
		return snprintf(text, size, "one of: %s", p->choices);
	case T_INT:
	case T_REAL:
		break;
	}
	param_format(p, p->min, low, sizeof low);
	param_format(p, p->max, high, sizeof high);
	static const char *const words[] = {
	    [U_NONE] = "",
	    [U_DB] = " dB",
	    [U_HZ] = " Hz",
	    [U_MS] = " ms",
	    [U_FRAMES] = " frames",
	    [U_PERCENT] = " %",
	    [U_PAN] = " (L100 to R100)",
	    [U_RATIO] = ":1",
	    [U_Q] = "",
	    [U_BPM] = " bpm",
	    [U_DEGREES] = " degrees",
	};
	return snprintf(text, size, "%s to %s%s%s", low, high, words[p->unit],
	                p->type == T_INT && p->unit == U_NONE ? ", whole" : "");
}

static int
refuse(const struct param *p, const char *text, const char *why, struct err *err)
{
	char allowed[256];
	param_allowed(p, allowed, sizeof allowed);
	return err_set(err, "\"%.60s\" %s for %s: %s", text, why, p->address, allowed);
}

static int
parse(const struct param *p, const char *text, double rate, double *value)
{
	size_t len = strlen(text);
	if (p->type == T_SWITCH) {
		if (!strcmp(text, "on") || !strcmp(text, "1"))
			*value = 1;
		else if (!strcmp(text, "off") || !strcmp(text, "0"))
			*value = 0;
		else
			return -1;
		return 0;
	}
	if (p->type == T_CHOICE) {
		int place = choice_place(p->choices, text, len);
		*value = place;
		return place < 0 ? -1 : 0;
	}
	if (p->taper == TAPER_FADER && (!strcmp(text, "-inf") || !strcmp(text, "-infdB") || !strcmp(text, "-inf dB"))) {
		*value = PARAM_SILENCE_DB;
		return 0;
	}
	return read_value(p, text, len, rate, value);
}

int
param_parse(const struct param *p, const char *text, double rate, double *value, struct err *err)
{
	double number = 0;
	if (p->type == T_TEXT || p->type == T_REF)
		return refuse(p, text, "is no number", err);
	if (parse(p, text, rate, &number))
		return refuse(p, text, strchr(text, ',') ? "is not possible (decimals have a point)" : "is not possible", err);
	if (p->taper == TAPER_FADER && number < PARAM_SILENCE_DB)
		number = PARAM_SILENCE_DB;
	if (!(number >= p->min && number <= p->max))
		return refuse(p, text, "is out of range", err);
	if (p->type == T_INT && number != f_floor(number))
		return refuse(p, text, "is not whole", err);
	*value = number;
	return 0;
}

int
param_parse_steps(const struct param *p, const char *text, double *steps, struct err *err)
{
	size_t len = strlen(text);
	len -= ends_in(text, len, "s");
	if (!ends_in(text, len, "step"))
		return 0;
	len -= 4;
	while (len && text[len - 1] == ' ')
		len--;
	if (p->step == 0)
		return err_set(err, "%s has no steps: set it", p->address);
	if (read_number(text, len, 0, steps) || !(*steps >= -1e6 && *steps <= 1e6))
		return err_set(err, "\"%.60s\" is no number of steps", text);
	return 1;
}

int
param_parse_amount(const struct param *p, const char *text, double rate, double *amount, struct err *err)
{
	double number = 0;
	if (p->type == T_TEXT || p->type == T_REF)
		return err_set(err, "%s is no number that could be nudged", p->address);
	if (p->type == T_SWITCH)
		return err_set(err, "%s is a switch: on, off or toggle", p->address);
	if (p->type == T_CHOICE ? read_number(text, strlen(text), 0, &number)
	                        : read_value(p, text, strlen(text), rate, &number))
		return err_set(err, "\"%.60s\" is no amount to change %s by", text, p->address);
	if (p->type != T_REAL && number != f_floor(number))
		return refuse(p, text, "is not whole", err);
	if (!(number >= -1e12 && number <= 1e12))
		return refuse(p, text, "is out of range", err);
	*amount = number;
	return 0;
}

int
param_format(const struct param *p, double value, char *text, size_t size)
{
	size_t len = 0;
	const char *word;
	switch (p->type) {
	case T_TEXT:
	case T_REF:
		return snprintf(text, size, "%s", "");
	case T_SWITCH:
		return snprintf(text, size, "%s", value != 0 ? "on" : "off");
	case T_CHOICE:
		word = param_choice(p, (int)value, &len);
		return snprintf(text, size, "%.*s", (int)len, word ? word : "");
	case T_INT:
	case T_REAL:
		break;
	}
	if (p->taper == TAPER_FADER && value <= PARAM_SILENCE_DB)
		return snprintf(text, size, "-inf");
	value += 0.0;
	if (p->unit == U_PAN && value != 0) {
		char place[48];
		const struct param plain = {.type = T_REAL, .unit = U_NONE};
		param_format(&plain, value < 0 ? -value : value, place, sizeof place);
		return snprintf(text, size, "%c%s", value < 0 ? 'L' : 'R', place);
	}
	if (value == 0)
		return snprintf(text, size, p->unit == U_PAN ? "C" : "0");
	if (value > -1e15 && value < 1e15 && value == f_floor(value))
		return write_number(text, size, true, 0, value);
	char trial[48];
	int precision = 1;
	for (; precision < 17; precision++) {
		double back = 0;
		int n = write_number(trial, sizeof trial, false, precision, value);
		if (n > 0 && !read_number(trial, (size_t)n, 0, &back) && back == value)
			break;
	}
	return write_number(text, size, false, precision, value);
}

/* A number with fixed decimals and its unit. */
static int
show(char *text, size_t size, int decimals, double value, const char *unit)
{
	char number[64];
	double unsign = value < 0 ? -value : value;
	double half = 0.5;
	for (int k = 0; k < decimals; k++)
		half /= 10;
	write_number(number, sizeof number, true, decimals, unsign < half ? 0 : value);
	return snprintf(text, size, "%s%s", number, unit);
}

int
param_show(const struct param *p, double value, char *text, size_t size)
{
	if (p->type == T_SWITCH || p->type == T_CHOICE || p->type == T_TEXT || p->type == T_REF)
		return param_format(p, value, text, size);
	if (p->taper == TAPER_FADER && value <= PARAM_SILENCE_DB)
		return snprintf(text, size, "-inf dB");
	switch (p->unit) {
	case U_NONE:
		return p->type == T_INT ? show(text, size, 0, value, "") : show(text, size, 2, value, "");
	case U_DB:
		return show(text, size, 1, value, " dB");
	case U_HZ:
		if (p->type == T_INT)
			return show(text, size, 0, value, " Hz");
		return value >= 999.5 ? show(text, size, 2, value / 1000, " kHz")
		                      : show(text, size, value < 99.95 ? 1 : 0, value, " Hz");
	case U_MS:
		return value >= 999.5 ? show(text, size, 2, value / 1000, " s")
		                      : show(text, size,
		                             value < 9.995   ? 2
		                             : value < 99.95 ? 1
		                                             : 0,
		                             value, " ms");
	case U_FRAMES:
		return show(text, size, 0, value, " smp");
	case U_PERCENT:
		return show(text, size, 0, value, " %");
	case U_PAN:
		if (value > -0.5 && value < 0.5)
			return snprintf(text, size, "C");
		return snprintf(text, size, "%c%d", value < 0 ? 'L' : 'R', (int)((value < 0 ? -value : value) + 0.5));
	case U_RATIO:
		return show(text, size, value < 9.95 ? 1 : 0, value, ":1");
	case U_Q:
		return show(text, size, 2, value, "");
	case U_BPM:
		return show(text, size, 1, value, " bpm");
	case U_DEGREES:
		return show(text, size, 0, value, " deg");
	}
	return show(text, size, 2, value, "");
}
