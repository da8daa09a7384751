/* Linear prediction of a sound about a gap in it, and what a gap would hold by it. Pure; any thread. */
#ifndef MASTER_PREDICT_H
#define MASTER_PREDICT_H

#define PREDICT_ORDER 32
#define PREDICT_GAP 25    /* frames that can be filled, at most; odd */
#define PREDICT_MOST 1024 /* frames of each piece that is learnt from */

/*
 * The predictor a[0 .. PREDICT_ORDER], a[0] = 1, with the least error over two pieces of n frames each: Burg's method
 * with the sums over both. The error of frame t is the sum of a[j] x[t - j].
 */
void predict_learn(const float *before, const float *behind, int n, double *a);

/* What filling a gap did. */
struct filled {
	double was, left; /* errors, rms, with the gap as it is, and as the sound about it would fill it */
	double size;      /* greatest difference of the two */
};

/*
 * Fills `gap` frames (odd, at most PREDICT_GAP) with the middle x[0] so that the errors of these and of the frames they
 * are heard in are least squares (Godsill and Rayner, Digital Audio Restoration, 5.1). Reads PREDICT_ORDER frames
 * before the gap and as many behind it, and writes none. 0; -1 where it cannot be solved.
 */
int predict_fill(const double *a, const float *x, int gap, struct filled *out);

#endif
