#include "base/times.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#define LONGEST 1e12 /* seconds */

const char *
time_text(double seconds, int decimals, char text[32])
{
	int64_t part = 1;
	for (int k = 0; k < decimals; k++)
		part *= 10;
	seconds = seconds > 0 ? seconds < LONGEST ? seconds : LONGEST : 0;
	/* rounded as a whole, so that what rounds up to 60 seconds is a minute */
	int64_t parts = (int64_t)floor(seconds * (double)part + 0.5), whole = parts / part;
	int n = whole < 3600
	            ? snprintf(text, 32, "%" PRId64 ":%02d", whole / 60, (int)(whole % 60))
	            : snprintf(text, 32, "%" PRId64 ":%02d:%02d", whole / 3600, (int)(whole / 60 % 60), (int)(whole % 60));
	if (decimals > 0)
		snprintf(text + n, 32 - (size_t)n, ".%0*d", decimals, (int)(parts % part));
	return text;
}
