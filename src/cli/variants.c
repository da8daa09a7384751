#include "cli/variants.h"

#include <stdio.h>
#include <string.h>

#define SONG "song"
#define ALL "all"

int
variants_many(const char *names)
{
	return !strcmp(names, ALL) || strchr(names, ',');
}

int
variants_has(const char *names, const char *variant)
{
	const char *wanted = *variant ? variant : SONG;
	size_t n = strlen(wanted);
	if (!strcmp(names, ALL))
		return 1;
	for (const char *at = names; *at; at += strcspn(at, ","), at += *at == ',')
		if (strcspn(at, ",") == n && !strncmp(at, wanted, n))
			return 1;
	return 0;
}

static int
is_variant(struct session *session, const char *name, size_t n)
{
	const char *variant;
	for (size_t k = 0; (variant = session_variant(session, k)); k++)
		if (strlen(variant) == n && !strncmp(variant, name, n))
			return 1;
	return n == strlen(SONG) && !strncmp(name, SONG, n);
}

int
variants_check(struct session *session, const char *option, const char *names, struct err *err)
{
	char all[512] = "";
	const char *variant;
	size_t used = 0;
	for (size_t k = 0; (variant = session_variant(session, k)) && used < sizeof all; k++)
		used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", k ? ", " : "", variant);
	if (!strcmp(names, ALL))
		return 0;
	for (const char *at = names; *at; at += strcspn(at, ","), at += *at == ',') {
		size_t n = strcspn(at, ",");
		if (!is_variant(session, at, n))
			return err_set(err, "--%s=%s: there is no variant %.*s; %s%s", option, names, (int)n, at,
			               *all ? "there are " : "the session has none", all);
	}
	return 0;
}
