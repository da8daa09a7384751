#include "cli/show_check.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/json.h"

#define COLUMNS 78

static const char *const weights[] = {"note", "fault", "grave"};

/* Prints a sentence in lines, each behind `indent` spaces. */
static void
wrap(const char *text, int indent)
{
	int column = 0;
	for (const char *at = text; *at;) {
		int word = (int)strcspn(at, " ");
		if (column && column + 1 + word > COLUMNS) {
			putchar('\n');
			column = 0;
		}
		if (!column)
			column = printf("%*s%.*s", indent, "", word, at);
		else
			column += printf(" %.*s", word, at);
		at += word + (at[word] == ' ');
	}
	putchar('\n');
}

static const struct node *
strip_of(const struct detected *d, int track)
{
	return track < 0 ? NULL : detect_track(d, track).strip;
}

static void
show_finding(const struct detected *d, const struct finding *f)
{
	char name[128], clock[32], text[sizeof f->text + 200];
	const struct node *strip = strip_of(d, f->track);
	printf("\n%-6s %-10s %s", weights[f->weight], f->by->name, strip ? session_address(strip) : "");
	if (strip && *strip->text[P_NAME])
		printf("  %s", text_show(strip->text[P_NAME], name, sizeof name));
	putchar('\n');
	size_t len = (size_t)snprintf(text, sizeof text, "%s", f->text);
	for (int k = 0; k < f->times; k++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", k ? ", " : ", at ", cli_clock(f->at[k], clock));
	wrap(text, 4);
}

static int
has_lines(const struct detected *d)
{
	for (size_t k = 0; k < d->findings.count; k++)
		if (*d->findings.found[k].fix[0])
			return 1;
	return 0;
}

void
show_check_lines(const struct detected *d)
{
	for (size_t k = 0; k < d->findings.count; k++)
		for (int i = 0; i < DETECT_FIXES; i++)
			if (*d->findings.found[k].fix[i])
				puts(d->findings.found[k].fix[i]);
}

void
show_check(const char *what, const struct detected *d)
{
	char shown[512];
	size_t count[3] = {0, 0, 0};
	for (size_t k = 0; k < d->findings.count; k++)
		count[d->findings.found[k].weight]++;
	printf("%s: %zu grave, %zu fault%s, %zu note%s\n", text_show(what, shown, sizeof shown), count[DETECT_GRAVE],
	       count[DETECT_FAULT], count[DETECT_FAULT] == 1 ? "" : "s", count[DETECT_NOTE],
	       count[DETECT_NOTE] == 1 ? "" : "s");
	for (size_t k = 0; k < d->findings.count; k++) {
		const struct finding *f = &d->findings.found[k], *next = f + 1;
		show_finding(d, f);
		/* what can be done is said once behind all of a kind */
		if (k + 1 == d->findings.count || next->by != f->by || next->weight != f->weight)
			wrap(f->by->mend, 6);
	}
	if (!has_lines(d))
		return;
	puts("\nlines that mend what can be mended (--apply writes them, --lines prints them alone):");
	show_check_lines(d);
}

void
show_check_json(const struct detected *d)
{
	for (size_t k = 0; k < d->findings.count; k++) {
		const struct finding *f = &d->findings.found[k];
		const struct node *strip = strip_of(d, f->track), *other = strip_of(d, f->other);
		json_open(NULL, '{');
		json_text("detector", f->by->name);
		json_text("weight", weights[f->weight]);
		json_text("strip", strip ? session_address(strip) : NULL);
		json_text("name", strip ? strip->text[P_NAME] : NULL);
		json_text("file", strip ? detect_track(d, f->track).file : NULL);
		json_text("other", other ? session_address(other) : NULL);
		json_number(f->by->figure, f->figure, 3);
		json_numbers("times_s", f->at, (size_t)f->times, 3);
		json_text("text", f->text);
		json_text("mend", f->by->mend);
		json_open("lines", '[');
		for (int i = 0; i < DETECT_FIXES; i++)
			if (*f->fix[i])
				json_text(NULL, f->fix[i]);
		json_close(']');
		json_end('}');
	}
}

void
show_detectors(void)
{
	for (const struct detector *k = detectors; k->name; k++)
		printf("%-10s  %-14s  %s\n", k->name, k->figure, k->help);
}
