/*
 * A folder or a list of files becomes proposed strips: sides joined, multichannel files taken apart, cut takes put
 * together, time stamps turned into offsets. Any thread but the real-time one; may take seconds for many FLAC files.
 */
#ifndef MEDIA_SCAN_H
#define MEDIA_SCAN_H

#include "base/err.h"
#include "media/probe.h"

#define SCAN_FILES_MAX 4096
#define SCAN_STRIPS_MAX 4096

struct scan_file {
	char *path; /* as given, or FOLDER/NAME */
	struct media_info info;
};

/* Some channels of a file on the timeline of its strip. */
struct scan_region {
	size_t file;    /* index into scan.file */
	long right;     /* index of the file of the right side, -1 where file has all */
	int channel;    /* first channel taken, from 1 */
	int64_t at;     /* where it begins, frames at the file's rate */
	int64_t frames; /* its length, frames at the file's rate */
};

struct scan_strip {
	char *id;     /* unique in the scan: [a-z][a-z0-9-]* */
	char *name;   /* UTF-8 that is fit to be shown */
	int channels; /* 1 or 2 */
	struct scan_region *region;
	size_t regions;
};

struct scan_refusal {
	char *path;
	char *reason; /* the whole sentence, with the path */
};

struct scan {
	struct scan_strip *strip; /* in desk order: the natural order of the files' names */
	size_t strips;
	struct scan_file *file; /* in natural order; all of them are used by strips */
	size_t files;
	struct scan_refusal *refused; /* sound files that cannot be taken */
	size_t refusals;
	size_t ignored; /* other things in the folder: hidden, no sound, no regular files */
	size_t own;     /* bounces of ours in the folder, left out because there are other stems, or as lossy */
	int rate;       /* the most common one of the files (of two equally common the higher), Hz; 0 without files */
};

/*
 * Looks at everything in a folder (not in folders inside it), or at n files by name. A bad stem is no failure: it is in
 * refused. Returns NULL and err where the folder cannot be read, there is too much of it, or memory ends; the caller
 * frees the result.
 */
struct scan *scan_folder(const char *folder, struct err *err);
struct scan *scan_files(const char *const *paths, size_t n, struct err *err);
void scan_free(struct scan *s);

#endif
