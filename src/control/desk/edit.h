/*
 * What the desk's editing commands share: steps of undo, what @ stands for, and what they remember between two calls.
 * For the files of desk/ alone; the control thread.
 */
#ifndef CONTROL_DESK_EDIT_H
#define CONTROL_DESK_EDIT_H

#include "base/clock.h"
#include "control/desk/parts.h"
#include "control/gesture.h"
#include "control/held.h"
#include "control/hours.h"

struct desk_edit {
	struct gesture gesture;     /* of the last edit */
	uint32_t mark[DESK_STRIPS]; /* uids, in no order */
	int marks;
	unsigned selection; /* counts up when @ stands for something else */

	/* copied values, and what they are in words */
	struct held clip;
	char clip_words[256];

	struct desk_ab *ab; /* comparisons, see desk/ab.c */
	/* macros: by letter, as they are known; the one being recorded, and its letter (0: none) */
	char *macros[26], *macro;
	char recording, macro_last;
	int macro_depth;

	struct hours hours;
	double hours_kept, hours_at, heard_at; /* seconds: as written; of the clock, when last looked, when last heard */

	struct desk_fade *fade; /* to a scene, NULL: none */
	int quiet;              /* what changes is not for others: it is on its way */
};

int desk_edit_open(struct desk *d, struct err *err);
void desk_edit_close(struct desk *d);

/*
 * desk/step.c. Several lines of the language, or other edits of the session, as one step of undo: desk_begin (refused
 * where the session is only looked at), the edits, desk_end, which takes all back where `failed` is set. It says
 * `words`, or where they are NULL what changed; 0, or -1 with err as it was or filled.
 */
int desk_begin(struct desk *d, struct err *err);
int desk_begin_again(struct desk *d, struct err *err); /* goes on with the last step */
int desk_end(struct desk *d, int failed, const char *words, struct err *err);
int desk_undo(struct desk *d, int redo, struct err *err);
int desk_drag(struct desk *d, char *args, struct err *err);

/* desk/mark.c */
void desk_choose(struct desk *d, const struct node *node);
void desk_keep_chosen(struct desk *d); /* after strips came or went */
int desk_is_marked(const struct desk *d, uint32_t uid);
/* What @ stands for, in desk order: at most `room` nodes; returns how many. The chosen one is *chosen, where it is
 * among them, else the first. */
int desk_meant(struct desk *d, struct node **node, int room, struct node **chosen);
int desk_mark(struct desk *d, char *args, struct err *err);
int desk_value(struct desk *d, char *args, struct err *err);
struct node *desk_chosen(struct desk *d);

/* "20 LVox", "bus Verb", "mix": at most 200 bytes */
void desk_node_name(struct desk *d, const struct node *node, char *to, size_t size);
/* The same of what @ stands for: its name, or "4 marked". */
void desk_meant_words(struct desk *d, char *to, size_t size);

/* desk/clip.c, desk/ab.c, desk/preset.c */
int desk_copy(struct desk *d, char *args, struct err *err);
int desk_paste(struct desk *d, char *args, struct err *err);
int desk_group_error(const char *command, const char *group, struct err *err);
int desk_ab(struct desk *d, char *args, struct err *err);
void desk_ab_free(struct desk_ab *ab);
/* Which of two is heard, A or B, of a group of a strip, or of "all" (uid 0); NUL: they are not compared. */
char desk_ab_heard(const struct desk *d, uint32_t uid, const char *group);
int desk_preset(struct desk *d, char *args, struct err *err);
int desk_presets(struct desk *d, char *args, struct err *err);

/* desk/complete.c: after the session changed */
void desk_names_update(struct desk *d);

/* desk/note.c */
int desk_note(struct desk *d, char *args, struct err *err);
int desk_notes(struct desk *d, char *args, struct err *err);
struct node **desk_notes_by_place(struct desk *d, int *count); /* in the order of the song; the caller frees */
void desk_say_brief(struct desk *d);
void desk_hours_open(struct desk *d);
void desk_hours_tick(struct desk *d, int ending);
void desk_journal_listened(struct desk *d, const char *text);         /* desk/journal.c */
const char *desk_clock(struct desk *d, int64_t frame, char text[32]); /* desk/transport.c: "1:02.5" */

/* desk/macro.c */
int desk_macro(struct desk *d, char *args, struct err *err);
void desk_macro_note(struct desk *d, const char *line); /* what the user did */

/* desk.c: a line of the desk's own user */
int desk_do(struct desk *d, const char *line, struct err *err);

/* desk/commands.c: whether a command walks among steps of undo or repeats one, and is not repeated itself */
int desk_walks(const struct desk_command *command);

int desk_stage(struct desk *d, char *args, struct err *err);

/* desk/reference.c */
int desk_reference(struct desk *d, char *args, struct err *err);
/* A file as a new reference (*number 0, and set), or in the place of one there is; and heard at its own level. */
int desk_reference_put(struct desk *d, int *number, const char *path, const char *title, struct err *err);
int desk_reference_level(struct desk *d, int number, struct err *err);
void desk_reference_off(struct desk *d);
/* How loud the reference that is heard is where levels are compared (desk/level.h), with its fader, LUFS. 1; 0: none
 * is heard; -1: it is not known. */
int desk_reference_loudness(struct desk *d, double *lufs);
int desk_reference_number(const struct node *node); /* 0: it is none */
void desk_reference_tick(struct desk *d);           /* says what was measured */
void desk_references_free(struct desk *d);

/* desk/scene.c */
int desk_scene(struct desk *d, char *args, struct err *err);
int desk_scenes(struct desk *d, char *args, struct err *err);
int desk_scene_is_line(const char *line); /* a line of the language, not what the desk alone does with scenes */
void desk_fade_tick(struct desk *d);
void desk_fade_free(struct desk *d);

#endif
