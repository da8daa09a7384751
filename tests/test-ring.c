/* The ring between two threads: order, fullness, wrap, and nothing torn while both sides run. */
#include <pthread.h>
#include <sched.h>

#include "base/ring.h"
#include "desktest.h"

/* Three words that belong together: a torn message would disagree. */
struct parcel {
	uint64_t number, square, check;
};

static struct parcel
parcel(uint64_t n)
{
	return (struct parcel){n, n * n, n ^ 0x5555555555555555u};
}

START_TEST(keeps_order_and_size)
{
	/* Rooms of 1 to 5: rounded up to powers of two, filled to the brim, emptied, at every place of the wrap. */
	for (size_t room = 1; room <= 5; room++) {
		size_t holds = 1;
		while (holds < room)
			holds *= 2;
		struct ring *r = ring_new(room, sizeof(struct parcel));
		struct parcel p;
		ck_assert_ptr_nonnull(r);
		uint64_t in = 0, out = 0;
		for (int turn = 0; turn < 20; turn++) {
			while (p = parcel(in), ring_put(r, &p) == 0)
				in++;
			ck_assert_uint_eq(in - out, holds);
			ck_assert_uint_eq(ring_count(r), holds);
			for (size_t k = 0; k < 1 + (size_t)turn % holds; k++) {
				ck_assert_int_eq(ring_get(r, &p), 0);
				struct parcel due = parcel(out++);
				ck_assert_mem_eq(&p, &due, sizeof p);
			}
		}
		while (ring_get(r, &p) == 0)
			out++;
		ck_assert_uint_eq(in, out);
		ck_assert_uint_eq(ring_count(r), 0);
		ck_assert_int_eq(ring_get(r, &p), -1);
		ring_free(r);
	}
	ring_free(NULL);
}
END_TEST

#define PARCELS 20000

static void *
write_all(void *arg)
{
	for (uint64_t n = 0; n < PARCELS; n++) {
		struct parcel p = parcel(n);
		while (ring_put(arg, &p))
			sched_yield();
	}
	return NULL;
}

START_TEST(two_threads)
{
	struct ring *r = ring_new(4, sizeof(struct parcel));
	pthread_t writer;
	ck_assert_int_eq(pthread_create(&writer, NULL, write_all, r), 0);
	for (uint64_t n = 0; n < PARCELS; n++) {
		struct parcel p, due = parcel(n);
		while (ring_get(r, &p))
			sched_yield();
		ck_assert_mem_eq(&p, &due, sizeof p);
	}
	pthread_join(writer, NULL);
	ck_assert_uint_eq(ring_count(r), 0);
	ring_free(r);
}
END_TEST

TEST_MAIN("ring", 60, keeps_order_and_size, two_threads)
