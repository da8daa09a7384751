/* Who holds a playback device, from the kernel's tables. Control thread, and the one that brings a device back. */
#ifndef DEVICE_HOLDER_H
#define DEVICE_HOLDER_H

#include <stddef.h>

#include "base/err.h"

/*
 * The program that plays on device `device` of card `card`: its number, and its name in `name`. 0: nobody, or nobody
 * that we may see. proc is where the tables are: "/proc".
 */
int holder_of(const char *proc, int card, int device, char *name, size_t size);

/* The card and device that an ALSA name stands for ("hw:CARD=USB,DEV=0", "plughw:1,0"). 0; -1: neither is said. */
int holder_parse(const char *name, int *card, int *device);

/* Fills err for a busy device: who holds it, and which others are free. */
void holder_sentence(const char *name, struct err *err);

#endif
