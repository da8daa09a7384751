#include "device/device_parts.h"

#include <stdlib.h>
#include <string.h>

#include "device/holder.h"

#define NATIVE (SND_PCM_NO_AUTO_RESAMPLE | SND_PCM_NO_AUTO_FORMAT | SND_PCM_NO_AUTO_CHANNELS)

/* Best first. Some studio cards know only the last. */
static const snd_pcm_access_t accesses[] = {SND_PCM_ACCESS_RW_INTERLEAVED, SND_PCM_ACCESS_MMAP_INTERLEAVED,
                                            SND_PCM_ACCESS_RW_NONINTERLEAVED, SND_PCM_ACCESS_MMAP_NONINTERLEAVED};
enum { ACCESSES = sizeof accesses / sizeof accesses[0] };

/* Why no setting was found, the nearest miss last. */
enum want { WANT_FORMAT, WANT_RATE, WANT_CHANNELS, WANT_NOTHING };

static int
refuse(const struct device_config *config, struct err *err, const char *what, int status)
{
	return err_set(err, "device \"%s\": %s: %s; `stemdesk devices` lists what there is", config->name, what,
	               snd_strerror(status));
}

/* One rung: an access, a format and the rate together, then the channels. */
static enum want
try_rung(struct alsa_sink *s, snd_pcm_hw_params_t *hw, const struct device_config *config)
{
	unsigned channels = (unsigned)config->first + 2, rate = (unsigned)config->rate;
	if (snd_pcm_hw_params_set_access(s->pcm, hw, s->access) < 0 ||
	    snd_pcm_hw_params_set_format(s->pcm, hw, (snd_pcm_format_t)s->sample->alsa) < 0)
		return WANT_FORMAT;
	if (snd_pcm_hw_params_set_rate(s->pcm, hw, rate, 0) < 0)
		return WANT_RATE;
	s->channels = channels;
	if (snd_pcm_hw_params_set_channels(s->pcm, hw, channels) < 0 &&
	    (snd_pcm_hw_params_set_channels_near(s->pcm, hw, &s->channels) < 0))
		return WANT_CHANNELS;
	return WANT_NOTHING;
}

/* Goes down the ladder of formats; hw is left at the rung that holds. */
static enum want
choose(struct alsa_sink *s, snd_pcm_hw_params_t *hw, const struct device_config *config)
{
	snd_pcm_hw_params_t *whole;
	enum want nearest = WANT_FORMAT;
	snd_pcm_hw_params_alloca(&whole);
	snd_pcm_hw_params_copy(whole, hw);
	for (s->sample = sample_formats; s->sample->bytes; s->sample++)
		for (int k = 0; k < ACCESSES; k++) {
			s->access = accesses[k];
			snd_pcm_hw_params_copy(hw, whole);
			enum want want = try_rung(s, hw, config);
			if (want == WANT_NOTHING)
				return want;
			nearest = want > nearest ? want : nearest;
		}
	snd_pcm_hw_params_copy(hw, whole);
	return nearest;
}

/* The period that was asked for, else the power of two nearest to it that the device takes, else its nearest. */
static int
set_period(struct alsa_sink *s, snd_pcm_hw_params_t *hw, snd_pcm_uframes_t asked)
{
	snd_pcm_uframes_t power = 16, up, down;
	if (snd_pcm_hw_params_set_period_size(s->pcm, hw, asked, 0) == 0)
		return 0;
	while (power * 2 <= asked)
		power *= 2;
	for (up = power * 2, down = power; up <= 65536 || down >= 16; up *= 2, down /= 2) {
		if (up <= 65536 && snd_pcm_hw_params_set_period_size(s->pcm, hw, up, 0) == 0)
			return 0;
		if (down >= 16 && snd_pcm_hw_params_set_period_size(s->pcm, hw, down, 0) == 0)
			return 0;
	}
	return snd_pcm_hw_params_set_period_size_near(s->pcm, hw, &asked, NULL);
}

static int
set_buffer(struct alsa_sink *s, snd_pcm_hw_params_t *hw, int periods)
{
	snd_pcm_uframes_t period, buffer;
	int direction = 0;
	unsigned count = (unsigned)periods;
	snd_pcm_hw_params_get_period_size(hw, &period, &direction);
	buffer = period * count;
	if (snd_pcm_hw_params_set_buffer_size(s->pcm, hw, buffer) == 0 ||
	    snd_pcm_hw_params_set_periods_near(s->pcm, hw, &count, NULL) == 0)
		return 0;
	return snd_pcm_hw_params_set_buffer_size_near(s->pcm, hw, &buffer);
}

static int
set_software(struct alsa_sink *s)
{
	snd_pcm_sw_params_t *sw;
	snd_pcm_uframes_t boundary;
	snd_pcm_sw_params_alloca(&sw);
	int status = snd_pcm_sw_params_current(s->pcm, sw);
	if (status == 0)
		status = snd_pcm_sw_params_get_boundary(sw, &boundary);
	if (status == 0)
		status = snd_pcm_sw_params_set_avail_min(s->pcm, sw, s->chunk);
	if (status == 0) /* started by hand, once full */
		status = snd_pcm_sw_params_set_start_threshold(s->pcm, sw, boundary);
	return status < 0 ? status : snd_pcm_sw_params(s->pcm, sw);
}

static int
set_sizes(struct alsa_sink *s, snd_pcm_hw_params_t *hw, const struct device_config *config, struct err *err)
{
	snd_pcm_uframes_t period;
	int status = set_period(s, hw, (snd_pcm_uframes_t)config->period);
	if (status < 0)
		return refuse(config, err, "refuses every period", status);
	if ((status = set_buffer(s, hw, config->periods)) < 0)
		return refuse(config, err, "refuses every buffer", status);
	if ((status = snd_pcm_hw_params(s->pcm, hw)) < 0)
		return refuse(config, err, "refuses its own settings", status);
	snd_pcm_hw_params_get_period_size(hw, &period, NULL);
	snd_pcm_hw_params_get_buffer_size(hw, &s->buffer);
	s->chunk = period * 2 <= s->buffer ? period : s->buffer / 2;
	if (s->chunk < 1 || s->chunk > 1 << 20)
		return err_set(err, "device \"%s\": its buffer of %lu frames cannot be used", config->name,
		               (unsigned long)s->buffer);
	if ((status = set_software(s)) < 0)
		return refuse(config, err, "refuses its own settings", status);
	s->format.rate = config->rate;
	s->format.channels = (int)s->channels;
	s->format.period = (int)period;
	s->format.buffer = (int)s->buffer;
	s->format.sample = s->sample->name;
	return 0;
}

static int
make_room(struct alsa_sink *s, const struct device_config *config, struct err *err)
{
	size_t floats = s->chunk * 2 * sizeof *s->floats, bytes = s->chunk * s->channels * (size_t)s->sample->bytes;
	int apart = s->access == SND_PCM_ACCESS_RW_NONINTERLEAVED || s->access == SND_PCM_ACCESS_MMAP_NONINTERLEAVED;
	s->floats = calloc(1, floats);
	s->bytes = calloc(1, bytes);
	s->planes = apart ? calloc(s->channels, sizeof *s->planes) : NULL;
	if (!s->floats || !s->bytes || (apart && !s->planes))
		return err_set(err, "device \"%s\": not enough memory", config->name);
	s->format.locked = rt_lock(s->floats, floats) && rt_lock(s->bytes, bytes);
	return 0;
}

/* ALSA's plug layer over a device, whatever the configuration calls it: the last resort. */
static int
open_plug(snd_pcm_t **pcm, const char *name)
{
	char text[512] = "pcm.stemdesk_plug { type plug slave.pcm \"";
	size_t length = strlen(text);
	for (; *name && length < sizeof text - 8; name++) {
		if (*name == '"' || *name == '\\')
			text[length++] = '\\';
		text[length++] = *name;
	}
	memcpy(text + length, "\" }\n", 5);
	snd_config_t *top = NULL, *own = NULL;
	snd_input_t *in = NULL;
	int status = snd_config_update_ref(&top);
	if (status >= 0)
		status = snd_config_copy(&own, top);
	if (status >= 0)
		status = snd_input_buffer_open(&in, text, (ssize_t)strlen(text));
	if (status >= 0)
		status = snd_config_load(own, in);
	if (status >= 0)
		status = snd_pcm_open_lconf(pcm, "stemdesk_plug", SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK, own);
	if (in)
		snd_input_close(in);
	if (own)
		snd_config_delete(own);
	if (top)
		snd_config_unref(top);
	return status < 0 ? status : 0;
}

/* The device's own way first, then what its name makes of it, then the plug layer over it. */
enum way { WAY_NATIVE, WAY_NAMED, WAY_PLUG, WAYS };

static int
open_way(snd_pcm_t **pcm, const char *name, enum way way)
{
	if (way == WAY_PLUG)
		return open_plug(pcm, name);
	return snd_pcm_open(pcm, name, SND_PCM_STREAM_PLAYBACK,
	                    way == WAY_NATIVE ? SND_PCM_NONBLOCK | NATIVE : SND_PCM_NONBLOCK);
}

/* The rate nearest to the song's that a device has by itself; 0: unknown. */
static double
native_rate(snd_pcm_t *pcm, double rate)
{
	snd_pcm_hw_params_t *hw;
	unsigned near = (unsigned)rate;
	snd_pcm_hw_params_alloca(&hw);
	if (snd_pcm_hw_params_any(pcm, hw) < 0 || snd_pcm_hw_params_set_rate_near(pcm, hw, &near, NULL) < 0)
		return 0;
	return near;
}

/* Tries one way. 1: set up; 0: this way does not do; -1: the device refuses altogether. */
static int
try_way(struct alsa_sink *s, const struct device_config *config, enum way way, enum want *want, int *busy,
        struct err *err)
{
	snd_pcm_hw_params_t *hw;
	snd_pcm_hw_params_alloca(&hw);
	int status = open_way(&s->pcm, config->name, way);
	if (status < 0) {
		s->pcm = NULL;
		*busy = status == -EBUSY;
		if (*busy)
			holder_sentence(config->name, err);
		else
			refuse(config, err, "cannot be opened", status);
		return -1;
	}
	if ((status = snd_pcm_hw_params_any(s->pcm, hw)) < 0) {
		refuse(config, err, "has no playback", status);
		return -1;
	}
	if (way == WAY_NATIVE)
		snd_pcm_hw_params_set_rate_resample(s->pcm, hw, 0);
	*want = choose(s, hw, config);
	if (*want == WANT_NOTHING)
		return set_sizes(s, hw, config, err) || make_room(s, config, err) ? -1 : 1;
	if (way == WAY_NATIVE)
		s->format.native = native_rate(s->pcm, config->rate);
	snd_pcm_close(s->pcm);
	s->pcm = NULL;
	return 0;
}

/* ALSA's library talks to stderr, over whatever stands on the terminal; what went wrong is told by our own errors. */
static void
say_nothing(const char *file, int line, const char *function, int error, const char *format, ...)
{
	(void)file;
	(void)line;
	(void)function;
	(void)error;
	(void)format;
}

void
alsa_hush(void)
{
	snd_lib_error_set_handler(say_nothing);
}

struct alsa_sink *
alsa_open(const struct device_config *config, int *busy, struct err *err)
{
	static const char *const lack[] = {"takes none of float, 32, 24 and 16 bits", "does not run at the song's rate",
	                                   "has no usable number of channels", ""};
	struct alsa_sink *s = calloc(1, sizeof *s);
	enum want want = WANT_FORMAT;
	int held = 0, done = 0;
	if (!s) {
		err_set(err, "device \"%s\": not enough memory", config->name);
		return NULL;
	}
	s->dither = 1;
	for (enum way way = WAY_NATIVE; way < WAYS && done == 0; way++) {
		done = try_way(s, config, way, &want, &held, err);
		if (done > 0 && way == WAY_NATIVE)
			s->format.native = 0;
	}
	if (busy)
		*busy = held;
	if (done > 0)
		return s;
	if (done == 0)
		err_set(err, "device \"%s\": %s, not even by way of ALSA's plug layer; choose another with -D", config->name,
		        lack[want]);
	alsa_close(s);
	return NULL;
}

void
alsa_close(struct alsa_sink *s)
{
	if (!s)
		return;
	if (s->pcm)
		snd_pcm_close(s->pcm);
	free(s->floats);
	free(s->bytes);
	free(s->planes);
	free(s);
}
