/*
 * An ALSA playback device for tests (an ioplug) that needs no sound card: it consumes frames in real time
 * (CLOCK_MONOTONIC), keeps what it "played" in a WAV or raw file, logs every event, and misbehaves on command.
 * asound.conf beside this file loads it as "faults" (strict, as hw:) and "plugfaults" (with conversion, as plughw:).
 *
 * FAULTS   comma list of kind[@T][:DUR][=VAL]; T in seconds after the first start in the process (it runs on over close
 *          and re-open): xrun@T, suspend@T (-ESTRPIPE until resume or prepare), unplug@T (-ENODEV, open too, until
 *          replug@T), stall@T:DUR (the position stands still, no wake-ups), jitter@T:DUR=MS (late wake-ups),
 *          burst@T:DUR=MS (the position moves in steps), drift@T=PPM, spurious@T:DUR (POLLOUT with no room),
 *          pollerr@T:DUR (POLLERR though the state is RUNNING), eio@T, eintr@T (one write fails), short@T:DUR=N (writes
 *          take N frames), busy:DUR, busy=N (open gives EBUSY for DUR seconds, N times)
 * FAULTS_CTL  a FIFO, made here, that takes such words at any moment
 * FAULTS_LOG  events, tab-separated: seconds, event, details
 * FAULTS_OUT  x.wav or x.raw: every frame consumed, in its own format, bit for bit; x-2.wav ... after each re-open
 * FAULTS_SPEED=10  ten times real time
 * FAULTS_FORMATS=S16_LE,S32_LE  FAULTS_RATES=44100,48000 (or lo-hi)  FAULTS_CHANNELS=2 (or lo-hi)
 * FAULTS_PERIOD_BYTES=lo-hi  FAULTS_BUFFER_BYTES=lo-hi  FAULTS_PERIODS=lo-hi  FAULTS_ACCESS=rwi,rwn,mmapi,mmapn
 * FAULTS_OPEN_ERR=EBUSY|EACCES|ENOENT|ENODEV
 *
 * snd_pcm_resume() always returns 0 through an ioplug: apifail.c has its other answers. Only one open device a process
 * is logged and controlled. A stop_threshold of the boundary is honoured: silence instead of an xrun.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MAXEV 256

enum kind {
	K_XRUN,
	K_SUSPEND,
	K_UNPLUG,
	K_REPLUG,
	K_STALL,
	K_JITTER,
	K_DRIFT,
	K_BURST,
	K_SPURIOUS,
	K_EIO,
	K_EINTR,
	K_SHORT,
	K_BUSY,
	K_POLLERR,
	K_END
};
static const char *const knames[] = {"xrun",  "suspend",  "unplug", "replug", "stall", "jitter", "drift",
                                     "burst", "spurious", "eio",    "eintr",  "short", "busy",   "pollerr"};

struct ev {
	enum kind k;
	double at, dur, val;
	int fired;
};

/* Process-wide: survives close and re-open, so unplug@6,replug@9 works. */
static struct ev evs[MAXEV];
static int nev, parsed;
static int64_t epoch_ns; /* first start of the device */
static int gone;         /* unplugged */
static int ctl_fd = -1;
static FILE *logf_;
static unsigned opens;
static pthread_mutex_t glock = PTHREAD_MUTEX_INITIALIZER;

struct faults {
	snd_pcm_ioplug_t io;
	int tfd;
	size_t fbytes;
	unsigned char *ring;
	snd_pcm_uframes_t ring_frames;
	uint64_t w, r;   /* frames written / consumed since prepare */
	uint64_t total;  /* frames consumed since open */
	uint64_t silent; /* underrun frames when stop_threshold is off */
	int64_t t0;      /* time of start */
	uint64_t r0;     /* r at t0 */
	double rate;     /* effective frames per second */
	int64_t frozen_until, jit_next;
	snd_pcm_uframes_t avail_min, boundary, stop_thr;
	int running, paused, drifted;
	int64_t pause_ns;
	FILE *out;
	int wav;
	uint64_t out_bytes;
	unsigned flushes;
	int64_t last_write;
	uint64_t nwrites, xruns;
	unsigned seed;
};

static int64_t
now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static double
run_s(void)
{
	return epoch_ns ? (now_ns() - epoch_ns) * 1e-9 : 0;
}

static double
env_f(const char *n, double d)
{
	const char *s = getenv(n);
	return s && *s ? atof(s) : d;
}

static void
event(const char *fmt, ...)
{
	va_list ap;
	if (!logf_) {
		const char *p = getenv("FAULTS_LOG");
		if (!p || !*p)
			return;
		logf_ = fopen(p, "ae");
		if (!logf_)
			return;
		setvbuf(logf_, NULL, _IOLBF, 0);
	}
	fprintf(logf_, "%10.4f\t", run_s());
	va_start(ap, fmt);
	vfprintf(logf_, fmt, ap);
	va_end(ap);
	fputc('\n', logf_);
}

/* kind[@T][:DUR][=VAL], separated by commas or white space */
static void
parse(const char *s, double base)
{
	char buf[4096], *save = NULL, *tok;
	snprintf(buf, sizeof buf, "%s", s);
	for (tok = strtok_r(buf, ", \t\r\n", &save); tok; tok = strtok_r(NULL, ", \t\r\n", &save)) {
		char *at = strchr(tok, '@'), *dur = strchr(tok, ':'), *val = strchr(tok, '=');
		size_t n = strcspn(tok, "@:=");
		int k;
		for (k = 0; k < K_END; k++)
			if (strlen(knames[k]) == n && !strncasecmp(tok, knames[k], n))
				break;
		if (k == K_END || nev >= MAXEV) {
			SNDERR("faults: unknown or too many: %s", tok);
			continue;
		}
		evs[nev].k = k;
		evs[nev].at = base + (at ? atof(at + 1) : 0);
		evs[nev].dur = dur ? atof(dur + 1) : -1;
		evs[nev].val = val ? atof(val + 1) : -1;
		evs[nev].fired = 0;
		nev++;
	}
}

static int live_tfd = -1; /* timerfd of the open device, to wake its client */

/* commands come in on a FIFO and are read by a thread of our own, so that an
 * idle or stalled device wakes its client no more often than hardware would */
static void *
ctl_main(void *arg)
{
	struct itimerspec it = {{0, 0}, {0, 1}};
	char b[512];
	ssize_t n;
	(void)arg;
	while ((n = read(ctl_fd, b, sizeof b - 1)) > 0) {
		b[n] = 0;
		event("ctl\t%.*s", (int)strcspn(b, "\n"), b);
		pthread_mutex_lock(&glock);
		parse(b, run_s());
		pthread_mutex_unlock(&glock);
		if (live_tfd >= 0)
			timerfd_settime(live_tfd, 0, &it, NULL);
	}
	return NULL;
}

static void
parse_once(void)
{
	const char *s;
	if (parsed)
		return;
	parsed = 1;
	if ((s = getenv("FAULTS")))
		parse(s, 0);
	if ((s = getenv("FAULTS_CTL")) && *s) {
		mkfifo(s, 0600);
		ctl_fd = open(s, O_RDWR | O_CLOEXEC);
		pthread_t t;
		if (ctl_fd >= 0 && !pthread_create(&t, NULL, ctl_main, NULL))
			pthread_detach(t);
	}
}

/* is a window event (at .. at+dur) active now?  dur < 0 means for ever */
static struct ev *
active(enum kind k)
{
	double t = run_s();
	int i;
	if (!epoch_ns)
		return NULL;
	for (i = 0; i < nev; i++)
		if (evs[i].k == k && t >= evs[i].at && (evs[i].dur < 0 || t < evs[i].at + evs[i].dur)) {
			if (!evs[i].fired) {
				evs[i].fired = 1;
				event("%s\tdur=%g val=%g", knames[k], evs[i].dur, evs[i].val);
			}
			return &evs[i];
		}
	return NULL;
}

static struct ev *
fire(enum kind k)
{
	double t = run_s();
	int i;
	if (!epoch_ns)
		return NULL;
	for (i = 0; i < nev; i++)
		if (evs[i].k == k && !evs[i].fired && t >= evs[i].at) {
			evs[i].fired = 1;
			return &evs[i];
		}
	return NULL;
}

/* ---- the file of what was played ---- */

static void
put32(unsigned char *p, uint32_t v)
{
	p[0] = v;
	p[1] = v >> 8;
	p[2] = v >> 16;
	p[3] = v >> 24;
}
static void
put16(unsigned char *p, unsigned v)
{
	p[0] = v;
	p[1] = v >> 8;
}

static void
wav_header(struct faults *f)
{
	unsigned char h[44] = "RIFF....WAVEfmt ";
	int bits = snd_pcm_format_physical_width(f->io.format);
	int flt = f->io.format == SND_PCM_FORMAT_FLOAT_LE || f->io.format == SND_PCM_FORMAT_FLOAT64_LE;
	uint32_t n = f->out_bytes > 0xffffff00u ? 0xffffff00u : (uint32_t)f->out_bytes;
	put32(h + 4, 36 + n);
	put32(h + 16, 16);
	put16(h + 20, flt ? 3 : 1);
	put16(h + 22, f->io.channels);
	put32(h + 24, f->io.rate);
	put32(h + 28, (uint32_t)(f->io.rate * f->fbytes));
	put16(h + 32, (unsigned)f->fbytes);
	put16(h + 34, bits);
	memcpy(h + 36, "data", 4);
	put32(h + 40, n);
	fseek(f->out, 0, SEEK_SET);
	fwrite(h, 1, 44, f->out);
	fseek(f->out, 0, SEEK_END);
	fflush(f->out);
}

static void
out_open(struct faults *f)
{
	const char *p = getenv("FAULTS_OUT");
	char name[4096];
	size_t l;
	if (f->out || !p || !*p)
		return;
	l = strlen(p);
	f->wav = l > 4 && !strcasecmp(p + l - 4, ".wav");
	if (opens > 1) /* take 2, 3 ... get their own file */
		snprintf(name, sizeof name, "%.*s-%u%s", (int)(f->wav ? l - 4 : l), p, opens, f->wav ? ".wav" : "");
	else
		snprintf(name, sizeof name, "%s", p);
	f->out = fopen(name, "w+e");
	if (!f->out) {
		SNDERR("faults: cannot write %s: %s", name, strerror(errno));
		return;
	}
	setvbuf(f->out, NULL, _IOFBF, 1 << 18);
	f->out_bytes = 0;
	if (f->wav)
		wav_header(f);
}

static void
out_put(struct faults *f, const void *p, size_t frames)
{
	if (!f->out || !frames)
		return;
	if (p)
		fwrite(p, f->fbytes, frames, f->out);
	else {
		static const unsigned char z[4096];
		size_t left = frames * f->fbytes;
		while (left) {
			size_t n = left < sizeof z ? left : sizeof z;
			fwrite(z, 1, n, f->out);
			left -= n;
		}
	}
	f->out_bytes += frames * f->fbytes;
}

/* ---- time ---- */

static void
consume(struct faults *f, uint64_t n)
{
	while (n) {
		snd_pcm_uframes_t o = f->r % f->ring_frames, c = f->ring_frames - o;
		if (c > n)
			c = n;
		out_put(f, f->ring + o * f->fbytes, c);
		f->r += c;
		f->total += c;
		n -= c;
	}
}

/* move the clock on; returns 0, or -EPIPE when the buffer ran dry */
static int
advance(struct faults *f)
{
	int64_t t = now_ns();
	struct ev *e;
	uint64_t want;
	double el;

	if (!f->running || f->paused)
		return 0;
	if (t < f->frozen_until)
		return 0;
	if (f->frozen_until) { /* a stall just ended: go on from here */
		f->t0 = t;
		f->r0 = f->r;
		f->frozen_until = 0;
	}
	el = (t - f->t0) * 1e-9;
	want = f->r0 + (uint64_t)(el * f->rate);
	if ((e = active(K_BURST)) && e->val > 0) {
		uint64_t q = (uint64_t)(e->val * 1e-3 * f->io.rate);
		if (q)
			want -= want % q;
	}
	if (want <= f->r)
		return 0;
	if (want <= f->w) {
		consume(f, want - f->r);
		return 0;
	}
	consume(f, f->w - f->r);
	if (f->io.state == SND_PCM_STATE_DRAINING)
		return 0;
	if (f->stop_thr >= f->boundary) { /* the client asked never to stop */
		uint64_t gap = want - f->w;
		if (!f->silent)
			event("underrun-silent\tframe=%llu", (unsigned long long)f->total);
		f->silent += gap;
		out_put(f, NULL, gap);
		f->t0 = t;
		f->r0 = f->r; /* the position waits for data */
		return 0;
	}
	f->xruns++;
	event("xrun-real\tframe=%llu late_frames=%llu since_last_write_ms=%.2f", (unsigned long long)f->total,
	      (unsigned long long)(want - f->w), (t - f->last_write) * 1e-6);
	f->running = 0;
	snd_pcm_ioplug_set_state(&f->io, SND_PCM_STATE_XRUN);
	return -EPIPE;
}

static void
arm_at(struct faults *f, int64_t ns)
{
	struct itimerspec it = {{0, 0}, {ns / 1000000000, ns % 1000000000}};
	timerfd_settime(f->tfd, TFD_TIMER_ABSTIME, &it, NULL);
}

/* make the poll fd readable exactly when avail reaches avail_min */
static void
rearm(struct faults *f)
{
	int64_t t = now_ns(), at;
	uint64_t fill = f->w - f->r, room = f->ring_frames - fill, need;
	struct ev *e;

	if (!f->ring_frames)
		return;
	if (f->io.state == SND_PCM_STATE_DRAINING)
		need = fill;
	else
		need = room >= f->avail_min ? 0 : f->avail_min - room;
	if (!f->running)
		at = need ? 0 : 1; /* 0: not before something changes */
	else if (need == 0)
		at = 1;
	else
		at = f->t0 + (int64_t)((double)(f->r + need - f->r0) / f->rate * 1e9) + 20000;
	if (f->running && f->frozen_until > at)
		at = f->frozen_until;
	if (f->running && (e = active(K_JITTER)) && e->val > 0 && at > t)
		at += (int64_t)(e->val * 1e6 * (rand_r(&f->seed) / (double)RAND_MAX));
	if (f->running) /* or when the next planned fault is due */
		for (int i = 0; i < nev; i++)
			if (!evs[i].fired && epoch_ns) {
				int64_t due = epoch_ns + (int64_t)(evs[i].at * 1e9);
				if (due > t && due < at)
					at = due;
			}
	arm_at(f, at);
}

/* apply what is due; returns 0 or the state's error */
static int
poke(struct faults *f)
{
	struct ev *e;
	if (fire(K_REPLUG)) {
		gone = 0;
		event("replug");
	}
	if (gone && f->io.state != SND_PCM_STATE_DISCONNECTED) {
		snd_pcm_ioplug_set_state(&f->io, SND_PCM_STATE_DISCONNECTED);
		f->running = 0;
	}
	if (f->io.state == SND_PCM_STATE_RUNNING || f->io.state == SND_PCM_STATE_DRAINING) {
		if (fire(K_UNPLUG)) {
			gone = 1;
			f->running = 0;
			event("unplug\tframe=%llu", (unsigned long long)f->total);
			snd_pcm_ioplug_set_state(&f->io, SND_PCM_STATE_DISCONNECTED);
		} else if ((e = fire(K_SUSPEND))) {
			f->running = 0;
			event("suspend\tframe=%llu", (unsigned long long)f->total);
			snd_pcm_ioplug_set_state(&f->io, SND_PCM_STATE_SUSPENDED);
		} else if (fire(K_XRUN)) {
			f->running = 0;
			f->xruns++;
			event("xrun-forced\tframe=%llu", (unsigned long long)f->total);
			snd_pcm_ioplug_set_state(&f->io, SND_PCM_STATE_XRUN);
		} else if ((e = fire(K_STALL))) {
			f->frozen_until = now_ns() + (int64_t)((e->dur > 0 ? e->dur : 1) * 1e9);
			event("stall\tdur=%g frame=%llu", e->dur, (unsigned long long)f->total);
		}
	}
	if (f->running && !f->drifted && (e = active(K_DRIFT))) { /* from here on the device's clock is off by val ppm */
		f->drifted = 1;
		if (!advance(f)) {
			f->t0 = now_ns();
			f->r0 = f->r;
		}
		f->rate *= 1 + e->val * 1e-6;
	}
	switch (f->io.state) {
	case SND_PCM_STATE_DISCONNECTED:
		return -ENODEV;
	case SND_PCM_STATE_SUSPENDED:
		return -ESTRPIPE;
	case SND_PCM_STATE_XRUN:
		return -EPIPE;
	default:
		return 0;
	}
}

/* ---- ioplug callbacks ---- */

static int
cb_start(snd_pcm_ioplug_t *io)
{
	struct faults *f = io->private_data;
	if (gone)
		return -ENODEV;
	if (!epoch_ns)
		epoch_ns = now_ns();
	f->rate = io->rate * env_f("FAULTS_SPEED", 1.0);
	f->drifted = 0;
	f->t0 = now_ns();
	f->r0 = f->r;
	f->running = 1;
	f->paused = 0;
	f->frozen_until = 0;
	event("start\trate=%u ch=%u fmt=%s access=%s period=%lu buffer=%lu fill=%llu", io->rate, io->channels,
	      snd_pcm_format_name(io->format), snd_pcm_access_name(io->access), io->period_size, io->buffer_size,
	      (unsigned long long)(f->w - f->r));
	rearm(f);
	return 0;
}

static int
cb_stop(snd_pcm_ioplug_t *io)
{
	struct faults *f = io->private_data;
	if (f->running) {
		advance(f);
		event("stop\tframe=%llu unplayed=%llu", (unsigned long long)f->total, (unsigned long long)(f->w - f->r));
	}
	f->running = 0;
	return 0;
}

static snd_pcm_sframes_t
cb_pointer(snd_pcm_ioplug_t *io)
{
	struct faults *f = io->private_data;
	int err = poke(f);
	if (err == -EPIPE)
		return -EPIPE;
	if (!err && (err = advance(f)))
		return err;
	return (snd_pcm_sframes_t)(f->boundary ? f->r % f->boundary : f->r % f->ring_frames);
}

static snd_pcm_sframes_t
cb_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas, snd_pcm_uframes_t offset, snd_pcm_uframes_t size)
{
	struct faults *f = io->private_data;
	snd_pcm_uframes_t room, i, n;
	unsigned c, sb = (unsigned)snd_pcm_format_physical_width(io->format) / 8;
	struct ev *e;
	int err = poke(f);

	if (err)
		return err;
	if (fire(K_EIO)) {
		event("eio");
		return -EIO;
	}
	if (fire(K_EINTR)) {
		event("eintr");
		return -EINTR;
	}
	room = f->ring_frames - (snd_pcm_uframes_t)(f->w - f->r);
	n = size < room ? size : room;
	if ((e = active(K_SHORT)) && n > 1)
		n = e->val > 0 && e->val < n ? (snd_pcm_uframes_t)e->val : n / 2;
	for (i = 0; i < n; i++) {
		unsigned char *d = f->ring + ((f->w + i) % f->ring_frames) * f->fbytes;
		for (c = 0; c < io->channels; c++) {
			const unsigned char *s =
			    (const unsigned char *)areas[c].addr + (areas[c].first + (size_t)areas[c].step * (offset + i)) / 8;
			memcpy(d + c * sb, s, sb);
		}
	}
	f->w += n;
	f->last_write = now_ns();
	f->nwrites++;
	rearm(f);
	return (snd_pcm_sframes_t)n;
}

static int
cb_prepare(snd_pcm_ioplug_t *io)
{
	struct faults *f = io->private_data;
	if (fire(K_REPLUG)) {
		gone = 0;
		event("replug");
	}
	if (gone) {
		event("prepare\tENODEV");
		return -ENODEV;
	}
	event("prepare\tdropped=%llu", (unsigned long long)(f->w - f->r));
	f->w = f->r = f->r0 = 0;
	f->running = 0;
	f->paused = 0;
	f->frozen_until = 0;
	rearm(f);
	return 0;
}

static int
cb_resume(snd_pcm_ioplug_t *io) /* ioplug drops our return code: always 0 for the caller */
{
	struct faults *f = io->private_data;
	if (gone) {
		snd_pcm_ioplug_set_state(io, SND_PCM_STATE_DISCONNECTED);
		return -ENODEV;
	}
	event("resume");
	f->t0 = now_ns();
	f->r0 = f->r;
	f->running = 1;
	snd_pcm_ioplug_set_state(io, SND_PCM_STATE_RUNNING);
	rearm(f);
	return 0;
}

static int
cb_pause(snd_pcm_ioplug_t *io, int on)
{
	struct faults *f = io->private_data;
	advance(f);
	f->paused = on;
	if (!on) {
		f->t0 = now_ns();
		f->r0 = f->r;
	}
	event("pause\t%d", on);
	rearm(f);
	return 0;
}

static int
cb_hw_params(snd_pcm_ioplug_t *io, snd_pcm_hw_params_t *p)
{
	struct faults *f = io->private_data;
	(void)p;
	if (gone)
		return -ENODEV;
	f->fbytes = (size_t)snd_pcm_format_physical_width(io->format) / 8 * io->channels;
	f->ring_frames = io->buffer_size;
	free(f->ring);
	f->ring = calloc(f->ring_frames, f->fbytes);
	if (!f->ring)
		return -ENOMEM;
	f->avail_min = io->period_size;
	out_open(f);
	return 0;
}

static int
cb_sw_params(snd_pcm_ioplug_t *io, snd_pcm_sw_params_t *p)
{
	struct faults *f = io->private_data;
	snd_pcm_sw_params_get_avail_min(p, &f->avail_min);
	snd_pcm_sw_params_get_boundary(p, &f->boundary);
	snd_pcm_sw_params_get_stop_threshold(p, &f->stop_thr);
	return 0;
}

static int
cb_poll_revents(snd_pcm_ioplug_t *io, struct pollfd *pfd, unsigned int n, unsigned short *rev)
{
	struct faults *f = io->private_data;
	int err = poke(f);
	(void)n;
	if (!err)
		err = advance(f);
	*rev = 0;
	if (err || active(K_POLLERR)) {
		*rev = POLLERR | POLLOUT;
		arm_at(f, 1);
		return 0;
	}
	if (!(pfd->revents & POLLIN))
		return 0;
	if (io->state == SND_PCM_STATE_DRAINING ? f->w == f->r
	                                        : f->ring_frames - (f->w - f->r) >= f->avail_min || active(K_SPURIOUS))
		*rev = POLLOUT;
	else
		rearm(f);
	return 0;
}

static int
cb_close(snd_pcm_ioplug_t *io)
{
	struct faults *f = io->private_data;
	event("close\tframes=%llu writes=%llu xruns=%llu silent=%llu", (unsigned long long)f->total,
	      (unsigned long long)f->nwrites, (unsigned long long)f->xruns, (unsigned long long)f->silent);
	if (f->out) {
		if (f->wav)
			wav_header(f);
		fclose(f->out);
	}
	live_tfd = -1;
	close(f->tfd);
	free(f->ring);
	free(f);
	return 0;
}

static const snd_pcm_ioplug_callback_t cbs = {
    .start = cb_start,
    .stop = cb_stop,
    .pointer = cb_pointer,
    .transfer = cb_transfer,
    .close = cb_close,
    .hw_params = cb_hw_params,
    .sw_params = cb_sw_params,
    .prepare = cb_prepare,
    .resume = cb_resume,
    .pause = cb_pause,
    .poll_revents = cb_poll_revents,
};

/* "a,b,c" or "lo-hi" */
static int
constrain(snd_pcm_ioplug_t *io, int what, const char *env, const char *dflt, unsigned mul)
{
	const char *s = getenv(env);
	unsigned list[32], n = 0, lo, hi;
	char *end;
	if (!s || !*s)
		s = dflt;
	lo = (unsigned)strtoul(s, &end, 10);
	if (*end == '-') {
		hi = (unsigned)strtoul(end + 1, NULL, 10);
		return snd_pcm_ioplug_set_param_minmax(io, what, lo * mul, hi * mul);
	}
	while (n < 32) {
		list[n++] = lo * mul;
		if (*end != ',')
			break;
		lo = (unsigned)strtoul(end + 1, &end, 10);
	}
	return snd_pcm_ioplug_set_param_list(io, what, n, list);
}

SND_PCM_PLUGIN_DEFINE_FUNC(faults)
{
	const char *s;
	char b[512], *save = NULL, *tok;
	unsigned list[32], n = 0;
	struct faults *f;
	int err, i;
	(void)root;
	(void)conf;

	if (stream != SND_PCM_STREAM_PLAYBACK)
		return -ENODEV;
	pthread_mutex_lock(&glock);
	parse_once();
	for (i = 0; i < nev; i++)
		if (evs[i].k == K_REPLUG && !evs[i].fired && epoch_ns && run_s() >= evs[i].at) {
			evs[i].fired = 1;
			gone = 0;
			event("replug");
		}
	err = 0;
	if (gone)
		err = -ENODEV;
	for (i = 0; i < nev && !err; i++) /* busy: from the very first open, "busy:2" = 2 s, "busy=3" = 3 opens */
		if (evs[i].k == K_BUSY) {
			static int64_t first;
			static int tries;
			if (!first)
				first = now_ns();
			if (evs[i].val > 0 ? tries++ < evs[i].val
			                   : evs[i].dur < 0 || now_ns() - first < (int64_t)(evs[i].dur * 1e9))
				err = -EBUSY;
		}
	s = getenv("FAULTS_OPEN_ERR"); /* e.g. ENOENT EBUSY EACCES ENODEV */
	if (!err && s && *s)
		err = !strcmp(s, "EBUSY") ? -EBUSY : !strcmp(s, "EACCES") ? -EACCES : !strcmp(s, "ENODEV") ? -ENODEV : -ENOENT;
	if (!err)
		opens++;
	pthread_mutex_unlock(&glock);
	event("open\t%s", err ? strerror(-err) : "ok");
	if (err)
		return err;

	f = calloc(1, sizeof *f);
	if (!f)
		return -ENOMEM;
	f->seed = 1;
	f->tfd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (f->tfd < 0) {
		err = -errno;
		free(f);
		return err;
	}
	f->io.version = SND_PCM_IOPLUG_VERSION;
	f->io.name = "fault-injecting playback";
	f->io.flags = SND_PCM_IOPLUG_FLAG_MONOTONIC | SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
	f->io.callback = &cbs;
	f->io.private_data = f;
	f->io.poll_fd = f->tfd;
	f->io.poll_events = POLLIN;
	f->io.mmap_rw = 0;
	live_tfd = f->tfd;
	err = snd_pcm_ioplug_create(&f->io, name, stream, mode);
	if (err < 0) {
		close(f->tfd);
		free(f);
		return err;
	}

	s = getenv("FAULTS_ACCESS"); /* rwi,rwn,mmapi,mmapn */
	snprintf(b, sizeof b, "%s", s && *s ? s : "rwi,rwn,mmapi,mmapn");
	for (tok = strtok_r(b, ",", &save); tok && n < 32; tok = strtok_r(NULL, ",", &save))
		list[n++] = !strcmp(tok, "rwi")     ? SND_PCM_ACCESS_RW_INTERLEAVED
		            : !strcmp(tok, "rwn")   ? SND_PCM_ACCESS_RW_NONINTERLEAVED
		            : !strcmp(tok, "mmapi") ? SND_PCM_ACCESS_MMAP_INTERLEAVED
		                                    : SND_PCM_ACCESS_MMAP_NONINTERLEAVED;
	err = snd_pcm_ioplug_set_param_list(&f->io, SND_PCM_IOPLUG_HW_ACCESS, n, list);
	if (err < 0)
		goto bad;
	s = getenv("FAULTS_FORMATS");
	snprintf(b, sizeof b, "%s", s && *s ? s : "S16_LE,S24_LE,S24_3LE,S32_LE,FLOAT_LE");
	for (n = 0, save = NULL, tok = strtok_r(b, ",", &save); tok && n < 32; tok = strtok_r(NULL, ",", &save)) {
		int fm = snd_pcm_format_value(tok);
		if (fm >= 0)
			list[n++] = (unsigned)fm;
	}
	err = snd_pcm_ioplug_set_param_list(&f->io, SND_PCM_IOPLUG_HW_FORMAT, n, list);
	if (err < 0)
		goto bad;
	if ((err = constrain(&f->io, SND_PCM_IOPLUG_HW_CHANNELS, "FAULTS_CHANNELS", "1-32", 1)) < 0 ||
	    (err = constrain(&f->io, SND_PCM_IOPLUG_HW_RATE, "FAULTS_RATES", "8000-192000", 1)) < 0 ||
	    (err = constrain(&f->io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, "FAULTS_PERIOD_BYTES", "64-1048576", 1)) < 0 ||
	    (err = constrain(&f->io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, "FAULTS_BUFFER_BYTES", "128-4194304", 1)) < 0 ||
	    (err = constrain(&f->io, SND_PCM_IOPLUG_HW_PERIODS, "FAULTS_PERIODS", "2-1024", 1)) < 0)
		goto bad;
	*pcmp = f->io.pcm;
	return 0;
bad:
	snd_pcm_ioplug_delete(&f->io); /* runs cb_close, which frees f */
	return err;
}
SND_PCM_PLUGIN_SYMBOL(faults);
