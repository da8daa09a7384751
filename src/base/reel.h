/*
 * A reel: frames of a file at their absolute places, handed from one thread that reads ahead to one that plays. Neither
 * side ever waits; reel_take is real-time safe. The owner makes, rewinds and frees it while neither thread uses it.
 */
#ifndef BASE_REEL_H
#define BASE_REEL_H

#include <stddef.h>
#include <stdint.h>

struct reel;

/* Room for `frames` frames of `bytes` bytes each, beginning at frame `from`; NULL: no memory. */
struct reel *reel_new(size_t frames, size_t bytes, int64_t from);
void reel_free(struct reel *r);

/* Frames it has room for. */
size_t reel_size(const struct reel *r);

/*
 * Writer: where the next frames go: the pointer, the frame that comes first and how many fit there in one piece (0:
 * full). A player that ran past what was written is followed: the frames it no longer wants are left out.
 */
size_t reel_room(struct reel *r, int64_t *frame, void **to);
void reel_wrote(struct reel *r, size_t frames);

/* Writer: frames that wait to be played. */
size_t reel_ahead(const struct reel *r);

/* What reel_take found: at most two pieces, the second empty where the ring does not wrap. */
struct reel_piece {
	const void *data;
	size_t frames;
};

/* Player: finds up to `count` frames from `frame` on, which stay. Returns how many there are. */
size_t reel_look(const struct reel *r, int64_t frame, size_t count, struct reel_piece piece[2]);

/* Player: gives back all before `frame`, and finds up to `count` frames from there on. Returns how many there are. */
size_t reel_take(struct reel *r, int64_t frame, size_t count, struct reel_piece piece[2]);

#endif
