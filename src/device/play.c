#include "device/device_parts.h"

#include <poll.h>

#include "base/clock.h"

#define MAX_FDS 16
#define POLL_NS 200000000  /* longest wait for a device: then its state is looked at */
#define STALL_NS 400000000 /* no frame taken for so long, and two periods: told */
#define LOST_NS 1500000000 /* and for so long, and three periods: the device is given back to be opened anew */
#define RETRY_NS 20000000  /* at most (else half a period) between attempts at a device that refuses */
#define RECOVERIES 8       /* a second, beyond which each is followed by such a wait */
#define FRUITLESS 3        /* wake-ups that brought nothing, beyond which the device's word is not taken */
#define GREEDY 4           /* whole buffers taken in a row, beyond which the device has no clock of its own */

/* The playing of one device. */
struct play {
	struct rt_device *rt;
	struct alsa_sink *s;
	struct sample_layout layout;
	snd_pcm_uframes_t pending, done; /* frames converted but not taken yet, and of these chunk's frames before them */
	int64_t chunk_ns, progress;      /* progress: when a frame was last taken */
	int64_t spent;                   /* on the longest callback of this turn */
	int64_t second;                  /* begin of the second that recoveries are counted in */
	int recoveries, fruitless, greedy, stalled, suspended;
};

static struct timespec
span(int64_t nanoseconds)
{
	return (struct timespec){nanoseconds / CLOCK_SECOND, nanoseconds % CLOCK_SECOND};
}

int
rt_pause(const struct rt_device *rt, int64_t nanoseconds)
{
	struct pollfd stop = {.fd = rt->stop, .events = POLLIN};
	struct timespec wait = span(nanoseconds > 0 ? nanoseconds : 0);
	return ppoll(&stop, 1, &wait, NULL) > 0;
}

void
rt_tell(struct rt_device *rt, enum device_event event, struct alsa_sink *sink)
{
	struct rt_note note = {event, sink};
	/* A device that faults without end may drop its remarks, never the device itself. */
	if (sink || ring_count(rt->from_rt) < NOTES - NOTES_KEPT)
		ring_put(rt->from_rt, &note);
	sem_post(rt->keeper);
}

/* Sets the device going again after an error. 0: look again, 1: wait before that, -1: it is gone. */
static int
recover(struct play *p, int error)
{
	snd_pcm_t *pcm = p->s->pcm;
	snd_pcm_state_t state = snd_pcm_state(pcm);
	int64_t now = clock_ns();
	if (error == -ENODEV || state == SND_PCM_STATE_DISCONNECTED || state == SND_PCM_STATE_OPEN)
		return -1;
	if (error == -EAGAIN || error == -EINTR)
		return 0;
	if (now - p->second > CLOCK_SECOND) {
		p->second = now;
		p->recoveries = 0;
	}
	int wait = ++p->recoveries > RECOVERIES;
	if (error == -ESTRPIPE || state == SND_PCM_STATE_SUSPENDED) {
		if (!p->suspended)
			rt_tell(p->rt, DEVICE_SUSPENDED, NULL);
		p->suspended = 1;
		int status = snd_pcm_resume(pcm);
		if (status == -EAGAIN)
			return 1;
		if (status == 0 && snd_pcm_state(pcm) != SND_PCM_STATE_SUSPENDED)
			return wait;
	} else if (error == -EPIPE) {
		rt_tell(p->rt, p->spent > p->chunk_ns ? DEVICE_XRUN_OURS : DEVICE_XRUN, NULL);
	} else if (state == SND_PCM_STATE_RUNNING || state == SND_PCM_STATE_PREPARED) {
		return 1; /* a write that failed for once: the same frames are tried again */
	}
	int status = snd_pcm_prepare(pcm);
	return status == -ENODEV ? -1 : status < 0 ? 1 : wait;
}

/* The error that the device's state stands for, 0 where it can take frames. */
static int
state_error(snd_pcm_state_t state)
{
	switch (state) {
	case SND_PCM_STATE_RUNNING:
	case SND_PCM_STATE_PREPARED:
		return 0;
	case SND_PCM_STATE_SUSPENDED:
		return -ESTRPIPE;
	case SND_PCM_STATE_XRUN:
		return -EPIPE;
	case SND_PCM_STATE_DISCONNECTED:
	case SND_PCM_STATE_OPEN:
		return -ENODEV;
	case SND_PCM_STATE_SETUP:
	case SND_PCM_STATE_DRAINING:
	case SND_PCM_STATE_PAUSED:
	case SND_PCM_STATE_PRIVATE1:
		return -EBADFD;
	}
	return -EBADFD;
}

/* Waits until the device says that there is room. 1: the thread is to end. *broken: its descriptor reports an error. */
static int
wait_for_room(struct play *p, int *broken)
{
	struct pollfd fds[MAX_FDS + 1];
	struct timespec wait = span(POLL_NS);
	unsigned short revents = 0;
	*broken = 0;
	if (p->fruitless > FRUITLESS) {
		/* It wakes us for nothing: half a period, at most 10 ms, is soon enough. */
		int64_t rest = p->chunk_ns / 2 < 10000000 ? p->chunk_ns / 2 : 10000000;
		if (rt_pause(p->rt, rest))
			return 1;
	}
	/* One that takes all it is given (a file) would keep us busy for ever: it gets its sound in real time. */
	if (p->greedy > GREEDY && rt_pause(p->rt, p->chunk_ns * (int64_t)(p->s->buffer / p->s->chunk)))
		return 1;
	int count = snd_pcm_poll_descriptors(p->s->pcm, fds + 1, MAX_FDS);
	count = count > 0 ? count : 0;
	fds[0] = (struct pollfd){.fd = p->rt->stop, .events = POLLIN};
	int n = ppoll(fds, (nfds_t)count + 1, &wait, NULL);
	if (n <= 0)
		return 0;
	if (fds[0].revents)
		return 1;
	if (count > 0 && snd_pcm_poll_descriptors_revents(p->s->pcm, fds + 1, (unsigned)count, &revents) == 0)
		*broken = revents & (POLLERR | POLLHUP | POLLNVAL);
	return 0;
}

/* Asks the desk for a chunk. */
static void
process(struct play *p)
{
	struct alsa_sink *s = p->s;
	int64_t began = clock_ns();
	p->rt->process(p->rt->arg, s->floats, (int)s->chunk);
	sample_convert(s->sample, &p->layout, s->floats, s->bytes, (int)s->chunk, &s->dither);
	int64_t spent = clock_ns() - began;
	p->spent = spent > p->spent ? spent : p->spent;
	p->pending = s->chunk;
	p->done = 0;
}

/* Writes what is pending: frames taken, or an error of ALSA. */
static snd_pcm_sframes_t
write_pending(struct play *p)
{
	struct alsa_sink *s = p->s;
	if (!s->planes) {
		unsigned char *from = s->bytes + p->done * p->layout.frame;
		return s->access == SND_PCM_ACCESS_RW_INTERLEAVED ? snd_pcm_writei(s->pcm, from, p->pending)
		                                                  : snd_pcm_mmap_writei(s->pcm, from, p->pending);
	}
	for (unsigned c = 0; c < s->channels; c++)
		s->planes[c] = s->bytes + c * p->layout.channel + p->done * p->layout.frame;
	return s->access == SND_PCM_ACCESS_RW_NONINTERLEAVED ? snd_pcm_writen(s->pcm, s->planes, p->pending)
	                                                     : snd_pcm_mmap_writen(s->pcm, s->planes, p->pending);
}

/* Fills what room there is, and starts the device once it is full. 0, or an error of ALSA. */
static int
fill(struct play *p)
{
	snd_pcm_uframes_t taken = 0;
	for (;;) {
		snd_pcm_sframes_t room = snd_pcm_avail_update(p->s->pcm);
		if (room < 0)
			return (int)room;
		if ((snd_pcm_uframes_t)room < (p->pending ? 1 : p->s->chunk))
			break;
		if (taken >= p->s->buffer)
			break;
		if (!p->pending)
			process(p);
		snd_pcm_sframes_t n = write_pending(p);
		if (n == -EAGAIN || n == 0)
			break;
		if (n < 0)
			return (int)n;
		p->pending -= (snd_pcm_uframes_t)n;
		p->done += (snd_pcm_uframes_t)n;
		taken += (snd_pcm_uframes_t)n;
	}
	if (taken > 0) {
		p->progress = clock_ns();
		p->fruitless = p->stalled = 0;
	} else {
		p->fruitless++;
	}
	if (snd_pcm_state(p->s->pcm) != SND_PCM_STATE_PREPARED) {
		p->greedy = taken >= p->s->buffer ? p->greedy + 1 : 0;
		return 0;
	}
	p->suspended = 0;
	return snd_pcm_start(p->s->pcm);
}

/* -1 once the device has stood still for too long. */
static int
watch(struct play *p)
{
	int64_t still = clock_ns() - p->progress;
	if (still > STALL_NS + 2 * p->chunk_ns && !p->stalled) {
		p->stalled = 1;
		rt_tell(p->rt, DEVICE_STALLED, NULL);
	}
	return still > LOST_NS + 3 * p->chunk_ns ? -1 : 0;
}

static struct sample_layout
layout_of(const struct rt_device *rt, const struct alsa_sink *s)
{
	size_t bytes = (size_t)s->sample->bytes;
	struct sample_layout l = {.channels = (int)s->channels, .first = rt->first < (int)s->channels ? rt->first : 0};
	l.frame = s->planes ? bytes : bytes * s->channels;
	l.channel = s->planes ? bytes * s->chunk : bytes;
	return l;
}

int
rt_play(struct rt_device *rt)
{
	struct play p = {.rt = rt, .s = rt->sink, .layout = layout_of(rt, rt->sink), .progress = clock_ns()};
	p.chunk_ns = (int64_t)((double)p.s->chunk / rt->rate * 1e9);
	for (;;) {
		snd_pcm_state_t state = snd_pcm_state(p.s->pcm);
		int error = state_error(state), broken = 0;
		if (state == SND_PCM_STATE_RUNNING) {
			p.suspended = 0;
			if (wait_for_room(&p, &broken))
				return 0;
			error = state_error(snd_pcm_state(p.s->pcm));
		}
		p.spent = error ? p.spent : 0;
		if (!error)
			error = fill(&p);
		int status = error < 0 ? recover(&p, error) : 0;
		if (status < 0 || watch(&p) < 0)
			return -1;
		if (status > 0 && rt_pause(rt, p.chunk_ns / 2 < RETRY_NS ? p.chunk_ns / 2 : RETRY_NS))
			return 0;
	}
}
