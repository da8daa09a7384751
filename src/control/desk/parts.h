/* The desk from inside, for the files of desk/ alone: all of it is the control thread's but what `lock` guards. */
#ifndef CONTROL_DESK_PARTS_H
#define CONTROL_DESK_PARTS_H

#include <pthread.h>

#include "control/desk/desk.h"
#include "control/desk/meters.h"
#include "control/desk/routes.h"
#include "control/desk/scope.h"
#include "control/desk/shelf.h"
#include "control/desk/tape.h"
#include "device/device.h"
#include "engine/player.h"
#include "master/speakers.h"
#include "master/targets.h"
#include "engine/stems.h"
#include "engine/stream.h"
#include "session/session.h"

/* Lines or events that wait, oldest first. */
struct desk_item {
	struct desk_item *next;
	enum desk_event_kind kind;
	int from;    /* whose line: 0 the UI's, else an ear's (control/desk/ear.h) */
	char text[]; /* NUL-terminated */
};
struct desk_queue {
	struct desk_item *first, **last;
	int fd; /* an eventfd, readable while there is something */
};

/* What a node was before an edit, to say what changed. */
struct desk_was {
	uint32_t uid;
	double value[PARAM_COUNT];
};

/* A strip whose peaks are watched. */
#define DESK_WATCHES 32
struct desk_watcher {
	uint32_t uid, seen; /* seen: what the watcher has seen of the meters */
	float level;        /* dB */
	int told;           /* since the song began to play */
};

struct desk {
	struct session *session;
	char *path;
	int locked, view_only, mastered;
	int on_purpose;               /* it is the user who leaves */
	struct desk_journal *journal; /* NULL while only looked at */
	struct desk_bounce *bounce;   /* under way, or NULL */
	struct desk_codec *codec;     /* what came back from codecs (desk/codec.c); NULL: nobody asked yet */
	uint32_t edits;               /* counts up when the song changes, references and notes aside */
	struct desk_left *before;     /* what the desk before left under way, or NULL */
	struct desk_sheet *sheet;     /* what is to be rendered (desk/sheet.h); NULL: nobody asked yet */
	double render_built;          /* seconds: when its picture was made */
	uint32_t structure;
	char *last_line;                   /* the last edit, for repeat */
	struct desk_reference *references; /* measured files (desk/reference.c) */
	int match_shortterm;               /* they are as loud as the last three seconds; else as the whole so far */
	struct desk_abx *abx;              /* a blind test under way, NULL: none */
	int hush;                          /* what is done is not to be told */
	struct desk_edit *edit;            /* what editing commands remember (desk/edit.h) */

	/* sound */
	struct stems *stems;
	struct streams *streams;
	struct player *player;
	struct monitor_settings monitor;
	int softened; /* its level is the safe one of the beginning, and nobody was told yet how to raise it */
	struct targets targets;
	char place[32];                /* the target that is heard, "": none; guarded */
	char place_last[32];           /* that was heard last */
	int place_mastered;            /* what it was judged by: the master, else the mix, */
	double place_seconds;          /* and how much of it */
	char heard_codec[16];          /* the codec that is heard, "": none; guarded */
	uint32_t heard_stamp;          /* counts up with both, and with what is known of codecs; guarded */
	struct desk_bypass *bypass;    /* desk/bypass.c; NULL: never used */
	struct desk_prepare *prepare;  /* desk/prepare.c, under way; or NULL */
	struct desk_hunt *hunt;        /* desk/faults.c, guarded; NULL: never used */
	int faults_stale;              /* the session changed since */
	const struct speaker *speaker; /* heard through, NULL: none */
	struct device *device;
	char device_name[96], device_words[128];
	int period, periods, buffer; /* frames; buffer: of the device */
	int first;                   /* the device's channel that gets the left side, from 0 */
	int told_priority;           /* what grants real-time priority */
	size_t memory;               /* bytes that the rings of stems may take */
	double rate;                 /* Hz, that the player and the device were opened for */
	char key_words[160];         /* what is listened to where the pick has a key */
	struct player_pick pick;     /* what is heard; its tap follows `mastered` */
	struct player_meters played; /* the newest of the player */
	struct player_view looked;   /* what the player was asked to show */
	struct desk_look *look;
	char aim[40]; /* the loudness aimed at, as it was said */
	struct desk_watcher watch[DESK_WATCHES];
	int watches, watched_play;      /* watched_play: whether it played when they were looked at */
	int playing;                    /* as asked for */
	int64_t position, length;       /* frames */
	int64_t frame;                  /* the position counted on through a loop */
	struct loop loop, playing_loop; /* as it is set, and of the player's newest graph */
	int looping;
	unsigned xruns, xruns_ours;
	float load_mean;
	size_t told; /* warnings of stems so far */

	/* changes of the line under way, and values on their way to the player */
	uint32_t changed[PLAYER_NODES];
	int changes, rebuild, resend;
	struct desk_was *was;
	size_t was_count;
	char words[1024];  /* what changed */
	uint32_t words_of; /* the node that they say came or went, 0: none */
	int more;          /* changes beyond those in words */
	uint32_t selected; /* uid */

	/* others beside the UI */
	pthread_mutex_t ear_lock;
	int left;                   /* the UI was told to leave: no line is done any more */
	const struct desk_ear *ear; /* guarded by ear_lock */
	int from;                   /* whose line runs */
	int led_out;                /* the line named a file outside of the session's folder */
	int listen, listening;      /* guarded by lock: wanted, and done */

	pthread_t thread;
	int running;
	pthread_mutex_t lock;
	struct desk_queue lines, events;  /* guarded */
	char screen[16];                  /* guarded: the view that is shown, "" for none */
	struct desk_view view;            /* guarded; without what readers have each for themselves */
	char *names;                      /* guarded: of scenes and markers, see control/complete.h */
	struct desk_meters meters;        /* guarded */
	uint32_t spoken;                  /* what the meters command has seen */
	struct desk_values values;        /* guarded, of the chosen strip */
	struct desk_values master_values; /* guarded */
	int values_stale;
	struct desk_routes routes; /* guarded */
	int routes_stale;
	struct desk_tape tape;       /* guarded */
	double tape_asked;           /* guarded: when somebody looked at it last */
	double tape_built;           /* seconds */
	uint32_t tape_read;          /* of the overviews that it was built from */
	int tape_stale;              /* the session changed since */
	struct desk_render *render;  /* guarded: a picture of the sheet; NULL: nobody looked yet */
	double render_asked;         /* guarded: when somebody looked at it last */
	struct desk_shelf *shelf;    /* guarded; NULL: nobody looked yet */
	double shelf_asked;          /* guarded: when somebody looked at it last */
	double shelf_built;          /* seconds */
	int shelf_stale;             /* the session changed since */
	struct overviews *overviews; /* of the stems; NULL: nobody looked yet */
	int quit;
};

/*
 * desk/mail.c: lines that come, sentences that go. A line that waits, for the caller to free, or NULL; whether the desk
 * is to end.
 */
int desk_mail_open(struct desk *d, struct err *err);
void desk_mail_close(struct desk *d);
struct desk_item *desk_mail_line(struct desk *d, int *quit);
void desk_say(struct desk *d, enum desk_event_kind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
void desk_say_line(struct desk *d, enum desk_event_kind kind, const char *text); /* of any length */

/* desk/step.c: see desk/edit.h too */
struct session *desk_copy_session(struct desk *d, struct err *err); /* as it is now, for another thread; NULL: err */
int desk_apply(struct desk *d, const char *line, struct err *err);  /* a line of the language, with all that follows */
int desk_follow(struct desk *d, const char *before, struct err *err); /* after the session changed: sound and words */

/* desk/ear.c */
int desk_ear_run(struct desk *d, const char *lines, struct err *err);
int desk_ear_said(struct desk *d, enum desk_event_kind kind, const char *text); /* 1: it is not for the UI */
void desk_ear_done(struct desk *d, const char *error);
void desk_ear_changed(struct desk *d, const struct node *node, int param);
void desk_ear_poll(struct desk *d);

/* desk/bypass.c: processors of the master off, with what is left as loud as before */
int desk_bypass(struct desk *d, char *args, struct err *err);
double desk_bypass_match(struct desk *d); /* dB, that the monitor is to add for it */
void desk_bypass_tick(struct desk *d);
void desk_bypass_close(struct desk *d);

/* desk/prepare.c: what the mix is like before it is mastered */
int desk_prepare(struct desk *d, char *args, struct err *err);
void desk_prepare_tick(struct desk *d);
void desk_prepare_close(struct desk *d);

/* desk/faults.c: what is wrong with the mix, found by a thread of its own */
int desk_faults_command(struct desk *d, char *args, struct err *err);
int desk_fault(struct desk *d, char *args, struct err *err);
void desk_faults_tick(struct desk *d);
void desk_faults_close(struct desk *d);

/* desk/commands.c */
int desk_save(struct desk *d, struct err *err);

/* desk/speak.c: commands that tell in words */
int desk_speak_strip(struct desk *d, char *args, struct err *err);
int desk_speak_meters(struct desk *d, char *args, struct err *err);
int desk_speak_master(struct desk *d, char *args, struct err *err);
void desk_strip_words(const struct desk_strip *s, char *text, size_t size); /* "4 Bass", "bus Verb", "mix" */
int desk_speak_status(struct desk *d, char *args, struct err *err);
struct node *desk_find_node(struct desk *d, const char *text); /* as `select` finds it */

/* desk/engine.c */
int desk_engine_open(struct desk *d, struct err *err);
void desk_engine_close(struct desk *d);
int desk_engine_loop(struct desk *d, struct err *err);                    /* the loop was changed */
int desk_engine_rebuild(struct desk *d, struct err *err);                 /* structure changed: sounds on */
int desk_engine_start(struct desk *d, int64_t position, struct err *err); /* goes there */
void desk_engine_pick(struct desk *d);                                    /* what is heard to the player */
void desk_engine_send(struct desk *d);                                    /* changed values to the player */
void desk_engine_play(struct desk *d, int play);
void desk_engine_poll(struct desk *d);
int desk_engine_rate(struct desk *d, struct err *err); /* the song's rate was changed: all is opened anew */

/* desk/device.c */
void desk_device_open(struct desk *d);
void desk_device_quiet(struct desk *d); /* fades out and lets that be heard, where it plays */
void desk_device_close(struct desk *d);
void desk_device_poll(struct desk *d);
int desk_device(struct desk *d, char *args, struct err *err);
int desk_device_out(struct desk *d, const char *text, struct err *err); /* "3-4" */

/* desk/journal.c */
void desk_journal_before(struct desk *d);               /* locks the session, and finds one that was never saved */
int desk_journal_open(struct desk *d, struct err *err); /* brings back what was not saved, and where the user was */
void desk_journal_save(struct desk *d);                 /* just before and after the session is saved */
void desk_journal_saved(struct desk *d);
void desk_journal_tick(struct desk *d, int worked); /* now and then; `worked`: the user did something */
void desk_journal_close(struct desk *d);
int desk_takeover(struct desk *d, char *args, struct err *err);

/* desk/transport.c */
int desk_locate(struct desk *d, char *args, struct err *err);
int desk_marker(struct desk *d, char *args, struct err *err);
int desk_loop(struct desk *d, char *args, struct err *err);
void desk_section(struct desk *d, char *text, size_t size); /* the marker before the playhead */

/* desk/verdicts.c */
int desk_monitor_as(struct desk *d, const char *name, struct err *err);
void desk_place_tick(struct desk *d); /* the place that is heard follows what is measured */

/* desk/abx.c */
int desk_abx(struct desk *d, char *args, struct err *err);
char desk_abx_letter(const struct desk *d);  /* that plays; 0: there is no test */
double desk_abx_match(const struct desk *d); /* dB, that the monitor is to add for it */
void desk_abx_tick(struct desk *d);
void desk_abx_free(struct desk *d);

/* desk/bounce.c: bounces and masters as processes of their own */
int desk_bounce(struct desk *d, char *args, struct err *err);
int desk_master(struct desk *d, char *args, struct err *err);
void desk_bounce_poll(struct desk *d);
void desk_bounce_close(struct desk *d); /* it goes on alone */

/* desk/codec.c: the song through a codec and back */
#define DESK_CODECS 4
int desk_monitor_codec(struct desk *d, const char *name, struct err *err);
void desk_codec_poll(struct desk *d);
void desk_codec_close(struct desk *d);
const char *desk_codec_heard(const struct desk *d); /* "": none */

/* desk/render.c: the sheet of what is to be rendered */
int desk_render_command(struct desk *d, char *args, struct err *err);
void desk_render_update(struct desk *d);
void desk_render_close(struct desk *d);

/* desk/monitor.c */
int desk_monitor(struct desk *d, char *args, struct err *err);
int desk_monitor_options(struct desk *d, const struct desk_options *options, struct err *err);
void desk_monitor_plays(struct desk *d);                          /* the user lets it play */
void desk_monitor_words(struct desk *d, char *text, size_t size); /* what is not neutral: "dim mono phone" */
void desk_monitor_hear(struct desk *d);                           /* the speaker chosen, to a player that is new */
void desk_monitor_match(struct desk *d);                          /* what is compared is heard equally loud */

/* What is heard, to come back to it. */
struct desk_heard_as {
	int mastered;
	struct monitor_settings monitor;
	struct player_pick pick;
	const struct speaker *speaker;
	char place[32];
};
void desk_monitor_place(struct desk *d, const char *name); /* the target that is heard, "": none */
void desk_monitor_keep(struct desk *d, struct desk_heard_as *to);
void desk_monitor_put(struct desk *d, const struct desk_heard_as *from); /* but for its level */

/* desk/view.c */
void desk_view_update(struct desk *d);
struct node *desk_view_node(struct desk *d, int k); /* the k-th in the order of the view, NULL past the last */
enum desk_kind desk_view_kind(const struct node *node);
const char *desk_view_name(const struct node *node); /* as the file has it */

/* desk/watch.c: strips whose peaks are told when they go above a level */
int desk_watch(struct desk *d, char *args, struct err *err);
void desk_watch_tick(struct desk *d);

/* desk/measure.c */
int desk_measure_options(struct desk *d, const struct desk_options *options, struct err *err);
int desk_measure_begin(struct desk *d, struct err *err);
void desk_measure_update(struct desk *d);
int desk_loudness_command(struct desk *d, char *args, struct err *err);
int desk_meter(struct desk *d, char *args, struct err *err);
int desk_analyser(struct desk *d, char *args, struct err *err);
int desk_clear_peaks(struct desk *d, char *args, struct err *err);

/* desk/values.c */
void desk_values_update(struct desk *d);

/* desk/routes.c */
void desk_routes_update(struct desk *d);

/* desk/shelf.c */
void desk_shelf_update(struct desk *d);

/* desk/tape.c */
void desk_tape_update(struct desk *d);

/* desk/words.c */
void desk_words_keep(struct desk *d); /* remembers all values */
void desk_words_begin(struct desk *d);
void desk_words_changed(struct desk *d, struct node *node, int param);

#endif
