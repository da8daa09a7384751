#include "device/holder.h"

#include <alsa/asoundlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/device.h"

/* What follows KEY and a colon in the file, without the line's end. -1: no such line. */
static int
read_field(const char *path, const char *key, char *value, size_t size)
{
	char line[256];
	int status = -1;
	FILE *f = fopen(path, "re");
	if (!f)
		return -1;
	while (status && fgets(line, sizeof line, f)) {
		char *colon = strchr(line, ':');
		size_t length = strlen(key);
		if (!colon || strncmp(line, key, length) != 0 ||
		    strspn(line + length, " \t") != (size_t)(colon - line) - length)
			continue;
		colon += 1 + strspn(colon + 1, " \t");
		colon[strcspn(colon, "\n")] = '\0';
		snprintf(value, size, "%s", colon);
		status = 0;
	}
	fclose(f);
	return status;
}

/* Names of programs are theirs to choose: what could move a cursor is not repeated. */
static void
make_harmless(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c; c++)
		if (*c < ' ' || *c >= 0x7f)
			*c = '?';
}

int
holder_of(const char *proc, int card, int device, char *name, size_t size)
{
	char path[512], value[64];
	for (int sub = 0; sub < 32; sub++) {
		snprintf(path, sizeof path, "%s/asound/card%d/pcm%dp/sub%d/status", proc, card, device, sub);
		FILE *f = fopen(path, "re");
		if (!f)
			return 0;
		fclose(f);
		if (read_field(path, "owner_pid", value, sizeof value))
			continue;
		/* The kernel names the thread that opened it; the program is what people know. */
		int pid = atoi(value);
		snprintf(path, sizeof path, "%s/%d/status", proc, pid);
		if (read_field(path, "Tgid", value, sizeof value) == 0 && atoi(value) > 0)
			pid = atoi(value);
		snprintf(path, sizeof path, "%s/%d/status", proc, pid);
		if (read_field(path, "Name", name, size))
			snprintf(name, size, "another program");
		make_harmless(name);
		return pid;
	}
	return 0;
}

int
holder_parse(const char *name, int *card, int *device)
{
	const char *colon = strchr(name, ':');
	char word[64];
	if (!colon)
		return -1;
	const char *at = strstr(colon, "CARD=");
	at = at ? at + 5 : colon + 1;
	size_t length = strcspn(at, ",");
	if (length == 0 || length >= sizeof word)
		return -1;
	memcpy(word, at, length);
	word[length] = '\0';
	*card = snd_card_get_index(word);
	if (*card < 0)
		return -1;
	const char *dev = strstr(colon, "DEV=");
	*device = dev ? atoi(dev + 4) : at[length] == ',' ? atoi(at + length + 1) : 0;
	return 0;
}

/* Gathers the names of devices that nobody holds. */
struct free_ones {
	const char *but;
	char text[256];
};

static void
add_free(void *arg, const char *name, const char *about)
{
	struct free_ones *f = arg;
	char held[64];
	int card, device;
	(void)about;
	if (!strcmp(name, f->but) || holder_parse(name, &card, &device) ||
	    holder_of("/proc", card, device, held, sizeof held))
		return;
	size_t length = strlen(f->text);
	if (length + strlen(name) + 3 < sizeof f->text)
		snprintf(f->text + length, sizeof f->text - length, "%s%s", length ? ", " : "", name);
}

void
holder_sentence(const char *name, struct err *err)
{
	struct free_ones others = {name, ""};
	struct err ignored;
	char who[64] = "";
	int card = 0, device = 0, pid = 0;
	if (holder_parse(name, &card, &device) == 0)
		pid = holder_of("/proc", card, device, who, sizeof who);
	for (card = 0; pid == 0 && card < 8; card++)
		for (device = 0; pid == 0 && device < 8; device++)
			pid = holder_of("/proc", card, device, who, sizeof who);
	device_list(add_free, &others, &ignored);
	char holder[128];
	if (pid)
		snprintf(holder, sizeof holder, "%s (process %d) plays on it; end that", who, pid);
	else
		snprintf(holder, sizeof holder, "another program plays on it; end that");
	err_set(err, "device \"%s\" is busy: %s, or choose another with -D: %s", name, holder,
	        others.text[0] ? others.text : "`stemdesk devices` lists them");
}
