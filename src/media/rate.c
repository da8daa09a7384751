#include "media/rate.h"

#include <soxr.h>

#include <stdlib.h>
#include <string.h>

struct rate {
	soxr_t soxr;
	uint32_t in_hz, out_hz;
	int channels;
	size_t in_bytes, out_bytes; /* of a sample */
	uint64_t taken, given;      /* frames */
};

static int
fail(const struct rate *rate, const char *why, struct err *err)
{
	return err_set(err, "cannot convert %u Hz to %u Hz: %s", (unsigned)rate->in_hz, (unsigned)rate->out_hz, why);
}

struct rate *
rate_new(uint32_t in_hz, uint32_t out_hz, int channels, enum rate_sample in, enum rate_sample out, struct err *err)
{
	struct rate *rate = calloc(1, sizeof *rate);
	if (!rate) {
		err_set(err, "cannot convert the sample rate: out of memory");
		return NULL;
	}
	*rate = (struct rate){NULL,
	                      in_hz,
	                      out_hz,
	                      channels,
	                      in == RATE_DOUBLE ? sizeof(double) : sizeof(float),
	                      out == RATE_DOUBLE ? sizeof(double) : sizeof(float),
	                      0,
	                      0};
	const char *why = NULL;
	if (in_hz < 1000 || in_hz > 768000 || out_hz < 1000 || out_hz > 768000)
		why = "rates are 1000 to 768000 Hz";
	else if (channels < 1 || channels > 2)
		why = "it takes 1 or 2 channels";
	if (!why) {
		/*
		 * 32 bits is the recipe with the longest filters (distortion and images -210 dB); without the roll-off that the
		 * standard recipes have, the pass band is flat to 0.91 of the lower Nyquist frequency.
		 */
		soxr_quality_spec_t quality = soxr_quality_spec(SOXR_32_BITQ, SOXR_ROLLOFF_NONE);
		soxr_io_spec_t io = soxr_io_spec(in == RATE_DOUBLE ? SOXR_FLOAT64_S : SOXR_FLOAT32_S,
		                                 out == RATE_DOUBLE ? SOXR_FLOAT64_S : SOXR_FLOAT32_S);
		soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
		rate->soxr = soxr_create(in_hz, out_hz, (unsigned)channels, &why, &io, &quality, &runtime);
		if (!rate->soxr && !why)
			why = "libsoxr gives no reason";
	}
	if (why) {
		fail(rate, why, err);
		rate_free(rate);
		return NULL;
	}
	return rate;
}

/* What waits inside may come out in lumps, one frame more than the share of this input at most. */
size_t
rate_room(const struct rate *rate, size_t frames)
{
	return (size_t)((uint64_t)frames * rate->out_hz / rate->in_hz) + 2;
}

uint64_t
rate_length(const struct rate *rate, uint64_t frames)
{
	uint64_t seconds = frames / rate->in_hz, rest = frames % rate->in_hz;
	return seconds * rate->out_hz + (2 * rest * rate->out_hz + rate->in_hz) / (2 * (uint64_t)rate->in_hz);
}

static void
advance(const struct rate *rate, const void **in, void **out, const void *const *from, void *const *to, size_t taken,
        size_t given)
{
	for (int c = 0; c < rate->channels; c++) {
		in[c] = from ? (const uint8_t *)from[c] + taken * rate->in_bytes : NULL;
		out[c] = (uint8_t *)to[c] + given * rate->out_bytes;
	}
}

int
rate_run(struct rate *rate, const void *const *in, size_t frames, void *const *out, size_t *got, struct err *err)
{
	size_t room = rate_room(rate, frames), taken = 0;
	*got = 0;
	while (taken < frames) {
		const void *from[2];
		void *to[2];
		size_t now_taken = 0, now_given = 0;
		advance(rate, from, to, in, out, taken, *got);
		const char *why = soxr_process(rate->soxr, from, frames - taken, &now_taken, to, room - *got, &now_given);
		if (!why && now_taken == 0 && now_given == 0)
			why = "libsoxr takes no more";
		if (why)
			return fail(rate, why, err);
		taken += now_taken;
		*got += now_given;
	}
	rate->taken += frames;
	rate->given += *got;
	return 0;
}

int
rate_drain(struct rate *rate, void *const *out, size_t room, size_t *got, struct err *err)
{
	uint64_t left = rate_length(rate, rate->taken) - rate->given;
	size_t want = left < room ? (size_t)left : room;
	*got = 0;
	while (*got < want) {
		const void *from[2];
		void *to[2];
		size_t now = 0;
		advance(rate, from, to, NULL, out, 0, *got);
		const char *why = soxr_process(rate->soxr, NULL, 0, NULL, to, want - *got, &now);
		if (why)
			return fail(rate, why, err);
		if (now == 0) {
			/* It counts in doubles and may round a half the other way: the frame missing then is silence. */
			for (int c = 0; c < rate->channels; c++)
				memset(to[c], 0, (want - *got) * rate->out_bytes);
			now = want - *got;
		}
		*got += now;
	}
	rate->given += *got;
	return 0;
}

void
rate_free(struct rate *rate)
{
	if (!rate)
		return;
	if (rate->soxr)
		soxr_delete(rate->soxr);
	free(rate);
}
