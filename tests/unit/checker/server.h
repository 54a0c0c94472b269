/* server.h - servers that behave as they are told, each in a thread of the test. */
#ifndef TESTS_CHECKER_SERVER_H
#define TESTS_CHECKER_SERVER_H

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum manner {
	MANNER_SILENT,                 /* accepts and says nothing */
	MANNER_RESET,                  /* accepts and resets */
	MANNER_CLOSE,                  /* accepts and closes */
	MANNER_SAY,                    /* says text at once, then is silent */
	MANNER_SAY_CLOSE,              /* says text at once and closes */
	MANNER_ANSWER,                 /* says text when something came, and closes */
	MANNER_ECHO,                   /* says what came, after "you said " */
	MANNER_DRIBBLE,                /* says text, a byte each millisecond, then is silent */
	MANNER_FLOOD,                  /* says text, then 'x' for ever */
	MANNER_FULL                    /* never accepts; its backlog is full */
};

struct server {
	enum manner manner;
	const char *text;
	int fd;
	uint16_t port;
	pthread_t thread;
	int fillers[16];
	char heard[4096];              /* the last request */
};

static inline void
server_dribble(int fd, const char *text)
{
	for (; *text != '\0' && send(fd, text, 1, MSG_NOSIGNAL) == 1; text++)
		usleep(1000);
}

static inline void
server_hold(int fd)
{
	char buf[512];

	while (recv(fd, buf, sizeof(buf), 0) > 0)
		;
}

static inline void
server_flood(int fd)
{
	char x[8192];

	memset(x, 'x', sizeof(x));
	while (send(fd, x, sizeof(x), MSG_NOSIGNAL) > 0)
		;
}

static inline void
server_serve(struct server *s, int fd)
{
	size_t length = s->text != NULL ? strlen(s->text) : 0;
	ssize_t n;

	switch (s->manner) {
	case MANNER_RESET:
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){ .l_onoff = 1 }, sizeof(struct linger));
		break;
	case MANNER_SAY_CLOSE:
		send(fd, s->text, length, MSG_NOSIGNAL);
		shutdown(fd, SHUT_WR);
		server_hold(fd);
		break;
	case MANNER_ANSWER:
		n = recv(fd, s->heard, sizeof(s->heard) - 1, 0);
		s->heard[n > 0 ? n : 0] = '\0';
		send(fd, s->text, length, MSG_NOSIGNAL);
		shutdown(fd, SHUT_WR);
		server_hold(fd);
		break;
	case MANNER_ECHO:
		n = recv(fd, s->heard, sizeof(s->heard) - 1, 0);
		send(fd, "you said ", 9, MSG_NOSIGNAL);
		send(fd, s->heard, n > 0 ? (size_t)n : 0, MSG_NOSIGNAL);
		server_hold(fd);
		break;
	case MANNER_DRIBBLE:
		server_dribble(fd, s->text);
		server_hold(fd);
		break;
	case MANNER_FLOOD:
		send(fd, s->text, length, MSG_NOSIGNAL);
		server_flood(fd);
		break;
	case MANNER_SAY:
		send(fd, s->text, length, MSG_NOSIGNAL);
		server_hold(fd);
		break;
	case MANNER_SILENT:
		server_hold(fd);
		break;
	default:
		break;
	}
	close(fd);
}

static void *
server_main(void *arg)
{
	struct server *s = arg;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0)
		server_serve(s, fd);
	return NULL;
}

static inline void
server_fill(struct server *s, const struct sockaddr_in *sa)
{
	for (size_t i = 0; i < sizeof(s->fillers) / sizeof(*s->fillers); i++) {
		s->fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(s->fillers[i], (const struct sockaddr *)sa, sizeof(*sa));
	}
	usleep(20000);
}

static inline void
server_start(struct server *s)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(sa);

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(s->fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	ck_assert_int_eq(listen(s->fd, s->manner == MANNER_FULL ? 0 : 16), 0);
	getsockname(s->fd, (struct sockaddr *)&sa, &length);
	s->port = ntohs(sa.sin_port);
	if (s->manner == MANNER_FULL)
		server_fill(s, &sa);
	else
		pthread_create(&s->thread, NULL, server_main, s);
}

static inline void
server_stop(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);            /* accept() returns */
	if (s->manner == MANNER_FULL)
		for (size_t i = 0; i < sizeof(s->fillers) / sizeof(*s->fillers); i++)
			close(s->fillers[i]);
	else
		pthread_join(s->thread, NULL);
	close(s->fd);
}

#endif
