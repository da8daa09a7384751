#include "cli/batch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A piece of the work: its process while it runs, and what it said. */
struct piece {
	pid_t process; /* 0: not begun */
	int ended, status;
	FILE *said[2]; /* on stdout, on stderr */
};

int
batch_worse(int a, int b)
{
	static const int rank[] = {[CLI_DONE] = 0, [CLI_NEGATIVE] = 1, [CLI_FAILED] = 2, [CLI_USAGE] = 3};
	return rank[a] > rank[b] ? a : b;
}

static int
begin(const struct cli *cli, const struct batch *b, struct piece *p, size_t number)
{
	fflush(stdout);
	fflush(stderr);
	for (int k = 0; k < 2; k++)
		if (!(p->said[k] = tmpfile())) {
			cli_say(cli, "there is no room for what %d jobs say: %s", b->jobs, strerror(errno));
			return -1;
		}
	p->process = fork();
	if (p->process < 0) {
		cli_say(cli, "another process cannot be started: %s", strerror(errno));
		p->process = 0;
		return -1;
	}
	if (p->process == 0) {
		dup2(fileno(p->said[0]), STDOUT_FILENO);
		dup2(fileno(p->said[1]), STDERR_FILENO);
		int status = b->work(b->arg, number);
		fflush(stdout);
		fflush(stderr);
		_exit(status);
	}
	return 0;
}

/* Waits for any piece to end. */
static void
wait_one(struct piece *piece, size_t begun)
{
	int how;
	pid_t process = waitpid(-1, &how, 0);
	for (size_t k = 0; k < begun; k++)
		if (piece[k].process == process && !piece[k].ended) {
			piece[k].ended = 1;
			piece[k].status = WIFEXITED(how) ? WEXITSTATUS(how) : CLI_FAILED;
		}
}

static void
tell(struct piece *p)
{
	FILE *to[2] = {stdout, stderr};
	char block[4096];
	for (int k = 0; k < 2; k++) {
		rewind(p->said[k]);
		for (size_t n; (n = fread(block, 1, sizeof block, p->said[k])) > 0;)
			fwrite(block, 1, n, to[k]);
		fclose(p->said[k]);
		fflush(to[k]);
		p->said[k] = NULL;
	}
}

static int
run_processes(const struct cli *cli, const struct batch *b, struct piece *piece)
{
	struct cli_bar bar;
	size_t begun = 0, told = 0, ended = 0;
	int status = CLI_DONE, stop = 0;
	cli_bar_begin(&bar, 0);
	while (told < begun || (begun < b->count && !stop)) {
		while (begun < b->count && begun - ended < (size_t)b->jobs && !stop) {
			stop = begin(cli, b, &piece[begun], begun);
			status = stop ? CLI_FAILED : status;
			begun += !stop;
		}
		if (begun > ended)
			wait_one(piece, begun);
		ended = 0;
		for (size_t k = 0; k < begun; k++) {
			ended += piece[k].ended != 0;
			stop |= piece[k].ended && piece[k].status != CLI_DONE && piece[k].status != CLI_NEGATIVE && !b->keep_going;
		}
		cli_bar_show(&bar, b->what, ended < b->count ? (double)ended / (double)b->count : 0.999);
		for (; told < begun && piece[told].ended; told++) {
			cli_bar_show(&bar, "", 1);
			tell(&piece[told]);
			status = batch_worse(status, piece[told].status <= CLI_NEGATIVE ? piece[told].status : CLI_FAILED);
		}
	}
	cli_bar_show(&bar, "", 1);
	return status;
}

int
batch_run(const struct cli *cli, const struct batch *b)
{
	int status = CLI_DONE;
	if (b->jobs > 1 && b->count > 1) {
		struct piece *piece = calloc(b->count, sizeof *piece);
		status = piece ? run_processes(cli, b, piece) : CLI_FAILED;
		for (size_t k = 0; piece && k < b->count; k++)
			for (int s = 0; s < 2; s++)
				if (piece[k].said[s])
					fclose(piece[k].said[s]);
		free(piece);
		return status;
	}
	for (size_t k = 0; k < b->count; k++) {
		int one = b->work(b->arg, k);
		status = batch_worse(status, one);
		if (one != CLI_DONE && one != CLI_NEGATIVE && !b->keep_going)
			break;
	}
	return status;
}
