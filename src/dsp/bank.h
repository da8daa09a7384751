/* Between planar buffers and lanes, and the sums of buses: plain data movement, real-time safe, no state. */
#ifndef DSP_BANK_H
#define DSP_BANK_H

/* A gain on its way to a new value outside of a bank: of a send, a unit. Three poles as dsp/glide.h has. */
struct ramp {
	float y, a, b, d, target, rate; /* a, b, d: distances from the target; y = target + d */
	int moving;
};

void ramp_init(struct ramp *r, double rate, float value);
void ramp_set(struct ramp *r, float value, int snap);
/* One frame on; returns the value in force. */
float ramp_step(struct ramp *r);
/* At the end of a quantum: lands on the target when close. */
void ramp_settle(struct ramp *r);

#endif
