/*
 * Which edits are one movement of the hand, and so one step of undo: nudges of the same address that follow each other
 * within a second, or lines of one drag. Control thread; a gesture is its owner's.
 */
#ifndef CONTROL_GESTURE_H
#define CONTROL_GESTURE_H

enum gesture_kind { GESTURE_NONE, GESTURE_NUDGE, GESTURE_DRAG };
struct gesture {
	enum gesture_kind kind;
	char address[128];
	unsigned selection;
	double when; /* seconds */
};

/* Whether a line of the language goes on with the gesture; it is the gesture from now on. `selection` tells what @
 * stands for apart from what it stood for before. */
int gesture_joins(struct gesture *g, const char *line, int drag, unsigned selection, double now);

/* Anything else was done. */
void gesture_end(struct gesture *g);

#endif
