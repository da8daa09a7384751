/* The functions and option tables behind the commands' table (cli/cli.h), and what several of them share. */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include "cli/cli.h"
#include "media/sink.h"

extern const struct cli_option album_cli[], match_cli[], codec_cli[], translate_cli[], bounce_cli[], recall_cli[],
    new_cli[], rescan_cli[], rough_cli[], set_cli[], get_cli[], listen_cli[], play_cli[], params_cli[], master_cli[],
    measure_cli[], targets_cli[], check_cli[], keys_cli[];

/* Options that several commands have, for {} in their tables. */
#define CMD_FORMAT "format", 0, "FORMAT", "wav rf64 w64 flac vorbis opus mp3 (default: by the file's ending, else wav)"
#define CMD_BITS "bits", 0, "BITS", "16 24 32 32f 64f (default 24)"
#define CMD_DITHER "dither", 0, "KIND", "none tpdf shaped (default: tpdf at 16 bits)"
#define CMD_DEVICE                                                                                                     \
	"device", 'D', "NAME", "ALSA's name of the device (default \"default\"; \"null\": a clock without sound)"
#define CMD_PERIOD "period", 0, "FRAMES", "frames the device takes at a time (default 256)"
#define CMD_PERIODS "periods", 0, "N", "periods in its buffer (default 3)"
#define CMD_THREADS "threads", 0, "N", "threads to use (default: all cores)"
#define CMD_SKIP_BAD "skip-bad", 0, NULL, "leave out stems that cannot be read"
#define CMD_STRENGTH "strength", 0, "PERCENT", "how much of the way to the references (default 50; 100 is all)"
#define CMD_CAP "cap", 0, "DB", "most that a band of what is proposed does, up or down (default 6)"
#define CMD_LENIENT "lenient", 0, NULL, "skip lines of the session with bad values"

/* --format, --bits, --dither and --rate of a file that is written; defaults where they are not given (rate: 0). */
int cmd_read_file(const struct cli *cli, struct sink_spec *file, struct err *err);
/* --threads; 0 where it is not given. */
int cmd_read_threads(const struct cli *cli, int *threads, struct err *err);

/* The plant of --vinyl; NULL where it is not given. */
struct vinyl_profile;
int cmd_read_vinyl(const struct cli *cli, const struct vinyl_profile **vinyl, struct err *err);

int cmd_demo(const struct cli *cli);
int cmd_new(const struct cli *cli);
int cmd_repair(const struct cli *cli);
int cmd_rescan(const struct cli *cli);
int cmd_rough(const struct cli *cli);
int cmd_diff(const struct cli *cli);
int cmd_bounce(const struct cli *cli);
int cmd_recall(const struct cli *cli);
int cmd_set(const struct cli *cli);
int cmd_get(const struct cli *cli);
int cmd_params(const struct cli *cli);
int cmd_commands(const struct cli *cli);
int cmd_listen(const struct cli *cli);
int cmd_play(const struct cli *cli);
int cmd_keys(const struct cli *cli);
/* Prints the keys that hold, or only what is wrong with them; the exit status. */
int keys_print(const char *choice, int check);
int cmd_master(const struct cli *cli);
int cmd_measure(const struct cli *cli);
int cmd_album(const struct cli *cli);
int cmd_match(const struct cli *cli);
int cmd_codec(const struct cli *cli);
int cmd_translate(const struct cli *cli);
int cmd_check(const struct cli *cli);
int cmd_targets(const struct cli *cli);
int cmd_devices(const struct cli *cli);

#endif
