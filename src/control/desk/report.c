#include "control/desk/sheet.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/times.h"

static float
number(const struct errand *e, const char *key)
{
	double x;
	return errand_number(e, key, &x) ? NAN : (float)x;
}

/* "3.0 dB limited at 0:57.0 (87 % Drums, Snare)" */
static void
limiting(const struct errand *e, char *to, size_t size)
{
	char by[60], within[60], at[32];
	double taken, seconds, share;
	*to = '\0';
	if (errand_number(e, "limited_db", &taken))
		return;
	if (taken < 0.05) {
		snprintf(to, size, "no limiting");
		return;
	}
	size_t n = (size_t)snprintf(to, size, "%.1f dB limited", taken);
	if (n < size && errand_number(e, "limited_at_seconds", &seconds) == 0) {
		time_text(seconds, 1, at);
		n += (size_t)snprintf(to + n, size - n, " at %s", at);
	}
	if (n >= size || errand_text(e, "limited_by", 0, by, sizeof by) || errand_number(e, "limited_share", &share))
		return;
	int inside = errand_text(e, "limited_within", 0, within, sizeof within) == 0;
	snprintf(to + n, size - n, " (%.0f %% %s%s%s)", 100 * (share > 1 ? 1 : share), by, inside ? ", " : "",
	         inside ? within : "");
}

/* Who is asked what becomes of it: of a mix nobody, else those where it goes, and of what is pressed that one alone. */
static int
concerns(const struct target *t, const struct desk_report *r)
{
	return r->use < 0 ? 0 : !strcmp(t->name, r->target) || (t->use == (enum target_use)r->use && t->use != USE_MEDIUM);
}

/* What a place does with it, in a few letters. */
static void
place(const struct target *t, const struct desk_report *r, struct desk_render_place *p)
{
	struct verdict v;
	target_judge(t, (double)r->integrated, (double)r->true_peak, &v);
	snprintf(p->title, sizeof p->title, "%s", t->title);
	p->good = verdict_good(&v);
	if (fabs(v.gain) < 0.05 && (v.fate == FATE_DOWN || v.fate == FATE_UP))
		v.fate = FATE_AS_IS;
	switch (v.fate) {
	case FATE_AS_IS:
		snprintf(p->text, sizeof p->text, t->use == USE_DELIVERY ? "taken" : "as it is");
		break;
	case FATE_DOWN:
	case FATE_UP:
	case FATE_PART_UP:
		snprintf(p->text, sizeof p->text, "%+.1f dB", v.gain);
		break;
	case FATE_LIMITED:
		snprintf(p->text, sizeof p->text, "%+.1f limited", v.gain);
		break;
	case FATE_LOUD:
		snprintf(p->text, sizeof p->text, "too loud");
		break;
	case FATE_QUIET:
		snprintf(p->text, sizeof p->text, "too soft");
		break;
	}
	if (v.over > 0.05 && v.fate != FATE_LOUD && v.fate != FATE_QUIET)
		snprintf(p->text, sizeof p->text, "%.1f dB over", v.over);
}

/* What was written beside the file: variants, each an object of its own behind the first. */
static void
beside(struct desk_report *r, struct errand *e)
{
	char path[512];
	for (; errand_seek(e, "file", r->files + 1) == 0; r->files++) {
		struct desk_render_file *f = &r->beside[r->files];
		if (r->files >= DESK_RENDER_FILES || errand_text(e, "file", 0, path, sizeof path))
			continue;
		const char *slash = strrchr(path, '/');
		snprintf(f->name, sizeof f->name, "%.70s", slash ? slash + 1 : path);
		f->integrated = number(e, "integrated_lufs");
		f->true_peak = number(e, "true_peak_dbtp");
	}
	errand_seek(e, "file", 0);
}

/* How far a third of an octave is from the reference, on the average; NAN: it is not known. */
static double
apart(const struct errand *e, const char *key)
{
	double lacks[64], sum = 0;
	int count = errand_numbers(e, key, lacks, 64), counted = 0;
	for (int k = 0; k < count; k++)
		if (isfinite(lacks[k])) {
			sum += fabs(lacks[k]);
			counted++;
		}
	return counted ? sum / counted : (double)NAN;
}

/* What a reference did, and its lines behind those there are. */
static void
nearer(struct desk_report *r, struct errand *e)
{
	double before = apart(e, "lacks_before_db"), after = apart(e, "lacks_after_db");
	if (!isfinite(before) || !isfinite(after) || errand_seek(e, "lines", 1))
		return;
	int first = r->lines;
	while (r->lines < DESK_RENDER_LINES &&
	       errand_text(e, "lines", r->lines - first, r->line[r->lines], sizeof *r->line) == 0)
		r->lines++;
	errand_seek(e, "file", 0);
	snprintf(r->nearer, sizeof r->nearer, "thirds of an octave were %.1f dB from the reference, and are %.1f dB",
	         before, after);
}

void
desk_report_fill(struct desk *d, struct desk_report *r, struct errand *e)
{
	double frames, rate;
	char clock[32];
	int files = 0;
	r->made = e->size > 0 && (e->status == 0 || e->status == 3) ? 1 : -1;
	r->good = r->made > 0 && e->status == 0;
	snprintf(r->said, sizeof r->said, "%s", e->words);
	if (r->made < 0 && !*r->said)
		snprintf(r->said, sizeof r->said, "it was ended from outside");
	r->integrated = number(e, "integrated_lufs");
	r->range = number(e, "range_lu");
	r->shortterm = number(e, "max_shortterm_lufs");
	r->true_peak = number(e, "true_peak_dbtp");
	limiting(e, r->limited, sizeof r->limited);
	for (const char *c = e->text; *c; c++)
		files += *c == '\n';
	if (errand_number(e, "frames", &frames) == 0 && errand_number(e, "rate", &rate) == 0 && rate > 0) {
		time_text(frames / rate, 1, clock);
		snprintf(r->words, sizeof r->words, "%s at %.0f Hz%s", clock, rate, r->disc ? ", with CUE and TOC sheets" : "");
		beside(r, e);
	} else if (files > 1) {
		snprintf(r->words, sizeof r->words, "%d files", files);
	}
	while (r->lines < DESK_RENDER_LINES && errand_text(e, "lines", r->lines, r->line[r->lines], sizeof *r->line) == 0)
		r->lines++;
	nearer(r, e);
	for (size_t k = 0; k < d->targets.count && r->places < DESK_RENDER_PLACES && isfinite(r->integrated); k++)
		if (concerns(&d->targets.row[k], r))
			place(&d->targets.row[k], r, &r->place[r->places++]);
}

void
desk_report_compare(struct desk_report *r, const struct compared *c)
{
	char clock[32];
	size_t n = 0, size = sizeof r->difference;
	const struct measured *a = &c->old, *b = &c->new;
	*r->difference = '\0';
	r->change = c->same_bytes   ? DESK_SAME_FILE
	            : !c->same_kind ? DESK_OTHER_KIND
	            : c->first < 0  ? DESK_SAME_SOUND
	                            : DESK_OTHER_SOUND;
	if (c->same_bytes) {
		snprintf(r->difference, size, "the same, byte for byte");
		return;
	}
	if (c->measured) {
		double longer = (double)b->frames / b->rate - (double)a->frames / a->rate;
		n += (size_t)snprintf(r->difference, size, "%+.1f LU, true peak %+.1f dB, ", b->integrated - a->integrated,
		                      b->true_peak - a->true_peak);
		if (fabs(longer) >= 0.05)
			n += (size_t)snprintf(r->difference + n, size - n, "%.1f s %s, ", fabs(longer),
			                      longer > 0 ? "longer" : "shorter");
		else
			n += (size_t)snprintf(r->difference + n, size - n, "as long, ");
	}
	if (r->change == DESK_OTHER_KIND && c->measured) {
		snprintf(r->difference + n, size - n, "%d Hz before", a->rate);
	} else if (r->change == DESK_OTHER_KIND) {
		snprintf(r->difference + n, size - n, "another file");
	} else if (r->change == DESK_SAME_SOUND) {
		snprintf(r->difference + n, size - n, "the same sound");
	} else {
		time_text((double)c->first / (b->rate ? b->rate : 1), 1, clock);
		n += (size_t)snprintf(r->difference + n, size - n, "another sound from %s on", clock);
		if (isfinite(c->apart) && n < size)
			snprintf(r->difference + n, size - n, ", by %.0f dBFS at most", c->apart);
	}
}

void
desk_report_words(const struct desk_report *r, char *to, size_t size)
{
	size_t n = (size_t)snprintf(to, size, "%s: %s", r->file, r->words);
	if (isfinite(r->integrated) && n < size)
		n += (size_t)snprintf(to + n, size - n, ", %.1f LUFS, true peak %.1f dBTP", (double)r->integrated,
		                      (double)r->true_peak);
	if (*r->limited && n < size)
		n += (size_t)snprintf(to + n, size - n, ", %s", r->limited);
	if (r->files && n < size)
		snprintf(to + n, size - n, "; and %d more file%s", r->files, r->files == 1 ? "" : "s");
}
