#include "ui/status.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/times.h"
#include "ui/entry.h"

/* Where the song stands: time, and what is known of the place. */
static void
place_text(const struct desk_view *v, int cols, char *to, size_t size)
{
	char now[32], in[32], out[32];
	double rate = v->rate > 0 ? v->rate : 48000;
	time_text((double)v->position / rate, 1, now);
	int n = snprintf(to, size, "%s", now);
	if (*v->section && cols >= 100)
		n += snprintf(to + n, size - (size_t)n, " %s", v->section);
	if (v->looping) {
		time_text((double)v->loop_in / rate, 1, in);
		time_text((double)v->loop_out / rate, 1, out);
		snprintf(to + n, size - (size_t)n, cols >= 100 ? " loop %s-%s" : " loop", in, out);
	}
}

#define DEVICE_WEIGHT 3 /* of the device's words, which stand at the right */

/* What the line above is made of; where it is narrow, those of less weight are left out. */
struct parts {
	char text[12][200];
	unsigned style[12];
	int weight[12], count;
};

static void part(struct parts *p, int weight, unsigned style, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void
part(struct parts *p, int weight, unsigned style, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(p->text[p->count], sizeof *p->text, format, args);
	va_end(args);
	p->style[p->count] = style;
	p->weight[p->count++] = weight;
}

static void
gather_above(const struct screen *s, const struct grid *g, struct parts *p)
{
	static const char *const needles[DESK_NEEDLES] = {"", "K-12", "K-14", "K-20", "PPM", "DIN", "VU"};
	const struct desk_view *v = &s->view;
	const char *file = strrchr(v->path, '/');
	char place[200];
	place_text(v, g->cols, place, sizeof place);
	const char *state = v->playing ? g->ascii ? "> play" : "\u25b6 play" : g->ascii ? "# stop" : "\u25a0 stop";
	part(p, 9, GRID_BOLD, "%s %s", state, place);
	if (v->marks)
		part(p, 9, GRID_REVERSE, "%d marked", v->marks);
	if (v->recording)
		part(p, 9, GRID_REVERSE, "recording %c", v->recording);
	if (*v->monitor)
		part(p, 7, GRID_REVERSE, "%s", v->monitor);
	if (*v->work)
		part(p, 8, GRID_BOLD, "%s", v->work);
	if (v->xruns_ours)
		part(p, 6, GRID_BOLD, "xruns %u (%u ours)", v->xruns, v->xruns_ours);
	else
		part(p, 6, 0, v->xruns ? "xruns %u (system)" : "xruns 0", v->xruns);
	if (v->starved)
		part(p, 6, GRID_BOLD, "late reads %u", v->starved);
	part(p, 4, 0, "load %.0f/%.0f%%", (double)v->load_mean * 100, (double)fmaxf(v->load_mean, s->meters.load) * 100);
	part(p, 2, 0, "disk %.0f%%", (double)v->disk * 100);
	if (*needles[v->needle])
		part(p, 3, 0, "%s", needles[v->needle]);
	part(p, 5, v->dirty ? GRID_BOLD : 0, "%s%s%s", file ? file + 1 : v->path, v->dirty ? " +" : "",
	     v->view_only ? " (looking only)" : "");
}

void
status_draw(const struct screen *s, struct grid *g, int row)
{
	struct parts p = {.count = 0};
	gather_above(s, g, &p);
	int used = -2, col = 0, spare = 0, n = grid_width(g, s->view.device);
	for (int k = 0; k < p.count; k++) {
		used += 2 + grid_width(g, p.text[k]);
		spare += p.weight[k] < DEVICE_WEIGHT ? 2 + grid_width(g, p.text[k]) : 0;
	}
	/* the device takes the place of less, where that makes room enough */
	int room = g->cols - (used - spare + 2 + n <= g->cols ? 2 + n : 0);
	for (int weight = 0; used > room && weight < 8; weight++)
		for (int k = 0; k < p.count && used > room; k++)
			if (p.weight[k] == weight) {
				used -= 2 + grid_width(g, p.text[k]);
				p.weight[k] = -1;
			}
	for (int k = 0; k < p.count; k++)
		if (p.weight[k] >= 0)
			col = grid_text(g, row, col + (col ? 2 : 0), -1, p.style[k], p.text[k]);
	if (col + 2 + n <= g->cols)
		grid_text(g, row, g->cols - n, n, 0, s->view.device);
}

/* Pieces of the line about the chosen strip, and which of them has the focus. */
struct pieces {
	char text[32][160];
	int count, focus;
	const char *address; /* that has the focus, below the strip */
};

/* Adds "WORD VALUE"; one without a value that says something is there only while it has the focus. */
static void piece(struct pieces *p, const char *address, int always, const char *word, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
static void
piece(struct pieces *p, const char *address, int always, const char *word, const char *format, ...)
{
	char value[128];
	va_list args;
	int focus = *address && !strcmp(address, p->address);
	if ((!always && !focus) || p->count == (int)(sizeof p->text / sizeof *p->text))
		return;
	va_start(args, format);
	vsnprintf(value, sizeof value, format, args);
	va_end(args);
	p->focus = focus ? p->count : p->focus;
	snprintf(p->text[p->count++], sizeof *p->text, "%s%s%s", word, *word && *value ? " " : "", value);
}

static const char *
on_off(int on)
{
	return on ? "on" : "off";
}

static void
add_sends(const struct screen *s, struct pieces *p)
{
	for (int k = 0; k < s->values.count; k++) {
		const struct desk_value *v = &s->values.value[k];
		const char *id = v->address + 5, *end = strchr(id, '/');
		char word[80];
		if (strncmp(v->address, "send/", 5) || !end || strcmp(end, "/level"))
			continue;
		snprintf(word, sizeof word, "send %.*s", (int)(end - id), id);
		piece(p, v->address, 1, word, "%s", v->text);
	}
}

static void
add_strip(const struct screen *screen, struct pieces *p)
{
	static const char *const processors[] = {"filter", "gate", "de-esser", "EQ", "comp", "transient", "saturation", ""};
	const struct desk_view *v = &screen->view;
	const struct desk_strip *s = &v->strip[v->selected];
	const struct desk_value *width = screen_value(screen, "@/width");
	char pan[8];
	meters_pan_text(s->pan, pan);
	int sides = s->kind == DESK_STRIP || s->kind == DESK_BUS;
	piece(p, "trim", s->trim != 0, "trim", "%+.1f dB", (double)s->trim);
	if (s->fader <= -100)
		piece(p, "fader", 1, "fader", "off");
	else
		piece(p, "fader", 1, "fader", "%+.1f dB", (double)s->fader);
	piece(p, "pan", sides, "pan", "%s", !strcmp(pan, "Lft") ? "L100" : !strcmp(pan, "Rgt") ? "R100" : pan);
	piece(p, "width", width && width->changed, "width", "%s", width ? width->text : "");
	piece(p, "mute", s->mute, s->mute ? "muted" : "mute", "%s", s->mute ? "" : on_off(0));
	piece(p, "solo", s->solo, "solo", "%s", s->solo ? "" : on_off(0));
	piece(p, "solo-safe", s->safe, "solo-safe", "%s", s->safe ? "" : on_off(0));
	piece(p, "", s->kind != DESK_DCA && s->hold > METER_LOW, "peak", "%.1f", (double)s->hold);
	piece(p, "", s->clips > 0, "clipped", "%u", s->clips);
	piece(p, "", s->reduction >= 0.1f, "reduction", "%.1f", (double)s->reduction);
	for (int k = 0; k < DESK_EFFECT; k++)
		piece(p, "", s->on >> k & 1, processors[k], "%s", "");
	piece(p, "", s->on >> DESK_EFFECT & 1, s->kind == DESK_MASTER ? "limiter" : "effect", "%s", "");
	add_sends(screen, p);
	piece(p, "", *s->dca, "DCA", "%s", s->dca);
	piece(p, "", *s->out, "to", "%s", s->out);
}

static void
add_value(const struct screen *screen, const char *address, struct pieces *p)
{
	const struct desk_value *v = screen_value(screen, address);
	char range[80] = "";
	p->focus = p->count;
	if (!v) {
		piece(p, "", 1, address, "%s", "");
		return;
	}
	entry_range(v, range, sizeof range);
	piece(p, "", 1, v->address, "%s", *v->text ? v->text : "none");
	piece(p, "", 1, v->help, "%s", "");
	piece(p, "", *range, "", "%s", range);
}

/* The strip in words: first its name, then what is worth saying. */
static void
gather(const struct screen *screen, struct pieces *p)
{
	static const char *const kinds[] = {"", "bus ", "DCA ", "", ""};
	const struct desk_strip *s = &screen->view.strip[screen->view.selected];
	char address[160] = "", number[16] = "";
	*p = (struct pieces){.address = ""};
	if (s->kind == DESK_STRIP)
		snprintf(number, sizeof number, "%d ", s->number);
	int focused = screen_focus(screen, address, sizeof address) == 0 && screen->current != views;
	if (focused && !strncmp(address, "master/", 7))
		piece(p, "", 1, "", "Master");
	else
		piece(p, "", 1, "", "%s%s%s", number, kinds[s->kind], s->name);
	if (focused) {
		add_value(screen, address, p);
		return;
	}
	p->address = strncmp(address, "@/", 2) ? "" : address + 2;
	add_strip(screen, p);
}

int
status_focus(const struct screen *screen, struct grid *g, int row)
{
	struct pieces p;
	gather(screen, &p);
	int from = 1, col = 0, at = 0, room = g->cols - grid_width(g, p.text[0]);
	/* what has the focus is seen: others before it give way */
	for (int k = 1, used = 0; k <= p.focus; k++) {
		used += 2 + grid_width(g, p.text[k]);
		for (; used > room && from < k; from++)
			used -= 2 + grid_width(g, p.text[from]);
	}
	col = grid_text(g, row, 0, -1, GRID_BOLD, p.text[0]);
	for (int k = from; k < p.count && col + 2 < g->cols; k++) {
		col = grid_text(g, row, col, -1, 0, "  ");
		at = k == p.focus ? col : at;
		col = grid_text(g, row, col, -1, k == p.focus ? GRID_BOLD | GRID_UNDERLINE : GRID_BOLD, p.text[k]);
	}
	return at;
}

int
status_message_rows(const struct grid *g, const char *message)
{
	int rows = 1, most = g->rows < 6 ? 1 : 3;
	for (; rows < most && grid_fits(g, message, g->cols) < strlen(message); rows++) {
		message += grid_line(g, message, g->cols);
		message += strspn(message, " ");
	}
	return rows;
}

void
status_message(struct grid *g, const char *message, int error, const char *hint)
{
	unsigned style = error ? GRID_BOLD | GRID_COLOUR(1) : 0;
	int rows = status_message_rows(g, message), end = 0;
	for (int row = g->rows - rows; row < g->rows; row++) {
		char text[1024];
		size_t n = row + 1 < g->rows ? grid_line(g, message, g->cols) : strlen(message);
		snprintf(text, sizeof text, "%.*s", (int)n, message);
		grid_text(g, row, 0, g->cols, style, text);
		end = grid_width(g, text);
		message += n;
		message += strspn(message, " ");
	}
	/* the last pieces go first */
	char left[200];
	snprintf(left, sizeof left, "%s", hint);
	while (*left && end + 2 + grid_width(g, left) > g->cols) {
		char *cut = left, *next;
		for (char *at = left; (next = strstr(at, "  ")); at = next + 2)
			cut = next;
		*cut = '\0';
	}
	int wide = grid_width(g, left);
	grid_text(g, g->rows - 1, g->cols - wide, wide, 0, left);
}

void
status_words(const struct screen *s, struct grid *g)
{
	struct pieces p;
	gather(s, &p);
	int row = 0, col = 0, last = g->rows > 1 ? g->rows - 1 - status_message_rows(g, s->message) : 0;
	for (int k = 0; k < p.count && row <= last; k++) {
		int n = grid_width(g, p.text[k]);
		if (col && col + 2 + n > g->cols) {
			row++;
			col = 0;
		}
		if (row > last)
			break;
		col += col ? 2 : 0;
		if (k == p.focus) {
			g->cursor_row = row;
			g->cursor_col = col;
		}
		col = grid_text(g, row, col, -1, k == p.focus ? GRID_BOLD | GRID_UNDERLINE : GRID_BOLD, p.text[k]);
	}
	if (g->rows > 1)
		status_message(g, s->message, s->error, "");
}
