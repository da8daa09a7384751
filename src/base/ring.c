#include "base/ring.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* head: messages ever written; tail: ever read. Each is written by one side only; on lines of their own. */
struct ring {
	size_t mask, size;
	_Alignas(64) atomic_size_t head;
	_Alignas(64) atomic_size_t tail;
	_Alignas(64) unsigned char data[];
};

struct ring *
ring_new(size_t count, size_t size)
{
	size_t room = 1;
	while (room < count)
		room *= 2;
	size_t bytes = (sizeof(struct ring) + room * size + 63) / 64 * 64;
	struct ring *r = aligned_alloc(64, bytes);
	if (!r)
		return NULL;
	memset(r, 0, bytes);
	r->mask = room - 1;
	r->size = size;
	return r;
}

void
ring_free(struct ring *r)
{
	free(r);
}

int
ring_put(struct ring *r, const void *message)
{
	size_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	if (head - atomic_load_explicit(&r->tail, memory_order_acquire) > r->mask)
		return -1;
	memcpy(r->data + (head & r->mask) * r->size, message, r->size);
	atomic_store_explicit(&r->head, head + 1, memory_order_release);
	return 0;
}

int
ring_get(struct ring *r, void *message)
{
	size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	if (atomic_load_explicit(&r->head, memory_order_acquire) == tail)
		return -1;
	memcpy(message, r->data + (tail & r->mask) * r->size, r->size);
	atomic_store_explicit(&r->tail, tail + 1, memory_order_release);
	return 0;
}

size_t
ring_count(const struct ring *r)
{
	size_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
	return atomic_load_explicit(&r->head, memory_order_acquire) - tail;
}
