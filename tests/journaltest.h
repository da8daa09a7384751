/* A session with its journal beside it, in a folder of its own, for tests of the journal. Test programs only. */
#ifndef JOURNALTEST_H
#define JOURNALTEST_H

#include "desktest.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session/journal.h"
#include "session/journal_file.h"

#define JOURNAL ".song.desk.d/journal"

static const char song[] = "stemdesk 1\n"
                           "# the song\n"
                           "strip/kick/name \"Kick\"\n"
                           "strip/kick/fader -3\n"
                           "strip/snare/name \"Snare\" # with brushes\n"
                           "bus/verb/name \"Verb\"\n";

/* Each test works in a directory of its own, which goes when it ends. */
static char home[20];

static inline void
enter(void)
{
	strcpy(home, "journal-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(home));
	ck_assert(!chdir(home));
}

static inline void
leave(void)
{
	char command[64];
	ck_assert(!chdir(".."));
	snprintf(command, sizeof command, "chmod -R u+w %s; rm -rf %s", home, home);
	ck_assert(!system(command));
}

static inline void
spill(const char *path, const char *text, size_t len)
{
	FILE *file = fopen(path, "wb");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, len, file), len);
	ck_assert(!fclose(file));
}

static inline char *
slurp(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return NULL;
	char *text = calloc(1, 1 << 20);
	ck_assert_ptr_nonnull(text);
	*len = fread(text, 1, (1 << 20) - 1, file);
	fclose(file);
	return text;
}

static inline int
count_files(const char *pattern)
{
	char command[128], answer[32] = "";
	snprintf(command, sizeof command, "ls -d %s 2>/dev/null | wc -l", pattern);
	FILE *pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	ck_assert_ptr_nonnull(fgets(answer, sizeof answer, pipe));
	pclose(pipe);
	return atoi(answer);
}

static inline struct session *
loaded(void)
{
	struct err err = {""};
	struct session *s = session_load("song.desk", 0, &err);
	ck_assert_msg(s != NULL, "%s", err.text);
	return s;
}

static inline void
edit(struct session *s, const char *line)
{
	struct err err = {""};
	if (!strcmp(line, "undo"))
		ck_assert(session_undo(s));
	else if (!strcmp(line, "redo"))
		ck_assert(session_redo(s));
	else
		ck_assert_msg(!session_line(s, line, &err), "%s: %s", line, err.text);
}

static inline char *
text_of(struct session *s)
{
	size_t len;
	char *text = session_text(s, &len), *whole = calloc(1, len + 1);
	ck_assert_ptr_nonnull(whole);
	memcpy(whole, text, len);
	free(text);
	return whole;
}

static inline void
is(struct session *s, const char *expected)
{
	char *text = text_of(s);
	ck_assert_str_eq(text, expected);
	free(text);
}

/* The journal of a session, put into its file as soon as it grows. */
struct kept {
	struct journal *journal;
	struct journal_file *file;
};

static inline void
put(void *user, enum journal_how how, const char *text, size_t len)
{
	struct kept *k = user;
	struct err err = {""};
	if (how == JOURNAL_ANEW)
		journal_file_begin(k->file, text, len, false);
	else
		journal_file_add(k->file, text, len);
	ck_assert_msg(!journal_file_write(k->file, &err), "%s", err.text);
	ck_assert_msg(!journal_file_sync(k->file, &err), "%s", err.text);
}

static inline struct kept
keep(struct session *s, struct journal_back *back)
{
	struct kept k = {journal_new(s), journal_file_new("song.desk")};
	struct err err = {""};
	size_t len, base_len;
	journal_recover(k.journal, "song.desk", back);
	const char *text = journal_text(k.journal, &len), *base = journal_base(k.journal, &base_len);
	journal_file_begin(k.file, text, len, back->whole);
	if (base)
		journal_file_base(k.file, base, base_len);
	ck_assert_msg(!journal_file_write(k.file, &err), "%s", err.text);
	return k;
}

static inline void
drop(struct kept *k, struct session *s)
{
	journal_free(k->journal);
	journal_file_free(k->file);
	session_free(s);
}

/* 0 where there is no file yet. */
static inline size_t
size_of(const char *path)
{
	struct stat st;
	return stat(path, &st) ? 0 : (size_t)st.st_size;
}

#endif
