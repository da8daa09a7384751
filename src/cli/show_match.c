#include "cli/show_match.h"

#include <math.h>
#include <stdio.h>

#include "cli/json.h"

/* A figure of a table, with its sign where it is a difference; a dash where there is none. */
static void
cell(double x, int difference)
{
	char text[32] = "-";
	if (isfinite(x) && fabs(x) < 0.05)
		snprintf(text, sizeof text, "0.0");
	else if (isfinite(x))
		snprintf(text, sizeof text, difference ? "%+.1f" : "%.1f", x);
	printf("%10s", text);
}

static void
row(const char *name, double reference, double before, const double *after, const char *unit)
{
	printf("%-12s", name);
	cell(reference, 0);
	cell(before, 0);
	if (after)
		cell(*after, 0);
	printf("  %s\n", unit);
}

void
show_lacking(const struct reference *reference, const struct measured *before, const struct lacking *lacks,
             const struct measured *after, const struct lacking *left)
{
	printf("%-12s%10s%10s%s\n", "", "reference", after ? "before" : "this", after ? "     after" : "");
	row("integrated", reference->integrated, before->integrated, after ? &after->integrated : NULL, "LUFS");
	row("range", reference->range, before->range, after ? &after->range : NULL, "LU");
	row("width", reference->width, before->width, after ? &after->width : NULL, "dB, side against mid");
	puts("\nwhat thirds of an octave lack against the reference, dB: balance, levels set aside, and width");
	printf("%12s%10s%s%10s%s\n", "Hz", after ? "before" : "balance", after ? "     after" : "", "width",
	       after ? "     after" : "");
	for (int b = 0; b < BALANCE_BANDS; b++) {
		if (isnan(lacks->level[b]))
			continue;
		printf("%12s", balance_name(b));
		cell(lacks->level[b], 1);
		if (left)
			cell(left->level[b], 1);
		cell(lacks->width[b], 1);
		if (left)
			cell(left->width[b], 1);
		putchar('\n');
	}
}

static void
json_sound(const char *key, double lufs, double range, double width, const struct balance_band *band)
{
	json_open(key, '{');
	json_number("integrated_lufs", lufs, 3);
	json_number("range_lu", range, 3);
	json_number("width_db", width, 3);
	json_open("widths_db", '[');
	for (int b = 0; b < BALANCE_BANDS; b++)
		json_number(NULL, band[b].width, 2);
	json_close(']');
	json_close('}');
}

void
show_lacking_json(const struct reference *reference, const struct measured *before, const struct lacking *lacks,
                  const struct measured *after, const struct lacking *left)
{
	json_sound("reference", reference->integrated, reference->range, reference->width, reference->band);
	json_sound("before", before->integrated, before->range, before->width, before->band);
	if (after)
		json_sound("after", after->integrated, after->range, after->width, after->band);
	json_numbers("lacks_before_db", lacks->level, BALANCE_BANDS, 2);
	if (left)
		json_numbers("lacks_after_db", left->level, BALANCE_BANDS, 2);
	json_numbers("lacks_width_before_db", lacks->width, BALANCE_BANDS, 2);
	if (left)
		json_numbers("lacks_width_after_db", left->width, BALANCE_BANDS, 2);
}

void
show_matching(const struct matching *m)
{
	show_lacking(&m->reference, &m->before, &m->lacks, &m->after, &m->left);
	putchar('\n');
	for (size_t k = 0; k < m->lines; k++)
		puts(m->line[k]);
	if (!m->lines)
		puts("nothing to propose: it is as near as the master's bands can bring it");
}

void
show_matching_json(const struct matching *m)
{
	show_lacking_json(&m->reference, &m->before, &m->lacks, &m->after, &m->left);
	json_open("lines", '[');
	for (size_t k = 0; k < m->lines; k++)
		json_text(NULL, m->line[k]);
	json_close(']');
}
