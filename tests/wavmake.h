/* Sound files made byte by byte, good and hostile, in a folder that goes away with the test. */
#ifndef WAVMAKE_H
#define WAVMAKE_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desktest.h"

struct bytes {
	unsigned char b[65536];
	size_t n;
};

static char made_folder[64];

static inline void
put_raw(struct bytes *o, const void *p, size_t n)
{
	ck_assert_uint_le(o->n + n, sizeof o->b);
	memcpy(o->b + o->n, p, n);
	o->n += n;
}

/* n bytes of v, the lowest first */
static inline void
put_le(struct bytes *o, uint64_t v, int n)
{
	for (; n-- > 0; v >>= 8)
		put_raw(o, &(unsigned char){(unsigned char)v}, 1);
}

static inline void
put_be(struct bytes *o, uint64_t v, int n)
{
	while (n-- > 0)
		put_raw(o, &(unsigned char){(unsigned char)(v >> 8 * n)}, 1);
}

static inline void
put_text(struct bytes *o, const char *text)
{
	put_raw(o, text, strlen(text));
}

static inline void
put_zero(struct bytes *o, size_t n)
{
	while (n--)
		put_raw(o, "", 1);
}

static inline void
put_chunk_head(struct bytes *o, const char *id, uint32_t size)
{
	put_text(o, id);
	put_le(o, size, 4);
}

/* "RIFF" .. "WAVE" and a PCM format chunk */
static inline void
put_riff(struct bytes *o, const char *riff, int channels, int rate, int bits)
{
	put_chunk_head(o, riff, 0xffffffff);
	put_text(o, "WAVE");
	put_chunk_head(o, "fmt ", 16);
	put_le(o, 1, 2);
	put_le(o, (uint64_t)channels, 2);
	put_le(o, (uint64_t)rate, 4);
	put_le(o, (uint64_t)rate * (uint64_t)channels * (uint64_t)bits / 8, 4);
	put_le(o, (uint64_t)(channels * bits / 8), 2);
	put_le(o, (uint64_t)bits, 2);
}

/* Corrects the outermost size. */
static inline void
end_riff(struct bytes *o)
{
	for (int k = 0; k < 4; k++)
		o->b[4 + k] = (unsigned char)((o->n - 8) >> 8 * k);
}

static inline void
put_bext(struct bytes *o, const char *description, const char *originator, uint64_t stamp, const char *history)
{
	put_chunk_head(o, "bext", (uint32_t)(602 + strlen(history)));
	size_t at = o->n;
	put_text(o, description);
	put_zero(o, at + 256 - o->n);
	put_text(o, originator);
	put_zero(o, at + 338 - o->n);
	put_le(o, stamp, 8);
	put_le(o, 1, 2);
	put_zero(o, at + 602 - o->n);
	put_text(o, history);
	put_zero(o, strlen(history) & 1);
}

static inline void
put_ixml(struct bytes *o, const char *text)
{
	put_chunk_head(o, "iXML", (uint32_t)strlen(text));
	put_text(o, text);
	put_zero(o, strlen(text) & 1);
}

/* A data chunk of whole frames, every sample a little above 0. */
static inline void
put_data(struct bytes *o, int frames, int frame_bytes)
{
	put_chunk_head(o, "data", (uint32_t)(frames * frame_bytes));
	for (int k = 0; k < frames * frame_bytes; k++)
		put_le(o, 5, 1);
	put_zero(o, (size_t)(frames * frame_bytes) & 1);
}

static inline void
save(const char *name, const struct bytes *o)
{
	/* a new file each time: some file systems write out at once what replaces a truncated one */
	unlink(name);
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0666);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, o->b, o->n), (ssize_t)o->n);
	close(fd);
}

/* The current folder becomes a new one. */
static inline void
made_begin(void)
{
	strcpy(made_folder, "/tmp/stemdesk-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(made_folder));
	ck_assert_int_eq(chdir(made_folder), 0);
}

static inline void
made_end(void)
{
	DIR *dir = opendir(".");
	ck_assert_ptr_nonnull(dir);
	for (struct dirent *e; (e = readdir(dir));)
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && unlink(e->d_name))
			rmdir(e->d_name);
	closedir(dir);
	ck_assert_int_eq(chdir("/"), 0);
	rmdir(made_folder);
}

#endif
