#include "control/desk/edit.h"
#include "control/desk/sheet.h"
#include "control/desk/verdicts.h"
#include "control/held.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cores.h"
#include "master/codec.h"
#include "session/folder.h"
#include "session/text.h"

/*
 * The song through a lossy encoder and back. An encoder looks ahead and its decoder lags, and neither belongs into the
 * real-time thread: so the whole song goes through both in a process of its own, and what came back is a reference that
 * is switched to and from at once.
 */
struct desk_coded {
	char text[128]; /* in words; "" before the first time; guarded */
	int good;       /* its peaks stay below full scale; guarded */
	uint32_t uid;   /* of the reference, 0: none */
	uint32_t edits; /* of the song when it was made */
	int mastered;   /* of the master, else of the mix */
};

struct desk_codec {
	struct desk_coded made[DESK_CODECS];
	struct errand errand;
	int running; /* 1 + which is under way, 0: none */
	char *path;  /* that it writes */
	uint32_t edits;
	int mastered;
	int last;     /* that was asked for last */
	char **files; /* that came back, the newest of each codec and those that undo may bring back */
	size_t count;
};

static struct desk_codec *
state(struct desk *d)
{
	if (!d->codec) {
		struct desk_codec *c = calloc(1, sizeof *c);
		pthread_mutex_lock(&d->lock);
		d->codec = c;
		pthread_mutex_unlock(&d->lock);
	}
	return d->codec;
}

/* Whether what came back is of the song as it is and as it is heard. */
static int
is_fresh(const struct desk *d, const struct desk_coded *m)
{
	return m->uid && m->edits == d->edits && m->mastered == d->mastered && held_node(d->session, m->uid);
}

/* Which codec is heard, -1: none. */
static int
heard(const struct desk *d)
{
	for (int k = 0; d->codec && k < DESK_CODECS; k++)
		for (int i = 0; i < d->pick.count; i++)
			if (d->codec->made[k].uid && d->pick.solo[i].uid == d->codec->made[k].uid)
				return k;
	return -1;
}

static void
tell(struct desk *d, int k, int good, const char *text)
{
	pthread_mutex_lock(&d->lock);
	d->codec->made[k].good = good;
	d->heard_stamp++;
	snprintf(d->codec->made[k].text, sizeof d->codec->made[k].text, "%s", text);
	pthread_mutex_unlock(&d->lock);
}

static int
hear(struct desk *d, int k, struct err *err)
{
	const struct desk_coded *m = &d->codec->made[k];
	const struct node *node = held_node(d->session, m->uid);
	int hushed = d->hush;
	d->hush = 1;
	int failed = node ? desk_reference_level(d, desk_reference_number(node), err) : -1;
	d->hush = hushed;
	if (!failed)
		desk_say(d, DESK_SAYS, "heard through %s and back: %s; `monitor codec` goes back", codecs[k].title, m->text);
	return failed;
}

/* Begins to send the song as it is heard through a codec. */
static int
begin(struct desk *d, int k, struct err *err)
{
	struct desk_codec *c = d->codec;
	struct errand_line line = {.count = 0};
	char hash[65], text[128];
	int cores = core_count();
	if (c->running)
		return err_set(err, "monitor codec %s: %s is on its way (%d %%); wait for it", codecs[k].name,
		               codecs[c->running - 1].name, c->errand.percent);
	if (d->view_only)
		return err_set(err, "the session is only looked at: what a codec makes would be a reference of it");
	if (session_keep_copy(d->session, d->path, hash, err))
		return -1;
	struct folder f;
	if (folder_open(&f, d->path, 1, err))
		return -1;
	const char *slash = strrchr(f.path, '/');
	free(c->path);
	c->path = text_format("%.*s.%s.d/codec-%s-%.8s%s.wav", slash ? (int)(slash + 1 - f.path) : 0, f.path, f.base,
	                      codecs[k].name, hash, d->mastered ? "-master" : "");
	folder_close(&f);
	errand_add(&line, text_format("stemdesk"));
	errand_add(&line, text_format("codec"));
	errand_add(&line, text_format("%s", d->path));
	errand_add(&line, text_format("--copy=%s", hash));
	errand_add(&line, text_format("--codec=%s", codecs[k].name));
	errand_add(&line, text_format("--output=%s", c->path));
	errand_add(&line, text_format("--json"));
	errand_add(&line, text_format("--progress"));
	if (d->mastered)
		errand_add(&line, text_format("--mastered"));
	if (cores > 1)
		errand_add(&line, text_format("--threads=%d", cores - 1)); /* one is for the desk */
	int failed = errand_start(&c->errand, &line, err);
	errand_line_fini(&line);
	if (failed)
		return -1;
	c->running = k + 1;
	c->edits = d->edits;
	c->mastered = d->mastered;
	snprintf(text, sizeof text, "the %s is on its way through it", d->mastered ? "master" : "mix");
	tell(d, k, 1, text);
	desk_say(d, DESK_SAYS, "the %s goes through %s and back; it is heard once it is there",
	         d->mastered ? "master" : "mix", codecs[k].title);
	return 0;
}

/* "[NAME|off]"; without a word what is heard goes back, or the last codec is heard again. */
int
desk_monitor_codec(struct desk *d, const char *name, struct err *err)
{
	struct desk_codec *c = state(d);
	int at = heard(d), k = 0;
	if (!c)
		return err_set(err, "not enough memory");
	if (!strcmp(name, "off") || (!*name && at >= 0)) {
		desk_reference_off(d);
		desk_say(d, DESK_SAYS, "no codec is heard");
		return 0;
	}
	while (codecs[k].name && *name && strcmp(codecs[k].name, name) != 0)
		k++;
	if (!codecs[k].name || k >= DESK_CODECS)
		return err_set(err, "monitor codec %s: there are opus, vorbis, mp3, mp3-low and off", name);
	k = *name ? k : c->last;
	c->last = k;
	return is_fresh(d, &c->made[k]) ? hear(d, k, err) : begin(d, k, err);
}

/* What came back becomes the codec's reference, in the place of its last one. */
static int
take(struct desk *d, struct desk_codec *c, int k, struct err *err)
{
	struct desk_coded *m = &c->made[k];
	const struct node *node = m->uid ? held_node(d->session, m->uid) : NULL;
	int number = node ? desk_reference_number(node) : 0;
	char title[80], text[128];
	double kbits = 0, lufs = -HUGE_VAL, peak = -HUGE_VAL;
	errand_number(&c->errand, "kbits", &kbits);
	errand_number(&c->errand, "integrated_lufs", &lufs);
	errand_number(&c->errand, "true_peak_dbtp", &peak);
	snprintf(title, sizeof title, "%s: %s", codecs[k].name, c->mastered ? "master" : "mix");
	if (desk_reference_put(d, &number, c->path, title, err))
		return -1;
	/* the one before stays as long as undo may need it */
	c->files = text_realloc(c->files, (c->count + 1) * sizeof *c->files);
	c->files[c->count++] = c->path;
	c->path = NULL;
	for (size_t n = 0; (node = session_node(d->session, K_STRIP, n)); n++)
		if (desk_reference_number(node) == number)
			m->uid = node->uid;
	m->edits = c->edits;
	m->mastered = c->mastered;
	snprintf(text, sizeof text, "%s: true peak %.1f dBTP after decoding%s, %.1f LUFS, %.0f kbit/s",
	         m->mastered ? "master" : "mix", peak, peak > 0 ? ", over full scale" : "", lufs, kbits);
	tell(d, k, peak <= 0, text);
	return 0;
}

int
desk_codec_state(const struct desk *d, char *doing, size_t size, int *percent, double *left)
{
	const struct desk_codec *c = d->codec;
	if (!c || !c->running)
		return 0;
	snprintf(doing, size, "through %s", codecs[c->running - 1].name);
	*percent = c->errand.percent;
	*left = errand_left(&c->errand);
	return 1;
}

void
desk_codec_poll(struct desk *d)
{
	struct desk_codec *c = d->codec;
	struct err err = {""};
	if (!c || !c->running || !errand_poll(&c->errand))
		return;
	int k = c->running - 1, made = c->errand.size > 0 && (c->errand.status == 0 || c->errand.status == 3);
	c->running = 0;
	errand_close(&c->errand);
	if (!made)
		err_set(&err, "%.400s", *c->errand.last ? c->errand.last : "it was ended from outside");
	if (!made || take(d, c, k, &err) || hear(d, k, &err)) {
		tell(d, k, 1, "");
		desk_say(d, DESK_ERROR, "monitor codec %s: %s", codecs[k].name, err.text);
	}
}

void
desk_codec_verdicts(struct desk *d, struct desk_verdicts *v)
{
	pthread_mutex_lock(&d->lock);
	for (int k = 0; k < DESK_CODECS && codecs[k].name && v->count < DESK_VERDICTS; k++) {
		const struct desk_coded *m = d->codec ? &d->codec->made[k] : NULL;
		struct desk_verdict *row = &v->row[v->count++];
		*row = (struct desk_verdict){.codec = 1, .lufs = NAN, .ceiling = NAN, .good = !m || !*m->text || m->good};
		snprintf(row->name, sizeof row->name, "%s", codecs[k].name);
		snprintf(row->title, sizeof row->title, "%s", codecs[k].title);
		snprintf(row->text, sizeof row->text, "%s",
		         m && *m->text ? m->text : "Enter sends the song through it and back");
		if (!strcmp(row->name, d->heard_codec))
			v->heard = v->count - 1;
	}
	pthread_mutex_unlock(&d->lock);
}

const char *
desk_codec_heard(const struct desk *d)
{
	int k = heard(d);
	return k < 0 ? "" : codecs[k].name;
}

/* Whether a region plays a file of the folder beside the session. */
static int
is_played(const struct desk *d, const char *path)
{
	const char *name = strrchr(path, '/'), *slash;
	const struct node *strip;
	for (size_t k = 0; (strip = session_node(d->session, K_STRIP, k)); k++)
		for (size_t n = 0; n < strip->children; n++) {
			slash = strip->child[n]->kind == K_REGION ? strrchr(strip->child[n]->text[P_REGION_FILE], '/') : NULL;
			if (slash && name && !strcmp(slash, name))
				return 1;
		}
	return 0;
}

void
desk_codec_close(struct desk *d)
{
	struct desk_codec *c = d->codec;
	if (!c)
		return;
	if (c->running)
		errand_close(&c->errand);
	for (size_t k = 0; k < c->count; k++) {
		/* what is not saved may still be wanted, by the journal or by the session as it was saved */
		if (!session_dirty(d->session) && !is_played(d, c->files[k]))
			unlink(c->files[k]);
		free(c->files[k]);
	}
	free(c->files);
	free(c->path);
	free(c);
	d->codec = NULL;
}
