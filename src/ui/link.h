/*
 * What is still on its way to a terminal behind ssh and tmux or screen: those answer status reports themselves, so that
 * the line in front of them cannot be heard that way. Belongs to the UI's thread.
 */
#ifndef UI_LINK_H
#define UI_LINK_H

#include <linux/inet_diag.h>

struct link {
	int fd; /* to ask the kernel, -1: there is no such line */
	int family;
	struct inet_diag_sockid id; /* of ssh's connection */
};

/* Finds the line in the environment: SSH_CONNECTION, with TMUX or STY. */
void link_open(struct link *l);
void link_close(struct link *l);

/* Bytes that the other side has not taken yet; -1: there is no such line, or nothing is known of it. */
int link_waiting(const struct link *l);

#endif
