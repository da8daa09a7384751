#include "control/cmd.h"

#include <stddef.h>

const struct command commands[] = {
    {"new", "FOLDER|STEM... [-o SESSION]", "Make a session of a folder of stems, or of stems.", 1, new_cli, cmd_new,
     -1},
    {"demo", "FOLDER", "Write a demo song: sixteen stems and their mix.", 1, NULL, cmd_demo, 0},
    {"rescan", "SESSION", "Look at the session's folder again: new stems become strips, changed ones are told.", 1,
     rescan_cli, cmd_rescan, 0},
    {"repair", "FILE...", "Finish the header of a recording that was cut off; the sound is not touched.", 1, NULL,
     cmd_repair, -1},
    {"rough", "SESSION", "Propose a first balance as lines: trims by loudness, faders and pans by name.", 1, rough_cli,
     cmd_rough, 0},
    {"set", "SESSION LINE...",
     "Apply lines of the language to a session and save it, all or nothing:\n"
     "  stemdesk set song.desk 'strip/kick/fader -6.5' 'strip/*/mute off'",
     2, set_cli, cmd_set, -1},
    {"get", "SESSION PATTERN...", "Print values: a node's that differ from the default, a parameter's in any case.", 2,
     get_cli, cmd_get, -1},
    {"diff", "A B", "Say in words what B changed against A; SESSION@HASH is an earlier copy.", 2, get_cli, cmd_diff, 0},
    {"bounce", "SESSION [-o FILE]", "Render the mix to a file, as it is heard, and say how loud it is.", 1, bounce_cli,
     cmd_bounce, 0},
    {"recall", "FILE [SESSION]", "Find the copy of the session that a bounce was made of, and print its path.", 1,
     recall_cli, cmd_recall, 1},
    {"play", "SESSION", "Play through ALSA without the console, until the end or Ctrl-C.", 1, play_cli, cmd_play, 0},
    {"params", "[PATTERN]", "Print the parameter table: address, unit, range, default, what it is.", 0, params_cli,
     cmd_params, 1},
    {"commands", "", "Print the commands.", 0, NULL, cmd_commands, 0},
    {"devices", "", "Print the playback devices that ALSA knows.", 0, NULL, cmd_devices, 0},
    {NULL, NULL, NULL, 0, NULL, NULL, 0},
};
