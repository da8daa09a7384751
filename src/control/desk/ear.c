#include "control/desk/ear.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/desk/edit.h"
#include "session/text.h"

/* What others may ask for: nothing that ends the desk, opens a device (ALSA has devices that write files) or a file. */
static const char allowed[] = " play stop toggle locate loop marker get save "
                              " select mark undo redo value drag copy paste ab scene scenes note notes stage "
                              " delete rename move variant unsolo faults fault "
                              " monitor clear-peaks strip meters analyser meter loudness watch master status ";

int
desk_ear_may(const char *command)
{
	char word[40];
	snprintf(word, sizeof word, " %s ", command);
	return strstr(allowed, word) != NULL;
}

void
desk_ear_open(struct desk *d, const struct desk_ear *ear)
{
	pthread_mutex_lock(&d->ear_lock);
	d->ear = ear;
	pthread_mutex_unlock(&d->ear_lock);
}

void
desk_ear_close(struct desk *d)
{
	desk_ear_open(d, NULL);
	desk_ear_listen(d, 0);
}

int
desk_ear_said(struct desk *d, enum desk_event_kind kind, const char *text)
{
	pthread_mutex_lock(&d->ear_lock);
	if (d->ear)
		d->ear->said(d->ear->arg, d->from, kind, text);
	pthread_mutex_unlock(&d->ear_lock);
	return d->from && (kind == DESK_LINES || kind == DESK_ERROR);
}

void
desk_ear_done(struct desk *d, const char *error)
{
	pthread_mutex_lock(&d->ear_lock);
	if (d->ear && d->from)
		d->ear->done(d->ear->arg, d->from, error);
	pthread_mutex_unlock(&d->ear_lock);
}

/* Whether a stem's path leads out of the session's folder. */
static int
leads_out(const char *path)
{
	if (*path == '/')
		return 1;
	for (const char *at = path; at; at = strchr(at, '/')) {
		at += *at == '/';
		if (!strncmp(at, "..", 2) && (at[2] == '/' || !at[2]))
			return 1;
	}
	return 0;
}

/* The same of a variant's line, whose file is the last word. */
static int
variant_leads_out(const char *line)
{
	struct words w;
	if (words_init(&w, line, strlen(line), NULL))
		return 0;
	int out = w.count && strstr(line, "region") && leads_out(w.word[w.count - 1].text);
	words_fini(&w);
	return out;
}

static void
tell_change(void *user, const char *line)
{
	struct desk *d = user;
	d->ear->changed(d->ear->arg, line);
}

void
desk_ear_changed(struct desk *d, const struct node *node, int param)
{
	char address[256];
	if (d->from && (param == P_REGION_FILE || param == P_REGION_RIGHT) && leads_out(node->text[param]))
		d->led_out = 1;
	pthread_mutex_lock(&d->ear_lock);
	int wanted = d->ear && !d->edit->quiet && d->ear->wants(d->ear->arg);
	if (wanted && param < 0) {
		d->ear->changed(d->ear->arg, NULL);
	} else if (wanted) {
		snprintf(address, sizeof address, "%s/%s", session_address(node), params[param].address);
		session_get(d->session, address, tell_change, d, NULL);
	}
	pthread_mutex_unlock(&d->ear_lock);
}

/* Lines of the language, all or none; "save" as the last saves what was saved before. */
static int
apply_lines(struct desk *d, char *lines, struct err *err)
{
	int failed = 0, save = 0, was_dirty = session_dirty(d->session);
	char *next;
	if (desk_begin(d, err))
		return -1;
	for (char *line = lines; !failed && line && !save; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		const struct desk_command *command = desk_command_of(line, NULL);
		save = !next && line != lines && !strcmp(line, "save");
		int language = command && command->run == desk_scene && desk_scene_is_line(line);
		if (!save && command && (command->run || command->of_ui) && !language)
			failed = err_set(err, "%s: only lines of the language can be done together", command->name);
		else if (!save && command && !strcmp(command->name, "variant") && variant_leads_out(line))
			d->led_out = 1;
		else if (!save)
			failed = session_line(d->session, line, err);
	}
	int changed = *d->words != '\0';
	failed = desk_end(d, failed, NULL, err);
	if (!failed && save && was_dirty)
		desk_say(d, DESK_SAYS, "not saved: the desk has other changes that are not saved yet");
	else if (!failed && save && changed)
		failed = desk_save(d, err);
	return failed;
}

int
desk_ear_run(struct desk *d, const char *lines, struct err *err)
{
	const char *args;
	const struct desk_command *command = strchr(lines, '\n') ? NULL : desk_command_of(lines, &args);
	if (command && (command->of_ui || !desk_ear_may(command->name)))
		return err_set(err, "%s: only the desk's own user can do that", command->name);
	char *copy = strdup(command && command->run ? args : lines);
	if (!copy)
		return err_set(err, "not enough memory");
	int failed = command && command->run ? command->run(d, copy, err) : apply_lines(d, copy, err);
	free(copy);
	return failed;
}

int
desk_ear_holds(struct desk *d)
{
	pthread_mutex_lock(&d->lock);
	int holds = !d->view.view_only;
	pthread_mutex_unlock(&d->lock);
	return holds;
}

void
desk_ear_listen(struct desk *d, int on)
{
	pthread_mutex_lock(&d->lock);
	d->listen = on;
	pthread_mutex_unlock(&d->lock);
}

/* On the desk's thread, between lines. */
void
desk_ear_poll(struct desk *d)
{
	pthread_mutex_lock(&d->lock);
	struct player_heard old;
	while (d->listen && !d->listening && player_heard(d->player, &old) == 0)
		continue;
	if (d->listen != d->listening && player_listen(d->player, d->listen) == 0)
		d->listening = d->listen;
	pthread_mutex_unlock(&d->lock);
}

int
desk_ear_heard(struct desk *d, struct player_heard *piece)
{
	pthread_mutex_lock(&d->lock);
	int failed = d->listening ? player_heard(d->player, piece) : -1;
	pthread_mutex_unlock(&d->lock);
	return failed;
}
