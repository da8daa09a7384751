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

/* The first track that has this code. */
static int
first_of_code(const struct disc *d, const char *code)
{
	char other[13];
	int k = 0;
	while (!*d->track[k].isrc || disc_isrc(d->track[k].isrc, other, NULL) || strcmp(other, code) != 0)
		k++;
	return k;
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
		if (!*t->isrc)
			continue;
		if (disc_isrc(t->isrc, code, &err) == 0) {
			int first = first_of_code(d, code);
			if (first == k)
				continue;
			err_set(&err, "its ISRC %s is that of track %d too; each recording has its own", code, first + 1);
		}
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
		/* the pause before a track is its own, not the last one's */
		int64_t end = k + 1 < d->tracks ? d->track[k + 1].pause : d->sectors;
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

/* A text of a sheet, which has no place for what is not to be seen. */
typedef void put_text(FILE *to, const char *text);

/* Of a CUE sheet: a quote would end it, and nothing escapes one. */
static void
put_plain(FILE *to, const char *text)
{
	fputc('"', to);
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if (*c >= ' ' && *c != 0x7f)
			fputc(*c == '"' ? '\'' : *c, to);
	fputc('"', to);
}

/* Of a TOC sheet. */
static void
put_escaped(FILE *to, const char *text)
{
	fputc('"', to);
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if (*c >= ' ' && *c != 0x7f)
			fprintf(to, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
	fputc('"', to);
}

/* What stands in CD-TEXT for a character that ISO 8859-1 does not have. */
static const char *
without(unsigned c)
{
	static const struct {
		unsigned from, to;
		const char *text;
	} like[] = {{0x2010, 0x2015, "-"}, {0x2018, 0x201b, "'"},   {0x201c, 0x201f, "\\\""}, {0x2026, 0x2026, "..."},
	            {0x2032, 0x2032, "'"}, {0x20ac, 0x20ac, "EUR"}, {0x0152, 0x0152, "OE"},   {0x0153, 0x0153, "oe"},
	            {0x0160, 0x0160, "S"}, {0x0161, 0x0161, "s"},   {0x017d, 0x017d, "Z"},    {0x017e, 0x017e, "z"},
	            {0x0178, 0x0178, "Y"}};
	for (size_t k = 0; k < sizeof like / sizeof *like; k++)
		if (c >= like[k].from && c <= like[k].to)
			return like[k].text;
	return "?";
}

/* Of CD-TEXT, whose players know ISO 8859-1; cdrdao takes the bytes beyond ASCII in octal. */
static void
put_latin(FILE *to, const char *text)
{
	fputc('"', to);
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		int more = *c >= 0xf0 ? 3 : *c >= 0xe0 ? 2 : *c >= 0xc0 ? 1 : 0;
		unsigned point = more ? *c & (0x3fU >> more) : *c;
		for (; more && (c[1] & 0xc0) == 0x80; more--)
			point = point << 6 | (*++c & 0x3fU);
		if (point < ' ' || (point >= 0x7f && point < 0xa0))
			continue;
		if (point < 0x80)
			fprintf(to, point == '"' || point == '\\' ? "\\%c" : "%c", (int)point);
		else if (point < 0x100)
			fprintf(to, "\\%03o", point);
		else
			fputs(without(point), to);
	}
	fputc('"', to);
}

static void
put_field(FILE *to, const char *before, const char *name, const char *text, put_text *put)
{
	if (!*text)
		return;
	fprintf(to, "%s%s ", before, name);
	put(to, text);
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
	put_field(to, "", "REM GENRE", d->genre, put_plain);
	put_field(to, "", "REM DATE", d->date, put_plain);
	if (*d->upc && disc_upc(d->upc, code, NULL) == 0)
		fprintf(to, "CATALOG %s\n", code);
	put_field(to, "", "PERFORMER", d->artist, put_plain);
	put_field(to, "", "TITLE", d->title, put_plain);
	fputs("FILE ", to);
	put_plain(to, image);
	fputs(" WAVE\n", to);
	for (int k = 0; k < d->tracks; k++) {
		const struct disc_track *t = &d->track[k];
		fprintf(to, "  TRACK %02d AUDIO\n", k + 1);
		put_field(to, "    ", "TITLE", t->title, put_plain);
		put_field(to, "    ", "PERFORMER", *t->artist ? t->artist : d->artist, put_plain);
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
	put_field(to, "    ", "TITLE", title, put_latin);
	put_field(to, "    ", "PERFORMER", artist, put_latin);
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
		put_escaped(to, image);
		fprintf(to, " %s %s\n", disc_time(t->pause, from), disc_time(end - t->pause, length));
		if (t->pause < t->begin)
			fprintf(to, "START %s\n", disc_time(t->begin - t->pause, from));
	}
	return fclose(to) ? free(text), NULL : text;
}
