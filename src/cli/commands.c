#include "cli/cmd.h"

#include <stddef.h>

const struct command commands[] = {
    {"new", "FOLDER|STEM... [-o SESSION]", "Make a session of a folder of stems, or of stems.", 1, new_cli, cmd_new,
     -1},
    {"demo", "FOLDER", "Write a demo song: sixteen stems and their mix.", 1, NULL, cmd_demo, 0},
    {"rescan", "SESSION",
     "Look at the stems' folders again: new stems become strips, renamed ones are found, changed ones are told.", 1,
     rescan_cli, cmd_rescan, 0},
    {"repair", "FILE...", "Finish the header of a recording that was cut off; the sound is not touched.", 1, NULL,
     cmd_repair, -1},
    {"rough", "SESSION", "Propose a first balance as lines: trims by loudness, faders and pans by name.", 1, rough_cli,
     cmd_rough, 0},
    {"set", "SESSION LINE...",
     "Apply lines of the language to a session and save it, all or nothing.\n"
     "A line is one argument; the argument - reads lines from the standard input.\n\n"
     "  strip/kick/fader -6.5             set: -6dB 1.2k 30ms L30 50% on \"some text\"\n"
     "  strip/kick/fader += 1             nudge; also -= and, for switches, toggle\n"
     "  strip/kick/fader default          back to the default\n"
     "  strip/{kick,tom*,5-8}/mute on     several at once, by id or number\n"
     "  bus/room/name \"Room\"              the name makes a strip, bus or DCA\n"
     "  strip/kick/out bus/drums          into a group\n"
     "  strip/kick/send/room/level -12    a send into a bus\n"
     "  strip/bass/comp/key strip/kick    keyed by another strip\n"
     "  strip/kick/dca drums              its fader scaled by dca/drums\n"
     "  variant tv strip/lead/mute on     a line of a variant, for bounce --variant\n"
     "  delete strip/kick                 and delete variant/tv\n"
     "  rename strip/kick kick-in         another id\n"
     "  move strip/kick 3                 to the third place\n\n"
     "`stemdesk params` lists all that can be set.",
     2, set_cli, cmd_set, -1},
    {"get", "SESSION [PATTERN...]",
     "Print values as lines: a node's that differ from the default, a parameter's in any case.\n"
     "Without a pattern, all that differs. Patterns: song, strip/kick, strip/*/fader, 'strip/*/comp', variant.",
     1, get_cli, cmd_get, -1},
    {"diff", "A B", "Say in words what B changed against A; SESSION@HASH is an earlier copy.", 2, get_cli, cmd_diff, 0},
    {"bounce", "SESSION [-o FILE]", "Render the mix to a file, as it is heard, and say how loud it is.", 1, bounce_cli,
     cmd_bounce, 0},
    {"recall", "FILE [SESSION]", "Find the copy of the session that a bounce was made of, and print its path.", 1,
     recall_cli, cmd_recall, 1},
    {"master", "SESSION|FILE... -o FILE",
     "Master a session or a stereo file to a loudness, exactly, and say what it cost.", 1, master_cli, cmd_master, -1},
    {"match", "SESSION|FILE REFERENCE[=WEIGHT]...",
     "Compare a song with references, and propose an equaliser and a width that bring its balance to theirs.", 2,
     match_cli, cmd_match, -1},
    {"codec", "SESSION|FILE", "Send a master through lossy encoders and back, and tell how its peaks grew.", 1,
     codec_cli, cmd_codec, 0},
    {"translate", "SESSION|FILE",
     "Tell what earbuds, phones, cars, clubs ... make of a song, and which of its strips they lose.", 0, translate_cli,
     cmd_translate, 1},
    {"album", "ALBUM", "Show an album's songs against each other; with --into, write it for its medium.", 1, album_cli,
     cmd_album, 0},
    {"measure", "FILE...", "Measure files as a mastering engineer does, and tell what every place will do to them.", 1,
     measure_cli, cmd_measure, -1},
    {"check", "SESSION|FOLDER|STEM...",
     "Listen to stems before they are mixed, and tell what is wrong with them and what no mix will mend.", 0, check_cli,
     cmd_check, -1},
    {"targets", "", "Print the targets of delivery; lines of the same columns in stemdesk/targets add your own.", 0,
     targets_cli, cmd_targets, 0},
    {"play", "SESSION", "Play through ALSA without the console, until the end or Ctrl-C.", 1, play_cli, cmd_play, 0},
    {"listen", "SESSION|FOLDER",
     "Write what a running desk plays to the standard output as WAV, while it plays.\n"
     "  ssh pi stemdesk listen song | mpv -",
     1, listen_cli, cmd_listen, 0},
    {"params", "[PATTERN]",
     "Print the parameter table: address, range, default, what it is, which nodes have it.\n"
     "PATTERN is a part of an address (comp, reverb/time) or an address (strip/kick/eq/*).",
     0, params_cli, cmd_params, 1},
    {"commands", "", "Print the commands: those of the command line, and those of the console.", 0, NULL, cmd_commands,
     0},
    {"keys", "", "Print the keys of the console and what they do.", 0, keys_cli, cmd_keys, 0},
    {"devices", "", "Print the playback devices that ALSA knows.", 0, NULL, cmd_devices, 0},
    {NULL, NULL, NULL, 0, NULL, NULL, 0},
};
