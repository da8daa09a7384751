/*
 * The desk of the console: session, undo, player and device on a thread of their own that takes lines and gives back
 * events and a snapshot without pointers. Any thread may call what is here, but one at a time (the UI's); desk_open and
 * desk_close belong to the program's main thread.
 */
#ifndef CONTROL_DESK_DESK_H
#define CONTROL_DESK_DESK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct desk;
struct session;

enum desk_kind { DESK_STRIP, DESK_BUS, DESK_DCA, DESK_MIX, DESK_MASTER };

/* Processors of a strip, in the order of its signal. */
enum desk_processor {
	DESK_FILTER,
	DESK_GATE,
	DESK_DEESS,
	DESK_EQ,
	DESK_COMP,
	DESK_TRANSIENT,
	DESK_SAT,
	DESK_EFFECT, /* reverb or delay of a bus, limiter of the master */
	DESK_PROCESSORS
};

#define DESK_STRIPS 200      /* that a view has room for, all kinds together */
#define DESK_SILENCE -144.0f /* dB: at and below it a level is none */

/* A strip, bus, DCA, the mix or the master, as it stands. */
struct desk_strip {
	uint32_t uid;
	enum desk_kind kind;
	int number;        /* place in the order of its kind, from 1 */
	char address[72];  /* "strip/kick" */
	char name[72];     /* fit to be shown */
	char dca[40];      /* its DCAs */
	char out[72];      /* address it plays to, "" for the mix */
	int colour;        /* place among the choices of its parameter */
	float fader, trim; /* dB */
	float pan;         /* -100 to 100 */
	float depth;       /* on the stage, 0 to 100 */
	int mute, solo, safe;
	int marked;
	unsigned on;     /* bits of enum desk_processor */
	float peak[2];   /* dB, greatest since this reader's last look */
	float reduction; /* dB, likewise */
	float level[2];  /* dB: where the needles stand (desk_view.needle) */
	float hold;      /* dB: the greatest peak of late, of both sides; */
	float most;      /* and since clear-peaks */
	unsigned clips;  /* runs at full scale since clear-peaks */
};

/* What moves the meters (`meter`): sample peaks, or needles with the ballistics of a standard (dsp/meter.h). */
enum desk_needle { DESK_PEAK, DESK_K12, DESK_K14, DESK_K20, DESK_PPM, DESK_DIN, DESK_VU, DESK_NEEDLES };

struct desk_view {
	uint32_t seen; /* the desk's own: how far this reader has looked; 0 before its first look */
	enum desk_needle needle;
	uint32_t structure; /* counts up when strips come, go or move */
	char path[256];     /* of the session, fit to be shown */
	char device[128];   /* what plays, in words */
	int dirty, view_only, playing;
	int undos, redos;          /* steps */
	int64_t position, length;  /* frames */
	int64_t loop_in, loop_out; /* frames; none is set where out is 0 */
	int looping;
	char section[72];  /* the marker before the playhead, "" for none */
	double rate;       /* Hz */
	int mastered;      /* the master is heard, else the mix */
	char work[80];     /* what is being rendered, how far it is and for how long yet; "": nothing is */
	char monitor[160]; /* what the monitor does to it, in words; "" while it is neutral */
	float load;        /* of a core's time for a quantum, the worst since this reader's last look */
	float load_mean;   /* the same, its mean over about a second */
	float disk;        /* how full the emptiest ring is, 0 to 1 */
	unsigned xruns, starved;
	unsigned xruns_ours; /* the desk took longer than a period; else the system was late */
	int selected;        /* which strip */
	int marks;           /* how many strips are marked; @ means them, or where there are none the chosen one */
	char recording;      /* letter of the macro that is recorded, 0: none */
	char brief[512];     /* what the mix is to be; fit to be shown */
	double listened;     /* seconds that the session was listened to, in all */
	double sitting;      /* since the last pause of ten minutes */
	int strips;
	struct desk_strip strip[DESK_STRIPS];
};

struct desk_options {
	const char *device;  /* ALSA's name; NULL: "default" */
	int period, periods; /* 0: 256 and 3 */
	int memory;          /* MiB that what is read ahead of stems may take; 0: 40 */
	int view_only;       /* edits and saving are refused */
	const char *variant; /* laid over the session, or NULL */
	const char *meter;   /* a needle's name, and the loudness aimed at as `loudness target` takes it; NULL: as they */
	const char *target;  /* were when the session was left */
	const char *monitor; /* dB that the monitor's level begins at; NULL: one that hurts nobody */
};

/* Takes over a session that lies or will lie at `path`. NULL with err filled; then the session is freed too. */
struct desk *desk_open(struct session *session, const char *path, const struct desk_options *options, struct err *err);

/* Stops the sound, ends the thread, unlocks and frees all; what is not saved is lost. */
void desk_close(struct desk *d);

/* Puts a line (a command of the table, or one of the language) into the queue; at once. */
void desk_send(struct desk *d, const char *line);

/*
 * What came back. DESK_SAYS: a change or an answer in words; DESK_ERROR; DESK_LINES: one line of many; DESK_QUIT
 * (with a text: open the session again, it is free now).
 * DESK_CHANGED: lines were worked off, and the snapshot is newer.
 */
enum desk_event_kind { DESK_SAYS, DESK_ERROR, DESK_LINES, DESK_QUIT, DESK_CHANGED };
struct desk_event {
	enum desk_event_kind kind;
	char text[1024]; /* fit to be shown */
};

/* A descriptor that poll() finds readable when there are events; the next one: 0, or -1 where there is none. */
int desk_fd(const struct desk *d);
int desk_event(struct desk *d, struct desk_event *event);

/*
 * Copies the newest snapshot. Each reader looks with a view of its own, zeroed before the first time, and gets peaks
 * and load since it looked last, whoever else does.
 */
void desk_view(struct desk *d, struct desk_view *view);

/* Needles and their scales: name as typed and as shown, a few words; pure, any thread. */
const char *desk_needle_name(enum desk_needle needle);
const char *desk_needle_title(enum desk_needle needle);
const char *desk_needle_help(enum desk_needle needle);
int desk_needle_find(const char *name); /* -1: there is none */

/* A level in dBFS on the needle's own scale, and with its unit ("-6.0 dBFS", "4.5", "-3.0 VU"); as snprintf. */
float desk_needle_value(enum desk_needle needle, float db);
int desk_needle_text(enum desk_needle needle, float db, char *text, size_t size);

/* Where a level stands on the scale, 0 to 1, and from where on the scale is to be seen as loud, and as too loud. */
float desk_needle_place(enum desk_needle needle, float db);
void desk_needle_zones(enum desk_needle needle, float *careful, float *loud);

/* dB a second that it falls when nothing holds it. */
float desk_needle_fall(enum desk_needle needle);

/* The view that is on the screen, so that the next console shows it again after this one was cut off; "" for none. */
void desk_keep_screen(struct desk *d, const char *view);
void desk_kept_screen(struct desk *d, char view[16]);

/* Commands of the console: one table for prompt, keymap, help and `stemdesk commands`. */
struct desk_command {
	const char *name, *alias; /* alias: a short form, or NULL */
	const char *usage, *help;
	int of_ui;                                               /* done by whoever draws, never by the desk */
	int (*run)(struct desk *d, char *args, struct err *err); /* NULL: the language's, or the UI's */
};
extern const struct desk_command desk_commands[]; /* ended by a NULL name */

/* The command a line begins with, NULL where it is a line of the language; *args (may be NULL): what follows. */
const struct desk_command *desk_command_of(const char *line, const char **args);

#endif
