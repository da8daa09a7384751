#include "master/disc.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int
disc_isrc(const char *text, char plain[13], struct err *err)
{
	size_t n = 0;
	char shown[64];
	for (const char *c = text; *c; c++) {
		if (*c == '-' || *c == ' ')
			continue;
		int letter = n < 2, either = n >= 2 && n < 5; /* country, registrant, year and number */
		int fits = letter   ? isalpha((unsigned char)*c)
		           : either ? isalnum((unsigned char)*c)
		                    : isdigit((unsigned char)*c);
		if (!fits || n == 12) {
			n = 0;
			break;
		}
		plain[n++] = (char)toupper((unsigned char)*c);
	}
	plain[n] = '\0';
	if (n == 12)
		return 0;
	return err_set(err, "\"%s\" is no ISRC: two letters, three letters or digits, seven digits, as in DE-ABC-26-00001",
	               text_show(text, shown, sizeof shown));
}

int
disc_upc(const char *text, char plain[14], struct err *err)
{
	char digits[14], shown[64];
	size_t n = 0;
	int sum = 0;
	for (const char *c = text; *c; c++) {
		if (*c == '-' || *c == ' ')
			continue;
		if (!isdigit((unsigned char)*c) || n == 13)
			return err_set(err, "\"%s\" is no UPC or EAN: 12 or 13 digits", text_show(text, shown, sizeof shown));
		digits[n++] = *c;
	}
	digits[n] = '\0';
	if (n != 12 && n != 13)
		return err_set(err, "\"%s\" is no UPC or EAN: 12 or 13 digits", text_show(text, shown, sizeof shown));
	snprintf(plain, 14, "%s%s", n == 12 ? "0" : "", digits); /* a UPC is an EAN that begins with 0 */
	for (int k = 0; k < 12; k++)
		sum += (plain[k] - '0') * (k % 2 ? 3 : 1);
	int check = (10 - sum % 10) % 10;
	if (plain[12] - '0' == check)
		return 0;
	return err_set(err, "\"%s\": the last digit of that UPC or EAN would be %d; look for a digit typed wrong",
	               text_show(text, shown, sizeof shown), check);
}

const char *
disc_time(int64_t sectors, char text[24])
{
	snprintf(text, 24, "%02d:%02d:%02d", (int)(sectors / (75 * 60)), (int)(sectors / 75 % 60), (int)(sectors % 75));
	return text;
}

int
disc_check_codes(const struct disc *d, void (*each)(void *arg, const char *sentence), void *arg)
{
	char line[512], shown[128], code[14];
	struct err err;
	int wrong = 0;
	if (*d->upc && disc_upc(d->upc, code, &err)) {
		each(arg, err.text);
		wrong++;
	}
	for (int k = 0; k < d->tracks; k++) {
		const struct disc_track *t = &d->track[k];
		if (!*t->isrc || disc_isrc(t->isrc, code, &err) == 0)
			continue;
		text_show(t->title, shown, sizeof shown);
		snprintf(line, sizeof line, "track %d (%s): %.300s", k + 1, shown, err.text);
		each(arg, line);
		wrong++;
	}
	return wrong;
}

int
disc_check(const struct disc *d, void (*each)(void *arg, const char *sentence), void *arg)
{
	char line[512], shown[128], time[24];
	int wrong = 0;
	if (d->tracks > DISC_TRACKS) {
		snprintf(line, sizeof line, "%d tracks: a CD has at most %d", d->tracks, DISC_TRACKS);
		each(arg, line);
		wrong++;
	}
	if (d->sectors > DISC_SECTORS) {
		snprintf(line, sizeof line, "%s is longer than a CD holds (79:57:74); leave out a song or split it in two",
		         disc_time(d->sectors, time));
		each(arg, line);
		wrong++;
	}
	wrong += disc_check_codes(d, each, arg);
	for (int k = 0; k < d->tracks; k++) {
		const struct disc_track *t = &d->track[k];
		int64_t end = k + 1 < d->tracks ? d->track[k + 1].begin : d->sectors;
		text_show(t->title, shown, sizeof shown);
		if (end - t->begin < DISC_SHORTEST) {
			snprintf(line, sizeof line, "track %d (%s) is %.1f s long: a CD's tracks have 4 s at least", k + 1, shown,
			         (double)(end - t->begin) / 75);
			each(arg, line);
			wrong++;
		}
	}
	return wrong;
}

/* Text of a sheet: its quotes would end it, and what is not to be seen does not belong there. */
static void
put_text(FILE *to, const char *text, int escaped)
{
	fputc('"', to);
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c < ' ' || *c == 0x7f)
			continue;
		if (escaped && (*c == '"' || *c == '\\'))
			fprintf(to, "\\%c", *c);
		else
			fputc(*c == '"' ? '\'' : *c, to);
	}
	fputc('"', to);
}

static void
put_field(FILE *to, const char *before, const char *name, const char *text, int escaped)
{
	if (!*text)
		return;
	fprintf(to, "%s%s ", before, name);
	put_text(to, text, escaped);
	fputc('\n', to);
}

char *
disc_cue(const struct disc *d, const char *image)
{
	char *text = NULL, code[14], time[24];
	size_t size;
	FILE *to = open_memstream(&text, &size);
	if (!to)
		return NULL;
	put_field(to, "", "REM GENRE", d->genre, 0);
	put_field(to, "", "REM DATE", d->date, 0);
	if (*d->upc && disc_upc(d->upc, code, NULL) == 0)
		fprintf(to, "CATALOG %s\n", code);
	put_field(to, "", "PERFORMER", d->artist, 0);
	put_field(to, "", "TITLE", d->title, 0);
	fputs("FILE ", to);
	put_text(to, image, 0);
	fputs(" WAVE\n", to);
	for (int k = 0; k < d->tracks; k++) {
		const struct disc_track *t = &d->track[k];
		fprintf(to, "  TRACK %02d AUDIO\n", k + 1);
		put_field(to, "    ", "TITLE", t->title, 0);
		put_field(to, "    ", "PERFORMER", *t->artist ? t->artist : d->artist, 0);
		if (*t->isrc && disc_isrc(t->isrc, code, NULL) == 0)
			fprintf(to, "    ISRC %s\n", code);
		if (t->pause < t->begin)
			fprintf(to, "    INDEX 00 %s\n", disc_time(t->pause, time));
		fprintf(to, "    INDEX 01 %s\n", disc_time(t->begin, time));
	}
	return fclose(to) ? free(text), NULL : text;
}

static void
put_cd_text(FILE *to, const char *title, const char *artist, int first)
{
	if (!*title && !*artist)
		return;
	fprintf(to, "CD_TEXT {\n%s  LANGUAGE 0 {\n", first ? "  LANGUAGE_MAP { 0 : EN }\n" : "");
	put_field(to, "    ", "TITLE", title, 1);
	put_field(to, "    ", "PERFORMER", artist, 1);
	fputs("  }\n}\n", to);
}

char *
disc_toc(const struct disc *d, const char *image)
{
	char *text = NULL, code[14], from[24], length[24];
	size_t size;
	FILE *to = open_memstream(&text, &size);
	if (!to)
		return NULL;
	fputs("CD_DA\n", to);
	if (*d->upc && disc_upc(d->upc, code, NULL) == 0)
		fprintf(to, "CATALOG \"%s\"\n", code);
	put_cd_text(to, d->title, d->artist, 1);
	for (int k = 0; k < d->tracks; k++) {
		const struct disc_track *t = &d->track[k];
		int64_t end = k + 1 < d->tracks ? d->track[k + 1].pause : d->sectors;
		fputs("\nTRACK AUDIO\nNO COPY\n", to);
		if (*t->isrc && disc_isrc(t->isrc, code, NULL) == 0)
			fprintf(to, "ISRC \"%s\"\n", code);
		put_cd_text(to, t->title, *t->artist ? t->artist : d->artist, 0);
		fputs("FILE ", to);
		put_text(to, image, 1);
		fprintf(to, " %s %s\n", disc_time(t->pause, from), disc_time(end - t->pause, length));
		if (t->pause < t->begin)
			fprintf(to, "START %s\n", disc_time(t->begin - t->pause, from));
	}
	return fclose(to) ? free(text), NULL : text;
}
