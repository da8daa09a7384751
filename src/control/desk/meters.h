/*
 * The desk's levels since anybody's last look: what was greatest since a moment, held peaks, clips and needles, strip
 * by strip. For the files of desk/ alone; whoever calls holds the desk's lock.
 */
#ifndef CONTROL_DESK_METERS_H
#define CONTROL_DESK_METERS_H

#include <stdint.h>

#include "control/desk/desk.h"
#include "engine/player.h"

/*
 * The greatest of a row of values since any place in it: kept are those that no later one reaches, oldest and greatest
 * first. Where there is no room the two oldest become one, so that only who has not looked for long may see a peak from
 * before.
 */
#define DESK_CREST 16
struct desk_crest {
	int count;
	uint32_t place[DESK_CREST];
	float value[DESK_CREST];
};

void desk_crest_put(struct desk_crest *c, uint32_t place, float value);
/* The greatest behind a place; 0 where there is none. */
float desk_crest_since(const struct desk_crest *c, uint32_t place);

struct desk_meter {
	uint32_t uid;
	struct desk_crest peak[2], reduction; /* factors; dB */
	float level[2], hold, most;           /* dB */
	double held;                          /* seconds: since when */
	unsigned clips;
};

struct desk_meters {
	enum desk_needle needle;
	uint32_t place; /* of the newest values */
	double moved;   /* seconds: when the needles were */
	int nodes;
	struct desk_meter node[PLAYER_NODES];
	struct desk_crest load;
};

/* New values of the player. `now` in seconds, from any beginning. */
void desk_meters_add(struct desk_meters *m, const struct player_meters *values, double now);

/* The same where meters are not to tell what is heard: they fall. The load is shown. */
void desk_meters_rest(struct desk_meters *m, const struct player_meters *values, double now);

/* Lets needles fall and held peaks go. */
void desk_meters_move(struct desk_meters *m, double now);

/* Held peaks and clips begin anew. */
void desk_meters_clear(struct desk_meters *m);

/* What a reader keeps who has seen all there is; 0 is who has seen nothing yet, to whom the newest values are new. */
uint32_t desk_meters_seen(const struct desk_meters *m);
/* The place in the row behind which is what is new to a reader. */
uint32_t desk_meters_since(const struct desk_meters *m, uint32_t seen);

/* Fills a strip's levels since a reader's last look. */
void desk_meters_fill(const struct desk_meters *m, uint32_t seen, struct desk_strip *strip);

#endif
