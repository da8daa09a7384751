/* Flush-to-zero for the calling thread: every thread that runs the graph asks for it once, first of all. */
#ifndef BASE_FPU_H
#define BASE_FPU_H

/* Sets flush-to-zero and denormals-are-zero, so that the same bits come out everywhere and decays cost nothing. */
void fpu_flush_denormals(void);

/* Whether this thread flushes now. */
int fpu_flushes_denormals(void);

#endif
