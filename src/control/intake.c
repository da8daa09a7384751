#include "control/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/print.h"
#include "media/probe.h"
#include "session/text.h"

char *
intake_folder(const char *path)
{
	char *target = realpath(path, NULL); /* of a session that is there already, and may be a link */
	const char *at = target ? target : path, *slash = strrchr(at, '/');
	char *given = slash ? strndup(at, (size_t)(slash - at) + 1) : strdup(".");
	char *real = given ? realpath(given, NULL) : NULL;
	free(given);
	free(target);
	if (!real)
		return NULL;
	char *with = malloc(strlen(real) + 2);
	if (with)
		sprintf(with, "%s%s", real, strcmp(real, "/") ? "/" : "");
	free(real);
	return with;
}

char *
intake_relative(const char *folder, const char *file)
{
	char *real = realpath(file, NULL);
	if (!real)
		return NULL;
	size_t same = 0;
	for (size_t k = 0; folder[k] && folder[k] == real[k]; k++)
		if (folder[k] == '/')
			same = k + 1;
	size_t ups = 0;
	for (const char *c = folder + same; *c; c++)
		ups += *c == '/';
	char *out = malloc(ups * 3 + strlen(real + same) + 1);
	if (out) {
		for (size_t k = 0; k < ups; k++)
			memcpy(out + 3 * k, "../", 3);
		strcpy(out + 3 * ups, real + same);
	}
	free(real);
	return out;
}

/* Whether some region plays channel `channel` of the file already. */
static int
plays(struct session *session, const char *file, int channel)
{
	const struct node *strip;
	for (size_t k = 0; (strip = session_node(session, K_STRIP, k)); k++)
		for (size_t c = 0; c < strip->children; c++) {
			const struct node *r = strip->child[c];
			if (r->kind != K_REGION)
				continue;
			int first = (int)r->value[P_REGION_CHANNEL], last = first + (int)strip->value[P_CHANNELS] - 1;
			if ((!strcmp(r->text[P_REGION_FILE], file) && channel >= first && channel <= last) ||
			    !strcmp(r->text[P_REGION_RIGHT], file))
				return 1;
		}
	return 0;
}

/* A line of the language with its value in quotes. */
static int
line_text(struct session *session, const char *address, const char *text, struct err *err)
{
	/* a file name may hold anything but a slash: line ends and escapes too */
	char *quoted = text_quote(text), *line = NULL;
	int written = quoted ? asprintf(&line, "%s %s", address, quoted) : -1;
	free(quoted);
	if (written < 0)
		return err_set(err, "not enough memory");
	int status = session_line(session, line, err);
	free(line);
	return status;
}

static int
line_number(struct session *session, const char *address, double value, struct err *err)
{
	char line[512];
	snprintf(line, sizeof line, "%s %.0f", address, value);
	return session_line(session, line, err);
}

/* An id that no strip has: the proposed one, or with -2, -3 ... behind it. */
static void
free_id(struct session *session, const char *proposed, char *id, size_t size)
{
	char address[256];
	snprintf(id, size, "%s", proposed);
	for (int k = 2;; k++) {
		snprintf(address, sizeof address, "strip/%s", id);
		if (!session_find(session, address))
			return;
		snprintf(id, size, "%.100s-%d", proposed, k);
	}
}

static int
is_named(struct session *session, const char *name)
{
	const struct node *strip;
	for (size_t k = 0; (strip = session_node(session, K_STRIP, k)); k++)
		if (!strcmp(strip->text[P_NAME], name))
			return 1;
	return 0;
}

/* The same for names, so that two stems called "Piano" are told apart. */
static void
free_name(struct session *session, const char *proposed, char *name, size_t size)
{
	snprintf(name, size, "%s", proposed);
	for (int k = 2; is_named(session, name); k++)
		snprintf(name, size, "%.500s %d", proposed, k);
}

/* What the addition of one scan needs. */
struct adding {
	struct session *session;
	const struct scan *scan;
	char *folder, **name; /* name: of each file, relative to the folder */
	struct err *err;
};

static int
add_region(struct adding *a, const char *strip, const struct scan_region *region)
{
	char seed[512], id[8], address[256], print[128];
	const struct scan_file *file = &a->scan->file[region->file];
	double ratio = session_rate(a->session) / file->info.rate;
	snprintf(seed, sizeof seed, "%s %d %s", strip, region->channel, a->name[region->file]);
	session_region_id(a->session, seed, id);
	int n = snprintf(address, sizeof address, "strip/%s/region/%s/", strip, id);
#define AT(what) (snprintf(address + n, sizeof address - (size_t)n, what), address)
	if (line_text(a->session, AT("file"), a->name[region->file], a->err))
		return -1;
	if (region->right >= 0 && line_text(a->session, AT("right"), a->name[region->right], a->err))
		return -1;
	if (region->channel > 1 && line_number(a->session, AT("channel"), region->channel, a->err))
		return -1;
	if (region->at > 0 && line_number(a->session, AT("at"), (double)region->at * ratio, a->err))
		return -1;
	if (media_print(file->path, &file->info, print, sizeof print, a->err))
		return -1;
	return line_text(a->session, AT("print"), print, a->err);
#undef AT
}

static int
add_strip(struct adding *a, const struct scan_strip *strip)
{
	char id[128], address[256], name[600];
	free_id(a->session, strip->id, id, sizeof id);
	free_name(a->session, strip->name, name, sizeof name);
	snprintf(address, sizeof address, "strip/%s/name", id);
	if (line_text(a->session, address, name, a->err))
		return -1;
	snprintf(address, sizeof address, "strip/%s/channels", id);
	if (strip->channels != 2 && line_number(a->session, address, strip->channels, a->err))
		return -1;
	for (size_t k = 0; k < strip->regions; k++)
		if (add_region(a, id, &strip->region[k]))
			return -1;
	return 0;
}

static int
is_known(const struct adding *a, const struct scan_strip *strip)
{
	for (size_t k = 0; k < strip->regions; k++)
		if (plays(a->session, a->name[strip->region[k].file], strip->region[k].channel))
			return 1;
	return 0;
}

int
intake_add(struct session *session, const struct scan *scan, const char *path, struct err *err)
{
	struct adding a = {.session = session, .scan = scan, .err = err, .folder = intake_folder(path)};
	int added = 0;
	a.name = calloc(scan->files + 1, sizeof *a.name);
	if (!a.folder || !a.name)
		added = err_set(err, "%s: its folder is not there; make it first", path);
	for (size_t k = 0; k < scan->files && added >= 0; k++)
		if (!(a.name[k] = intake_relative(a.folder, scan->file[k].path)))
			added = err_set(err, "%s: is gone while it was read", scan->file[k].path);
	session_begin(session);
	for (size_t k = 0; k < scan->strips && added >= 0; k++) {
		if (is_known(&a, &scan->strip[k]))
			continue;
		added = add_strip(&a, &scan->strip[k]) ? -1 : added + 1;
	}
	session_commit(session);
	for (size_t k = 0; a.name && k < scan->files; k++)
		free(a.name[k]);
	free(a.name);
	free(a.folder);
	return added;
}
