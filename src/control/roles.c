#include "control/roles.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/*
 * First match wins. Words are whole words of the name, a plural s or not; with ~ before it a word may also begin or end
 * a longer one (~bass: fingerbass, bassline). Levels are those of strips that were brought to the same loudness first.
 */
static const struct role roles[] = {
    {"click|~metronome|talkback|tb|cue|guide|smpte|ltc|timecode|reference|ref|~mixdown|rough mix|old mix", 0, 0, 0,
     ROLE_MUTE},
    {"back|~backing voc|~backing vox|background|bgv|bv|~choir|choirpad|~harmony|~harmonies|adlib|~oohs|~aahs|gang|"
     "~doublevox|double vox|double vocal|vox double|vocal double|vox dbl|synvoice|synvox",
     -8, 50, 10, 0},
    {"~vox|~vocal|~voice|voc|lead voc|vo|~singer|rap|~narrat|speech", 0, 0, 10, ROLE_LEAD},
    {"~kick|bass drum|~bassdrum|bd|kik|kck", -1, 0, 10, 0},
    {"~snare|snr|sd|~rimshot|rim", -2, 0, 10, 0},
    {"hat|~hihat|hi hat|hh|openhat|closedhat", -10, 30, 5, 0},
    {"tom|~floortom|~racktom|rototom|meltom", -6, 35, 0, ROLE_SPREAD},
    {"~overhead|oh|~cymbal|cym|crash|ride|china|splash|revcym", -9, 50, 10, ROLE_SPREAD},
    {"room|amb|ambience|ambient|audience|crowd|hall|applause", -12, 60, 10, ROLE_SPREAD},
    {"timpani|taiko|~orchhit", -6, 15, 0, 0},
    {"perc|~percuss|shaker|~tambourin|tamb|conga|bongo|clap|handclap|snap|~cowbell|triangle|cabasa|guiro|maraca|djembe|"
     "cajon|~woodblock|agogo|timbale|tabla|~steeldrum|steel drum",
     -10, 45, 5, 0},
    {"~drum|drumkit|kit|beat|loop|breakbeat|drm|dr", -2, 0, 5, 0},
    {"~sax|~brass|~trumpet|trp|tpt|~trombone|tbn|tuba|~horn|~flugel|cornet|~flute|piccolo|oboe|~clarinet|~bassoon|"
     "recorder|~wind|bagpipe|whistle|ocarina|~harmonica|~accordion",
     -6, 30, 5, 0},
    {"~bass|sub|fretless|slap", -2, 0, 10, 0},
    {"lead|~lead|solo", -4, 15, 0, 0},
    {"~gtr|~guitar|acoustic|~strum|banjo|mandolin|ukulele|uke|dobro|sitar|koto|shamisen|~overdrive|dist|riff|rhythm|"
     "power chord",
     -6, 60, 10, 0},
    {"~pad|~string|str|synstr|atmos|~atmosphere|drone|texture|warm|halo|ensemble", -10, 50, 10, 0},
    {"~violin|vln|vn|~viola|vla|~cello|vlc|vc|celli|fiddle|harp|pizz|~quartet", -6, 30, 5, 0},
    {"~piano|~keys|key|~keyboard|~organ|rhodes|wurli|~wurlitzer|ep|~synth|syn|~clav|~harpsi|celesta|~glocken|vibes|"
     "~vibraphone|marimba|~xylo|bell|arp|pluck|~poly|mellotron|hammond|musicbox|saw|square",
     -7, 40, 5, 0},
    {"fx|sfx|effect|noise|~riser|impact|swell|reverse|sweep|foley", -12, 0, 0, 0},
    {"band|~backing track|instrumental|playback|music|other|rest|accompaniment|karaoke|submix", 0, 0, 0, 0},
    {"", -6, 0, 0, 0},
};

enum { ROLE_COUNT = sizeof roles / sizeof *roles, NAME_MAX_BYTES = 200 };
_Static_assert(sizeof roles / sizeof *roles <= ROLE_COUNT_MAX, "a caller's array of ROLE_COUNT_MAX holds all");

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* " kick in " of "03_KickIn-2": words of small letters, a space around each. */
static void
spell(const char *name, char words[2 * NAME_MAX_BYTES + 3])
{
	size_t n = 0;
	words[n++] = ' ';
	for (size_t k = 0; name[k] && k < NAME_MAX_BYTES; k++) {
		bool letter = is_letter(name[k]), upper = name[k] >= 'A' && name[k] <= 'Z';
		bool camel = upper && k && name[k - 1] >= 'a' && name[k - 1] <= 'z';
		if ((!letter || camel) && words[n - 1] != ' ')
			words[n++] = ' ';
		if (letter)
			words[n++] = upper ? (char)(name[k] + 32) : name[k];
	}
	if (words[n - 1] != ' ')
		words[n++] = ' ';
	words[n] = '\0';
}

static bool
says(const char *words, const char *word, size_t len)
{
	bool part = *word == '~';
	word += part;
	len -= part;
	for (const char *at = words; (at = memmem(at, strlen(at), word, len)); at++) {
		const char *end = at + len;
		bool begins = at[-1] == ' ', ends = *end == ' ' || (*end == 's' && end[1] == ' ');
		if (part ? begins || ends : begins && ends)
			return true;
	}
	return false;
}

const struct role *
role_of(const char *name)
{
	char words[2 * NAME_MAX_BYTES + 3];
	spell(name, words);
	for (const struct role *role = roles; *role->words; role++)
		for (const char *word = role->words; *word;) {
			size_t len = strcspn(word, "|");
			if (says(words, word, len))
				return role;
			word += len + (word[len] == '|');
		}
	return &roles[ROLE_COUNT - 1];
}

size_t
role_number(const struct role *role)
{
	return (size_t)(role - roles);
}

int
role_side(const char *name)
{
	char words[2 * NAME_MAX_BYTES + 3];
	spell(name, words);
	/* A letter alone is a side at the name's end; elsewhere it may be anything ("R 0001"). */
	size_t len = strlen(words);
	const char *last = *name && is_letter(name[strlen(name) - 1]) && len > 2 ? words + len - 3 : "";
	bool left = strstr(words, " left ") || !strcmp(last, " l "),
	     right = strstr(words, " right ") || !strcmp(last, " r ");
	return (int)right - (int)left;
}

double
role_pan(const struct role *role, int k, int n, double lean)
{
	if (role->flags & ROLE_SPREAD && n > 1)
		return floor(-role->pan + 2 * role->pan * k / (n - 1) + 0.5);
	if (n == 1)
		return floor(role->pan / 2) * (lean > 0 ? -1 : 1);
	if (role->pan == 0 || (k == n - 1 && n % 2))
		return 0;
	return fmin(100, role->pan + 10 * (k / 2)) * (k % 2 ? 1 : -1);
}
