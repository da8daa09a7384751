/*
 * The mouse, where it is wanted: a click chooses a strip of the overview, a drag moves its fader, the wheel does so by
 * steps. The UI's thread.
 */
#ifndef UI_MOUSE_H
#define UI_MOUSE_H

struct screen;

enum mouse_kind { MOUSE_PRESS, MOUSE_DRAG, MOUSE_RELEASE, MOUSE_UP, MOUSE_DOWN };
struct mouse {
	enum mouse_kind kind;
	int row, col; /* of the screen, from 0 */
};

/* What a drag remembers; begins as 0. */
struct mouse_drag {
	char address[72]; /* of the strip, "" for none */
	int row;          /* where it was taken hold of */
	float fader;      /* dB, as it was then */
};

/* Does what the mouse asks for, by the lines that keys would send. */
void mouse_take(struct screen *s, const struct mouse *m);

#endif
