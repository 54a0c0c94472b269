/* crowd.c - holds many connections of several manners to a DNS server, TCP or TLS.
 *
 *   crowd COUNT SERVER tcp|tls NAME
 *
 * Of ten connections
 *   four ask for NAME's A once, read the answer and say no more;
 *   three write one query, a byte a second;
 *   two stop in the middle: of a frame's length (TCP), of the handshake's first message (TLS);
 *   one asks for NAME's TXT fifty times and reads nothing.
 * When all are open it says "open"; on SIGTERM, or when its input ends, it says how many still are, and
 * ends: status 0 if all of them. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>

#include "tests/tools/query.h"

enum { SILENT, WRITER, HALF, READER };
enum { TYPE_A = 1, TYPE_TXT = 16, PAGES = 50 };

static const char manners[10] = { SILENT, WRITER, HALF, SILENT, WRITER, READER, SILENT, WRITER, HALF, SILENT };

struct member {
	int fd;
	SSL *ssl;                      /* NULL: TCP, or still in its handshake */
	size_t written;                /* of a writer's query */
};

struct crowd {
	struct member *members;
	unsigned count;
	const char *server;
	SSL_CTX *tls;                  /* NULL: TCP */
	uint8_t question[2 + QUERY_MAX], page[2 + QUERY_MAX];  /* framed */
	size_t question_size, page_size;
};

static volatile sig_atomic_t stopped;

static void
stop(int signo)
{
	(void)signo;
	stopped = 1;
}

static size_t
frame_make(uint8_t *out, const char *name, uint16_t type)
{
	size_t n = query_make(out + 2, 7, name, type);

	out[0] = (uint8_t)(n >> 8);
	out[1] = (uint8_t)n;
	return n + 2;
}

/* ---- one member ---- */

static bool
member_write(struct member *m, const uint8_t *bytes, size_t size)
{
	if (m->ssl != NULL)
		return SSL_write(m->ssl, bytes, (int)size) == (int)size;
	return send(m->fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static bool
member_read(struct member *m, uint8_t *out, size_t size)
{
	for (size_t have = 0; have < size; ) {
		ssize_t n = m->ssl != NULL ? SSL_read(m->ssl, out + have, (int)(size - have)) : recv(m->fd, out + have, size - have, 0);

		if (n <= 0)
			return false;
		have += (size_t)n;
	}
	return true;
}

static bool
member_half(struct member *m, const struct crowd *c)
{
	static const uint8_t hello[] = { 22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3 };

	return c->tls != NULL ? send(m->fd, hello, sizeof(hello), MSG_NOSIGNAL) == sizeof(hello) : member_write(m, c->question, 1);
}

/* Its question and the answer, whatever that is. */
static bool
member_ask(struct member *m, const struct crowd *c)
{
	static uint8_t packet[PACKET_MAX];
	struct answer a;
	uint8_t length[2];

	return member_write(m, c->question, c->question_size) && member_read(m, length, 2)
	    && member_read(m, packet, query_u16(length)) && answer_read(packet, query_u16(length), &a) && a.count > 0;
}

static bool
member_ask_much(struct member *m, const struct crowd *c)
{
	for (int i = 0; i < PAGES; i++)
		if (!member_write(m, c->page, c->page_size))
			return false;
	return true;
}

static bool
member_begin(struct member *m, const struct crowd *c, int manner)
{
	m->fd = query_socket(c->server, SOCK_STREAM);
	if (m->fd < 0)
		return false;
	if (manner == HALF)
		return member_half(m, c);
	if (c->tls != NULL) {
		m->ssl = SSL_new(c->tls);
		if (m->ssl == NULL || SSL_set_fd(m->ssl, m->fd) != 1 || SSL_connect(m->ssl) != 1)
			return false;
	}
	switch (manner) {
	case SILENT: return member_ask(m, c);
	case READER: return member_ask_much(m, c);
	default:     return true;
	}
}

/* Whether the server has left it open. */
static bool
member_open(const struct member *m)
{
	struct pollfd p = { .fd = m->fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) == 0;
}

/* ---- all of them ---- */

static bool
crowd_open(struct crowd *c)
{
	for (unsigned i = 0; i < c->count; i++) {
		if (!member_begin(&c->members[i], c, manners[i % 10])) {
			printf("connection %u of %u failed: %s\n", i + 1, c->count,
			    ERR_peek_error() != 0 ? ERR_reason_error_string(ERR_peek_error()) : strerror(errno));
			return false;
		}
	}
	puts("open");
	fflush(stdout);
	return true;
}

/* A second: another byte of each writer, but the last, which would make it a query. */
static void
crowd_turn(struct crowd *c)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	for (unsigned i = 0; i < c->count; i++) {
		struct member *m = &c->members[i];

		if (manners[i % 10] == WRITER && m->written + 1 < c->question_size && member_write(m, c->question + m->written, 1))
			m->written++;
	}
	if (poll(&input, 1, 1000) == 1)
		stopped = 1;
}

static unsigned
crowd_count(const struct crowd *c)
{
	unsigned n = 0;

	for (unsigned i = 0; i < c->count; i++)
		n += member_open(&c->members[i]);
	return n;
}

static void
crowd_free(struct crowd *c)
{
	for (unsigned i = 0; i < c->count; i++)
		SSL_free(c->members[i].ssl);
	free(c->members);
	SSL_CTX_free(c->tls);
}

int
main(int argc, char **argv)
{
	struct crowd c = { 0 };
	struct rlimit limit;
	unsigned left;

	if (argc != 5 || (c.count = (unsigned)atoi(argv[1])) == 0 || (strcmp(argv[3], "tcp") != 0 && strcmp(argv[3], "tls") != 0)) {
		fprintf(stderr, "usage: crowd COUNT SERVER tcp|tls NAME\n");
		return 2;
	}
	signal(SIGTERM, stop);
	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	c.server = argv[2];
	c.members = calloc(c.count, sizeof(*c.members));
	c.question_size = frame_make(c.question, argv[4], TYPE_A);
	c.page_size = frame_make(c.page, argv[4], TYPE_TXT);
	if (c.members == NULL)
		return 2;
	if (strcmp(argv[3], "tls") == 0) {
		c.tls = SSL_CTX_new(TLS_client_method());
		SSL_CTX_set_mode(c.tls, SSL_MODE_RELEASE_BUFFERS);
	}
	if (!crowd_open(&c))
		return 1;
	while (!stopped)
		crowd_turn(&c);
	left = crowd_count(&c);
	printf("%u of %u still open\n", left, c.count);
	crowd_free(&c);
	return left != c.count;
}
