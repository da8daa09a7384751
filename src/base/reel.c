#include "base/reel.h"

#include <stdatomic.h>
#include <sys/mman.h>

/*
 * head: the frame that is written next; tail: the first one still wanted. Each is written by one side only. Frame f
 * lies at f modulo size; the writer stays below tail + size, and tail only grows.
 */
struct reel {
	int64_t size;
	size_t bytes, all; /* of a frame, and of the whole */
	_Alignas(64) _Atomic int64_t head;
	_Alignas(64) _Atomic int64_t tail;
	_Alignas(64) unsigned char data[];
};

struct reel *
reel_new(size_t frames, size_t bytes, int64_t from)
{
	/* of its own, so that the system has it back at once: rings are large, and come and go with every jump */
	size_t all = sizeof(struct reel) + frames * bytes;
	struct reel *r =
	    frames && from >= 0 ? mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : MAP_FAILED;
	if (r == MAP_FAILED)
		return NULL;
	r->all = all;
	r->size = (int64_t)frames;
	r->bytes = bytes;
	atomic_init(&r->head, from);
	atomic_init(&r->tail, from);
	return r;
}

void
reel_free(struct reel *r)
{
	if (r)
		munmap(r, r->all);
}

size_t
reel_size(const struct reel *r)
{
	return (size_t)r->size;
}

size_t
reel_room(struct reel *r, int64_t *frame, void **to)
{
	int64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	int64_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
	if (head < tail) {
		head = tail;
		atomic_store_explicit(&r->head, head, memory_order_relaxed);
	}
	int64_t room = tail + r->size - head, to_end = r->size - head % r->size;
	*frame = head;
	*to = r->data + (size_t)(head % r->size) * r->bytes;
	return (size_t)(room < to_end ? room : to_end);
}

void
reel_wrote(struct reel *r, size_t frames)
{
	int64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	atomic_store_explicit(&r->head, head + (int64_t)frames, memory_order_release);
}

size_t
reel_ahead(const struct reel *r)
{
	int64_t ahead = atomic_load_explicit(&r->head, memory_order_relaxed);
	ahead -= atomic_load_explicit(&r->tail, memory_order_acquire);
	return ahead > 0 ? (size_t)ahead : 0;
}

size_t
reel_look(const struct reel *r, int64_t frame, size_t count, struct reel_piece piece[2])
{
	int64_t head = atomic_load_explicit(&r->head, memory_order_acquire);
	int64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	piece[0] = piece[1] = (struct reel_piece){NULL, 0};
	if (frame < tail || head <= frame)
		return 0;
	if ((int64_t)count > head - frame)
		count = (size_t)(head - frame);
	size_t at = (size_t)(frame % r->size), first = (size_t)r->size - at;
	first = count < first ? count : first;
	piece[0] = (struct reel_piece){r->data + at * r->bytes, first};
	piece[1] = (struct reel_piece){r->data, count - first};
	return count;
}

size_t
reel_take(struct reel *r, int64_t frame, size_t count, struct reel_piece piece[2])
{
	size_t got = reel_look(r, frame, count, piece);
	if (frame > atomic_load_explicit(&r->tail, memory_order_relaxed))
		atomic_store_explicit(&r->tail, frame, memory_order_release);
	return got;
}
