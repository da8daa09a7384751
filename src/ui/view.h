/*
 * What the console's views share, and the table of them: each draws the desk into a grid, the whole middle of the
 * screen or a panel beside the mixer, and may take commands of its own. The UI's thread.
 */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include "control/desk/desk.h"
#include "control/desk/faults.h"
#include "control/desk/render.h"
#include "control/desk/routes.h"
#include "control/desk/shelf.h"
#include "control/desk/tape.h"
#include "control/desk/scope.h"
#include "control/desk/verdicts.h"
#include "control/keymap.h"
#include "ui/grid.h"
#include "ui/master.h"
#include "ui/meters.h"
#include "ui/mouse.h"
#include "ui/prompt.h"
#include "ui/strip.h"

#define VIEWS 16 /* the most that the table may have */

struct view;

/* Where the overview has its strips, columns of the screen. */
struct mixer_place {
	int first, strips;          /* the first that is shown, and how many */
	int left, width;            /* where that is, and of each */
	int masters, masters_width; /* the mix and the master */
};

struct screen {
	struct desk *desk;
	const struct keymap *keys;
	const struct view *current;
	struct desk_view view;       /* the newest snapshot */
	struct desk_values values;   /* of the chosen strip */
	struct strip strip;          /* what else its views show */
	struct master master;        /* what its view shows */
	struct desk_tape tape;       /* the song along its time, while it is shown */
	struct desk_shelf shelf;     /* scenes, notes and presets, while they are shown */
	int shelf_at, shelf_first;   /* the chosen one, and the row at the top */
	int tape_first;              /* strip at its top */
	struct desk_render render;   /* what is to be rendered, while it is shown */
	int render_at, render_first; /* the chosen row, and the one at the top */
	struct desk_routes routes;   /* who plays to whom */
	struct meters meters;
	int still;          /* no meters */
	int hold;           /* meters and the like stay as they are: this frame is for an edit, and the line is busy */
	double now;         /* seconds, from any beginning: of the frame being drawn, or the key */
	char message[1024]; /* what changed last, or an error */
	int error;
	double told;    /* seconds: when the message came */
	int told_rows;  /* lines that it takes */
	char hint[200]; /* keys, or what was typed of one */
	int redraw;     /* all of it is to be written again */
	int describing; /* the next keys are not done but explained */
	int pasting;    /* what comes was pasted */
	struct prompt prompt;
	char typing[160]; /* the address that the prompt types a value of */
	struct keymap_typed typed;
	double typed_at; /* seconds: when the first key of those came */
	struct mixer_place place;
	struct mouse_drag drag;
	int mixer_first;               /* of the strips shown */
	int sends_first;               /* strip at the left of the sends */
	int sends_first_bus;           /* bus at their top */
	struct desk_verdicts verdicts; /* while they are shown */
	int verdicts_wanted;
	int verdict, verdict_first; /* the place that is chosen, and the one at the top */
	struct desk_faults faults;  /* while they are shown */
	int faults_wanted;
	int fault, fault_first;       /* the one that is chosen, and the one at the top */
	int fault_gone;               /* that the desk went to last */
	int help_first;               /* line at the top */
	const struct view *help_from; /* the view that it was asked for in */
	char help_filter[80];         /* words that its lines are to have */
	int row[VIEWS];               /* by view: which of its values has the focus */
};

struct view {
	const char *name;  /* as in keymaps and in `view NAME`; one of keymap_views */
	const char *title; /* a few words */

	/*
	 * Draws it into the whole of a grid that is blank, and sets where the cursor is to stand: on what has the focus.
	 * Left alone, it stands on the value that has the focus in the line below.
	 */
	void (*draw)(struct screen *s, struct grid *g);

	/* Takes a command that the screen does itself (desk_command.of_ui). 0: it is none of this view's. May be NULL. */
	int (*command)(struct screen *s, const char *name, const char *args);

	/*
	 * The address of its k-th value from the top, that j and k walk through: "@/eq/2/freq", "master/limiter/gain". 0;
	 * ROW_NONE: the chosen strip has no such value, and it is passed over; ROW_END: there are no more. NULL: the view
	 * has no values. From this the frame makes steps, typed values, defaults and descriptions.
	 */
	int (*row)(const struct screen *s, int k, char *address, size_t size);
	int first_row; /* that has the focus at first */
};

/* The views, ended by a NULL name; the first is the one the console opens with. */
extern const struct view views[];

/* NULL: there is none of that name. */
const struct view *view_find(const char *name);

/* Which row has the focus in the current view, and its address; -1 where nothing has. Views draw it underlined. */
int screen_row(const struct screen *s);
int screen_focus(const struct screen *s, char *address, size_t size);

/* The value of the chosen strip behind an address ("@/eq/2/freq"); NULL: it is another's, or not there. */
const struct desk_value *screen_value(const struct screen *s, const char *address);

/* Says something in the last line, an error or not. */
void screen_say(struct screen *s, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Takes what is newest from the desk; s->now is when. */
void screen_take(struct screen *s);

/* Draws the current view and the lines around it into the whole screen. */
void screen_draw(struct screen *s, struct grid *g);

void mixer_draw(struct screen *s, struct grid *g);
int mixer_row(const struct screen *s, int k, char *address, size_t size);
void eq_draw(struct screen *s, struct grid *g);
int eq_command(struct screen *s, const char *name, const char *args);
#define EQ_FIRST_ROW 15 /* the gain of the first band */
int eq_row(const struct screen *s, int k, char *address, size_t size);
void dynamics_draw(struct screen *s, struct grid *g);
int dynamics_command(struct screen *s, const char *name, const char *args);
int dynamics_row(const struct screen *s, int k, char *address, size_t size);
void list_draw(struct screen *s, struct grid *g);
int list_command(struct screen *s, const char *name, const char *args);
int list_row(const struct screen *s, int k, char *address, size_t size);
void sends_draw(struct screen *s, struct grid *g);
int sends_command(struct screen *s, const char *name, const char *args);
int sends_row(const struct screen *s, int k, char *address, size_t size);
void stage_draw(struct screen *s, struct grid *g);
int stage_command(struct screen *s, const char *name, const char *args);
int stage_row(const struct screen *s, int k, char *address, size_t size);
void master_draw(struct screen *s, struct grid *g);
int master_row(const struct screen *s, int k, char *address, size_t size);
void scenes_draw(struct screen *s, struct grid *g);
int scenes_command(struct screen *s, const char *name, const char *args);
void tape_draw(struct screen *s, struct grid *g);
void verdicts_draw(struct screen *s, struct grid *g);
/* All places in few rows, or where there are fewer than verdicts_rows says, in one. */
void verdicts_brief(struct screen *s, struct grid *g);
int verdicts_rows(const struct screen *s, int cols);
int verdicts_command(struct screen *s, const char *name, const char *args);
void faults_draw(struct screen *s, struct grid *g);
int faults_command(struct screen *s, const char *name, const char *args);
void render_draw(struct screen *s, struct grid *g);
int render_command(struct screen *s, const char *name, const char *args);
void help_draw(struct screen *s, struct grid *g);
int help_command(struct screen *s, const char *name, const char *args);

#endif
