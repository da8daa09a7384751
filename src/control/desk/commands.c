#include "control/complete.h"
#include "control/desk/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
run_play(struct desk *d, char *args, struct err *err)
{
	(void)args, (void)err;
	desk_monitor_plays(d);
	desk_engine_play(d, 1);
	return 0;
}

static int
run_stop(struct desk *d, char *args, struct err *err)
{
	(void)args, (void)err;
	desk_engine_play(d, 0);
	return 0;
}

static int
run_toggle(struct desk *d, char *args, struct err *err)
{
	(void)args, (void)err;
	if (!d->playing)
		desk_monitor_plays(d);
	desk_engine_play(d, !d->playing);
	return 0;
}

static int
run_undo(struct desk *d, char *args, struct err *err)
{
	(void)args;
	return desk_undo(d, 0, err);
}

static int
run_redo(struct desk *d, char *args, struct err *err)
{
	(void)args;
	return desk_undo(d, 1, err);
}

static int run_repeat(struct desk *d, char *args, struct err *err);

int
desk_walks(const struct desk_command *command)
{
	return command->run == run_undo || command->run == run_redo || command->run == run_repeat;
}

static int
run_repeat(struct desk *d, char *args, struct err *err)
{
	(void)args;
	char *line = d->last_line ? strdup(d->last_line) : NULL;
	int failed = line ? desk_do(d, line, err) : err_set(err, "nothing was changed yet");
	free(line);
	return failed;
}

struct node *
desk_find_node(struct desk *d, const char *text)
{
	struct node *node, *first = NULL;
	int number = atoi(text), at = 0, count = 0;
	for (; (node = desk_view_node(d, count)); count++)
		if (node->uid == d->selected)
			at = count;
	if (!strncmp(text, "next", 4) || !strncmp(text, "prev", 4)) {
		int steps = atoi(text + 4);
		at += (steps ? steps : 1) * (*text == 'n' ? 1 : -1);
		return desk_view_node(d, at < 0 ? 0 : at >= count ? count - 1 : at);
	}
	if (!strcmp(text, "first") || !strcmp(text, "last"))
		return desk_view_node(d, *text == 'f' ? 0 : count - 1);
	if (number > 0 && strspn(text, "0123456789") == strlen(text))
		return session_node(d->session, K_STRIP, (size_t)number - 1);
	if ((node = session_find(d->session, text)) && node->kind & (K_STRIP | K_BUS | K_DCA | K_MIX | K_MASTER))
		return node;
	int best = 0;
	for (int k = 0; k < count; k++) {
		node = desk_view_node(d, (at + 1 + k) % count);
		if (!strcmp(node->id, text))
			return node;
		/* the letters in their order: in its name, its id, its kind */
		const char *name = node->text[P_NAME] && *node->text[P_NAME] ? node->text[P_NAME] : session_address(node);
		int score = complete_score(name, text), by_id = complete_score(node->id, text);
		score = by_id > score ? by_id : score;
		if (score > best) {
			best = score;
			first = node;
		}
	}
	return first;
}

static int
run_select(struct desk *d, char *args, struct err *err)
{
	struct node *node = *args ? desk_find_node(d, args) : NULL;
	if (!node)
		return err_set(err, "select %s: no strip has that name or number", args);
	desk_choose(d, node);
	return 0;
}

static int
run_solo_clear(struct desk *d, char *args, struct err *err)
{
	(void)args;
	char line[128];
	struct node *node;
	int failed = 0, some = 0;
	if (desk_begin(d, err))
		return -1;
	for (int k = 0; !failed && (node = desk_view_node(d, k)); k++)
		if (node->kind & (K_STRIP | K_BUS) && node->value[P_SOLO] != 0) {
			snprintf(line, sizeof line, "%s/solo off", session_address(node));
			failed = session_line(d->session, line, err);
			some = 1;
		}
	return desk_end(d, failed, some ? "no strip is soloed any more" : "no strip was soloed", err);
}

int
desk_save(struct desk *d, struct err *err)
{
	if (d->view_only)
		return err_set(err, "the session is only looked at: somebody else has it open");
	if (!d->locked) {
		if (session_lock(d->path, err))
			return -1;
		d->locked = 1;
	}
	desk_journal_save(d);
	if (session_save(d->session, d->path, err))
		return -1;
	desk_journal_saved(d);
	desk_say(d, DESK_SAYS, "saved %s", d->path);
	return 0;
}

static int
run_save(struct desk *d, char *args, struct err *err)
{
	if (*args)
		return err_set(err, "save takes no name: the session stays where it is");
	return desk_save(d, err);
}

/* The desk is left, for good or (not on purpose) until it is opened again; `words` about what is not saved. */
static int
leave(struct desk *d, int on_purpose, const char *words)
{
	if (!d->view_only && session_dirty(d->session))
		desk_say(d, DESK_SAYS, "left without saving what was changed%s", words);
	d->on_purpose = on_purpose;
	desk_say(d, DESK_QUIT, "%s", "");
	return 0;
}

static int
run_quit(struct desk *d, char *args, struct err *err)
{
	(void)args;
	if (!d->view_only && session_dirty(d->session))
		return err_set(err, "there are changes that are not saved: ZZ saves and leaves, :quit! leaves without them");
	return leave(d, 1, "");
}

static int
run_quit_anyway(struct desk *d, char *args, struct err *err)
{
	(void)args, (void)err;
	return leave(d, 1, "");
}

static int
run_hangup(struct desk *d, char *args, struct err *err)
{
	(void)args, (void)err;
	return leave(d, 0, ": it is there again when the session is opened");
}

static int
run_exit(struct desk *d, char *args, struct err *err)
{
	if (!d->view_only && session_dirty(d->session) && run_save(d, args, err))
		return -1;
	return leave(d, 1, "");
}

static void
say_line(void *user, const char *line)
{
	desk_say_line(user, DESK_LINES, line);
}

static int
run_get(struct desk *d, char *args, struct err *err)
{
	return session_get(d->session, *args ? args : "@", say_line, d, err);
}

const struct desk_command desk_commands[] = {
    {"play", NULL, "", "play on from here", 0, run_play},
    {"stop", NULL, "", "stop", 0, run_stop},
    {"toggle", NULL, "", "play or stop", 0, run_toggle},
    {"locate", "loc", "TIME|+TIME|-TIME|Nbar|+Nbars|MARKER|next|prev|end",
     "go to a time of the song (1:23.5, 12s), on or back by one, to a bar (17bar, -2bars), a marker, or the next one",
     0, desk_locate},
    {"loop", NULL, "[FROM TO|FROM +LENGTH|MARKER|in|out|on|off]",
     "play a part round and round; in and out: from or up to here; a marker: up to the next one", 0, desk_loop},
    {"marker", NULL, "[NAME]", "set a marker here; `delete song/marker/ID` takes it away", 0, desk_marker},
    {"select", "sel", "NUMBER|ID|NAME|next [N]|prev [N]|first|last", "choose a strip", 0, run_select},
    {"undo", "u", "", "take the last change back", 0, run_undo},
    {"redo", NULL, "", "do it again", 0, run_redo},
    {"repeat", NULL, "", "make the last change once more, on the chosen strip where it was made with @", 0, run_repeat},
    {"drag", NULL, "ADDRESS VALUE", "set a value as a mouse does: lines that follow each other are one step of undo", 0,
     desk_drag},
    {"value", NULL, "ADDRESS [=]VALUE|==VALUE|=+AMOUNT",
     "set the chosen strip and move the marked ones along with it; == sets all alike, =+ moves by an amount", 0,
     desk_value},
    {"mark", NULL, "[toggle|all|none|invert|STRIPS]", "mark strips: @ means all of them, else the chosen one", 0,
     desk_mark},
    {"copy", NULL, "[PROCESSOR|chain|strip]", "take a processor, the chain or all of the chosen strip along", 0,
     desk_copy},
    {"paste", NULL, "", "put what was copied onto the marked strips, else the chosen one", 0, desk_paste},
    {"ab", NULL, "[PROCESSOR] [forget]", "flip between two states of the desk, or of a processor of the chosen strip",
     0, desk_ab},
    {"preset", NULL, "load NAME|save NAME [PROCESSOR]", "lay a preset onto strips, or keep one of the chosen strip", 0,
     desk_preset},
    {"presets", NULL, "", "list the presets", 0, desk_presets},
    {"scene", NULL, "store N [TITLE]|recall N [PART...]|fade N SECONDS [PART...]|stop|diff N [PART...]",
     "keep how the desk stands, come back to it, at once or over some time, or say what that would change", 0,
     desk_scene},
    {"scenes", NULL, "", "list the scenes", 0, desk_scenes},
    {"stage", NULL, "STRIPS [PAN DEPTH]",
     "put strips on the stage, left to right and near to far, or say where they stand", 0, desk_stage},
    {"macro", NULL, "record [LETTER]|play [LETTER] [TIMES]",
     "keep what is done from here on until it is said again, and do all of it once more", 0, desk_macro},
    {"note", NULL, "TEXT", "keep a note with this place of the song and the time", 0, desk_note},
    {"notes", NULL, "[NUMBER|next|prev]", "list the notes, or go to one", 0, desk_notes},
    {"unsolo", NULL, "", "solo nothing", 0, run_solo_clear},
    {"bypass", NULL, "[PROCESSOR]",
     "switch a processor of the master off or on again, as loud without it as with it; say what is bypassed", 0,
     desk_bypass},
    {"monitor", "mon",
     "[mix|master|level [+=|-=]DB|dim|mono|side|swap|speaker [NAME|off]|as [TARGET|off]|codec "
     "[NAME|off]|polarity-left|cut-left|...|pfl "
     "[STRIP]|afl "
     "[STRIP]|key "
     "gate|deess|comp [STRIP]|unsolo|out 3-4|neutral]",
     "what is heard and how; the bounce never knows", 0, desk_monitor},
    {"prepare", NULL, "", "say what the mix is like before it is mastered, and whether it is ready", 0, desk_prepare},
    {"faults", NULL, "[list|stop]",
     "listen to the mix and its master, faster than time: who makes which fault, and when", 0, desk_faults_command},
    {"fault", NULL, "[NUMBER|next|prev]", "go to a fault, just before it, and choose its strip", 0, desk_fault},
    {"reference", "ref", "[FILE|NUMBER|off|match [shortterm|integrated]|at TIME]",
     "hear another song as loud as this one, or this one again; a file becomes a reference", 0, desk_reference},
    {"abx", NULL, "[as-is] LINE | [LINE]|a|b|x|is a|is b|end",
     "hear two things blind and equally loud, each made by a line, say which one X is, and keep score", 0, desk_abx},
    {"device", NULL, "NAME", "play through another device; \"null\" is a clock without sound", 0, desk_device},
    {"get", NULL, "[PATTERN]", "say values: a parameter's, or a strip's that differ from the default", 0, run_get},
    {"strip", NULL, "[NUMBER|ID|NAME]", "say how a strip stands, the chosen one or another", 0, desk_speak_strip},
    {"meters", NULL, "", "say who sounds, with peaks since they were said last", 0, desk_speak_meters},
    {"master", NULL, "[FILE target=NAME|lufs=LUFS [limiting=DB] [disc] [vinyl=PROFILE] [OPTION=VALUE...]]|stop",
     "render a master of the song as it is now, as `stemdesk master` does; without a word, say how mix and master "
     "stand",
     0, desk_master},
    {"status", NULL, "", "say where the song stands, and what load and changes there are", 0, desk_speak_status},
    {"bounce", NULL, "[FILE] [mastered] [bits=24] [OPTION=VALUE...]|stop",
     "render the mix as it is now, as `stemdesk bounce` does; it ends even if the desk is left", 0, desk_bounce},
    {"render", NULL, "[ROW VALUE|ROW += STEPS|ROW default|start|stop|apply]",
     "fill in what is to be rendered, start it, or take over the lines that the last master was made with; the view "
     "`render` shows it",
     0, desk_render_command},
    {"save", "w", "", "save the session", 0, run_save},
    {"quit", "q", "", "leave, when all is saved", 0, run_quit},
    {"quit!", "q!", "", "leave without saving", 0, run_quit_anyway},
    {"hangup", NULL, "", "leave as when the line drops: what is not saved is there again when the session is opened", 0,
     run_hangup},
    {"exit", "wq", "", "save and leave", 0, run_exit},
    {"takeover", NULL, "", "ask whoever has the session open to leave, and open it here", 0, desk_takeover},
    {"delete", NULL, "ADDRESS", "remove a strip, bus, send, region or DCA", 0, NULL},
    {"rename", NULL, "ADDRESS ID", "give a strip, bus or DCA another id", 0, NULL},
    {"move", NULL, "ADDRESS PLACE", "move a strip to another place", 0, NULL},
    {"variant", NULL, "NAME ADDRESS VALUE", "a line of a variant", 0, NULL},
    {"row", NULL, "STEPS", "go to another value of the view, which then has the focus", 1, NULL},
    {"column", NULL, "STEPS", "go to another value of the row, where a view has several, or to another group of values",
     1, NULL},
    {"find", NULL, "[TEXT]", "list the values of the strip that a text fits; all without one", 1, NULL},
    {"step", NULL, "STEPS", "change the value that has the focus by its own steps", 1, NULL},
    {"type", NULL, "[TEXT]", "type the value that has the focus: -6.5, or +1 and -=1 from where it is", 1, NULL},
    {"press", NULL, "", "flip the value that has the focus, or type it", 1, NULL},
    {"bypass-focus", NULL, "", "bypass the processor of the master that has the focus, at equal loudness", 1, NULL},
    {"abx-focus", NULL, "", "hear the processor that has the focus blind, on against off", 1, NULL},
    {"reset", NULL, "", "put the value that has the focus back to its default", 1, NULL},
    {"describe", NULL, "[COMMAND|ADDRESS]", "say what a command does, or what the value is that has the focus", 1,
     NULL},
    {"describe-key", NULL, "", "tell what the next key would do, without doing it", 1, NULL},
    {"prompt", NULL, "[TEXT]", "type a command or a line of the language", 1, NULL},
    {"search", NULL, "[TEXT]", "find a strip by letters of its name, and choose it", 1, NULL},
    {"view", NULL, "NAME", "show another view of the desk", 1, NULL},
    {"help", NULL, "", "show keys and commands", 1, NULL},
    {"filter", NULL, "[WORDS]", "show lines with these words alone, where a view has lines", 1, NULL},
    {"scroll", NULL, "LINES", "move in the help", 1, NULL},
    {"back", NULL, "", "back to the overview", 1, NULL},
    {"cancel", NULL, "", "forget what was begun", 1, NULL},
    {"redraw", NULL, "", "draw the screen anew", 1, NULL},
    {"clear-peaks", NULL, "", "let peaks and clip marks begin anew", 0, desk_clear_peaks},
    {"analyser", NULL, "before|after", "show the spectrum of what goes into the equaliser, or comes out", 0,
     desk_analyser},
    {"meter", NULL, "[peak|k12|k14|k20|ppm|din|vu]", "what moves the meters, and on which scale", 0, desk_meter},
    {"watch", NULL, "[STRIP DB|STRIP off|off]",
     "be told once, each time the song plays, when a peak goes above a level", 0, desk_watch},
    {"loudness", NULL, "[reset|pause|run|target NAME|target LUFS]",
     "say how loud it is so far, measure anew or not for now, or aim at a loudness", 0, desk_loudness_command},
    {"how-to-leave", NULL, "", "say how to leave", 1, NULL},
    {NULL, NULL, NULL, NULL, 0, NULL},
};

const struct desk_command *
desk_command_of(const char *line, const char **args)
{
	line += strspn(line, " \t");
	size_t length = strcspn(line, " \t");
	if (args)
		*args = line + length + strspn(line + length, " \t");
	for (const struct desk_command *c = desk_commands; c->name; c++)
		if ((strlen(c->name) == length && !strncmp(line, c->name, length)) ||
		    (c->alias && strlen(c->alias) == length && !strncmp(line, c->alias, length)))
			return c;
	return NULL;
}
