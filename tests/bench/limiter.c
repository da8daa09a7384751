/*
 * limiter [FILE...]: our limiter beside x42 dpl on dense programmes at -20 LUFS that are driven into a ceiling of -1
 * dBTP: how loud each comes out, and what the gain did faster than 20 ms. Without files on the programmes of
 * tests/limitjudge.h. dpl (release 100 ms, true-peak detector) runs in ffmpeg; FFMPEG names another one than that of
 * PATH. Prints a table: loudness at the ceiling (less what peaks are over it), peaks over it, distortion; ! and exit
 * status 3 where the first of ours is not louder or leaves more fast gain distortion.
 */
#include <sndfile.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fpu.h"
#include "dsp/limiter.h"
#include "dsp/ops.h"
#include "../limitjudge.h"

#define LUFS (-20.0)
#define CEILING (-1.0)
#define LEAST (-50.0) /* dB of fast gain distortion that are none, beside a programme that is 50 dB louder */
#define LATE 2048     /* frames that a limiter may be late */

static const double drives[] = {9, 12, 15};
/* The ways of ours that are tried; the first has to win. */
static const struct way {
	const char *name;
	int smooth;
	double release; /* ms */
} ways[] = {{"smooth", 1, 50}, {"smooth 45 ms", 1, 45}, {"brisk", 0, 50}, {"brisk 100 ms", 0, 100}};
#define WAYS (int)(sizeof ways / sizeof *ways)

static char folder[] = "/tmp/limiterXXXXXX";
static int worse;

struct programme {
	const char *name;
	int rate, frames;
	float *side[2];
};

static float *
room(int frames)
{
	float *x = calloc((size_t)frames, sizeof *x);
	if (!x)
		abort();
	return x;
}

static int
load(const char *path, float *side[2], int *rate)
{
	SF_INFO info = {0};
	SNDFILE *file = sf_open(path, SFM_READ, &info);
	if (!file || info.channels != 2) {
		fprintf(stderr, "%s: not a stereo file that can be read\n", path);
		sf_close(file);
		return 0;
	}
	float *both = room(2 * (int)info.frames);
	int frames = (int)sf_readf_float(file, both, info.frames);
	for (int c = 0; c < 2; c++) {
		side[c] = room(frames);
		for (int n = 0; n < frames; n++)
			side[c][n] = both[2 * n + c];
	}
	*rate = info.samplerate;
	sf_close(file);
	free(both);
	return frames;
}

static int
store(const char *path, float *const side[2], int frames, int rate)
{
	SF_INFO info = {.samplerate = rate, .channels = 2, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
	SNDFILE *file = sf_open(path, SFM_WRITE, &info);
	if (!file)
		return -1;
	for (int n = 0; n < frames; n++)
		sf_writef_float(file, (float[2]){side[0][n], side[1][n]}, 1);
	return sf_close(file);
}

/* dpl at a drive; 0 frames where it cannot be run. */
static int
dpl(const struct programme *p, double drive, float *out[2])
{
	const char *ffmpeg = getenv("FFMPEG");
	char in[64], back[64], command[512];
	int rate;
	snprintf(in, sizeof in, "%s/in.wav", folder);
	snprintf(back, sizeof back, "%s/out.wav", folder);
	if (access(in, F_OK) && store(in, p->side, p->frames, p->rate))
		return 0;
	snprintf(command, sizeof command,
	         "%s -nostdin -v error -y -i %s -af 'lv2=p=http\\\\://gareus.org/oss/lv2/dpl#stereo:"
	         "c=enable=1|gain=%g|threshold=%g|release=0.1|truepeak=1' -c:a pcm_f32le %s",
	         ffmpeg ? ffmpeg : "ffmpeg", in, drive, CEILING, back);
	int frames = system(command) == 0 ? load(back, out, &rate) : 0;
	unlink(back);
	return frames;
}

static void
ours(const struct programme *p, double drive, const struct way *way, float *out[2])
{
	const struct dsp_unit *unit = dsp_ops_pick(0)->master[MASTER_LIMITER];
	const struct limiter_params params = {1, (float)drive, (float)CEILING, (float)way->release, way->smooth};
	void *state = NULL;
	if (posix_memalign(&state, DSP_ALIGN, unit->size(p->rate)))
		abort();
	memset(state, 0, unit->size(p->rate));
	unit->init(state, p->rate);
	unit->set(state, &params, 1);
	for (int c = 0; c < 2; c++) {
		out[c] = room(p->frames);
		memcpy(out[c], p->side[c], sizeof(float) * (size_t)p->frames);
	}
	for (int n = 0; n + QUANTUM <= p->frames; n += QUANTUM)
		unit->run(state, out[0] + n, out[1] + n);
	free(state);
}

/* At one ceiling: as loud as it would be if its peaks just reached that. */
static struct judged
judged_out(const struct programme *p, float *out[2])
{
	struct judged j = judge((const float *const *)p->side, (const float *const *)out, p->frames, p->rate, LATE);
	free(out[0]);
	free(out[1]);
	j.lufs -= fmax(0, j.peak - CEILING);
	return j;
}

static void
print(const struct judged *j)
{
	printf("  %7.3f %+6.2f %7.1f", j->lufs, j->peak - CEILING, j->distortion);
}

static void
compare(struct programme *p)
{
	char in[64];
	struct judged before = judge_level((const float *const *)p->side, p->frames, p->rate);
	double gain = pow(10, (LUFS - before.lufs) / 20);
	p->frames = p->frames / QUANTUM * QUANTUM;
	for (int c = 0; c < 2; c++)
		for (int n = 0; n < p->frames; n++)
			p->side[c][n] *= (float)gain;
	for (size_t k = 0; k < sizeof drives / sizeof *drives; k++) {
		float *out[2];
		printf("%-16s %5.0f", p->name, drives[k]);
		struct judged peer = {-HUGE_VAL, 0, HUGE_VAL};
		int there = dpl(p, drives[k], out) >= p->frames;
		if (there) {
			peer = judged_out(p, out);
			print(&peer);
		} else {
			printf("  %22s", "not here");
		}
		for (int n = 0; n < WAYS; n++) {
			ours(p, drives[k], &ways[n], out);
			struct judged j = judged_out(p, out);
			print(&j);
			int limited = there && peer.peak > CEILING - 0.1;
			if (n == 0 && limited && (j.lufs <= peer.lufs || j.distortion > fmax(peer.distortion, LEAST))) {
				printf(" !");
				worse = 1;
			}
		}
		printf("\n");
		fflush(stdout);
	}
	snprintf(in, sizeof in, "%s/in.wav", folder);
	unlink(in);
	free(p->side[0]);
	free(p->side[1]);
}

int
main(int argc, char **argv)
{
	if (!mkdtemp(folder))
		return 1;
	fpu_flush_denormals();
	printf("%-16s %5s  %-22s", "LUFS, over, dB", "drive", "dpl 100 ms");
	for (int n = 0; n < WAYS; n++)
		printf("  %-22s", ways[n].name);
	printf("\n");
	for (int k = 1; k < argc; k++) {
		const char *name = strrchr(argv[k], '/');
		struct programme p = {.name = name ? name + 1 : argv[k]};
		p.frames = load(argv[k], p.side, &p.rate);
		if (p.frames)
			compare(&p);
		else
			worse = 1;
	}
	for (int k = 0; argc < 2 && k < DENSES; k++) {
		struct programme p = {.name = dense_names[k], .rate = 48000, .frames = 30 * 48000};
		p.side[0] = room(p.frames);
		p.side[1] = room(p.frames);
		dense_make((enum dense)k, p.side[0], p.side[1], p.frames, p.rate);
		compare(&p);
	}
	rmdir(folder);
	return worse ? 3 : 0;
}
