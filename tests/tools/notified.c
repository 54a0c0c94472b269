/* notified.c - the service manager's end of sd_notify(3): a datagram socket.
 *
 *   notified SOCKET    prints each message as a line "MS NAME=VALUE NAME=VALUE ..."
 *
 * MS is the monotonic clock in milliseconds when it came. Runs until it is killed. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

int
main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char message[4096];
	ssize_t n;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (argc != 2 || strlen(argv[1]) >= sizeof(address.sun_path)) {
		fprintf(stderr, "usage: notified SOCKET\n");
		return 2;
	}
	strcpy(address.sun_path, argv[1]);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		perror(argv[1]);
		return 1;
	}
	while ((n = recv(fd, message, sizeof(message) - 1, 0)) >= 0) {
		message[n] = '\0';
		for (char *p = message; *p != '\0'; p++)
			if (*p == '\n')
				*p = ' ';
		printf("%llu %s\n", (unsigned long long)(clock_mono_us() / US_PER_MS), message);
		fflush(stdout);
	}
	return 0;
}
