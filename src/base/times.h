/* Times as they are shown: the one place where seconds become minutes. Any thread. */
#ifndef BASE_TIMES_H
#define BASE_TIMES_H

/*
 * "1:23.456", from an hour on "1:02:03.456": seconds rounded to 0 to 3 decimals, below 0 and what is no number as 0.
 * Returns text.
 */
const char *time_text(double seconds, int decimals, char text[32]);

#endif
