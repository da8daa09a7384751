#include "cli/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static int within; /* something stands before the next item of its object or list */

static void
put_string(const char *text)
{
	putchar('"');
	for (const char *c = text, *end = text + strlen(text); c < end;) {
		unsigned code;
		size_t n = text_decode(c, (size_t)(end - c), &code);
		if (n == 0) /* no UTF-8: a name may be any bytes, JSON may not */
			fputs("\\ufffd", stdout);
		else if (code == '"' || code == '\\')
			printf("\\%c", (int)code);
		else if (code < 0x20)
			printf("\\u%04x", code);
		else
			fwrite(c, 1, n, stdout);
		c += n ? n : 1;
	}
	putchar('"');
}

static void
begin(const char *key)
{
	if (within)
		putchar(',');
	within = 1;
	if (!key)
		return;
	put_string(key);
	putchar(':');
}

void
json_open(const char *key, char bracket)
{
	begin(key);
	putchar(bracket);
	within = 0;
}

void
json_close(char bracket)
{
	putchar(bracket);
	within = 1;
}

void
json_end(char bracket)
{
	printf("%c\n", bracket);
	within = 0;
}

void
json_text(const char *key, const char *text)
{
	begin(key);
	if (text)
		put_string(text);
	else
		fputs("null", stdout);
}

void
json_number(const char *key, double x, int decimals)
{
	begin(key);
	if (isfinite(x))
		printf("%.*f", decimals, x);
	else
		fputs("null", stdout);
}

void
json_flag(const char *key, int on)
{
	begin(key);
	fputs(on ? "true" : "false", stdout);
}

void
json_numbers(const char *key, const double *x, size_t count, int decimals)
{
	json_open(key, '[');
	for (size_t k = 0; k < count; k++)
		json_number(NULL, x[k], decimals);
	json_close(']');
}
