/*
 * A ring of fixed-size messages from one thread to one other: the only place with atomics. Neither side ever waits;
 * both calls are real-time safe. The owner makes and frees it while neither thread uses it.
 */
#ifndef BASE_RING_H
#define BASE_RING_H

#include <stddef.h>

struct ring;

/* Room for `count` (rounded up to a power of two) messages of `size` bytes; NULL: no memory. */
struct ring *ring_new(size_t count, size_t size);
void ring_free(struct ring *r);

/* Writer: copies a message in. 0, or -1 when the ring is full. */
int ring_put(struct ring *r, const void *message);

/* Reader: copies the oldest message out. 0, or -1 when the ring is empty. */
int ring_get(struct ring *r, void *message);

/* Messages that wait. Exact for the reader (at least) and the writer (at most). */
size_t ring_count(const struct ring *r);

#endif
