#include "cli/pressing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sheets.h"
#include "master/disc.h"
#include "master/measure.h"
#include "session/params.h"

int
pressing_lines(const struct vinyl_profile *vinyl, int (*each)(void *arg, const char *line, struct err *err), void *arg,
               struct err *err)
{
	const struct {
		const char *address;
		double value;
	} lines[] = {
	    {"stereo/on", 1},  {"stereo/mono", vinyl->mono_below}, {"hpf/on", 1},     {"hpf/freq", vinyl->high_pass},
	    {"hpf/slope", 24}, {"lpf/on", vinyl->low_pass > 0},    {"lpf/slope", 24}, {"lpf/freq", vinyl->low_pass},
	};
	int status = 0;
	for (size_t k = 0; !status && k < sizeof lines / sizeof *lines; k++) {
		char line[80];
		if (lines[k].value <= 0 || (vinyl->low_pass <= 0 && !strncmp(lines[k].address, "lpf/", 4)))
			continue;
		snprintf(line, sizeof line, "master/%s %.10g", lines[k].address, lines[k].value);
		status = each(arg, line, err);
	}
	return status;
}

void
pressing_judge(const struct vinyl_profile *vinyl, const char *name, const struct node *master, double width,
               double minutes, void (*each)(void *arg, const char *sentence), void *arg)
{
	const double *v = master->value;
	const char *colon = *name ? ": " : "";
	char line[256];
	/* a side that is not named is compared with nothing */
	if (width > vinyl->side) {
		snprintf(line, sizeof line,
		         "%s%s%s: the sides stand at %.1f dB against the middle, the plant takes %.0f; narrow it with "
		         "`master/width`",
		         name, colon, vinyl->name, width, vinyl->side);
		each(arg, line);
	}
	for (int k = 0; k < EQ_BANDS && v[P_EQ_ON] != 0; k++) {
		int at = (P_EQ2_ON - P_EQ1_ON) * k;
		if (v[P_EQ1_ON + at] == 0 || v[P_EQ1_GAIN + at] <= 0 || v[P_EQ1_FREQ + at] < vinyl->no_boost_above)
			continue;
		snprintf(line, sizeof line,
		         "%s%s%s: band %d of the master's equaliser lifts %.0f Hz, above %.0f nothing may be", name, colon,
		         vinyl->name, k + 1, v[P_EQ1_FREQ + at], vinyl->no_boost_above);
		each(arg, line);
	}
	if (minutes > vinyl->most_minutes) {
		snprintf(line, sizeof line, "%s%s%s: %.1f minutes are more than a side holds (%.0f)", name, colon, vinyl->name,
		         minutes, vinyl->most_minutes);
		each(arg, line);
	}
}

static void
refuse(void *arg, const char *sentence)
{
	struct mastered *r = arg;
	if (r->refusals < DISC_FAULTS)
		snprintf(r->refused[r->refusals++], sizeof *r->refused, "%s", sentence);
}

int
pressing_check(const struct vinyl_profile *vinyl, struct mastered *r, struct err *err)
{
	struct measured found;
	if (measure_file(r->output, NULL, NULL, &found, err))
		return -1;
	measured_fini(&found);
	pressing_judge(vinyl, "", session_master(r->session), found.channels == 2 ? found.width : (double)NAN,
	               (double)r->frames / r->rate / 60, refuse, r);
	return 0;
}

struct disc_sink {
	struct sink *sink;
	int mono; /* one side goes to both: discs are stereo */
};

static int
take(void *arg, const float *const *side, size_t frames, struct err *err)
{
	const struct disc_sink *to = arg;
	const float *const both[2] = {side[0], side[to->mono ? 0 : 1]};
	return sink_write(to->sink, both, frames, err);
}

/* Silence up to the end of the last sector. */
static int
fill_sector(struct sink *sink, int64_t frames, struct err *err)
{
	static const float silence[DISC_SECTOR];
	const float *const side[2] = {silence, silence};
	size_t lacking = (size_t)((DISC_SECTOR - frames % DISC_SECTOR) % DISC_SECTOR);
	return lacking ? sink_write(sink, side, lacking, err) : 0;
}

static int
write_sheet(const char *image, const char *ending, char *text, struct err *err)
{
	char *path = sheets_beside(image, ending);
	int status = path ? sheets_write(path, text, err) : err_set(err, "not enough memory");
	free(path);
	free(text);
	return status;
}

int
pressing_disc(const struct premaster *p, const struct limiter_params *limiter, const struct sink_spec *file,
              struct mastered *r, struct pass *pass, struct err *err)
{
	const struct node *song = session_song(r->session);
	const char *slash = strrchr(file->path, '/'), *image = slash ? slash + 1 : file->path, *dot = strrchr(image, '.');
	char name[256];
	snprintf(name, sizeof name, "%.*s", dot ? (int)(dot - image) : (int)strlen(image), image);
	struct disc_track track = {
	    .title = *song->text[P_TITLE] ? song->text[P_TITLE] : name, .artist = song->text[P_ARTIST], .isrc = ""};
	struct disc d = {.title = track.title,
	                 .artist = track.artist,
	                 .upc = "",
	                 .date = "",
	                 .genre = "",
	                 .track = &track,
	                 .tracks = 1,
	                 .sectors = (p->frames + DISC_SECTOR - 1) / DISC_SECTOR};
	struct sink_spec spec = *file;
	spec.rate = p->rate;
	spec.channels = 2;
	spec.frames_expected = (uint64_t)(d.sectors * DISC_SECTOR);
	struct sink *sink = sink_open(&spec, err);
	if (!sink)
		return -1;
	struct disc_sink to = {sink, p->mono};
	if (premaster_pass_to(p, limiter, take, &to, pass, err) || fill_sector(sink, p->frames, err)) {
		sink_abort(sink);
		return -1;
	}
	pass->clipped = 0;
	for (int c = 0; c < 2; c++)
		pass->clipped += sink_clip(sink, c)->clipped;
	if (sink_commit(sink, err))
		return -1;
	disc_check(&d, refuse, r);
	return write_sheet(file->path, "cue", disc_cue(&d, image), err) ||
	               write_sheet(file->path, "toc", disc_toc(&d, image), err)
	           ? -1
	           : 0;
}
