#include "demo/demo_song.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sndfile.h>

#include "demo/demo_parts.h"

enum stem_id {
	STEM_KICK,
	STEM_SNARE,
	STEM_HAT,
	STEM_TOMS,
	STEM_OVERHEADS,
	STEM_PERCUSSION,
	STEM_BASS,
	STEM_ACOUSTIC,
	STEM_RHYTHM,
	STEM_TWIN,
	STEM_KEYS,
	STEM_PAD,
	STEM_SYNTH,
	STEM_LEAD,
	STEM_HIGH,
	STEM_LOW,
	STEMS
};

static const struct {
	const char *file;
	int channels;
	double peak; /* dBFS, as somebody set the preamplifier */
} stems[STEMS] = {
    [STEM_KICK] = {"01_Kick.wav", 1, -4.5},
    [STEM_SNARE] = {"02_Snare.wav", 1, -3.5},
    [STEM_HAT] = {"03_Hat.wav", 1, -10},
    [STEM_TOMS] = {"04_Toms.wav", 2, -6},
    [STEM_OVERHEADS] = {"05_Overheads.wav", 2, -5},
    [STEM_PERCUSSION] = {"06_Percussion.wav", 2, -8},
    [STEM_BASS] = {"07_Bass.wav", 1, -5},
    [STEM_ACOUSTIC] = {"08_Acoustic Gtr.wav", 1, -7},
    [STEM_RHYTHM] = {"09_Rhythm Gtr.wav", 1, -6.5},
    [STEM_TWIN] = {"10_Double Gtr.wav", 1, -7.5},
    [STEM_KEYS] = {"11_Keys.wav", 2, -8},
    [STEM_PAD] = {"12_Pad.wav", 2, -11},
    [STEM_SYNTH] = {"13_Lead Synth.wav", 1, -9},
    [STEM_LEAD] = {"14_Lead Vox.wav", 1, -4},
    [STEM_HIGH] = {"15_Backing Vox High.wav", 1, -9},
    [STEM_LOW] = {"16_Backing Vox Low.wav", 1, -9.5},
};

/* One stem's memory; the same is used for all of them. */
struct desk {
	struct demo_part part;
	float side[2][DEMO_FRAMES];
	int pcm[2 * 4096];
	_Alignas(64) char work[DEMO_WORK];
};

const char *
demo_stem(int k)
{
	return k >= 0 && k < STEMS ? stems[k].file : NULL;
}

static void
choir(struct desk *d, int high)
{
	score_backing(&d->part, high);
	for (int singer = 0; singer < 3; singer++)
		play_voice(&d->part, 1 + high * 3 + singer, 0.16, 0, d->side[0]);
}

static void
play(struct desk *d, enum stem_id id)
{
	float *l = d->side[0], *r = d->side[1];
	memset(d->side, 0, sizeof d->side);
	switch (id) {
	case STEM_KICK:
	case STEM_SNARE:
	case STEM_HAT:
		score_drums(&d->part);
		play_drums(&d->part, MIC_KICK + (id - STEM_KICK), l, NULL, d->work);
		break;
	case STEM_TOMS:
	case STEM_OVERHEADS:
		score_drums(&d->part);
		play_drums(&d->part, id == STEM_TOMS ? MIC_TOMS : MIC_OVERHEADS, l, r, d->work);
		break;
	case STEM_PERCUSSION:
		score_percussion(&d->part);
		play_percussion(&d->part, l, r);
		break;
	case STEM_BASS:
		score_bass(&d->part);
		play_bass(&d->part, l);
		break;
	case STEM_ACOUSTIC:
		score_acoustic(&d->part);
		play_acoustic(&d->part, l);
		break;
	case STEM_RHYTHM:
	case STEM_TWIN:
		score_rhythm(&d->part, id == STEM_TWIN);
		play_rhythm(&d->part, id == STEM_TWIN, l);
		break;
	case STEM_KEYS:
		score_keys(&d->part);
		play_keys(&d->part, l, r);
		break;
	case STEM_PAD:
		score_pad(&d->part);
		play_pad(&d->part, l, r);
		break;
	case STEM_SYNTH:
		score_synth(&d->part);
		play_synth(&d->part, l);
		break;
	case STEM_LEAD:
		score_lead(&d->part);
		play_voice(&d->part, 0, 0.24, 1, l);
		break;
	case STEM_HIGH:
	case STEM_LOW:
		choir(d, id == STEM_HIGH);
		break;
	case STEMS:
		break;
	}
}

/* Scales the stem to its peak and writes it as 24-bit frames. The integers are made here: no rounding of the library's.
 */
static int
write_frames(SNDFILE *file, struct desk *d, int channels, double peak_db)
{
	float peak = 0;
	for (int c = 0; c < channels; c++)
		for (int n = 0; n < DEMO_FRAMES; n++) {
			float a = d->side[c][n] < 0 ? -d->side[c][n] : d->side[c][n];
			peak = a > peak ? a : peak;
		}
	double scale = peak > 0 ? 8388607 * f_exp(peak_db * 0.11512925464970229) / (double)peak : 0;
	for (int from = 0; from < DEMO_FRAMES;) {
		int frames = DEMO_FRAMES - from < 4096 ? DEMO_FRAMES - from : 4096;
		for (int n = 0; n < frames; n++)
			for (int c = 0; c < channels; c++)
				d->pcm[n * channels + c] = ((int)(scale * (double)d->side[c][from + n] + 8388608.5) - 8388608) * 256;
		if (sf_writef_int(file, d->pcm, frames) != frames)
			return -1;
		from += frames;
	}
	return 0;
}

static int
write_stem(const char *path, struct desk *d, int id, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return err_set(err, "%s: cannot be made: %s", path, strerror(errno));
	SF_INFO info = {
	    .samplerate = DEMO_RATE, .channels = stems[id].channels, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_24};
	SNDFILE *file = sf_open_fd(fd, SFM_WRITE, &info, SF_FALSE);
	int bad = !file;
	const char *why = bad ? sf_strerror(NULL) : "";
	if (!bad) {
		bad = write_frames(file, d, stems[id].channels, stems[id].peak);
		if (bad)
			why = errno ? strerror(errno) : "the disk may be full";
		if (sf_close(file)) {
			bad = 1;
			why = "its header cannot be written";
		}
	}
	if (close(fd) && !bad) {
		bad = 1;
		why = strerror(errno);
	}
	if (!bad)
		return 0;
	unlink(path);
	return err_set(err, "%s: cannot be written: %s", path, why);
}

int
demo_render(const char *dir, struct err *err, void (*progress)(void *arg, double done), void *arg)
{
	char path[STEMS][4096];
	if (mkdir(dir, 0777) && errno != EEXIST)
		return err_set(err, "%s: the folder cannot be made: %s", dir, strerror(errno));
	for (int k = 0; k < STEMS; k++) {
		struct stat st;
		if (snprintf(path[k], sizeof path[k], "%s/%s", dir, stems[k].file) >= (int)sizeof path[k])
			return err_set(err, "%s: the path is too long", dir);
		if (!lstat(path[k], &st))
			return err_set(err, "%s is there already; take an empty folder for the demo song", path[k]);
	}
	struct desk *d = calloc(1, sizeof *d);
	if (!d)
		return err_set(err, "the demo song: out of memory");
	for (int k = 0; k < STEMS; k++) {
		if (progress)
			progress(arg, (double)k / STEMS);
		play(d, (enum stem_id)k);
		errno = 0;
		if (write_stem(path[k], d, k, err)) {
			while (k--)
				unlink(path[k]);
			free(d);
			return -1;
		}
	}
	free(d);
	if (progress)
		progress(arg, 1);
	return 0;
}
