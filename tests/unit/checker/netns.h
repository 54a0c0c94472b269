/* netns.h - a network namespace for the length of a test, with lo up. */
#ifndef TESTS_CHECKER_NETNS_H
#define TESTS_CHECKER_NETNS_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline void __attribute__((format(printf, 1, 2)))
shell(const char *fmt, ...)
{
	char command[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	ck_assert_msg(system(command) == 0, "failed: %s", command);
}

/* The namespace before, for netns_leave(); -1 where it is not permitted to make one. */
static inline int
netns_enter(const char *test)
{
	int before = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(before, 0);
	if (unshare(CLONE_NEWNET) != 0) {
		fprintf(stderr, "SKIPPED %s: a network namespace cannot be made (%s); run as root\n", test, strerror(errno));
		close(before);
		return -1;
	}
	shell("ip link set lo up");
	return before;
}

static inline void
netns_leave(int before)
{
	ck_assert_int_eq(setns(before, CLONE_NEWNET), 0);
	close(before);
}

#endif
