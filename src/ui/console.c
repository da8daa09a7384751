#include "ui/console.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "ui/grid.h"
#include "ui/prompt.h"
#include "ui/status.h"
#include "ui/term.h"
#include "ui/view.h"

#define FRAME_MS 33 /* between two frames while something moves */
#define IDLE_MS 250 /* while nothing does */
#define MESSAGE_SECONDS 20.0

struct console {
	struct screen screen;
	struct prompt prompt;
	struct keymap_typed typed;
	struct grid shown, next;
	struct grid_bytes bytes;
	double told;  /* seconds: when the message came */
	double drawn; /* seconds */
	int dirty;    /* draw at once */
	int leave;    /* 2: to open the session again */
};

static double
seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void
say(struct console *c, int error, const char *text)
{
	snprintf(c->screen.message, sizeof c->screen.message, "%s", text);
	c->screen.error = error;
	c->told = seconds();
	c->dirty = 1;
}

static void
say_how_to_leave(struct console *c)
{
	char text[200];
	snprintf(text, sizeof text, "%s saves and leaves, :quit leaves when all is saved, :quit! without saving",
	         keymap_keys_of(c->screen.keys, "mixer", "exit"));
	say(c, 0, text);
}

static void
go_to(struct console *c, const char *name)
{
	char text[200];
	const struct view *view = view_find(name);
	if (!view) {
		int n = snprintf(text, sizeof text, "view %s: there are", name);
		for (const struct view *v = views; v->name && n < (int)sizeof text; v++)
			n += snprintf(text + n, sizeof text - (size_t)n, "%s %s", v == views ? "" : ",", v->name);
		say(c, 1, text);
		return;
	}
	c->screen.current = view;
}

/* Commands of the screen itself; those that are a view's own go there first. */
static void
run_own(struct console *c, const char *name, const char *args)
{
	struct screen *s = &c->screen;
	c->dirty = 1;
	if (s->current->command && s->current->command(s, name, args))
		return;
	if (!strcmp(name, "prompt")) {
		prompt_begin(&c->prompt, args);
	} else if (!strcmp(name, "view")) {
		go_to(c, args);
	} else if (!strcmp(name, "help")) {
		go_to(c, strcmp(s->current->name, "help") ? "help" : views->name);
	} else if (!strcmp(name, "back")) {
		if (s->current == views)
			say_how_to_leave(c);
		s->current = views;
	} else if (!strcmp(name, "cancel")) {
		c->screen.message[0] = '\0';
	} else if (!strcmp(name, "redraw")) {
		c->shown.rows = 0;
		term_clear(&c->bytes);
	} else if (!strcmp(name, "clear-peaks")) {
		meters_clear_peaks(&s->meters);
	} else if (!strcmp(name, "how-to-leave")) {
		say_how_to_leave(c);
	}
}

static void
run_line(struct console *c, const char *line)
{
	const char *args;
	const struct desk_command *command = desk_command_of(line, &args);
	if (command && command->of_ui)
		run_own(c, command->name, args);
	else if (line[strspn(line, " ")])
		desk_send(c->screen.desk, line);
}

static void
take_key(struct console *c, const char *key)
{
	char line[256], text[300];
	if (!strcmp(key, "Paste")) {
		say(c, 1, "pasted text was refused; type : first, and one line at a time");
		return;
	}
	if (c->prompt.open) {
		if (prompt_key(&c->prompt, key) == PROMPT_DONE)
			run_line(c, c->prompt.text);
		c->dirty = 1;
		return;
	}
	const char *view = c->screen.current->name;
	char typed[sizeof c->typed.keys];
	strcpy(typed, c->typed.keys);
	switch (keymap_key(c->screen.keys, view, key, &c->typed, line, sizeof line)) {
	case KEYMAP_COMMAND:
		run_line(c, line);
		break;
	case KEYMAP_NONE:
		if (!strcmp(key, "Esc") && *typed)
			break;
		snprintf(text, sizeof text, "%s%s is no key here; %s shows the keys", typed, key,
		         keymap_keys_of(c->screen.keys, view, "help"));
		say(c, 1, text);
		break;
	case KEYMAP_MORE:
		c->dirty = 1;
		break;
	}
}

static void
take_events(struct console *c)
{
	struct desk_event event;
	while (desk_event(c->screen.desk, &event) == 0) {
		switch (event.kind) {
		case DESK_SAYS:
		case DESK_LINES:
			say(c, 0, event.text);
			break;
		case DESK_ERROR:
			say(c, 1, event.text);
			break;
		case DESK_CHANGED:
			c->dirty = 1;
			break;
		case DESK_QUIT:
			c->leave = *event.text ? 2 : 1;
			break;
		}
	}
}

static void
hint(const struct console *c, char *text, size_t size)
{
	if (c->typed.count || *c->typed.keys) {
		char count[16] = "";
		if (c->typed.count)
			snprintf(count, sizeof count, "%d", c->typed.count);
		snprintf(text, size, "%s%s ...", count, c->typed.keys);
		return;
	}
	snprintf(text, size, "%s help  %s save+leave", keymap_keys_of(c->screen.keys, "mixer", "help"),
	         keymap_keys_of(c->screen.keys, "mixer", "exit"));
}

static void
draw(struct console *c)
{
	struct screen *s = &c->screen;
	s->now = seconds();
	desk_view(s->desk, &s->view);
	meters_move(&s->meters, &s->view, s->now);
	if (s->now - c->told > MESSAGE_SECONDS)
		c->screen.message[0] = '\0';
	hint(c, s->hint, sizeof s->hint);
	screen_draw(s, &c->next);
	if (c->prompt.open)
		prompt_draw(&c->prompt, &c->next, c->next.rows - 1);
	if (grid_diff(&c->shown, &c->next, term_pen(), &c->bytes) == 0)
		c->dirty = 0;
	c->drawn = s->now;
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

/* Milliseconds until there is something to do: the next frame, or what a key waits for. */
static int
until_next(const struct console *c, int key_wait)
{
	int passed = (int)((seconds() - c->drawn) * 1000), every = c->screen.view.playing ? FRAME_MS : IDLE_MS;
	/* bytes that wait are asked after by poll: until they are gone, nothing is drawn */
	int wait = c->bytes.count ? every : c->dirty ? 0 : every > passed ? every - passed : 0;
	return key_wait >= 0 && key_wait < wait ? key_wait : wait;
}

static void
loop(struct console *c)
{
	int key_wait = -1;
	while (!c->leave && !term_ended()) {
		struct pollfd fds[3] = {{.fd = term_in(), .events = POLLIN},
		                        {.fd = desk_fd(c->screen.desk), .events = POLLIN},
		                        {.fd = c->bytes.count ? term_out() : -1, .events = POLLOUT}};
		poll(fds, 3, until_next(c, key_wait));
		int stopped = term_stopped(), continued = term_continued();
		if (term_resized() || stopped || continued)
			fit(c);
		char key[16];
		while (term_key(key, &key_wait))
			take_key(c, key);
		take_events(c);
		if (c->bytes.count)
			term_flush(&c->bytes);
		/* a terminal that has not taken the last frame gets no other */
		if (!c->bytes.count && until_next(c, -1) == 0)
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
console_run(struct desk *desk, const struct keymap *keys, const char *notice, struct err *err)
{
	struct console *c = calloc(1, sizeof *c);
	if (!c)
		return err_set(err, "not enough memory for the screen");
	c->screen.desk = desk;
	c->screen.keys = keys;
	c->screen.current = views;
	if (term_open(err)) {
		free(c);
		return -1;
	}
	int kept = hush(-1);
	say(c, 0, notice);
	fit(c);
	loop(c);
	int ended = term_ended(), again = c->leave == 2;
	term_close();
	if (kept >= 0)
		hush(kept);
	grid_fini(&c->shown);
	grid_fini(&c->next);
	prompt_fini(&c->prompt);
	free(c->bytes.data);
	free(c);
	return ended ? 1 : again ? 2 : 0;
}
