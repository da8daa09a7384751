#include "cli/applying.h"

#include <stdio.h>

#include "cli/remote.h"

struct sender {
	struct remote *remote;
	struct err *err;
	int failed;
};

static void
send_line(void *user, const char *line)
{
	struct sender *s = user;
	s->failed = s->failed || remote_ask(s->remote, line, NULL, NULL, s->err);
}

static void
tell(void *user, const char *kind, const char *text)
{
	(void)kind;
	cli_say(user, "%s", text);
}

/* The values that a node has got since, as lines. */
static void
send_node(struct sender *s, struct session *session, struct node *node, const struct node *was)
{
	char address[256];
	for (int k = 0; k < PARAM_COUNT && !s->failed; k++) {
		if (!(params[k].kinds & node->kind) || params[k].type == T_TEXT || params[k].type == T_REF ||
		    node->value[k] == was->value[k])
			continue;
		snprintf(address, sizeof address, "%s/%s", session_address(node), params[k].address);
		if (session_get(session, address, send_line, s, s->err))
			s->failed = -1;
	}
}

static int
send_changes(struct sender *s, struct session *session, struct session *before)
{
	static const enum node_kind kinds[] = {K_STRIP, K_BUS};
	struct node *node, *was;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		for (size_t k = 0; (node = session_node(session, kinds[i], k)); k++)
			if ((was = session_find(before, session_address(node))))
				send_node(s, session, node, was);
	send_node(s, session, session_find(session, "mix"), session_find(before, "mix"));
	send_node(s, session, session_master(session), session_master(before));
	return s->failed;
}

int
applying_save(const struct cli *cli, struct session *session, const char *path, struct err *err)
{
	struct sender s = {.remote = remote_open(path, err), .err = err};
	if (!s.remote && *err->text)
		return -1;
	if (!s.remote) {
		int status = session_lock(path, err);
		if (!status)
			status = session_save(session, path, err);
		session_unlock(path);
		return status;
	}
	struct session *before = session_load(path, 1, err);
	int failed = !before || remote_ask(s.remote, "begin", NULL, NULL, err) || send_changes(&s, session, before) ||
	             remote_ask(s.remote, "commit save", tell, (void *)cli, err);
	session_free(before);
	remote_close(s.remote);
	return failed ? -1 : 0;
}
