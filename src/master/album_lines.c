#include "master/album_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/text.h"

/* How near a line stands to one that is put in. */
enum nearness { ELSEWHERE, SAME_SONG, SAME_ADDRESS };

/* `line` is the album's, of `length` bytes; `head` of the address are its song. */
static int
nearness(const char *line, size_t length, const char *variant, const char *address, size_t head, enum nearness *near,
         struct err *err)
{
	struct words w;
	*near = ELSEWHERE;
	if (words_init(&w, line, length, err))
		return -1;
	int of_variant = w.count > 2 && !strcmp(w.word[0].text, "variant");
	const char *other = of_variant ? w.word[2].text : w.count ? w.word[0].text : "";
	if (variant ? of_variant && !strcmp(w.word[1].text, variant) : !of_variant)
		*near = !strcmp(other, address) ? SAME_ADDRESS : !strncmp(other, address, head) ? SAME_SONG : ELSEWHERE;
	words_fini(&w);
	return 0;
}

char *
album_lines_put(char *text, const char *variant, const char *line, struct err *err)
{
	char *address = text_copy(line, strcspn(line, " ")), *quoted = variant ? text_quote(variant) : NULL, *all = NULL;
	const char *slash = strchr(address, '/'), *second = slash ? strchr(slash + 1, '/') : NULL;
	size_t head = second ? (size_t)(second + 1 - address) : strlen(address);
	size_t from = strlen(text), to = from; /* what goes */
	enum nearness best = ELSEWHERE;
	int status = 0;
	for (size_t at = 0; !status && text[at];) {
		size_t length = strcspn(text + at, "\n"), end = at + length;
		enum nearness near;
		if (length && text[end - 1] == '\r')
			end--;
		status = nearness(text + at, end - at, variant, address, head, &near, err);
		if (!status && near && near >= best) { /* of two the last one holds */
			from = near == SAME_ADDRESS ? at : end;
			to = end;
			best = near;
		}
		at += length + (text[at + length] == '\n');
	}
	int ends = from == 0 || text[from - 1] == '\n'; /* it begins a line already */
	if (!status &&
	    asprintf(&all, "%.*s%s%s%s%s%s%s%s", (int)from, text, ends ? "" : "\n", variant ? "variant " : "",
	             variant ? quoted : "", variant ? " " : "", line, best == ELSEWHERE ? "\n" : "", text + to) < 0) {
		all = NULL;
		err_set(err, "not enough memory");
	}
	free(address);
	free(quoted);
	free(text);
	return all;
}
