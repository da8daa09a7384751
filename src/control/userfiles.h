/*
 * Small files of the user's own: presets, macros, what was typed. Any thread; every call stands alone.
 */
#ifndef CONTROL_USERFILES_H
#define CONTROL_USERFILES_H

#include <stddef.h>

#include "base/err.h"

enum userfiles_kind { USER_CONFIG, USER_DATA, USER_STATE };

/*
 * The path of a file ("presets/kick") in the user's folder for that kind: $XDG_CONFIG_HOME/stemdesk and its likes, or
 * where they are not set ~/.config/stemdesk, ~/.local/share/stemdesk, ~/.local/state/stemdesk. The caller frees it;
 * NULL: there is no home.
 */
char *userfiles_path(enum userfiles_kind kind, const char *name);

/* Whether a name can be a file's in such a folder, and of nothing else: letters, digits, - _ and inner dots, 64 at
 * most.
 */
int userfiles_name(const char *name);

/* A file's text, terminated; the caller frees it. NULL: there is none, or err says why it cannot be read. */
char *userfiles_read(const char *path, struct err *err);

/* Puts a text in a file's place, whole or not at all; its folders are made. */
int userfiles_write(const char *path, const char *text, size_t len, struct err *err);

/* Calls back with the names of the files in a folder, in the order of the alphabet. */
void userfiles_list(const char *folder, void (*each)(void *user, const char *name), void *user);

#endif
