#include "cli/cmd.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/opening.h"
#include "cli/remote.h"
#include "engine/player.h"
#include "media/wavhead.h"

const struct cli_option listen_cli[] = {
    {"seconds", 0, "N", "end after so long; otherwise with the desk or the reader"},
    {NULL, 0, NULL, NULL},
};

/* The header of a WAV of which nobody knows where it ends. */
static int
write_header(double rate)
{
	uint8_t header[WAVHEAD_STREAM];
	wavhead_stream(rate, header);
	return fwrite(header, sizeof header, 1, stdout) == 1 ? 0 : -1;
}

/* One frame after another as the file has them: floats of two channels, little-endian. */
static int
write_frames(const float (*x)[2], size_t frames)
{
	uint8_t bytes[PLAYER_HEARD * 8], *to = bytes;
	for (size_t t = 0; t < 2 * frames; t++) {
		uint32_t bits;
		memcpy(&bits, &x[t / 2][t % 2], sizeof bits);
		for (int k = 0; k < 4; k++)
			*to++ = (uint8_t)(bits >> 8 * k);
	}
	return fwrite(bytes, 8, frames, stdout) == frames ? 0 : -1;
}

static int
copy_sound(const struct cli *cli, struct remote *r, double rate, double seconds)
{
	static const float silence[PLAYER_HEARD][2];
	struct player_heard piece;
	int64_t next = -1, missed = 0, left = seconds > 0 ? (int64_t)(seconds * rate) : INT64_MAX;
	int failed = write_header(rate);
	while (!failed && left > 0 && remote_read(r, &piece, sizeof piece) == 0) {
		/* what was dropped on the way is silence, so that time stays right */
		for (; next >= 0 && next < piece.frame && left > 0 && !failed; next += PLAYER_HEARD, left -= PLAYER_HEARD) {
			failed = write_frames(silence, PLAYER_HEARD);
			missed += PLAYER_HEARD;
		}
		next = piece.frame + PLAYER_HEARD;
		int64_t frames = left < PLAYER_HEARD ? left : PLAYER_HEARD;
		if (!failed && frames > 0)
			failed = write_frames((const float(*)[2])piece.x, (size_t)frames);
		left -= frames;
		/* whole pieces at once where they come slowly, so that the ear is not late */
		failed = failed || fflush(stdout);
	}
	if (missed)
		cli_say(cli, "%.3f s were missed and are silence", (double)missed / rate);
	if (failed && errno != EPIPE) {
		cli_say(cli, "the standard output: %s", strerror(errno));
		return CLI_FAILED;
	}
	return CLI_DONE;
}

int
cmd_listen(const struct cli *cli)
{
	struct err err = {""};
	double seconds = 0;
	if (cli_number(cli, "seconds", 0.001, 1e9, &seconds, &err)) {
		cli_fail(cli, &err);
		return CLI_USAGE;
	}
	if (isatty(STDOUT_FILENO)) {
		cli_say(cli, "this is sound: send it to a player or a file, as in `stemdesk listen %s | mpv -`", cli->word[0]);
		return CLI_USAGE;
	}
	char *folder = opening_is_folder(cli->word[0]) ? opening_folder(cli->word[0], &err) : NULL;
	struct remote *r = *err.text ? NULL : remote_open(folder ? folder : cli->word[0], &err);
	free(folder);
	if (!r && !*err.text)
		err_set(&err, "%s: no desk has it open; `stemdesk %s` opens one", cli->word[0], cli->word[0]);
	if (!r || remote_ask(r, "listen", NULL, NULL, &err)) {
		remote_close(r);
		return cli_fail(cli, &err);
	}
	int status = copy_sound(cli, r, strtod(remote_ok(r), NULL), seconds);
	remote_close(r);
	return status;
}
