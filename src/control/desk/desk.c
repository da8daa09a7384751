#include "control/desk/parts.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/desk/ear.h"
#include "control/desk/edit.h"
#include "control/desk/left.h"
#include "control/desk/sheet.h"

#define TICK_MS 20 /* between two looks at the meters */

/* The session's callback: notes what the player and the words need to know. */
static void
on_change(void *user, struct node *node, int param, bool structural)
{
	struct desk *d = user;
	d->values_stale = d->routes_stale = d->tape_stale = d->shelf_stale = 1;
	if (d->sheet)
		d->sheet->stale = 1;
	d->faults_stale |= !(node->kind & (K_MARKER | K_NOTE));
	const struct node *whole = node->parent ? node->parent : node;
	d->edits += !desk_reference_number(whole) && !(node->kind & (K_MARKER | K_NOTE)) && param != P_SOLO;
	desk_words_changed(d, node, param);
	desk_ear_changed(d, node, param);
	if (structural || (param < 0 && !(node->kind & (K_MARKER | K_NOTE))))
		d->rebuild = 1;
	if (param < 0)
		d->structure++;
	if (node->kind & (K_DCA | K_SONG) || param == P_SOLO || param == P_SOLO_SAFE || param == P_DCA)
		d->resend = 1;
	const struct node *of = node->parent ? node->parent : node;
	for (int k = 0; k < d->changes; k++)
		if (d->changed[k] == of->uid)
			return;
	if (d->changes < PLAYER_NODES)
		d->changed[d->changes++] = of->uid;
	else
		d->resend = 1;
}

int
desk_do(struct desk *d, const char *line, struct err *err)
{
	const char *args;
	const struct desk_command *command = desk_command_of(line, &args);
	if (command && command->run != desk_drag && command->run != desk_stage)
		gesture_end(&d->edit->gesture);
	if (command && command->of_ui)
		return err_set(err, "%s: only a screen can do that", command->name);
	if (!command || !command->run)
		return desk_apply(d, line, err);
	size_t redos, steps = session_steps(d->session, &redos);
	char *copy = strdup(args);
	int failed = copy ? command->run(d, copy, err) : err_set(err, "not enough memory");
	free(copy);
	/* what makes a step is what `repeat` does again, but for what walks among steps */
	if (!failed && session_steps(d->session, &redos) > steps && !redos && !desk_walks(command)) {
		free(d->last_line);
		d->last_line = strdup(line);
	}
	return failed;
}

static void
run_line(struct desk *d, const char *line)
{
	struct err err = {""};
	int failed;
	if (d->from) {
		gesture_end(&d->edit->gesture);
		failed = desk_ear_run(d, line, &err);
	} else {
		failed = desk_do(d, line, &err);
		if (!failed)
			desk_macro_note(d, line);
	}
	if (failed && !d->from)
		desk_say(d, DESK_ERROR, "%s", err.text);
	desk_ear_done(d, failed ? err.text : NULL);
}

static void *
desk_run(void *arg)
{
	struct desk *d = arg;
	pthread_setname_np(pthread_self(), "control");
	struct pollfd wake = {.fd = d->lines.fd, .events = POLLIN};
	int quit = 0;
	while (!quit) {
		int worked = 0;
		poll(&wake, 1, TICK_MS);
		struct desk_item *item;
		do {
			item = desk_mail_line(d, &quit);
			if (item && !d->left) {
				d->from = item->from;
				run_line(d, item->text);
				d->from = 0;
				worked = 1;
			}
			free(item);
		} while (item && !quit);
		desk_fade_tick(d);
		desk_bypass_tick(d);
		desk_abx_tick(d);
		desk_place_tick(d);
		desk_monitor_match(d);
		desk_faults_tick(d);
		desk_prepare_tick(d);
		desk_reference_tick(d);
		desk_engine_poll(d);
		desk_ear_poll(d);
		desk_view_update(d);
		if (worked)
			desk_names_update(d);
		desk_bounce_poll(d);
		desk_codec_poll(d);
		desk_left_tick(d);
		desk_render_update(d);
		desk_hours_tick(d, 0);
		desk_journal_tick(d, worked);
		if (worked)
			desk_say(d, DESK_CHANGED, "%s", "");
	}
	return NULL;
}

struct desk *
desk_open(struct session *session, const char *path, const struct desk_options *options, struct err *err)
{
	struct desk *d = calloc(1, sizeof *d);
	if (!d || !(d->path = strdup(path))) {
		free(d);
		session_free(session);
		return err_set(err, "not enough memory for the desk"), NULL;
	}
	d->session = session;
	d->view_only = options->view_only;
	snprintf(d->device_name, sizeof d->device_name, "%s", options->device ? options->device : "default");
	d->period = options->period ? options->period : 256;
	d->periods = options->periods ? options->periods : 3;
	d->memory = options->memory ? (size_t)options->memory << 20 : STREAM_MEMORY;
	pthread_mutex_init(&d->lock, NULL);
	pthread_mutex_init(&d->ear_lock, NULL);
	if (desk_mail_open(d, err) || desk_edit_open(d, err) || desk_monitor_options(d, options, err) ||
	    targets_load(&d->targets, err)) {
		desk_close(d);
		return NULL;
	}
	if (!d->view_only)
		desk_journal_before(d);
	session_seal(d->session);
	if (!d->view_only && desk_journal_open(d, err)) {
		desk_close(d);
		return NULL;
	}
	session_on_change(d->session, on_change, d);
	if (desk_measure_options(d, options, err)) {
		desk_close(d);
		return NULL;
	}
	if (options->variant && session_apply_variant(d->session, options->variant, err)) {
		desk_close(d);
		return NULL;
	}
	desk_keep_chosen(d);
	desk_words_keep(d);
	if (desk_engine_open(d, err)) {
		desk_close(d);
		return NULL;
	}
	player_monitor(d->player, &d->monitor);
	d->rebuild = d->resend = d->changes = 0;
	desk_view_update(d);
	desk_names_update(d);
	desk_hours_open(d);
	desk_left_open(d);
	desk_say_brief(d);
	if (pthread_create(&d->thread, NULL, desk_run, d)) {
		err_set(err, "the desk cannot be opened: no more threads");
		desk_close(d);
		return NULL;
	}
	d->running = 1;
	return d;
}

void
desk_close(struct desk *d)
{
	if (!d)
		return;
	if (d->running) {
		uint64_t one = 1;
		pthread_mutex_lock(&d->lock);
		d->quit = 1;
		if (write(d->lines.fd, &one, sizeof one) < 0)
			d->quit = 1; /* it wakes by itself at the next tick */
		pthread_mutex_unlock(&d->lock);
		pthread_join(d->thread, NULL);
	}
	desk_bypass_close(d);
	desk_faults_close(d);
	desk_prepare_close(d);
	if (d->player && d->playing)
		player_stop(d->player); /* it fades while the journal is brought to an end */
	desk_bounce_close(d);
	desk_left_close(d);
	desk_journal_close(d);
	desk_engine_close(d);
	if (d->locked)
		session_unlock(d->path);
	desk_codec_close(d);
	session_free(d->session);
	desk_edit_close(d);
	desk_abx_free(d);
	desk_references_free(d);
	targets_free(&d->targets);
	desk_mail_close(d);
	pthread_mutex_destroy(&d->lock);
	pthread_mutex_destroy(&d->ear_lock);
	free(d->was);
	free(d->last_line);
	free(d->names);
	free(d->shelf);
	desk_render_close(d);
	free(d->path);
	free(d);
}
