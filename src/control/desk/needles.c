#include "control/desk/desk.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/*
 * What each needle is read on. zero: dBFS of its 0 (of PPM its 4, which stands for 0 dBu, as VU's 0 for +4 dBu on a
 * line of -18 dBFS, EBU R 68). fall: dB a second that it falls by itself; needles with a motion of their own are not
 * held back. careful, loud: on its own scale, where the music is louder than usual and where it is too loud.
 */
static const struct {
	const char *name, *title, *scale, *help;
	float zero, fall, careful, loud;
} needles[DESK_NEEDLES] = {
    [DESK_PEAK] = {"peak", "peak", "dBFS", "sample peaks", 0, 20 / 1.7f, -9, -1},
    [DESK_K12] = {"k12", "K-12", "dB", "RMS, 0 is -12 dBFS (broadcast)", -12, 100, 0, 4},
    [DESK_K14] = {"k14", "K-14", "dB", "RMS, 0 is -14 dBFS (most music)", -14, 100, 0, 4},
    [DESK_K20] = {"k20", "K-20", "dB", "RMS, 0 is -20 dBFS (film, classical music)", -20, 100, 0, 4},
    [DESK_PPM] = {"ppm", "PPM", "", "quasi-peak, IEC 60268-10 type IIa, 4 is -18 dBFS", -18, 24 / 2.8f, 5, 6},
    [DESK_DIN] = {"din", "DIN PPM", "dB", "quasi-peak, IEC 60268-10 type I, 0 is -9 dBFS", -9, 20 / 1.7f, -5, 0},
    [DESK_VU] = {"vu", "VU", "VU", "mean level, IEC 60268-17, 0 is -18 dBFS", -18, 100, -3, 0},
};

const char *
desk_needle_name(enum desk_needle needle)
{
	return needles[needle].name;
}

const char *
desk_needle_title(enum desk_needle needle)
{
	return needles[needle].title;
}

const char *
desk_needle_help(enum desk_needle needle)
{
	return needles[needle].help;
}

float
desk_needle_fall(enum desk_needle needle)
{
	return needles[needle].fall;
}

float
desk_needle_value(enum desk_needle needle, float db)
{
	return needle == DESK_PPM ? 4 + (db - needles[needle].zero) / 4 : db - needles[needle].zero;
}

int
desk_needle_text(enum desk_needle needle, float db, char *text, size_t size)
{
	const char *unit = needles[needle].scale;
	if (db <= -100)
		return snprintf(text, size, "-inf%s%s", *unit ? " " : "", unit);
	return snprintf(text, size, "%.1f%s%s", (double)desk_needle_value(needle, db), *unit ? " " : "", unit);
}

/* A scale as its marks: value and place. */
struct mark {
	float value, place;
};

static float
between(const struct mark *mark, int count, float value)
{
	if (value <= mark[0].value)
		return 0;
	for (int k = 1; k < count; k++)
		if (value <= mark[k].value)
			return mark[k - 1].place + (value - mark[k - 1].value) * (mark[k].place - mark[k - 1].place) /
			                               (mark[k].value - mark[k - 1].value);
	return 1;
}

static float
place_of(enum desk_needle needle, float value)
{
	/* steeper near full scale, as engineers know meters (IEC 60268-18) */
	static const struct mark peak[] = {{-60, 0}, {-40, 0.15f}, {-30, 0.3f}, {-20, 0.5f}, {0, 1}};
	/* as DIN 45406 divides its scale */
	static const struct mark din[] = {{-50, 0},      {-40, 0.09f}, {-30, 0.2f}, {-20, 0.36f},
	                                  {-10, 0.575f}, {-5, 0.71f},  {0, 0.85f},  {5, 1}};
	float top = -needles[needle].zero;
	switch (needle) {
	case DESK_PEAK:
		return between(peak, 5, value);
	case DESK_K12:
	case DESK_K14:
	case DESK_K20:
		return between((const struct mark[]){{-40, 0}, {top, 1}}, 2, value); /* even steps of dB up to full scale */
	case DESK_PPM:
		return between((const struct mark[]){{0, 0}, {7.5f, 1}}, 2, value);
	case DESK_DIN:
		return between(din, 8, value);
	case DESK_VU: {
		/* even steps of voltage; the scale ends at +3 */
		float place = powf(10, (value - 3) / 20);
		return place < 0.05f ? 0 : place > 1 ? 1 : place;
	}
	case DESK_NEEDLES:
		break;
	}
	return 0;
}

float
desk_needle_place(enum desk_needle needle, float db)
{
	return place_of(needle, desk_needle_value(needle, db));
}

void
desk_needle_zones(enum desk_needle needle, float *careful, float *loud)
{
	*careful = place_of(needle, needles[needle].careful);
	*loud = place_of(needle, needles[needle].loud);
}

int
desk_needle_find(const char *name)
{
	for (int k = 0; k < DESK_NEEDLES; k++)
		if (!strcmp(needles[k].name, name))
			return k;
	return -1;
}
