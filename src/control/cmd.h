/* The functions and option tables behind the commands' table (control/cli.h), and what several of them share. */
#ifndef CONTROL_CMD_H
#define CONTROL_CMD_H

#include "control/cli.h"
#include "engine/stems.h"
#include "session/session.h"

/* Loads a session as --lenient and --variant say; its warnings go to stderr. */
struct session *cmd_open_session(const struct cli *cli, const char *path, struct err *err);

/* Its stems as --skip-bad says, with a bar while they are converted. */
struct stems *cmd_open_stems(const struct cli *cli, struct session *session, const char *path);

extern const struct cli_option bounce_cli[], set_cli[], get_cli[], play_cli[], params_cli[];
int cmd_bounce(const struct cli *cli);
int cmd_set(const struct cli *cli);
int cmd_get(const struct cli *cli);
int cmd_params(const struct cli *cli);
int cmd_commands(const struct cli *cli);
int cmd_play(const struct cli *cli);
int cmd_devices(const struct cli *cli);

#endif
