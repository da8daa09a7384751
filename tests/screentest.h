/* The whole screen for tests: six strips without a desk behind them, or a real one; keys go in, rows of text come out.
 */
#ifndef SCREENTEST_H
#define SCREENTEST_H

#include "control/complete.h"
#include "opendesk.h"
#include "ui/act.h"
#include "ui/entry.h"
#include "ui/focus.h"
#include "ui/popup.h"
#include "ui/view.h"

#include <locale.h>
#include <string.h>

static struct screen s;
static struct keymap *keys;
static struct grid g;
static char rows[64][2048];

static inline void
no_mistake(void *arg, const char *sentence)
{
	(void)arg;
	ck_abort_msg("%s", sentence);
}

static inline void
begin(struct desk *d)
{
	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	/* what is typed here is nobody's history or preset */
	setenv("XDG_STATE_HOME", "/dev/null/none", 1);
	setenv("XDG_CONFIG_HOME", "/dev/null/none", 1);
	memset(&s, 0, sizeof s);
	keys = keymap_new();
	keymap_parse(keys, keymap_texts->text, "default.keys", KEYMAP_BASE, no_mistake, NULL);
	s.desk = d;
	s.keys = keys;
	s.current = views;
	s.now = 100;
	focus_begin(&s);
}

static inline void
end(void)
{
	keymap_free(keys);
	prompt_fini(&s.prompt);
	grid_fini(&g);
}

/* Six strips, the mix and the master, without a desk behind them. */
static inline void
make_strips(void)
{
	static const char *const names[] = {"Kick", "Snare", "Hat", "Bass", "Keys", "Vox", "Mix", "Master"};
	s.view = (struct desk_view){.strips = 8, .rate = 48000};
	for (int k = 0; k < 8; k++) {
		struct desk_strip *strip = &s.view.strip[k];
		strip->uid = (uint32_t)k + 1;
		strip->kind = k == 6 ? DESK_MIX : k == 7 ? DESK_MASTER : DESK_STRIP;
		strip->number = k < 6 ? k + 1 : 1;
		snprintf(strip->name, sizeof strip->name, "%s", names[k]);
		snprintf(strip->address, sizeof strip->address, "strip/%s", names[k]);
		strip->peak[0] = strip->peak[1] = strip->level[0] = strip->level[1] = DESK_SILENCE;
		strip->hold = strip->most = DESK_SILENCE;
	}
}

static inline void
draw(int height, int width, int ascii)
{
	g.ascii = ascii;
	ck_assert_int_eq(grid_resize(&g, height, width), 0);
	screen_draw(&s, &g);
	for (int row = 0; row < height; row++)
		grid_row(&g, row, rows[row], sizeof rows[row]);
}

static inline void
type(const char *text)
{
	char key[8];
	for (; *text; text++) {
		snprintf(key, sizeof key, *text == ' ' ? "Space" : "%c", *text);
		act_key(&s, key);
	}
}

/* Waits until a value of the chosen strip reads so. */
static inline void
await_text(struct desk *d, const char *address, const char *text)
{
	const struct desk_value *v;
	for (int turns = 0;; turns++) {
		desk_strip_values(d, &s.values);
		v = desk_value_find(&s.values, address);
		if (v && !strcmp(v->text, text))
			return;
		ck_assert_int_lt(turns, 2000);
		poll(NULL, 0, 10);
	}
}

#endif
