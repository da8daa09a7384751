/*
 * Makes chosen calls of ALSA's library fail, over any device: linked into a program before the library, it stands
 * before these functions. For answers that an ioplug cannot give: snd_pcm_resume() with ENOSYS or EAGAIN, short writes.
 *
 *   APIFAIL="open=EBUSY*3,resume=ENOSYS*0,writei=EINTR*2@100,hw_params=EINVAL"   (read at the first such call)
 *   func=ERR[*count][@skip]   count 0: every time; skip: let so many calls pass
 *   ERR "SHORT" (writei and writen only): accept half of the frames.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <alsa/asoundlib.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { F_OPEN, F_RESUME, F_PREPARE, F_WRITEI, F_WRITEN, F_COMMIT, F_AVAIL, F_WAIT, F_HWP, F_START, F_N };
static const char *const fn[F_N] = {"open",        "resume",       "prepare", "writei",    "writen",
                                    "mmap_commit", "avail_update", "wait",    "hw_params", "start"};
static const struct {
	const char *n;
	int e;
} errs[] = {{"EBUSY", EBUSY},       {"ENOSYS", ENOSYS}, {"EAGAIN", EAGAIN}, {"EINTR", EINTR},   {"EPIPE", EPIPE},
            {"ESTRPIPE", ESTRPIPE}, {"ENODEV", ENODEV}, {"EIO", EIO},       {"EINVAL", EINVAL}, {"ENOENT", ENOENT},
            {"EACCES", EACCES},     {"EBADFD", EBADFD}, {"ENOMEM", ENOMEM}, {"SHORT", -1}};
static struct rule {
	int f, e;
	long count, skip;
	atomic_long seen, done;
} rules[64];
static int nrules;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
init(void)
{
	char b[2048], *save = NULL, *t;
	const char *s = getenv("APIFAIL");
	if (!s)
		return;
	snprintf(b, sizeof b, "%s", s);
	for (t = strtok_r(b, ", ", &save); t && nrules < 64; t = strtok_r(NULL, ", ", &save)) {
		char *eq = strchr(t, '='), *st, *at;
		struct rule *r = &rules[nrules];
		size_t i;
		if (!eq)
			continue;
		*eq++ = 0;
		at = strchr(eq, '@');
		if (at)
			*at++ = 0;
		st = strchr(eq, '*');
		if (st)
			*st++ = 0;
		for (r->f = 0; r->f < F_N && strcmp(fn[r->f], t); r->f++)
			;
		for (i = 0; i < sizeof errs / sizeof *errs && strcmp(errs[i].n, eq); i++)
			;
		if (r->f == F_N || i == sizeof errs / sizeof *errs) {
			fprintf(stderr, "apifail: bad rule %s=%s\n", t, eq);
			continue;
		}
		r->e = errs[i].e;
		r->count = st ? atol(st) : 1;
		r->skip = at ? atol(at) : 0;
		nrules++;
	}
}

static int
hit(int f) /* 0, an errno, or -1 for SHORT */
{
	int i;
	pthread_once(&once, init);
	for (i = 0; i < nrules; i++) {
		struct rule *r = &rules[i];
		if (r->f != f)
			continue;
		if (atomic_fetch_add(&r->seen, 1) < r->skip)
			continue;
		if (r->count && atomic_fetch_add(&r->done, 1) >= r->count)
			continue;
		return r->e;
	}
	return 0;
}
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
int
snd_pcm_open(snd_pcm_t **p, const char *n, snd_pcm_stream_t s, int m)
{
	int e = hit(F_OPEN);
	return e > 0 ? -e : REAL(snd_pcm_open)(p, n, s, m);
}
int
snd_pcm_resume(snd_pcm_t *p)
{
	int e = hit(F_RESUME);
	return e > 0 ? -e : REAL(snd_pcm_resume)(p);
}
int
snd_pcm_prepare(snd_pcm_t *p)
{
	int e = hit(F_PREPARE);
	return e > 0 ? -e : REAL(snd_pcm_prepare)(p);
}
int
snd_pcm_start(snd_pcm_t *p)
{
	int e = hit(F_START);
	return e > 0 ? -e : REAL(snd_pcm_start)(p);
}
int
snd_pcm_wait(snd_pcm_t *p, int t)
{
	int e = hit(F_WAIT);
	return e > 0 ? -e : REAL(snd_pcm_wait)(p, t);
}
int
snd_pcm_hw_params(snd_pcm_t *p, snd_pcm_hw_params_t *h)
{
	int e = hit(F_HWP);
	return e > 0 ? -e : REAL(snd_pcm_hw_params)(p, h);
}
snd_pcm_sframes_t
snd_pcm_avail_update(snd_pcm_t *p)
{
	int e = hit(F_AVAIL);
	return e > 0 ? -e : REAL(snd_pcm_avail_update)(p);
}
snd_pcm_sframes_t
snd_pcm_writei(snd_pcm_t *p, const void *b, snd_pcm_uframes_t n)
{
	int e = hit(F_WRITEI);
	if (e < 0 && n > 1)
		n /= 2;
	return e > 0 ? -e : REAL(snd_pcm_writei)(p, b, n);
}
snd_pcm_sframes_t
snd_pcm_writen(snd_pcm_t *p, void **b, snd_pcm_uframes_t n)
{
	int e = hit(F_WRITEN);
	if (e < 0 && n > 1)
		n /= 2;
	return e > 0 ? -e : REAL(snd_pcm_writen)(p, b, n);
}
snd_pcm_sframes_t
snd_pcm_mmap_commit(snd_pcm_t *p, snd_pcm_uframes_t o, snd_pcm_uframes_t n)
{
	int e = hit(F_COMMIT);
	return e > 0 ? -e : REAL(snd_pcm_mmap_commit)(p, o, n);
}
