#include "master/layout.h"

#include <ebur128.h>
#include <string.h>

/* In the order of the mask's bits, as a file's channels are. Without sides, the back ones are those of 5.1, at 110. */
static const struct speaker_place {
	const char *name;
	int place;
} speaker_places[LAYOUT_CHANNELS] = {
    {"L", EBUR128_Mp030},   {"R", EBUR128_Mm030},   {"C", EBUR128_Mp000},   {"LFE", EBUR128_UNUSED},
    {"Lb", EBUR128_Mp135},  {"Rb", EBUR128_Mm135},  {"Lc", EBUR128_MpSC},   {"Rc", EBUR128_MmSC},
    {"Cb", EBUR128_Mp180},  {"Ls", EBUR128_Mp090},  {"Rs", EBUR128_Mm090},  {"Tc", EBUR128_Tp000},
    {"Tfl", EBUR128_Up030}, {"Tfc", EBUR128_Up000}, {"Tfr", EBUR128_Um030}, {"Tbl", EBUR128_Up135},
    {"Tbc", EBUR128_Up180}, {"Tbr", EBUR128_Um135},
};
static const struct speaker_place back[2] = {{"Ls", EBUR128_Mp110}, {"Rs", EBUR128_Mm110}};

#define BACK 4 /* bits of the back pair and of the sides */
#define SIDES 0x600u

/* Masks of files that say nothing, by channels. */
static const uint32_t usual[] = {0, 0x4, 0x3, 0x7, 0x33, 0x37, 0x3f, 0x70f, 0x63f};

static double
weight_of(int place)
{
	switch (place) {
	case EBUR128_UNUSED:
		return 0;
	case EBUR128_Mp110:
	case EBUR128_Mm110:
	case EBUR128_Mp090:
	case EBUR128_Mm090:
		return 1.41;
	default:
		return 1;
	}
}

int
layout_of(const struct media_info *info, struct layout *l, struct err *err)
{
	uint32_t mask = info->channels > 2 ? info->speakers : 0;
	if (!mask && info->channels < (int)(sizeof usual / sizeof *usual))
		mask = usual[info->channels];
	memset(l, 0, sizeof *l);
	for (int bit = 0; bit < LAYOUT_CHANNELS && l->channels < info->channels; bit++) {
		if (!(mask >> bit & 1))
			continue;
		const struct speaker_place *s = &speaker_places[bit];
		if (!(mask & SIDES) && (bit == BACK || bit == BACK + 1))
			s = &back[bit - BACK];
		l->place[l->channels] = s->place;
		l->weight[l->channels] = weight_of(s->place);
		if (l->channels++)
			strcat(l->text, " ");
		strcat(l->text, s->name);
	}
	if (l->channels < info->channels)
		return err_set(
		    err,
		    "has %d channels and does not say which speaker each is, which its loudness depends on; write it "
		    "as an extensible WAV with a channel mask, or measure mono or stereo",
		    info->channels);
	return 0;
}
