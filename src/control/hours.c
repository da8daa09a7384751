#include "control/hours.h"

int
hours_add(struct hours *h, double seconds, int heard)
{
	h->quiet = heard ? 0 : h->quiet + seconds;
	if (h->quiet >= HOURS_PAUSE) {
		h->sitting = 0;
		h->told = 0;
	}
	if (!heard)
		return 0;
	h->listened += seconds;
	h->sitting += seconds;
	int sittings = (int)(h->sitting / HOURS_SITTING);
	if (sittings <= h->told)
		return 0;
	h->told = sittings;
	return (int)(h->sitting / 60);
}
