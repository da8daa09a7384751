#include "media/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

int
name_compare(const char *a, const char *b)
{
	const char *p = a, *q = b;
	while (*p && *q) {
		if (is_digit(*p) && is_digit(*q)) {
			while (*p == '0')
				p++;
			while (*q == '0')
				q++;
			size_t n = 0, m = 0;
			while (is_digit(p[n]))
				n++;
			while (is_digit(q[m]))
				m++;
			int order = n != m ? (n < m ? -1 : 1) : memcmp(p, q, n);
			if (order)
				return order;
			p += n;
			q += m;
			continue;
		}
		unsigned char c = (unsigned char)lower(*p), d = (unsigned char)lower(*q);
		if (c != d)
			return c < d ? -1 : 1;
		p++;
		q++;
	}
	if (*p || *q)
		return *p ? 1 : -1;
	return strcmp(a, b);
}

const char *
name_base(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

void
name_stem(const char *path, char out[NAME_SIZE])
{
	snprintf(out, NAME_SIZE, "%s", name_base(path));
	char *dot = strrchr(out, '.');
	if (dot && dot > out)
		*dot = '\0';
}

static bool
is_separator(char c)
{
	return c == ' ' || c == '_' || c == '-' || c == '.';
}

size_t
name_prefix(const char *stem, bool loose)
{
	size_t digits = 0, end;
	bool plain = true; /* blanks are all that separates */
	while (is_digit(stem[digits]))
		digits++;
	for (end = digits; is_separator(stem[end]) || (end > digits && stem[end] == ')'); end++)
		plain &= stem[end] == ' ';
	if (!digits || digits > 3 || end == digits || !stem[end])
		return 0;
	return plain && !loose && stem[0] != '0' ? 0 : end;
}

char
name_side(const char *stem, size_t *length)
{
	static const struct {
		const char *end;
		char side;
	} ends[] = {{"(L)", 'L'}, {"(R)", 'R'}, {"L", 'L'}, {"R", 'R'}, {"left", 'L'}, {"right", 'R'}};
	size_t n = strlen(stem);
	for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
		size_t m = strlen(ends[k].end);
		if (n < m + 1 || strcasecmp(stem + n - m, ends[k].end))
			continue;
		size_t before = n - m;
		if (ends[k].end[0] != '(' && !is_separator(stem[before - 1]))
			continue;
		while (before && is_separator(stem[before - 1]))
			before--;
		if (!before)
			continue;
		*length = before;
		return ends[k].side;
	}
	return 0;
}

long
name_number(const char *stem, size_t *prefix, size_t *digits)
{
	size_t n = strlen(stem), from = n;
	while (from && is_digit(stem[from - 1]))
		from--;
	*prefix = from;
	*digits = n - from;
	return *digits >= 1 && *digits <= 9 ? atol(stem + from) : -1;
}

void
name_clean(const char *stem, size_t n, char out[NAME_SIZE])
{
	char raw[NAME_SIZE];
	size_t used = 0;
	for (size_t k = 0; k < n && stem[k] && used + 1 < sizeof raw; k++) {
		char c = stem[k] == '_' ? ' ' : stem[k];
		if (c == ' ' && (!used || raw[used - 1] == ' '))
			continue;
		raw[used++] = c;
	}
	while (used && is_separator(raw[used - 1]))
		used--;
	raw[used] = '\0';
	text_show(raw, out, NAME_SIZE);
}

/* U+00C0 to U+017F without their accents, two letters for ligatures where that is usual; '-' where there is no letter.
 */
static const char *
plain_letters(unsigned code)
{
	static const char *const latin[] = {
	    "a", "a", "a",  "a",  "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",  /* C0 */
	    "d", "n", "o",  "o",  "o", "o", "o",  "-", "o", "u", "u", "u", "u", "y", "th", "ss", /* D0 */
	    "a", "a", "a",  "a",  "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",  /* E0 */
	    "d", "n", "o",  "o",  "o", "o", "o",  "-", "o", "u", "u", "u", "u", "y", "th", "y",  /* F0 */
	    "a", "a", "a",  "a",  "a", "a", "c",  "c", "c", "c", "c", "c", "c", "c", "d",  "d",  /* 100 */
	    "d", "d", "e",  "e",  "e", "e", "e",  "e", "e", "e", "e", "e", "g", "g", "g",  "g",  /* 110 */
	    "g", "g", "g",  "g",  "h", "h", "h",  "h", "i", "i", "i", "i", "i", "i", "i",  "i",  /* 120 */
	    "i", "i", "ij", "ij", "j", "j", "k",  "k", "k", "l", "l", "l", "l", "l", "l",  "l",  /* 130 */
	    "l", "l", "l",  "n",  "n", "n", "n",  "n", "n", "n", "n", "n", "o", "o", "o",  "o",  /* 140 */
	    "o", "o", "oe", "oe", "r", "r", "r",  "r", "r", "r", "s", "s", "s", "s", "s",  "s",  /* 150 */
	    "s", "s", "t",  "t",  "t", "t", "t",  "t", "u", "u", "u", "u", "u", "u", "u",  "u",  /* 160 */
	    "u", "u", "u",  "u",  "w", "w", "y",  "y", "y", "z", "z", "z", "z", "z", "z",  "s",  /* 170 */
	};
	return code >= 0xc0 && code < 0x180 ? latin[code - 0xc0] : "-";
}

void
name_slug(const char *name, char out[ID_SIZE])
{
	size_t used = 0;
	for (size_t left = strlen(name); left;) {
		char letter[2] = "-";
		const char *add = letter;
		unsigned code;
		size_t taken = text_decode(name, left, &code);
		if (taken == 1) {
			char c = lower((char)code);
			letter[0] = (c >= 'a' && c <= 'z') || is_digit(c) ? c : '-';
		} else if (taken) {
			/* accents that stand alone, as macOS writes them, fall away */
			add = code >= 0x300 && code < 0x370 ? "" : plain_letters(code);
		}
		for (; *add && used < ID_SIZE - 8; add++) {
			if (*add == '-' && (!used || out[used - 1] == '-'))
				continue;
			if (!used && is_digit(*add))
				out[used++] = 's';
			out[used++] = *add;
		}
		name += taken ? taken : 1;
		left -= taken ? taken : 1;
	}
	while (used && out[used - 1] == '-')
		used--;
	out[used] = '\0';
	if (!used)
		strcpy(out, "strip");
}
