#include "config.h"
#include "cli/mastering.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "cli/applying.h"
#include "cli/course.h"
#include "cli/opening.h"
#include "cli/pressing.h"
#include "cli/variants.h"
#include "engine/graph.h"

/* Lines of a session's master section, brought into another. */
struct chain {
	struct session *to;
	struct err *err;
	int failed;
};

static void
take_line(void *user, const char *line)
{
	struct chain *c = user;
	if (!c->failed)
		c->failed = session_line(c->to, line, c->err);
}

int
mastering_take_chain(const struct cli *cli, struct session *to, const char *path, struct err *err)
{
	struct session *from = opening_session(cli, path, err);
	struct chain c = {.to = to, .err = err};
	if (!from)
		return -1;
	int status = session_get(from, "master", take_line, &c, err);
	session_free(from);
	return status || c.failed ? -1 : 0;
}

/* Sets a parameter of the limiter where it differs, and keeps the line that does it. */
static int
set_limiter(struct mastered *r, enum param_id id, const char *name, double value, struct err *err)
{
	struct node *master = session_master(r->session);
	if (master->value[id] == value)
		return 0;
	snprintf(r->line[r->lines], sizeof *r->line, "master/limiter/%s %.10g", name, value);
	return session_line(r->session, r->line[r->lines++], err);
}

/* A line of the language, or a session whose master section is taken. */
static int
take_with(const struct cli *cli, struct session *session, const char *with, struct err *err)
{
	return strchr(with, ' ') && !opening_is_session(with) ? session_line(session, with, err)
	                                                      : mastering_take_chain(cli, session, with, err);
}

/* A line of what a plant asks for. */
static int
take_pressing(void *arg, const char *line, struct err *err)
{
	struct mastered *r = arg;
	snprintf(r->line[r->lines++], sizeof *r->line, "%s", line);
	return session_line(r->session, line, err);
}

static int
prepare(const struct cli *cli, const struct mastering *m, struct mastered *r, struct err *err)
{
	r->session = opening_song(cli, r->input, err);
	if (!r->session)
		return -1;
	const struct node *strip = session_node(r->session, K_STRIP, 0);
	int one = !opening_is_session(r->input) && strip && strip->value[P_CHANNELS] == 1, status = 0;
	r->mono = one || m->mono;
	session_begin(r->session);
	for (size_t k = 0; k < m->withs && !status; k++)
		status = take_with(cli, r->session, m->with[k], err);
	if (!status && m->mono && !one)
		status = session_line(r->session, "master/width 0", err);
	if (!status && m->vinyl)
		status = pressing_lines(m->vinyl, take_pressing, r, err);
	if (!status)
		status = set_limiter(r, P_LIMIT_ON, "on", 1, err);
	if (!status && !isnan(m->ceiling))
		status = set_limiter(r, P_LIMIT_CEILING, "ceiling", m->ceiling, err);
	session_commit(r->session);
	if (!status && m->siblings)
		status = variants_check(r->session, "siblings", m->siblings, err);
	r->stems = status ? NULL : opening_song_stems(cli, r->session, r->input);
	if (!status && !r->stems)
		return err_set(err, "not enough memory");
	if (status || !m->like)
		return status;
	r->matching = *m->like;
	return matching_run(r->session, r->stems, &r->matching, err);
}

/* A file that must not be written over. */
struct guard {
	const char *output;
	int same;
};

static void
guard_file(void *arg, const char *path)
{
	struct guard *g = arg;
	g->same = g->same || sink_would_overwrite(g->output, path);
}

/* Never over the input, the session or one of its stems. */
static int
spare(const struct mastered *r, const char *output, struct err *err)
{
	char shown[512];
	struct guard g = {.output = output};
	guard_file(&g, r->input);
	opening_each_file(r->session, r->stems, guard_file, &g);
	if (g.same)
		return err_set(err, "%s: is what is being mastered and is not written over; choose another place",
		               text_show(output, shown, sizeof shown));
	return 0;
}

/* song.wav -> song-honest.wav; the caller frees it. */
static char *
path_beside(const char *output, const char *what)
{
	const char *slash = strrchr(output, '/'), *dot = strrchr(slash ? slash : output, '.');
	int stem = dot ? (int)(dot - output) : (int)strlen(output);
	char *path = NULL;
	return asprintf(&path, "%.*s-%s%s", stem, output, what, dot ? dot : "") < 0 ? NULL : path;
}

/* Writes at a limiter's gain. `variant`: what the session stands at; NULL: a gain that no session has. */
static int
write_master(const struct premaster *p, const struct mastering *m, struct mastered *r,
             const struct limiter_params *limiter, const char *variant, const char *output, struct pass *pass,
             struct err *err)
{
	char history[512], hash[65];
	struct sink_spec file = m->file;
	snprintf(history, sizeof history, "T=" PACKAGE_STRING);
	if (opening_is_session(r->input) && variant) {
		session_hash(r->session, hash);
		snprintf(history, sizeof history, "T=" PACKAGE_STRING "; session=%s%s%s", hash, *variant ? "; variant=" : "",
		         variant);
		session_keep_copy(r->session, r->input, hash, NULL); /* a folder that cannot be written is no reason to stop */
	}
	file.path = output;
	file.history = history;
	if (m->disc)
		return pressing_disc(p, limiter, &file, r, pass, err);
	return premaster_pass(p, limiter, &file, pass, err);
}

#define SOLVING 4.0  /* ways through the limiter that a loudness usually takes, */
#define LIMITING 2.0 /* and a limit to what the limiter takes off */

/* What the calls of the work need. */
struct watch {
	struct course course;
	int renders, passes; /* that are done */
	int behind;          /* passes that come behind the search: what is written, and judged */
};

static int
show_render(void *arg, int64_t done, int64_t all)
{
	struct watch *w = arg;
	course_at(&w->course, "rendering", COURSE_RENDERS, w->renders + (all > 0 ? (double)done / (double)all : 0));
	return 0;
}

static int
show_pass(void *arg, int passes)
{
	struct watch *w = arg;
	course_at(&w->course, "finding the gain", COURSE_PASSES, w->passes + passes);
	if (passes >= SOLVING)
		course_plan(&w->course, COURSE_PASSES, 1 + w->behind);
	return 0;
}

/* So many passes are done, and about so many are to come before what comes behind the search. */
static void
passed(struct watch *w, int passes, double more)
{
	w->passes += passes;
	course_at(&w->course, "finding the gain", COURSE_PASSES, w->passes);
	course_plan(&w->course, COURSE_PASSES, more + w->behind);
}

/* From the kept render to the files. */
static int
solve(const struct mastering *m, struct mastered *r, const struct premaster *p, struct watch *w, struct err *err)
{
	struct limiter_params limiter = graph_limiter(session_master(r->session));
	if (!isnan(m->lufs) && solve_loudness(p, &limiter, m->lufs, show_pass, w, &r->solution, err))
		return -1;
	/* a loudness that needs more limiting than may be is not the one that is made */
	if (isnan(m->lufs) || r->solution.pass.limited > m->limiting) {
		passed(w, r->solution.passes, LIMITING);
		if (solve_limiting(p, &limiter, m->limiting, &r->solution, err))
			return -1;
	}
	double limited = r->solution.pass.limited;
	int64_t at = r->solution.pass.limited_at;
	passed(w, r->solution.passes, limited > HONEST_DB ? LIMITING : 0);
	if (limited > HONEST_DB && solve_limiting(p, &limiter, HONEST_DB, &r->honest, err))
		return -1;
	passed(w, r->honest.passes, 0);
	if (limited > 0.1 && at >= 0 && opening_is_session(r->input) &&
	    blame_moment(r->session, r->stems, p->song_from + (int64_t)((double)at * p->song_rate / p->rate), &r->blame,
	                 err))
		return -1;
	char value[32];
	snprintf(value, sizeof value, "%.3f", (double)r->solution.limiter.gain);
	if (set_limiter(r, P_LIMIT_GAIN, "gain", strtod(value, NULL), err) ||
	    write_master(p, m, r, &r->solution.limiter, "", r->output, &r->solution.pass, err))
		return -1;
	w->behind--;
	passed(w, 1, 0);
	w->behind -= m->honest;
	if (m->honest && r->honest.passes) {
		struct pass pass;
		r->honest_output = path_beside(r->output, "honest");
		if (!r->honest_output || spare(r, r->honest_output, err) ||
		    write_master(p, m, r, &r->honest.limiter, NULL, r->honest_output, &pass, err))
			return -1;
	}
	return m->vinyl ? pressing_check(m->vinyl, r, err) : 0;
}

/* One variant through the gain that the song was given: side by side they stay in balance. */
static int
master_sibling(const struct mastering *m, struct mastered *r, const char *variant, struct watch *w, struct err *err)
{
	struct premaster p;
	struct sibling *more = realloc(r->sibling, (r->siblings + 1) * sizeof *more);
	if (more)
		r->sibling = more;
	char *output = more ? path_beside(r->output, variant) : NULL;
	if (!output)
		return err_set(err, "not enough memory");
	struct sibling *s = &r->sibling[r->siblings++];
	*s = (struct sibling){.output = output};
	struct premaster_options o = {
	    .rate = m->rate, .threads = m->threads, .mono = r->mono, .progress = show_render, .arg = w};
	if (spare(r, output, err) || session_apply_variant(r->session, variant, err) ||
	    premaster_render(r->session, r->stems, &o, &p, err))
		return -1;
	w->renders++;
	int status = write_master(&p, m, r, &r->solution.limiter, variant, output, &s->pass, err);
	w->behind--;
	passed(w, 1, 0);
	premaster_free(&p);
	return status;
}

static int
master_siblings(const struct mastering *m, struct mastered *r, struct watch *w, struct err *err)
{
	int status = 0;
	for (size_t k = 0; !status && session_variant(r->session, k); k++) {
		if (!variants_has(m->siblings, session_variant(r->session, k)))
			continue;
		char *variant = strdup(session_variant(r->session, k));
		status = variant ? master_sibling(m, r, variant, w, err) : err_set(err, "not enough memory");
		free(variant);
	}
	session_apply_variant(r->session, NULL, NULL);
	return status;
}

/* What is to be done, as far as it is known before. */
static void
plan(const struct mastering *m, const struct mastered *r, struct watch *w)
{
	int siblings = 0, strips = 0;
	for (size_t k = 0; m->siblings && session_variant(r->session, k); k++)
		siblings += variants_has(m->siblings, session_variant(r->session, k));
	while (session_node(r->session, K_STRIP, (size_t)strips))
		strips++;
	w->behind = 1 + siblings + (m->vinyl != NULL) + m->honest;
	w->course.pass = 1.0 / (1 + 2 * strips); /* a strip takes about twice as long as limiter and meters do */
	w->renders = m->like ? 2 : 0;            /* before and after it was matched */
	w->course.done[COURSE_RENDERS] = w->renders;
	course_plan(&w->course, COURSE_RENDERS, 1 + siblings);
	course_plan(&w->course, COURSE_PASSES, (isnan(m->lufs) ? LIMITING : SOLVING) + w->behind);
	if (w->renders)
		course_at(&w->course, "rendering", COURSE_RENDERS, w->renders);
}

int
mastering_run(const struct cli *cli, const struct mastering *m, struct mastered *r, struct err *err)
{
	struct premaster p;
	struct watch w = {.renders = 0};
	if (m->apply && !opening_is_session(r->input))
		return err_set(err, "--apply writes into a session, and %s is none", r->input);
	course_begin(&w.course, 1, cli_value(cli, "progress") != NULL);
	if (prepare(cli, m, r, err) || spare(r, r->output, err))
		return -1;
	struct premaster_options o = {
	    .rate = m->rate, .threads = m->threads, .mono = r->mono, .progress = show_render, .arg = &w};
	plan(m, r, &w);
	if (premaster_render(r->session, r->stems, &o, &p, err))
		return -1;
	w.renders++;
	r->rate = p.rate;
	r->frames = p.frames;
	r->origin = p.origin;
	r->faults = origin_faults(&p.origin, r->mono, r->fault);
	int status = solve(m, r, &p, &w, err);
	premaster_free(&p);
	if (!status && m->siblings)
		status = master_siblings(m, r, &w, err);
	course_end(&w.course);
	for (size_t k = 0; stems_warning(r->stems, k); k++)
		cli_say(cli, "%s", stems_warning(r->stems, k));
	return !status && m->apply ? applying_save(cli, r->session, r->input, err) : status;
}

void
mastered_fini(struct mastered *r)
{
	free(r->output);
	free(r->honest_output);
	for (size_t k = 0; k < r->siblings; k++)
		free(r->sibling[k].output);
	free(r->sibling);
	matching_fini(&r->matching);
	stems_free(r->stems);
	session_free(r->session);
}
