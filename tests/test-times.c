/* Times as they are shown: what rounds up to sixty seconds is a minute, and sixty minutes are an hour. */
#include "desktest.h"

#include "base/times.h"

START_TEST(table)
{
	static const struct {
		double seconds;
		int decimals;
		const char *text;
	} t[] = {
	    {0, 3, "0:00.000"},
	    {83.456, 3, "1:23.456"},
	    {83.4564, 3, "1:23.456"},
	    {83.4566, 3, "1:23.457"},
	    {59.9994, 3, "0:59.999"},
	    {59.9996, 3, "1:00.000"},
	    {119.9999, 3, "2:00.000"},
	    {59.94, 1, "0:59.9"},
	    {59.96, 1, "1:00.0"},
	    {59.4, 0, "0:59"},
	    {59.5, 0, "1:00"},
	    {600, 0, "10:00"},
	    {3599.9994, 3, "59:59.999"},
	    {3599.9996, 3, "1:00:00.000"},
	    {3723.456, 3, "1:02:03.456"},
	    {7199.96, 1, "2:00:00.0"},
	    {360000, 0, "100:00:00"},
	    {-1, 1, "0:00.0"},
	    {(double)NAN, 3, "0:00.000"},
	    {HUGE_VAL, 0, "277777777:46:40"},
	};
	for (size_t k = 0; k < sizeof t / sizeof *t; k++) {
		char text[32];
		ck_assert_str_eq(time_text(t[k].seconds, t[k].decimals, text), t[k].text);
	}
}
END_TEST

TEST_MAIN("times", 10, table)
