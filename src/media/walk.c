#include "media/walk.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int
walk_read(int fd, int64_t offset, void *buffer, size_t n)
{
	char *p = buffer;
	while (n) {
		ssize_t got = pread(fd, p, n, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		p += got;
		offset += got;
		n -= (size_t)got;
	}
	return 0;
}

int
walk_limits(int64_t channels, double rate, struct err *err)
{
	if (channels < 1)
		return err_set(err, "its header says that it has no channels; it is damaged");
	if (channels > MEDIA_CHANNELS)
		return err_set(err, "has %lld channels; at most %d can be read, split it into files of fewer",
		               (long long)channels, MEDIA_CHANNELS);
	if (!(rate >= MEDIA_RATE_MIN && rate <= MEDIA_RATE_MAX))
		return err_set(err, "has a sample rate of %.0f Hz; %d to %d Hz can be read, convert it", rate, MEDIA_RATE_MIN,
		               MEDIA_RATE_MAX);
	return 0;
}

/* First bytes of files that hold sound or might be taken for it. */
static const struct {
	size_t at;
	const char *bytes;
	size_t n;
	const char *name; /* of what is refused; NULL for what a walk reads */
} marks[] = {
    {0, "RIFF", 4, NULL},
    {0, "RF64", 4, NULL},
    {0, "BW64", 4, NULL},
    {0, "riff\x2e\x91\xcf\x11", 8, NULL},
    {0, "FORM", 4, NULL},
    {0, "fLaC", 4, NULL},
    {0, "RIFX", 4, "a big-endian RIFX file"},
    {0, "OggS", 4, "an Ogg file"},
    {0, "caff", 4, "a CAF file"},
    {0, "wvpk", 4, "a WavPack file"},
    {0, "MAC ", 4, "a Monkey's Audio file"},
    {0, "TTA1", 4, "a True Audio file"},
    {0, ".snd", 4, "an AU file"},
    {0, "MThd", 4, "a MIDI file, which holds notes and no sound"},
    {0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", 8, "a Windows Media file"},
    {0, "\x1a\x45\xdf\xa3", 4, "a Matroska or WebM file"},
    {0, "#!AMR", 5, "an AMR file"},
    {4, "ftyp", 4, "an MPEG-4 file"},
    {0, "ID3", 3, "an MP3 file"},
    {0, "\xff\xfb", 2, "an MP3 file"},
    {0, "\xff\xf3", 2, "an MP3 file"},
    {0, "\xff\xf2", 2, "an MP3 file"},
    {0, "\xff\xfa", 2, "an MP3 file"},
    {0, "\xff\xf1", 2, "an AAC file"},
    {0, "\xff\xf9", 2, "an AAC file"},
};

/* The entry of marks that fits, or -1. */
static int
mark_of(const char *head, size_t n)
{
	for (size_t k = 0; k < sizeof marks / sizeof *marks; k++)
		if (n >= marks[k].at + marks[k].n && !memcmp(head + marks[k].at, marks[k].bytes, marks[k].n))
			return (int)k;
	return -1;
}

bool
media_is_sound(const void *head, size_t n)
{
	const char *p = head;
	int mark = mark_of(p, n);
	if (mark < 0)
		return false;
	/* notes are no sound; RIFF, FORM, MPEG-4 and Matroska also wrap pictures and films */
	if (!memcmp(p, "MThd", 4) || !memcmp(p, "\x1a\x45\xdf\xa3", 4))
		return false;
	if (!memcmp(p + marks[mark].at, "ftyp", 4))
		return n >= 12 && !memcmp(p + 8, "M4A", 3);
	if (!memcmp(p, "RIFF", 4))
		return n >= 12 && !memcmp(p + 8, "WAVE", 4);
	if (!memcmp(p, "FORM", 4))
		return n >= 12 && !memcmp(p + 8, "AIF", 3);
	return true;
}

int
walk(int fd, struct media_info *info, struct walk_sizes *sizes, struct err *err)
{
	char head[12];
	memset(sizes, 0, sizeof *sizes);
	if (info->size == 0)
		return err_set(err, "is empty");
	if (info->size < (int64_t)sizeof head || walk_read(fd, 0, head, sizeof head))
		return err_set(err, "is too short to be a sound file (%lld bytes)", (long long)info->size);
	int mark = mark_of(head, sizeof head);
	if (mark >= 0 && marks[mark].name)
		return err_set(err, "is %s; stemdesk reads WAV, RF64, W64, AIFF and FLAC: convert it to WAV or FLAC",
		               marks[mark].name);
	if (!memcmp(head, "fLaC", 4))
		return walk_flac(fd, info, err);
	if (!memcmp(head, "FORM", 4) && (!memcmp(head + 8, "AIFF", 4) || !memcmp(head + 8, "AIFC", 4)))
		return walk_aiff(fd, info, sizes, err);
	if (!memcmp(head, "riff\x2e\x91\xcf\x11", 8) ||
	    ((!memcmp(head, "RIFF", 4) || !memcmp(head, "RF64", 4) || !memcmp(head, "BW64", 4)) &&
	     !memcmp(head + 8, "WAVE", 4)))
		return walk_riff(fd, info, sizes, err);
	return err_set(err, "is not a sound file that stemdesk reads (WAV, RF64, W64, AIFF, FLAC)");
}
