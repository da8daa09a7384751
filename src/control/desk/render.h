/*
 * What is to be made of the song, as a sheet of rows that the command `render` fills in and starts; how far it is, and
 * what came of the last one; without pointers. Called as control/desk/desk.h says: by any thread, one at a time.
 */
#ifndef CONTROL_DESK_RENDER_H
#define CONTROL_DESK_RENDER_H

#include "control/desk/desk.h"

#define DESK_RENDER_ROWS 14
#define DESK_RENDER_PLACES 40
#define DESK_RENDER_LINES 64
#define DESK_RENDER_FILES 12

struct desk_render_row {
	char name[16];   /* as `render NAME VALUE` has it */
	char text[120];  /* its value */
	char words[120]; /* what that means; fit to be shown, like all here */
	char help[120];
};

/* How it is against the file that it took the place of. */
enum desk_change {
	DESK_FIRST,     /* there was none */
	DESK_COMPARING, /* not known yet */
	DESK_SAME_FILE, /* byte for byte */
	DESK_SAME_SOUND,
	DESK_OTHER_SOUND,
	DESK_OTHER_KIND, /* of another rate, or not to be read: only length and loudness, where they are known */
};

struct desk_report {
	int made;                                      /* 0: none was yet; 1 made, -1 not */
	int good;                                      /* nothing was found wrong with it */
	int disc;                                      /* it is one, with its sheets */
	int use;                                       /* who is asked about it, one of enum target_use; -1: nobody */
	char target[32];                               /* it is for; "": none */
	int master;                                    /* by `master`, else by `bounce` */
	char file[256];                                /* that was written */
	char words[200];                               /* how long and of what kind, and how long it took */
	char limited[256];                             /* what the limiter did; "" where there was none */
	char said[1024];                               /* what was said beside it, a sentence a line; why it failed */
	float integrated, range, shortterm, true_peak; /* LUFS, LU, LUFS, dBTP; NAN: not known */
	int files;                                     /* that were written beside it: variants, stems; those told: */
	struct desk_render_file {
		char name[80];
		float integrated, true_peak; /* LUFS, dBTP; NAN: not known */
	} beside[DESK_RENDER_FILES];
	enum desk_change change;
	char difference[200]; /* that in words */
	int places;
	struct desk_render_place {
		char title[48], text[24]; /* "as it is", "-2.0 dB", "refused" */
		int good;
	} place[DESK_RENDER_PLACES];
	char nearer[200]; /* how far it was from the reference and is, in words; "": none was asked for */
	int lines;
	char line[DESK_RENDER_LINES][80]; /* that make the session this master: `render apply` */
};

struct desk_render {
	uint32_t version; /* counts up when any of it changes */
	int rows;
	struct desk_render_row row[DESK_RENDER_ROWS];
	char line[700]; /* that `render start` does */
	int running;    /* something is being rendered: */
	char doing[300];
	int percent;
	double left; /* seconds, below 0: cannot be said yet */
	struct desk_report report;
};

/*
 * Zero *render before the first call; where its version is still the newest, nothing is copied. Returns whether
 * something was.
 */
int desk_render(struct desk *d, struct desk_render *render);

#endif
