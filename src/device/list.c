#include "device/device_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/holder.h"

/* Where a listing goes. */
struct listing {
	void (*emit)(void *arg, const char *name, const char *about);
	void *arg;
};

/* The playback devices of one card. */
static void
list_card(const struct listing *l, int card)
{
	char name[96], about[256], who[64];
	snd_ctl_t *ctl;
	snd_ctl_card_info_t *info;
	snd_pcm_info_t *pcm;
	snd_ctl_card_info_alloca(&info);
	snd_pcm_info_alloca(&pcm);
	snprintf(name, sizeof name, "hw:%d", card);
	if (snd_ctl_open(&ctl, name, 0) < 0)
		return;
	for (int device = -1;
	     snd_ctl_card_info(ctl, info) == 0 && snd_ctl_pcm_next_device(ctl, &device) == 0 && device >= 0;) {
		snd_pcm_info_set_device(pcm, (unsigned)device);
		snd_pcm_info_set_subdevice(pcm, 0);
		snd_pcm_info_set_stream(pcm, SND_PCM_STREAM_PLAYBACK);
		if (snd_ctl_pcm_info(ctl, pcm) < 0)
			continue;
		const char *id = snd_ctl_card_info_get_id(info);
		if (device)
			snprintf(name, sizeof name, "hw:CARD=%s,DEV=%d", id, device);
		else
			snprintf(name, sizeof name, "hw:CARD=%s", id);
		int pid = holder_of("/proc", card, device, who, sizeof who);
		if (pid)
			snprintf(about, sizeof about, "%s, %s (busy: %s, process %d)", snd_ctl_card_info_get_name(info),
			         snd_pcm_info_get_name(pcm), who, pid);
		else
			snprintf(about, sizeof about, "%s, %s", snd_ctl_card_info_get_name(info), snd_pcm_info_get_name(pcm));
		l->emit(l->arg, name, about);
	}
	snd_ctl_close(ctl);
}

/*
 * Sound servers and what users named themselves. Hardware is listed by card, its many other names are noise, and so are
 * the converters that ALSA's plugins put into the list.
 */
static int
is_worth_listing(const char *name, const char *way)
{
	static const char *const noise[] = {"null",  "default", "lavrate",  "samplerate", "speexrate",
	                                    "speex", "upmix",   "vdownmix", NULL};
	if (!name || (way && strcmp(way, "Output") != 0) || strstr(name, "CARD="))
		return 0;
	for (const char *const *n = noise; *n; n++)
		if (!strcmp(name, *n))
			return 0;
	return 1;
}

int
device_list(void (*emit)(void *arg, const char *name, const char *about), void *arg, struct err *err)
{
	struct listing l = {emit, arg};
	void **hints;
	alsa_hush();
	emit(arg, "default", "what ALSA's configuration makes of it");
	for (int card = -1; snd_card_next(&card) == 0 && card >= 0;)
		list_card(&l, card);
	int status = snd_device_name_hint(-1, "pcm", &hints);
	if (status < 0)
		return err_set(err, "devices: ALSA cannot list them: %s", snd_strerror(status));
	for (void **hint = hints; *hint; hint++) {
		char *way = snd_device_name_get_hint(*hint, "IOID");
		char *name = snd_device_name_get_hint(*hint, "NAME");
		char *about = snd_device_name_get_hint(*hint, "DESC");
		if (is_worth_listing(name, way))
			emit(arg, name, about ? about : "");
		free(way);
		free(name);
		free(about);
	}
	snd_device_name_free_hint(hints);
	emit(arg, "null", "a clock without sound");
	return 0;
}
