#include "config.h"
#include "cli/sheets.h"

#include <stdio.h>
#include <string.h>

#include "media/part.h"

char *
sheets_beside(const char *path, const char *ending)
{
	const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
	char *other = NULL;
	int stem = dot ? (int)(dot - path) : (int)strlen(path);
	return asprintf(&other, "%.*s.%s", stem, path, ending) < 0 ? NULL : other;
}

int
sheets_write(const char *path, const char *text, struct err *err)
{
	struct part *part = text ? part_open(path, strlen(text), err) : NULL;
	if (!text)
		return err_set(err, "not enough memory");
	if (!part)
		return -1;
	if (part_write(part, text, strlen(text), err)) {
		part_abort(part);
		return -1;
	}
	return part_commit(part, err);
}
