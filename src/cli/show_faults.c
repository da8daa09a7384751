#include "cli/show_faults.h"

#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "control/held.h"
#include "master/blame.h"

#define SHOWN 8 /* of a kind; JSON has all */

static const char *
clock_of(const struct faults *f, int64_t frame, char text[32])
{
	return cli_clock((double)frame / f->rate, text);
}

/* What hides how much of each strip, most first. */
static void
show_covered(struct session *session, const struct faults *f)
{
	char name[100], by[100];
	puts("\ncovered, of each strip's energy, and by whom the most");
	for (double above = HUGE_VAL;;) {
		double next = -1;
		for (int k = 0; k < f->strips; k++) {
			double x = f->masking.strip[k].covered;
			next = x < above && x > next ? x : next;
		}
		if (next < 0)
			return;
		for (int k = 0; k < f->strips; k++) {
			const struct masked_strip *s = &f->masking.strip[k];
			if (s->covered != next || !blame_node(session, f->strip[k], name, sizeof name))
				continue;
			printf("  %-24s %3.0f %%", name, s->covered * 100);
			if (s->by >= 0 && s->covered >= 0.005 && blame_node(session, f->strip[s->by], by, sizeof by))
				printf("  %s", by);
			putchar('\n');
		}
		above = next;
	}
}

static void
show_kind(const struct faults *f, enum fault_kind kind)
{
	size_t count = 0, told = 0;
	char at[32];
	for (size_t k = 0; k < f->count; k++)
		count += f->found[k].kind == kind;
	printf("\n%s: %s\n", fault_types[kind].name, fault_types[kind].help);
	if (!count)
		puts("  none");
	for (size_t k = 0; k < f->count && told < SHOWN; k++)
		if (f->found[k].kind == kind) {
			printf("  %10s  %s\n", clock_of(f, f->found[k].frame, at), f->found[k].text);
			told++;
		}
	if (count > told)
		printf("  %10s  and %zu more (--json has all)\n", "", count - told);
}

void
show_faults(const char *what, struct session *session, const struct faults *f, unsigned kinds)
{
	char shown[512], count[200];
	faults_count_text(f->count - f->masking.pairs, f->masking.pairs, count, sizeof count);
	printf("%s: %s\n", text_show(what, shown, sizeof shown), count);
	for (int kind = 0; kind < FAULT_KINDS; kind++)
		if (kinds & 1u << kind)
			show_kind(f, (enum fault_kind)kind);
	if (kinds & 1u << FAULT_MASKING)
		show_covered(session, f);
}

static void
json_strip(const char *key, struct session *session, uint32_t uid)
{
	const struct node *node = uid ? held_node(session, uid) : NULL;
	json_text(key, node ? session_address(node) : NULL);
}

static void
json_band(struct session *session, const struct faults *f, const struct masking_band *band, double hertz)
{
	json_open(NULL, '{');
	json_number("hz", hertz, 0);
	json_number("energy", band->energy, 3);
	json_number("covered", band->covered, 3);
	json_strip("by", session, band->by < 0 ? 0 : f->strip[band->by]);
	json_number("by_time", band->by_time, 3);
	json_number("worst_s", band->worst < 0 ? HUGE_VAL : (double)band->worst * f->block / f->rate, 3);
	json_number("depth_db", band->worst < 0 ? HUGE_VAL : band->depth, 1);
	json_close('}');
}

/* A line for each strip: how it is covered, band by band. */
static void
json_covered(struct session *session, const struct faults *f)
{
	for (int k = 0; k < f->strips; k++) {
		const struct masked_strip *s = &f->masking.strip[k];
		json_open(NULL, '{');
		json_strip("strip", session, f->strip[k]);
		json_number("covered", s->covered, 3);
		json_strip("by", session, s->by < 0 ? 0 : f->strip[s->by]);
		json_open("bands", '[');
		for (int b = 0; b < BANDLOG_BANDS; b++)
			if (s->band[b].energy >= 0.0005)
				json_band(session, f, &s->band[b], bandlog_hertz(b));
		json_close(']');
		json_end('}');
	}
}

void
show_faults_json(struct session *session, const struct faults *f, unsigned kinds)
{
	for (size_t k = 0; k < f->count; k++) {
		const struct fault *fault = &f->found[k];
		json_open(NULL, '{');
		json_text("fault", fault_types[fault->kind].name);
		json_number(fault_types[fault->kind].figure, fault->figure, 3);
		json_strip("strip", session, fault->uid);
		json_number("share", fault->share, 3);
		json_strip("other", session, fault->other);
		json_number("at_s", (double)fault->frame / f->rate, 3);
		json_number("from_s", (double)fault->from / f->rate, 3);
		json_number("to_s", (double)fault->to / f->rate, 3);
		json_text("text", fault->text);
		json_end('}');
	}
	if (kinds & 1u << FAULT_MASKING)
		json_covered(session, f);
}

void
show_fault_types(void)
{
	for (int kind = 0; kind < FAULT_KINDS; kind++)
		printf("%-10s  %-14s  %s\n", fault_types[kind].name, fault_types[kind].figure, fault_types[kind].help);
}
