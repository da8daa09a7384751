/* A folder of its own for each test of the file sink, and the files that it is to write. Test programs only. */
#ifndef SINKTEST_H
#define SINKTEST_H

#include "desktest.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "media/sink.h"

static char folder[64];

static inline void
enter_folder(void)
{
	strcpy(folder, "/tmp/test-sink-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

/* Removes the folder; it must hold `files` files then: nothing is left behind. */
static inline void
leave_folder(int files)
{
	DIR *list = opendir(".");
	const struct dirent *entry;
	int found = 0;
	while ((entry = readdir(list))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			found++;
			remove(entry->d_name);
		}
	}
	closedir(list);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(folder), 0);
	ck_assert_int_eq(found, files);
}

static inline struct sink_spec
spec_of(const char *path, enum sink_bits bits)
{
	return (struct sink_spec){.path = path, .bits = bits, .rate = 48000, .channels = 2};
}

/* Writes a whole file in pieces of odd sizes. */
static inline void
write_file(const struct sink_spec *spec, const float *l, const float *r, size_t n)
{
	struct err err = {""};
	struct sink *sink = sink_open(spec, &err);
	ck_assert_msg(sink != NULL, "%s", err.text);
	for (size_t at = 0, piece = 1; at < n; at += piece, piece = piece * 3 % 4001) {
		piece = piece < n - at ? piece : n - at;
		const float *planar[2] = {l + at, r + at};
		ck_assert_msg(sink_write(sink, planar, piece, &err) == 0, "%s", err.text);
	}
	ck_assert_msg(sink_commit(sink, &err) == 0, "%s", err.text);
}

static inline size_t
slurp(const char *path, uint8_t *to, size_t room)
{
	FILE *file = fopen(path, "rb");
	ck_assert_ptr_nonnull(file);
	size_t n = fread(to, 1, room, file);
	fclose(file);
	return n;
}

#endif
