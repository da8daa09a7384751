/*
 * What a line that is being typed may go on with: commands, addresses, values, and what there is of strips, scenes,
 * markers and presets. complete_score and complete_line are pure functions; desk_complete may be called by any thread.
 */
#ifndef CONTROL_COMPLETE_H
#define CONTROL_COMPLETE_H

#include <stddef.h>

#include "control/desk/desk.h"

#define COMPLETE_MOST 64

/* One way to go on: what stands in the line from completion.from to the cursor, and a few words about it. */
struct complete_offer {
	char text[160];
	char help[160];
	int score; /* of what was typed: the greatest first */
};

struct completion {
	size_t from; /* bytes */
	int count;
	struct complete_offer offer[COMPLETE_MOST];
};

/*
 * How well letters that stand in a text in that order name it: 0 not at all, more the closer together they stand, the
 * more of them begin words, and the shorter the text is.
 */
int complete_score(const char *text, const char *letters);

/*
 * Completes the word before the cursor. `names`: lines of what has a name of its own beside the strips of the view,
 * "scene 3 Chorus", "marker bridge Bridge", "preset kick kick drum", "row target where ...", "row/target cd CD".
 */
void complete_line(const struct desk_view *view, const char *names, const char *line, size_t cursor,
                   struct completion *out);

/* The same with a desk's own. */
void desk_complete(struct desk *d, const char *line, size_t cursor, struct completion *out);

#endif
