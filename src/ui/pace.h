/*
 * When frames go to the terminal: no more of them are under way than it has drawn, as far as it tells, so that a slow
 * line shows what is now and not what was. Pure arithmetic of seconds; the UI's thread.
 */
#ifndef UI_PACE_H
#define UI_PACE_H

#define PACE_ASKED 4 /* that can wait for their answers */

struct pace {
	double every;             /* seconds between two frames while something moves */
	double drawn;             /* when the last frame went */
	double asked[PACE_ASKED]; /* when the frames that are not answered yet went, the oldest first */
	int unanswered;
	double round; /* seconds that the last answer took */
	double tried; /* when a terminal that does not answer was asked last */
	int mute;     /* it does not answer: it is asked now and then, and not waited for */
	int ever;     /* it has answered before */
};

/* Begins anew, with a terminal of which nothing is known. */
void pace_init(struct pace *p, double every);

/*
 * Seconds until a frame may go, 0: now. Meters wait until no more than one frame is not answered, an edit (urgent)
 * until no more than three; a second without an answer ends all waiting.
 */
double pace_wait(const struct pace *p, double now, int urgent);

/* Whether the next frame is to end with a question. */
int pace_asks(const struct pace *p, double now);

/* A frame went; `asked`: with a question. */
void pace_drew(struct pace *p, double now, int asked);

void pace_answered(struct pace *p, double now, int answers);

#endif
