/* The player from inside: player.c (control thread) and player_rt.c (the device's thread). */
#ifndef ENGINE_PLAYER_PARTS_H
#define ENGINE_PLAYER_PARTS_H

#include "base/ring.h"
#include "engine/player.h"

enum message_kind {
	MESSAGE_GRAPH,
	MESSAGE_EDIT,
	MESSAGE_PLAY,
	MESSAGE_STOP,
	MESSAGE_TAP,
	MESSAGE_MONITOR,
	MESSAGE_LISTEN
};

struct message {
	enum message_kind kind;
	union {
		struct {
			struct graph *graph;
			int64_t frame; /* -1: goes on where the one before stands */
		} start;
		struct graph_edit edit;
		enum player_tap tap;
		float monitor[4];
		int listen;
	} is;
};

/* What the device's thread owns. */
struct rt_player {
	struct graph *graph;
	int64_t position; /* frame of the song that comes next */
	int64_t rendered; /* chunks of the graph so far */
	int left;         /* frames of the last quantum not yet handed out */
	int playing;
	struct rt_monitor monitor;
	float fade, slope; /* monitor gain: 1 while playing, down to 0 and stopped */
	enum player_tap tap;
	int until_meters; /* frames */
	struct player_meters meters;
	int listening, heard_frames; /* whether somebody listens; frames in the piece that is filled */
	struct player_heard heard;
};

struct player {
	struct ring *to_rt, *meters, *returned;
	struct ring *heard;  /* NULL until somebody listens; the device's thread knows of it by a message */
	struct graph *graph; /* the newest one given: the control thread reads its shape, never its state */
	struct rt_player rt;
};

#endif
