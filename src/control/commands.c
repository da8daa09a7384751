#include "control/cmd.h"

#include <stddef.h>

const struct command commands[] = {
	{"set", "SESSION LINE...", "Apply lines of the language to a session and save it, all or nothing:\n"
	 "  stemdesk set song.desk 'strip/kick/fader -6.5' 'strip/*/mute off'", 2, set_cli, cmd_set},
	{"get", "SESSION PATTERN...", "Print values: a node's that differ from the default, a parameter's in any case.", 2, get_cli,
	 cmd_get},
	{"bounce", "SESSION [-o FILE]", "Render the mix to a file, as it is heard, and say how loud it is.", 1, bounce_cli,
	 cmd_bounce},
	{"play", "SESSION", "Play through ALSA without the console, until the end or Ctrl-C.", 1, play_cli, cmd_play},
	{"params", "[PATTERN]", "Print the parameter table: address, unit, range, default, what it is.", 0, params_cli, cmd_params},
	{"commands", "", "Print the commands.", 0, NULL, cmd_commands},
	{"devices", "", "Print the playback devices that ALSA knows.", 0, NULL, cmd_devices},
	{NULL, NULL, NULL, 0, NULL, NULL},
};
