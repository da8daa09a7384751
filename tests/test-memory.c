/* When memory ends: each allocation of a scan and of a reader fails once, and nothing is lost or broken by it. */
#include "wavmake.h"

#include <errno.h>
#include <stdbool.h>

#include "media/reader.h"
#include "media/scan.h"

/* The sanitizers have allocators of their own. */
#if defined __GLIBC__ && !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
#define COUNTED 1

static bool counting; /* allocations of the code under test */
static long left;     /* until one fails; never where negative */
static long live;     /* blocks allocated and not freed since counting began */

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);
void __libc_free(void *p);

static bool
fails(void)
{
	if (!counting || left < 0 || left-- > 0)
		return false;
	errno = ENOMEM;
	return true;
}

static void *
counted(void *p)
{
	live += counting && p;
	return p;
}

void *
malloc(size_t n)
{
	return fails() ? NULL : counted(__libc_malloc(n));
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : counted(__libc_calloc(n, size));
}

void *
realloc(void *p, size_t n)
{
	if (fails())
		return NULL;
	return p ? __libc_realloc(p, n) : counted(__libc_malloc(n));
}

int
posix_memalign(void **p, size_t align, size_t n)
{
	if (fails())
		return ENOMEM;
	*p = counted(__libc_memalign(align, n));
	return *p ? 0 : ENOMEM;
}

void
free(void *p)
{
	live -= counting && p;
	__libc_free(p);
}
#else
#define COUNTED 0
static bool counting;
static long left, live;
#endif

static void
make(const char *name, int channels, const char *ixml)
{
	struct bytes o = {.n = 0};
	put_riff(&o, "RIFF", channels, 48000, 16);
	if (*ixml)
		put_ixml(&o, ixml);
	put_data(&o, 50, channels * 2);
	end_riff(&o);
	save(name, &o);
}

START_TEST(scan_memory)
{
	struct err err;
	size_t strips = 0;
	made_begin();
	make("01 Kick.L.wav", 1, "");
	make("02 Kick.R.wav", 1, "");
	make("Poly.wav", 5, "<TRACK_LIST><TRACK><NAME>Boom</NAME></TRACK></TRACK_LIST>");
	make("00000101.wav", 3, "");
	make("00000102.wav", 3, "");
	make("broken.wav", 65, "");
	make("Bass.wav", 2, "");
	bool whole = false;
	long n = 0;
	for (; !whole; n++) {
		left = n;
		live = 0;
		counting = true;
		struct scan *s = scan_folder(".", &err);
		whole = left >= 0 || !COUNTED;
		strips = s ? s->strips : 0;
		size_t refusals = s ? s->refusals : 0;
		scan_free(s);
		counting = false;
		/* what fails is the whole scan, or no more than the words of one file */
		if (s && (strips != 10 || refusals != 1))
			ck_abort_msg("allocation %ld: %zu strips", n, strips);
		if (!s && !strstr(err.text, "emory"))
			ck_abort_msg("allocation %ld: %s", n, err.text);
		if (live)
			ck_abort_msg("allocation %ld: %ld blocks lost", n, live);
	}
	ck_assert_uint_eq(strips, 10);
	ck_assert_int_gt(n, COUNTED ? 50 : 0);
	made_end();
}
END_TEST

START_TEST(reader_memory)
{
	struct media_info info;
	struct err err;
	made_begin();
	make("a.wav", 2, "");
	ck_assert_int_eq(media_probe("a.wav", &info, &err), 0);
	for (long n = 0; n < 2; n++) {
		left = n;
		live = 0;
		counting = true;
		struct media_reader *r = reader_open("a.wav", &info, &err);
		reader_close(r);
		counting = false;
		ck_assert((r == NULL) == (COUNTED && n == 0));
		ck_assert_int_eq(live, 0);
	}
	made_end();
}
END_TEST

TEST_MAIN("memory", 30, scan_memory, reader_memory)
