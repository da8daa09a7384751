#include "session/groups.h"

#include <string.h>

#define CHANNELS (K_STRIP | K_BUS | K_MIX | K_MASTER)

/* Groups of several processors and of what is none. `holds`: beginnings of addresses; "" is everything. */
static const struct {
	const char *name, *holds, *help;
	int processors; /* all of them, too */
	unsigned kinds;
} groups[] = {
    {"chain", "order", "all processors and their order", 1, CHANNELS},
    {"strip", "order trim polarity width pan fader mute colour stage/", "all of a strip, sends too", 1,
     CHANNELS | K_DCA | K_SEND},
    {"filter", "hpf/ lpf/", "high-pass and low-pass", 0, CHANNELS},
    {"dynamics", "gate/ deess/ comp/ transient/", "gate, de-esser, compressor, transient shaper", 0, CHANNELS},
    {"input", "trim polarity", "trim and polarity", 0, CHANNELS},
    {"faders", "fader", "faders", 0, CHANNELS | K_DCA},
    {"mutes", "mute", "mutes", 0, CHANNELS | K_DCA},
    {"pans", "pan width stage/", "pan, its law, width and place on the stage", 0, CHANNELS},
    {"sends", "", "levels and switches of sends", 0, K_SEND},
    {"all", "", "everything", 1, CHANNELS | K_DCA | K_SEND},
};
#define GROUPS (sizeof groups / sizeof *groups)

size_t
group_processor(const struct param *p)
{
	size_t n = strcspn(p->address, "/");
	if (!(p->kinds & CHANNELS) || !p->address[n] || !strncmp(p->address, "stage/", 6))
		return 0;
	return n;
}

/* Whether p is the first parameter of its processor. */
static int
is_first(const struct param *p)
{
	size_t n = group_processor(p);
	if (p > params && group_processor(p - 1) == n && !strncmp(p[-1].address, p->address, n))
		return 0;
	for (const struct param *q = params; n && q < p; q++)
		if (group_processor(q) == n && !strncmp(q->address, p->address, n))
			return 0;
	return n != 0;
}

const char *
group_name(size_t k, const char **help)
{
	static _Thread_local char name[32];
	for (const struct param *p = params; p < params + PARAM_COUNT; p++) {
		if (!is_first(p) || k--)
			continue;
		size_t n = group_processor(p);
		memcpy(name, p->address, n < sizeof name ? n : sizeof name - 1);
		name[n < sizeof name ? n : sizeof name - 1] = '\0';
		if (help)
			*help = p->help;
		return name;
	}
	if (k >= GROUPS)
		return NULL;
	if (help)
		*help = groups[k].help;
	return groups[k].name;
}

int
group_known(const char *name)
{
	size_t n = strlen(name);
	for (size_t k = 0; k < GROUPS; k++)
		if (!strcmp(groups[k].name, name))
			return 1;
	for (const struct param *p = params; n && p < params + PARAM_COUNT; p++)
		if (group_processor(p) == n && !strncmp(p->address, name, n))
			return 1;
	return 0;
}

static int
begins(const char *address, const char *list)
{
	for (const char *at = list; *at;) {
		size_t n = strcspn(at, " ");
		/* a whole part of the address: "pan" is not "pan-law" of something else, but goes along with it */
		if (!strncmp(address, at, n) && (at[n - 1] == '/' || !address[n] || address[n] == '-'))
			return 1;
		at += n + (at[n] == ' ');
	}
	return 0;
}

int
group_has(const char *name, const struct param *p)
{
	size_t n = group_processor(p);
	if (p->type == T_TEXT || p->id == P_SOLO || p->id == P_SOLO_SAFE || p->id == P_CHANNELS || p->id == P_SCENE_SAFE)
		return 0;
	for (size_t k = 0; k < GROUPS; k++) {
		if (strcmp(groups[k].name, name) != 0)
			continue;
		if (!(p->kinds & groups[k].kinds))
			return 0;
		return (n && groups[k].processors) || p->kinds == K_SEND || !*groups[k].holds ||
		       begins(p->address, groups[k].holds);
	}
	return n && strlen(name) == n && !strncmp(p->address, name, n);
}

int
group_recalls(const struct param *p)
{
	return group_has("all", p) && p->type != T_REF && !(p->flags & FLAG_BUILD) && p->id != P_COLOUR;
}
