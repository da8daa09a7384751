#include "ui/link.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* An address of either family; 0, or -1: it is none. */
static int
address(const char *text, int family, __be32 to[4])
{
	return inet_pton(family, text, to) == 1 ? 0 : -1;
}

void
link_open(struct link *l)
{
	const char *connection = getenv("SSH_CONNECTION");
	char theirs[64], ours[64];
	unsigned their_port, our_port;
	*l = (struct link){.fd = -1};
	if (!connection || (!getenv("TMUX") && !getenv("STY")) ||
	    sscanf(connection, "%63s %u %63s %u", theirs, &their_port, ours, &our_port) != 4)
		return;
	l->family = strchr(theirs, ':') ? AF_INET6 : AF_INET;
	l->id.idiag_sport = htons((uint16_t)our_port);
	l->id.idiag_dport = htons((uint16_t)their_port);
	l->id.idiag_cookie[0] = l->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	if (address(ours, l->family, l->id.idiag_src) || address(theirs, l->family, l->id.idiag_dst))
		return;
	l->fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
}

void
link_close(struct link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

int
link_waiting(const struct link *l)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 ask;
	} request = {
	    .head = {.nlmsg_len = sizeof request, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST},
	    .ask = {.sdiag_family = (__u8)l->family, .sdiag_protocol = IPPROTO_TCP, .idiag_states = ~0u, .id = l->id},
	};
	union {
		struct nlmsghdr head;
		char bytes[1024];
	} answer;
	if (l->fd < 0 || send(l->fd, &request, sizeof request, MSG_DONTWAIT) < 0)
		return -1;
	/* the kernel answers before send returns */
	ssize_t n = recv(l->fd, &answer, sizeof answer, MSG_DONTWAIT);
	if (n < (ssize_t)NLMSG_LENGTH(sizeof(struct inet_diag_msg)) || answer.head.nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return -1;
	struct inet_diag_msg is;
	memcpy(&is, NLMSG_DATA(&answer.head), sizeof is);
	return is.idiag_wqueue < 1u << 30 ? (int)is.idiag_wqueue : 1 << 30;
}
