#include "master/detect_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fpu.h"
#include "session/text.h"

#define LEVELS (1U << HEAR_LEVELS)
#define HUM (1U << HEAR_HUM)
#define TONE (1U << HEAR_TONE)
#define CLICKS (1U << HEAR_CLICKS)
#define CODER (1U << HEAR_CODER)

const struct detector detectors[] = {
    {"unreadable", "stems that cannot be read, or not to their end", "frames_missing",
     "What is not there cannot be mixed: get the file again.", 0, NULL, detect_files},
    {"clipping", "tops that were cut off, at full scale or lowered afterwards", "runs",
     "What was cut off is gone, and the rasp stays at any level: record again, or ask for the take from before it was "
     "turned up.",
     LEVELS, detect_clipping, NULL},
    {"limited", "peaks that a limiter has pressed to one level", "density",
     "Its attacks are gone and no expander brings them back: ask for the stem without the limiter.", LEVELS,
     detect_limited, NULL},
    {"lossy", "sound that MP3, AAC or Vorbis has gone through, and treble cut off as coders do", "edge_hz",
     "Treble and detail that a coder dropped stay lost, and EQ and compression bring out what it left: ask for the "
     "uncompressed original.",
     TONE | CODER, detect_lossy, NULL},
    {"hum", "lines of the mains at 50 or 60 Hz and their multiples", "level_dbfs",
     "Notches at its lines take part of the instrument with them, and a compressor lifts the rest: record again with "
     "a balanced line or another outlet, or gate the pauses.",
     HUM, detect_hum, NULL},
    {"noise", "noise that is left where nobody plays", "level_dbfs",
     "A gate empties the pauses, but under the music the noise stays and a compressor lifts it: record again with more "
     "gain before the converter.",
     TONE, detect_noise, NULL},
    {"clicks", "clicks of some samples", "over_db",
     "No processor of a mix takes a click away: cut it out or draw it over in an editor, and mend the clock or the "
     "buffer that made it.",
     CLICKS, detect_clicks, NULL},
    {"dc", "an offset", "level_dbfs", "It takes headroom and clicks at every cut; the DC filter takes it away.", LEVELS,
     detect_dc, NULL},
    {"sides", "stereo that is none: both sides the same, or one empty", "residue_db",
     "No width can be won from it: make it one channel and place it with the pan, or ask for the stereo take.", LEVELS,
     detect_sides, NULL},
    {"silence", "stems without sound, and long silence before or after it", "peak_dbfs",
     "Nothing can be made of nothing: see whether the right file was exported, or take the strip off the desk.", LEVELS,
     detect_silence, NULL},
    {"pairs", "strips that hear one source, one of them late or upside down", "delay_frames",
     "What two microphones take from one another no EQ gives back; their polarity and time can be set right.", 0, NULL,
     detect_pairs},
    {"rate", "stems of another sample rate than the song's", "rate_hz",
     "The desk converts it, with great care and once; if it was exported wrongly it plays at the wrong speed.", 0, NULL,
     detect_rates},
    {"length", "stems that end elsewhere than the others", "seconds",
     "What was not exported cannot be mixed: see whether the stem is whole and begins where the others do.", 0, NULL,
     detect_lengths},
    {NULL, NULL, NULL, NULL, 0, NULL, NULL},
};

static const struct listener *const listeners[HEAR_COUNT] = {&levels_listener, &hum_listener, &tone_listener,
                                                             &clicks_listener, &coder_listener};

int
detector_named(const char *name)
{
	for (int k = 0; detectors[k].name; k++)
		if (!strcmp(detectors[k].name, name))
			return k;
	return -1;
}

static int
is_chosen(uint64_t chosen, int detector)
{
	return !chosen || chosen >> detector & 1;
}

struct heard *
detect_begin(int rate, int channels, uint64_t chosen)
{
	unsigned hears = 0;
	struct heard *h = text_alloc(sizeof *h);
	*h = (struct heard){.rate = rate, .channels = channels};
	for (int k = 0; detectors[k].name; k++)
		hears |= is_chosen(chosen, k) ? detectors[k].hears : 0;
	for (int k = 0; k < HEAR_COUNT; k++)
		if (hears >> k & 1)
			h->by[k] = listeners[k]->begin(rate, channels);
	return h;
}

void
detect_take(struct heard *h, const float *const *side, size_t frames)
{
	for (int k = 0; k < HEAR_COUNT; k++)
		if (h->by[k])
			listeners[k]->take(h->by[k], side, frames);
	h->frames += (int64_t)frames;
}

void
detect_end(struct heard *h, uint64_t chosen, struct findings *to)
{
	for (int k = 0; k < HEAR_COUNT; k++)
		if (h->by[k] && listeners[k]->finish)
			listeners[k]->finish(h->by[k]);
	for (int k = 0; to && h->frames > 0 && detectors[k].name; k++)
		if (is_chosen(chosen, k) && detectors[k].judge) {
			to->by = &detectors[k];
			detectors[k].judge(h, to);
		}
	for (int k = 0; k < HEAR_COUNT; k++)
		if (h->by[k])
			listeners[k]->free(h->by[k]);
	free(h);
}

struct finding *
finding_new(struct findings *to, enum detect_weight weight, double figure)
{
	if (to->count == to->room) {
		to->room = 2 * to->room + 16;
		to->found = text_realloc(to->found, to->room * sizeof *to->found);
	}
	struct finding *f = &to->found[to->count++];
	*f = (struct finding){.by = to->by, .weight = weight, .figure = figure, .track = to->track, .other = -1};
	return f;
}

void
finding_say(struct finding *f, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(f->text, sizeof f->text, format, args);
	va_end(args);
}

void
finding_time(struct finding *f, double seconds)
{
	if (f->times < DETECT_TIMES)
		f->at[f->times++] = seconds;
}

void
finding_fix(struct finding *f, const char *format, ...)
{
	va_list args;
	int k = 0;
	while (k < DETECT_FIXES && *f->fix[k])
		k++;
	if (k == DETECT_FIXES)
		return;
	va_start(args, format);
	vsnprintf(f->fix[k], sizeof f->fix[k], format, args);
	va_end(args);
}

void
findings_fini(struct findings *f)
{
	free(f->found);
	f->found = NULL;
	f->count = f->room = 0;
}
