/* A strip of one sine, for tests of bounces by the real program. Test programs only. */
#ifndef PROGRAMTEST_H
#define PROGRAMTEST_H

#include "bouncetest.h"

#define RATE 48000
#define FRAMES 24000

static inline double
sine(int64_t t, int c)
{
	return 0.25 * sin(2 * M_PI * (c ? 1500 : 1000) * (double)t / RATE);
}

#define ONE(name) "stemdesk 1\nstrip/" name "/name \"" name "\"\nstrip/" name "/region/r1/file " name ".wav\n"
#define REGION(name) "strip/" name "/name \"" name "\"\nstrip/" name "/region/r1/file " name ".wav\n"

#endif
