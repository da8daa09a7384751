/* How probed files become strips, for scan.c alone. */
#ifndef MEDIA_GROUP_H
#define MEDIA_GROUP_H

#include "media/scan.h"

/* Fills s->strip from s->file, which is in natural order. Returns -1 with err for too many strips or no memory. */
int group(struct scan *s, struct err *err);

#endif
