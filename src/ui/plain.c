#include "ui/plain.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/times.h"

#define LINE_MAX_BYTES 65536 /* as long as a line of the language may be */
#define WATCH_MS 100         /* between two looks at whether it plays */

struct plain {
	struct desk *desk;
	struct desk_view view;
	char *line; /* what was read and is no whole line yet */
	size_t size;
	int playing; /* as told */
	int ended;   /* the input, or the desk is asked to be left */
	int left;    /* 2: to open the session again */
};

static volatile sig_atomic_t asked_to_end, hung_up;

static void
on_signal(int number)
{
	if (number == SIGHUP)
		hung_up = 1;
	else
		asked_to_end = 1;
}

static void
help(const char *about)
{
	puts("lines change the desk (strip/kick/fader -6.5, strip/kick/mute toggle), commands do the rest:");
	for (const struct desk_command *c = desk_commands; c->name; c++)
		if (!c->of_ui && (!*about || strstr(c->name, about) || strstr(c->help, about)))
			printf("%s%s%s: %s\n", c->name, *c->usage ? " " : "", c->usage, c->help);
}

static void
take_line(struct plain *p, char *line)
{
	const char *args;
	size_t length = strlen(line);
	if (length && line[length - 1] == '\r')
		line[length - 1] = '\0';
	line += strspn(line, " \t");
	const struct desk_command *command = desk_command_of(line, &args);
	if (command && !strcmp(command->name, "help"))
		help(args);
	else if (*line && *line != '#')
		desk_send(p->desk, line);
}

/* Cuts what was read into lines. */
static void
take_input(struct plain *p)
{
	ssize_t n = read(STDIN_FILENO, p->line + p->size, LINE_MAX_BYTES - p->size);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	p->size += n < 0 ? 0 : (size_t)n;
	char *at = p->line, *end, *stop = p->line + p->size;
	while ((end = memchr(at, '\n', (size_t)(stop - at)))) {
		*end = '\0';
		take_line(p, at);
		at = end + 1;
	}
	p->size = (size_t)(stop - at);
	memmove(p->line, at, p->size);
	if (p->size == LINE_MAX_BYTES) {
		puts("error: the line is too long");
		p->size = 0;
	}
	if (n <= 0) {
		p->line[p->size] = '\0';
		take_line(p, p->line);
		p->ended = 1;
		/* a script has said all it has to say; a terminal that ends may be a line that dropped */
		desk_send(p->desk, isatty(STDIN_FILENO) ? "hangup" : "quit!");
	}
}

static void
take_events(struct plain *p)
{
	struct desk_event event;
	while (desk_event(p->desk, &event) == 0) {
		switch (event.kind) {
		case DESK_SAYS:
		case DESK_LINES:
			puts(event.text);
			break;
		case DESK_ERROR:
			printf("error: %s\n", event.text);
			break;
		case DESK_CHANGED:
			break;
		case DESK_QUIT:
			p->left = *event.text ? 2 : 1;
			break;
		}
	}
}

/* The transport's state changes by itself at the end of the song, too. */
static void
tell_transport(struct plain *p)
{
	desk_view(p->desk, &p->view);
	if (p->view.playing == p->playing)
		return;
	p->playing = p->view.playing;
	char at[32];
	printf("%s at %s\n", p->playing ? "playing" : "stopped", time_text((double)p->view.position / p->view.rate, 3, at));
}

int
plain_run(struct desk *d, struct err *err)
{
	static struct plain p;
	struct sigaction end = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
	p = (struct plain){.desk = d, .line = malloc(LINE_MAX_BYTES + 1)};
	if (!p.line)
		return err_set(err, "not enough memory");
	sigaction(SIGINT, &end, NULL);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGHUP, &end, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	int terminal = isatty(STDIN_FILENO);
	while (!p.left && !hung_up && !ferror(stdout)) {
		struct pollfd fds[2] = {{.fd = p.ended ? -1 : STDIN_FILENO, .events = POLLIN},
		                        {.fd = desk_fd(d), .events = POLLIN}};
		poll(fds, 2, WATCH_MS);
		take_events(&p);
		if (!p.left)
			tell_transport(&p);
		fflush(stdout);
		if (asked_to_end && !p.ended) {
			p.ended = 1;
			desk_send(d, "hangup");
		} else if (terminal && fds[0].revents & POLLHUP) {
			hung_up = 1;
		} else if (!p.ended && fds[0].revents) {
			take_input(&p);
		}
	}
	free(p.line);
	if (hung_up && !p.left)
		return 3;
	return ferror(stdout) ? err_set(err, "nobody reads the standard output any more") : p.left == 2 ? 2 : 0;
}
