#include "control/desk/edit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/stage.h"
#include "session/text.h"

#define NEAR "bus/stage-near"
#define FAR "bus/stage-far"

/* The rooms, made when they are needed first: their pre-delays are the gap of the nearest and of the farthest. */
static const char *const rooms[] = {
    NEAR "/name \"Stage near\"", NEAR "/hpf/on on",         NEAR "/hpf/freq 150",
    NEAR "/reverb/on on",        NEAR "/reverb/time 900",   NEAR "/reverb/size 40",
    NEAR "/reverb/predelay 40",  FAR "/name \"Stage far\"", FAR "/hpf/on on",
    FAR "/hpf/freq 150",         FAR "/reverb/on on",       FAR "/reverb/time 2200",
    FAR "/reverb/size 85",       FAR "/reverb/predelay 0",  FAR "/reverb/high 0.4",
};

struct staged {
	struct node *node[DESK_STRIPS];
	int count;
};

static void
take_node(void *user, struct node *node, int param)
{
	struct staged *s = user;
	if (param < 0 && node->kind & (K_STRIP | K_BUS) && s->count < DESK_STRIPS)
		s->node[s->count++] = node;
}

static int __attribute__((format(printf, 3, 4))) set(struct desk *d, struct err *err, const char *format, ...)
{
	char line[400];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	return session_line(d->session, line, err);
}

static int
make_rooms(struct desk *d, struct err *err)
{
	int near = session_find(d->session, NEAR) != NULL, far = session_find(d->session, FAR) != NULL;
	for (size_t k = 0; k < sizeof rooms / sizeof *rooms; k++) {
		int is_near = !strncmp(rooms[k], NEAR "/", sizeof NEAR);
		if (!(is_near ? near : far) && session_line(d->session, rooms[k], err))
			return -1;
	}
	return 0;
}

static int
is_step(const char *text)
{
	return !strncmp(text, "+=", 2) || !strncmp(text, "-=", 2);
}

/* A typed place: a value, `+=5`, `-=5`, or `.` for where it is. */
static int
read_place(struct desk *d, const struct param *p, const struct node *node, const char *text, double *value,
           struct err *err)
{
	double amount, now = node->value[p->id];
	*value = now;
	if (!strcmp(text, "."))
		return 0;
	if (!is_step(text))
		return param_parse(p, text, session_rate(d->session), value, err);
	if (param_parse_amount(p, text + 2, session_rate(d->session), &amount, err))
		return -1;
	*value = param_add(p, now, *text == '-' ? -amount : amount);
	return 0;
}

/* The low-pass is ours where it is off, or as the stage put it. */
static int
damps(const struct node *node, const struct stage_place *was)
{
	return node->value[P_LPF_ON] == 0 || (was->corner > 0 && node->value[P_LPF_FREQ] == was->corner);
}

static int
set_send(struct desk *d, const struct node *node, const char *bus, double level, struct err *err)
{
	char address[200], value[64];
	snprintf(address, sizeof address, "%s/send/%s", session_address(node), strchr(bus, '/') + 1);
	const struct node *send = session_find(d->session, address);
	if (!send && level <= PARAM_SILENCE_DB)
		return 0;
	param_format(&params[P_SEND_LEVEL], level, value, sizeof value);
	return set(d, err, "%s/level %s", address, value);
}

/* Puts one strip there, in its ordinary parameters. */
static int
put(struct desk *d, struct node *node, double pan, double depth, struct err *err)
{
	const char *address = session_address(node);
	struct stage_place was, is;
	stage_place(node->value[P_STAGE_DEPTH], &was);
	stage_place(depth, &is);
	if (set(d, err, "%s/pan %g", address, pan))
		return -1;
	if (depth == node->value[P_STAGE_DEPTH])
		return 0;
	if (!strcmp(address, NEAR) || !strcmp(address, FAR))
		return err_set(err, "%s is a room of the stage itself, and stands nowhere on it", address);
	int failed = depth > 0 ? make_rooms(d, err) : 0;
	double by = is.level - was.level;
	if (!failed && node->value[P_FADER] > PARAM_SILENCE_DB && by != 0)
		failed = set(d, err, "%s/fader %s %g", address, by < 0 ? "-=" : "+=", by < 0 ? -by : by);
	if (!failed && damps(node, &was)) {
		failed = is.corner > 0 ? set(d, err, "%s/lpf/freq %g", address, is.corner) ||
		                             set(d, err, "%s/lpf/slope 6", address) || set(d, err, "%s/lpf/on on", address)
		                       : set(d, err, "%s/lpf/{on,freq,slope} default", address);
	}
	if (!failed)
		failed = set_send(d, node, NEAR, is.near, err) || set_send(d, node, FAR, is.far, err) ||
		         set(d, err, "%s/stage/depth %g", address, depth);
	return failed ? -1 : 0;
}

/* "1 Kick at L30, depth 40: fader -4.8 dB, damped above 11.5 kHz, room -20.8 and -25.6 dB". */
static void
describe(struct desk *d, const struct node *node, char *text, size_t size)
{
	char name[200], pan[64], fader[64], corner[64];
	struct stage_place is;
	stage_place(node->value[P_STAGE_DEPTH], &is);
	desk_node_name(d, node, name, sizeof name);
	param_show(&params[P_PAN], node->value[P_PAN], pan, sizeof pan);
	param_show(&params[P_FADER], node->value[P_FADER], fader, sizeof fader);
	int n = snprintf(text, size, "%s at %s, depth %.0f: fader %s", name, pan, node->value[P_STAGE_DEPTH], fader);
	if (node->value[P_STAGE_DEPTH] > 0 && n > 0 && (size_t)n < size) {
		param_show(&params[P_LPF_FREQ], node->value[P_LPF_FREQ], corner, sizeof corner);
		snprintf(text + n, size - (size_t)n, ", %s %s, room %.1f near and %.1f dB far",
		         node->value[P_LPF_ON] != 0 ? "damped above" : "not damped, but could be above", corner,
		         is.near <= PARAM_SILENCE_DB ? -99.9 : is.near, is.far <= PARAM_SILENCE_DB ? -99.9 : is.far);
	}
}

static int
run(struct desk *d, const struct words *w, struct err *err)
{
	struct staged s = {.count = 0};
	char text[700], words[800], key[300];
	if (w->count != 1 && w->count != 3)
		return err_set(err, "it reads: stage @ PAN DEPTH, such as stage @ L30 40; += and -= move, a point leaves as it "
		                    "is; stage @ says where a strip stands");
	if (session_targets(d->session, w->word[0].text, 0, take_node, &s, err))
		return -1;
	if (!s.count)
		return err_set(err, "stage %s: strips and buses stand on the stage", w->word[0].text);
	if (w->count == 1) {
		for (int k = 0; k < s.count; k++) {
			describe(d, s.node[k], text, sizeof text);
			desk_say(d, s.count > 1 ? DESK_LINES : DESK_SAYS, "%s", text);
		}
		return 0;
	}
	/* steps that follow each other are one of undo */
	const char *pan = w->word[1].text, *depth = w->word[2].text;
	int moves = (is_step(pan) && (is_step(depth) || !strcmp(depth, "."))) || (!strcmp(pan, ".") && is_step(depth));
	snprintf(key, sizeof key, "stage:%s %s", w->word[0].text, moves ? "+=" : "");
	size_t redos, steps = session_steps(d->session, &redos);
	int again = gesture_joins(&d->edit->gesture, key, 0, d->edit->selection, clock_seconds()) && steps;
	if (again ? desk_begin_again(d, err) : desk_begin(d, err))
		return -1;
	int failed = 0;
	for (int k = 0; k < s.count && !failed; k++) {
		double x, y;
		failed = read_place(d, &params[P_PAN], s.node[k], pan, &x, err) ||
		         read_place(d, &params[P_STAGE_DEPTH], s.node[k], depth, &y, err) || put(d, s.node[k], x, y, err);
	}
	describe(d, s.node[0], text, sizeof text);
	if (d->edit->marks && strchr(w->word[0].text, '@'))
		snprintf(words, sizeof words, "%d marked: %s and %d more", s.count, text, s.count - 1);
	else
		snprintf(words, sizeof words, "%s", text);
	return desk_end(d, failed ? -1 : 0, words, err);
}

int
desk_stage(struct desk *d, char *args, struct err *err)
{
	struct words w;
	if (words_init(&w, args, strlen(args), err))
		return -1;
	int failed = run(d, &w, err);
	words_fini(&w);
	return failed;
}
