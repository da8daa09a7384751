/* Text from files as it is shown: nothing unseen and nothing that steers a terminal comes through. */
#include "desktest.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

START_TEST(table)
{
	static const struct {
		const char *raw, *shown;
	} t[] = {
	    {"", ""},
	    {"Lead Vox (2) – Größe 日本", "Lead Vox (2) – Größe 日本"},
	    {"a\x1b[2Jb\nc\td\x7f", "a^[[2Jb^Jc^Id^?"},
	    {"\x01\x1f", "^A^_"},
	    {"\x9b"
	     "31m\xff",
	     "\\x9b31m\\xff"},
	    {"\xc2\x9b"
	     "1m",
	     "<U+009B>1m"},
	    {"abc\xe2\x80\xaegpj.wav", "abc<U+202E>gpj.wav"},
	    {"\xe2\x80\x8b\xe2\x80\x8d\xef\xbb\xbf\xe2\x81\xa6\xd8\x9c", "<U+200B><U+200D><U+FEFF><U+2066><U+061C>"},
	    {"\xe2\x80\xa8\xc2\xad\xf3\xa0\x80\x81", "<U+2028><U+00AD><U+E0001>"},
	    /* overlong, surrogate, beyond the last, cut off, stray */
	    {"\xc0\xaf", "\\xc0\\xaf"},
	    {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
	    {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
	    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
	    {"\xe6\x97", "\\xe6\\x97"},
	    {"\x80x", "\\x80x"},
	    {"e\xcc\x81 \xf0\x9f\x8e\xb8", "e\xcc\x81 \xf0\x9f\x8e\xb8"},
	};
	for (size_t k = 0; k < sizeof t / sizeof *t; k++) {
		char out[256];
		ck_assert_str_eq(text_show(t[k].raw, out, sizeof out), t[k].shown);
	}
}
END_TEST

START_TEST(cut)
{
	/* a piece that does not fit whole is left out, and nothing behind it comes in */
	char out[16];
	memset(out, 'x', sizeof out);
	ck_assert_str_eq(text_show("ab\xe2\x80\xaez", out, 10), "ab");
	ck_assert_int_eq(out[10], 'x');
	ck_assert_str_eq(text_show("ab\xe2\x80\xaez", out, 11), "ab<U+202E>");
	ck_assert_str_eq(text_show("a\xc3\xa9", out, 3), "a");
	ck_assert_str_eq(text_show("abc", out, 1), "");
}
END_TEST

/* Whatever goes in: valid UTF-8 comes out, without a control, and inside its room. */
START_TEST(any_bytes)
{
	uint64_t seed = 1;
	for (int turn = 0; turn < 20000; turn++) {
		char raw[48], out[64];
		size_t n = (size_t)((test_random(&seed) + 1) * 23);
		for (size_t k = 0; k < n; k++) {
			raw[k] = (char)(1 + (int)((test_random(&seed) + 1) * 127.4));
			if (turn % 2 && k % 3 == 0)
				raw[k] = (char)(0xe2 + turn % 16);
		}
		raw[n] = '\0';
		size_t size = 1 + (size_t)((test_random(&seed) + 1) * 31);
		memset(out, '!', sizeof out);
		text_show(raw, out, size);
		bool fits = memchr(out, '\0', size) != NULL, whole = true;
		for (size_t k = size; k < sizeof out; k++)
			whole &= out[k] == '!';
		for (size_t left = strlen(out), taken; left; left -= taken) {
			unsigned code = 0;
			taken = text_decode(out + strlen(out) - left, left, &code);
			if (!taken || code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200b && code <= 0x200f) ||
			    (code >= 0x2028 && code <= 0x202e))
				ck_abort_msg("turn %d lets U+%04X through", turn, code);
		}
		if (!fits || !whole)
			ck_abort_msg("turn %d leaves its %zu bytes", turn, size);
	}
}
END_TEST

TEST_MAIN("text", 20, table, cut, any_bytes)
