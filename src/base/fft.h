/*
 * A plain Fourier transform of a power of two, for pictures and balances (not for sound). Any thread, one at a time for
 * each plan; not for the real-time one.
 */
#ifndef BASE_FFT_H
#define BASE_FFT_H

struct fft;

/* A plan for 2^log2 points, 2 to 20; NULL: no memory. */
struct fft *fft_new(int log2);
void fft_free(struct fft *f);

/* Transforms 2^log2 complex points in place: X[k] = sum of x[t] exp(-2 pi i k t / n), unscaled. */
void fft_run(struct fft *f, float *re, float *im);

#endif
