/* The presets that come with the program: processor and strip settings to begin from. Constant; any thread. */
#ifndef CONTROL_PRESETS_H
#define CONTROL_PRESETS_H

struct preset {
	const char *name, *help;
	const char *lines; /* below the strip: "hpf/on on\neq/2/gain -3" */
};

extern const struct preset presets[]; /* ended by a NULL name */

#endif
