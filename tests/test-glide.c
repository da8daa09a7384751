/* Glides and ramps arrive: within 0.12 % in 50 ms, at exactly their target soon after, at any rate and any value.
 */
#define LANES 4
#include "base/fpu.h"
#include "dsp/bank.h"
#include "dsp/dsp.h"
#include "dsp/glide.h"

#include "desktest.h"

START_TEST(test_arrives)
{
	static const double rates[] = {8000, 44100, 48000, 96000, 192000};
	static const float ways[][2] = {{0, 1}, {1, 0}, {0.25f, 1.4f}, {-1, 1}, {3.98f, 0.003f}, {0, 1000}};
	fpu_flush_denormals();
	for (size_t r = 0; r < sizeof rates / sizeof *rates; r++)
		for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
			struct glide g;
			struct ramp p;
			float from = ways[w][0], to = ways[w][1], size = fabsf(to - from);
			glide_init(&g, rates[r], from);
			ramp_init(&p, rates[r], from);
			glide_set(&g, 2, to, 0);
			ramp_set(&p, to, 0);
			int frames = (int)(0.15 * rates[r]), near = (int)(0.05 * rates[r]);
			for (int n = 0; n < frames; n++) {
				if (g.moving) {
					glide_step(&g);
					if (n % QUANTUM == QUANTUM - 1)
						glide_settle(&g);
				}
				if (p.moving) {
					ramp_step(&p);
					if (n % QUANTUM == QUANTUM - 1)
						ramp_settle(&p);
				}
				ck_assert(g.y[2] == p.y);
				ck_assert(g.y[0] == from && g.y[3] == from);
				if (n >= near)
					ck_assert(fabsf(p.y - to) <= 0.0012f * size);
			}
			ck_assert(!g.moving && !p.moving);
			ck_assert(g.y[2] == to && p.y == to);
			glide_set(&g, 2, to, 0);
			ck_assert(!g.moving);
		}
}
END_TEST

TEST_MAIN("glide", 20, test_arrives)
