#include "ui/console.h"

#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ui/act.h"
#include "ui/focus.h"
#include "ui/grid.h"
#include "ui/link.h"
#include "ui/pace.h"
#include "ui/popup.h"
#include "ui/term.h"
#include "ui/view.h"

#define FRAME_SECONDS (1.0 / 30) /* between two frames while something moves */
#define IDLE_SECONDS 0.25        /* while nothing does */
#define STILL_SECONDS 1.0        /* where nothing but the clock moves */
#define ANSWER_SECONDS 0.003     /* that a frame waits for what a key does, so as not to come before it and again */
#define MESSAGE_SECONDS 20.0
#define REACH_SECONDS 0.03 /* that a frame takes through tmux and sshd until it is seen on the line */
#define ASK_SECONDS 0.01   /* between two looks at that line */

struct console {
	struct screen screen;
	struct grid shown, next;
	struct grid_bytes bytes;
	struct pace pace;
	struct link link;
	int held;    /* answers that came before what they answer has left */
	int dirty;   /* draw at once */
	int moving;  /* the last frame had something to say */
	double sent; /* seconds: when a key was taken whose answer may yet come, 0: none */
	int leave;   /* 2: to open the session again */
};

static void
take_events(struct console *c)
{
	struct desk_event event;
	while (desk_event(c->screen.desk, &event) == 0) {
		switch (event.kind) {
		case DESK_SAYS:
		case DESK_LINES:
			screen_say(&c->screen, 0, "%s", event.text);
			c->dirty = 1;
			break;
		case DESK_ERROR:
			screen_say(&c->screen, 1, "%s", event.text);
			c->dirty = 1;
			break;
		case DESK_CHANGED:
			c->dirty = 1;
			c->sent = 0;
			break;
		case DESK_QUIT:
			c->leave = *event.text ? 2 : 1;
			break;
		}
	}
}

static void
draw(struct console *c)
{
	struct screen *s = &c->screen;
	s->now = clock_seconds();
	/* where one is on its way already, an edit takes no more of the line than it needs */
	s->hold = c->dirty && c->pace.unanswered > 0;
	screen_take(s);
	if (s->now - s->told > MESSAGE_SECONDS)
		s->message[0] = '\0';
	act_hint(s, s->hint, sizeof s->hint);
	screen_draw(s, &c->next);
	if (s->redraw) {
		s->redraw = 0;
		c->shown.rows = 0;
		term_clear(&c->bytes);
	}
	size_t before = c->bytes.count;
	if (grid_diff(&c->shown, &c->next, term_pen(), &c->bytes) == 0)
		c->dirty = 0;
	c->moving = c->bytes.count > before;
	int asked = c->moving && pace_asks(&c->pace, s->now) && term_ask(&c->bytes);
	pace_drew(&c->pace, s->now, asked);
	c->sent = 0;
	term_flush(&c->bytes);
}

static void
fit(struct console *c)
{
	int rows, cols;
	term_size(&rows, &cols);
	c->next.ascii = !term_utf8();
	if (grid_resize(&c->next, rows, cols) == 0) {
		c->shown.rows = 0;
		c->bytes.count = 0;
		term_clear(&c->bytes);
	}
	c->dirty = 1;
}

/* Takes answers of the terminal for what they are once the line, where one is known, is empty. */
static void
take_answers(struct console *c, double now)
{
	c->held += term_answers();
	if (c->held && c->link.fd >= 0 && (now - c->pace.drawn < REACH_SECONDS || link_waiting(&c->link) > 0))
		return;
	pace_answered(&c->pace, now, c->held);
	c->held = 0;
}

/* Milliseconds until the next frame, 0: now. */
static int
until_frame(struct console *c)
{
	const struct screen *s = &c->screen;
	double now = clock_seconds(), popup = *s->typed.keys ? s->typed_at + POPUP_WAIT - c->pace.drawn : 0;
	c->pace.every = s->still ? STILL_SECONDS : s->view.playing || c->moving ? FRAME_SECONDS : IDLE_SECONDS;
	if (popup > 0 && popup < c->pace.every)
		c->pace.every = popup;
	double wait = pace_wait(&c->pace, now, c->dirty), answer = c->sent + ANSWER_SECONDS - now;
	wait = answer > wait ? answer : wait;
	wait = c->held && wait > ASK_SECONDS ? ASK_SECONDS : wait;
	/* rounded up, so that nothing is asked for the last fraction of a millisecond again and again */
	return (int)ceil(wait * 1000);
}

static void
loop(struct console *c)
{
	int key_wait = -1;
	while (!c->leave && !term_ended()) {
		struct pollfd fds[3] = {{.fd = term_in(), .events = POLLIN},
		                        {.fd = desk_fd(c->screen.desk), .events = POLLIN},
		                        {.fd = c->bytes.count ? term_out() : -1, .events = POLLOUT}};
		/* bytes that wait are asked after by poll: until they are gone, nothing is drawn */
		int wait = c->bytes.count ? 1000 : until_frame(c);
		poll(fds, 3, key_wait >= 0 && key_wait < wait ? key_wait : wait);
		int stopped = term_stopped(), continued = term_continued();
		if (term_resized() || stopped || continued)
			fit(c);
		char key[16];
		c->screen.now = clock_seconds();
		while (term_key(key, &key_wait)) {
			struct mouse mouse = term_mouse();
			if (!strcmp(key, "Mouse"))
				mouse_take(&c->screen, &mouse);
			else
				act_key(&c->screen, key);
			desk_keep_screen(c->screen.desk, c->screen.current->name);
			c->dirty = 1;
			c->sent = c->screen.now;
		}
		take_answers(c, c->screen.now);
		take_events(c);
		if (c->bytes.count)
			term_flush(&c->bytes);
		/* a terminal that has not taken the last frame gets no other */
		if (!c->bytes.count && until_frame(c) == 0)
			draw(c);
	}
}

/* Libraries that write to stderr would write into the screen: it is kept away meanwhile. */
static int
hush(int kept)
{
	if (kept >= 0) {
		dup2(kept, STDERR_FILENO);
		close(kept);
		return -1;
	}
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	kept = isatty(STDERR_FILENO) && null >= 0 ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3) : -1;
	if (kept >= 0)
		dup2(null, STDERR_FILENO);
	if (null >= 0)
		close(null);
	return kept;
}

int
console_run(struct desk *desk, const struct keymap *keys, const struct console_options *options, const char *notice,
            struct err *err)
{
	struct console *c = calloc(1, sizeof *c);
	if (!c)
		return err_set(err, "not enough memory for the screen");
	c->screen.desk = desk;
	c->screen.keys = keys;
	char view[16];
	desk_kept_screen(desk, view);
	c->screen.current = view_find(view) ? view_find(view) : views;
	c->screen.still = options->still;
	if (term_open(options->mouse, err)) {
		free(c);
		return -1;
	}
	int kept = hush(-1);
	pace_init(&c->pace, IDLE_SECONDS);
	link_open(&c->link);
	c->screen.now = clock_seconds();
	focus_begin(&c->screen);
	screen_say(&c->screen, 0, "%s", notice);
	fit(c);
	loop(c);
	int ended = term_hung_up() ? 3 : term_ended(), again = c->leave == 2;
	term_close();
	link_close(&c->link);
	if (kept >= 0)
		hush(kept);
	grid_fini(&c->shown);
	grid_fini(&c->next);
	prompt_fini(&c->screen.prompt);
	free(c->bytes.data);
	free(c);
	return ended ? ended : again ? 2 : 0;
}
