/* probes.c - how many probes a checker carries, and what one costs.
 *
 *   probes tcp COUNT [SECONDS]     COUNT tcp checks at 1 s against a listener in another process
 *   probes ping COUNT [SECONDS]    COUNT ping checks at 1 s
 *   probes bare COUNT [SECONDS]    no checker: a plain loop that connects and closes by reset at the
 *                                  same rate, for comparison with tcp
 *
 * Addresses are spread over 127.0.0.0/8. The first seconds, until every target is
 * settled, are not measured. Output, a key and a value to a line:
 *
 *   kind tcp|ping|bare
 *   seconds            measured, wall clock
 *   probes             that ended meanwhile
 *   failed             of them, without success
 *   skipped            starts that were left out
 *   late_p50_us, late_p99_us, late_max_us    how late they started (the last 65,536; to 3 %)
 *   cpu_us_per_probe   user and system time of the probing thread
 *   user_us_per_probe, system_us_per_probe
 *   cores              CPU time by wall time */
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "checker/checker.h"
#include "checker/late.h"

enum {
	PORT = 7007,                   /* below the ports that the kernel gives out */
	WARM_S = 4,
	BATCH = 256
};

struct usage {
	uint64_t at_us, user_us, system_us;
	uint64_t probes, failed, skipped;
};

/* ---- the other side ---- */

static int
listener_open(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) != 0 || listen(fd, 4096) != 0) {
		perror("probes: listener");
		exit(1);
	}
	return fd;
}

static pid_t
listener_start(void)
{
	int fd = listener_open();
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpriority(PRIO_PROCESS, 0, -10);     /* a full backlog would measure the listener; as root only */
		for (;;)
			close(accept4(fd, NULL, NULL, SOCK_CLOEXEC));
	}
	close(fd);
	return pid;
}

static struct addr
address(size_t i)
{
	return (struct addr){ .family = 4, .bytes = { 127, (uint8_t)(1 + (i >> 16)), (uint8_t)(i >> 8), (uint8_t)i } };
}

/* ---- reporting ---- */

static void
usage_now(struct usage *u)
{
	struct rusage r;

	getrusage(RUSAGE_THREAD, &r);
	u->at_us = clock_mono_us();
	u->user_us = (uint64_t)r.ru_utime.tv_sec * US_PER_S + (uint64_t)r.ru_utime.tv_usec;
	u->system_us = (uint64_t)r.ru_stime.tv_sec * US_PER_S + (uint64_t)r.ru_stime.tv_usec;
}

static void
report(const char *kind, const struct usage *a, const struct usage *b, uint64_t p50, uint64_t p99, uint64_t max)
{
	double probes = (double)(b->probes - a->probes);
	double user = (double)(b->user_us - a->user_us), system = (double)(b->system_us - a->system_us);

	printf("kind %s\nseconds %.3f\nprobes %.0f\nfailed %llu\nskipped %llu\n", kind, (double)(b->at_us - a->at_us) / 1e6, probes,
	    (unsigned long long)(b->failed - a->failed), (unsigned long long)(b->skipped - a->skipped));
	printf("late_p50_us %llu\nlate_p99_us %llu\nlate_max_us %llu\n", (unsigned long long)p50, (unsigned long long)p99,
	    (unsigned long long)max);
	printf("cpu_us_per_probe %.2f\nuser_us_per_probe %.2f\nsystem_us_per_probe %.2f\ncores %.3f\n", (user + system) / probes,
	    user / probes, system / probes, (user + system) / (double)(b->at_us - a->at_us));
}

/* ---- the checker ---- */

struct fixture {
	struct event_base *base;
	struct checker *checker;
	struct target **targets;
	size_t count;
};

static void
fixture_sum(const struct fixture *f, struct usage *u)
{
	struct checker_stats stats;

	usage_now(u);
	u->failed = 0;
	for (size_t i = 0; i < f->count; i++) {
		const struct target_view *v = target_view(f->targets[i]);

		u->failed += v->failures + v->locals;
	}
	checker_stats(f->checker, &stats);
	u->probes = stats.ended;
	u->skipped = stats.skipped;
}

static void
fixture_run(const struct fixture *f, unsigned seconds)
{
	event_base_loopexit(f->base, &(struct timeval){ .tv_sec = seconds });
	event_base_dispatch(f->base);
}

static void
fixture_fill(struct fixture *f, const struct conf_check *check)
{
	char error[256];

	f->targets = mem_array(f->count, sizeof(struct target *));
	for (size_t i = 0; i < f->count; i++) {
		struct target_conf conf = { .label = "bench", .check = check, .address = address(i) };

		f->targets[i] = checker_add(f->checker, &conf, US_PER_S, NULL, error, sizeof(error));
		if (f->targets[i] == NULL) {
			fprintf(stderr, "probes: %s\n", error);
			exit(1);
		}
	}
}

static void
bench_checker(const char *kind, enum check_type type, size_t count, unsigned seconds)
{
	const struct conf_check check = { .name = (char *)kind, .type = type, .port = type == CHECK_TCP ? PORT : 0, .size = 56,
		.interval_us = US_PER_S, .slow_interval_us = US_PER_S, .fast_interval_us = 200 * US_PER_MS,
		.timeout_us = 500 * US_PER_MS, .rise = 3, .fall = 2, .jitter = 10 };
	struct event_config *config = event_config_new();
	struct fixture f = { .count = count };
	struct checker_stats stats;
	struct usage a, b;

	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	f.base = event_base_new_with_config(config);
	f.checker = checker_new(f.base, NULL, NULL);
	fixture_fill(&f, &check);
	fixture_run(&f, WARM_S);
	fixture_sum(&f, &a);
	fixture_run(&f, seconds);
	fixture_sum(&f, &b);
	checker_stats(f.checker, &stats);
	report(kind, &a, &b, stats.late_p50_us, stats.late_p99_us, stats.late_max_us);
	checker_free(f.checker);
	event_base_free(f.base);
	event_config_free(config);
	free(f.targets);
}

/* ---- the bare loop ---- */

static void
bare_start(int poll, size_t i)
{
	struct addr to = address(i);
	struct sockaddr_storage ss;
	struct epoll_event e = { .events = EPOLLOUT };
	socklen_t length;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	to.port = PORT;
	length = addr_to_sockaddr(&to, &ss);
	e.data.fd = fd;
	if (fd < 0 || (connect(fd, (struct sockaddr *)&ss, length) != 0 && errno != EINPROGRESS) ||
	    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &e) != 0) {
		perror("probes: bare");
		exit(1);
	}
}

static void
bare_end(int fd, uint32_t events, struct usage *u)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	u->probes++;
	u->failed += (events & (EPOLLERR | EPOLLHUP)) != 0;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

/* Starts COUNT a second, woken every millisecond; ends what is ready. */
static void
bare_loop(int poll, int timer, size_t count, unsigned seconds, struct usage *u, struct late *late)
{
	uint64_t start_us = clock_mono_us(), now_us, ticks;
	struct epoll_event ready[BATCH];
	uint64_t begun = 0;

	while ((now_us = clock_mono_us()) < start_us + seconds * US_PER_S) {
		int n;

		for (uint64_t most = begun + BATCH; begun < most && start_us + begun * US_PER_S / count <= now_us; begun++) {
			late_add(late, now_us - (start_us + begun * US_PER_S / count));
			bare_start(poll, begun % count);
		}
		n = epoll_wait(poll, ready, BATCH, -1);
		for (int i = 0; i < n; i++) {
			if (ready[i].data.fd != timer)
				bare_end(ready[i].data.fd, ready[i].events, u);
			else if (read(timer, &ticks, sizeof(ticks)) < 0)
				exit(1);
		}
	}
}

static void
bench_bare(size_t count, unsigned seconds)
{
	int poll = epoll_create1(EPOLL_CLOEXEC), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct itimerspec tick = { .it_interval = { .tv_nsec = 1000000 }, .it_value = { .tv_nsec = 1000000 } };
	struct epoll_event e = { .events = EPOLLIN, .data.fd = timer };
	struct late *late = mem_alloc(sizeof(*late));
	struct usage a, b = { 0 };

	timerfd_settime(timer, 0, &tick, NULL);
	epoll_ctl(poll, EPOLL_CTL_ADD, timer, &e);
	bare_loop(poll, timer, count, WARM_S, &b, late);
	usage_now(&b);
	a = b;
	bare_loop(poll, timer, count, seconds, &b, late);
	usage_now(&b);
	report("bare", &a, &b, late_quantile(late, 500), late_quantile(late, 990), late_quantile(late, 1000));
	free(late);
	close(poll);
	close(timer);
}

int
main(int argc, char **argv)
{
	size_t count = argc >= 3 ? strtoul(argv[2], NULL, 10) : 0;
	unsigned seconds = argc >= 4 ? (unsigned)strtoul(argv[3], NULL, 10) : 10;
	struct rlimit files;
	pid_t listener;

	if (count == 0 || seconds == 0) {
		fprintf(stderr, "usage: probes tcp|ping|bare COUNT [SECONDS]\n");
		return 2;
	}
	log_open(STDERR_FILENO, LOG_LEVEL_WARN);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	listener = listener_start();
	if (strcmp(argv[1], "bare") == 0)
		bench_bare(count, seconds);
	else
		bench_checker(argv[1], strcmp(argv[1], "ping") == 0 ? CHECK_PING : CHECK_TCP, count, seconds);
	kill(listener, SIGKILL);
	waitpid(listener, NULL, 0);
	return 0;
}
