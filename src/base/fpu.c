#include "base/fpu.h"

#if defined(__SSE2__)
#include <xmmintrin.h>

#define FLUSH 0x8040u /* FTZ and DAZ of MXCSR */

void
fpu_flush_denormals(void)
{
	_mm_setcsr(_mm_getcsr() | FLUSH);
}

int
fpu_flushes_denormals(void)
{
	return (_mm_getcsr() & FLUSH) == FLUSH;
}

#elif defined(__aarch64__)
#include <stdint.h>

#define FLUSH (1ull << 24) /* FZ of FPCR */

void
fpu_flush_denormals(void)
{
	uint64_t fpcr;
	__asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
	__asm__ volatile("msr fpcr, %0" : : "r"(fpcr | FLUSH));
}

int
fpu_flushes_denormals(void)
{
	uint64_t fpcr;
	__asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
	return (fpcr & FLUSH) != 0;
}

#else /* 32-bit ARM's NEON always flushes; others are correct without */

void
fpu_flush_denormals(void)
{
}

int
fpu_flushes_denormals(void)
{
	return 1;
}
#endif
