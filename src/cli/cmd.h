/* The functions and option tables behind the commands' table (cli/cli.h), and what several of them share. */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include "cli/cli.h"
#include "engine/stems.h"
#include "media/sink.h"
#include "session/session.h"

/* Loads a session as --lenient says; its warnings go to stderr. */
struct session *cmd_open_session(const struct cli *cli, const char *path, struct err *err);

/* Its stems as --skip-bad says, with a bar while they are converted. */
struct stems *cmd_open_stems(const struct cli *cli, struct session *session, const char *path);

extern const struct cli_option album_cli[], match_cli[], codec_cli[], translate_cli[], bounce_cli[], recall_cli[],
    new_cli[], rescan_cli[], rough_cli[], set_cli[], get_cli[], listen_cli[], play_cli[], params_cli[], master_cli[],
    measure_cli[], targets_cli[], check_cli[];
/* A session of a folder (one path) or of stems, to lie at session_path; rate 0: the stems'. NULL: err is filled. */
struct session *cmd_make_session(const struct cli *cli, char *const *paths, int count, const char *session_path,
                                 double rate, struct err *err);

/* --format, --bits and --dither of a file that is written; defaults where they are not given. */
int cmd_read_file(const struct cli *cli, struct sink_spec *file, struct err *err);

/* FOLDER/NAME.desk of a folder; the caller frees it. */
char *cmd_session_of(const char *folder);

/* Says which stems have changed, and with `gone` which cannot be read. */
void cmd_check_stems(const struct cli *cli, struct session *session, const char *path, int gone);

int cmd_demo(const struct cli *cli);
/* cli_say for those who call back with a sentence; arg is the cli. */
void cmd_say_sentence(void *arg, const char *sentence);

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
extern const struct cli_option keys_cli[];
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
