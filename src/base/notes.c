#include "base/notes.h"

/* Lengths in quarter notes, as fractions: a dotted note is 3/2 of its own, a triplet's 2/3. */
static const struct {
	int over, under;
} quarters[NOTE_COUNT] = {
    {0, 1}, {4, 1}, {2, 1}, {3, 1}, {4, 3}, {1, 1}, {3, 2}, {2, 3}, {1, 2}, {3, 4}, {1, 3}, {1, 4}, {3, 8}, {1, 6},
};

/* over / under to the nearest, a half up */
static int64_t
nearest(int64_t over, int64_t under)
{
	return (over + under / 2) / under;
}

static int64_t
millionths(double x)
{
	return (int64_t)(x * 1e6 + 0.5);
}

int64_t
note_frames(int note, double bpm, double rate)
{
	if (note <= 0 || note >= NOTE_COUNT || !(bpm >= 1e-6))
		return 0;
	int64_t frames_a_minute = (int64_t)(rate + 0.5) * 60;
	return nearest(frames_a_minute * quarters[note].over * 1000000, millionths(bpm) * quarters[note].under);
}

int64_t
ms_frames(double ms, double rate)
{
	if (!(ms > 0))
		return 0;
	return nearest(millionths(ms) * (int64_t)(rate + 0.5), 1000000000);
}
