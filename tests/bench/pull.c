/* pull.c ADDRESS PORT ZONE - takes a zone by AXFR as fast as it comes, and says
 *
 *     SECONDS BYTES MESSAGES RECORDS
 *
 * from the request's first byte to the second SOA. It reads every record's place but nothing of its data, so that
 * what is timed is the server. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/clock.h"
#include "dnsd/question.h"
#include "dnsd/wire.h"
#include "zones/zone.h"

struct pull {
	int fd;
	size_t bytes, messages, records, soas;
	uint8_t message[2 + 65535];
};

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
pull_bytes(struct pull *p, uint8_t *to, size_t size)
{
	while (size > 0) {
		ssize_t n = read(p->fd, to, size);

		if (n <= 0)
			die("the transfer broke off");
		to += n;
		size -= (size_t)n;
	}
}

static size_t
pull_message(struct pull *p)
{
	pull_bytes(p, p->message, 2);

	size_t size = be16_get(p->message);

	pull_bytes(p, p->message, size);
	p->bytes += 2 + size;
	p->messages++;
	return size;
}

static void
pull_count(struct pull *p, size_t size)
{
	struct rd r = rd_begin(p->message, size);

	rd_bytes(&r, 2);
	if ((rd_u16(&r) & 15) != 0) {
		fprintf(stderr, "the transfer was refused\n");
		exit(1);
	}
	unsigned questions = rd_u16(&r), answers = rd_u16(&r);
	rd_bytes(&r, 4);
	for (; questions > 0; questions--) {
		rd_skip_name(&r);
		rd_bytes(&r, 4);
	}
	for (; answers > 0 && !r.bad; answers--) {
		rd_skip_name(&r);
		p->soas += rd_u16(&r) == TYPE_SOA;
		rd_bytes(&r, 6);
		rd_bytes(&r, rd_u16(&r));
		p->records++;
	}
	if (r.bad) {
		fprintf(stderr, "a message cannot be read\n");
		exit(1);
	}
}

static void
pull_ask(struct pull *p, const char *zone)
{
	uint8_t query[2 + 12 + DNAME_MAX + 4];
	struct wr w = wr_begin(query, sizeof(query));
	uint8_t *length = wr_open(&w), name[DNAME_MAX];

	if (!dname_parse(zone, name)) {
		fprintf(stderr, "%s is no name\n", zone);
		exit(1);
	}
	wr_u16(&w, 4711);
	wr_u16(&w, 0);
	wr_u16(&w, 1);
	wr_u16(&w, 0);
	wr_u32(&w, 0);
	wr_bytes(&w, name, dname_length(name));
	wr_u16(&w, TYPE_AXFR);
	wr_u16(&w, CLASS_IN);
	wr_close(&w, length);
	if (write(p->fd, query, wr_size(&w)) != (ssize_t)wr_size(&w))
		die("the request cannot be sent");
}

int
main(int argc, char **argv)
{
	static struct pull p;
	struct sockaddr_storage ss;
	struct addr to;
	socklen_t length;

	if (argc != 4 || !addr_parse_port(argv[1], (uint16_t)atoi(argv[2]), &to)) {
		fprintf(stderr, "usage: pull ADDRESS PORT ZONE\n");
		return 2;
	}
	length = addr_to_sockaddr(&to, &ss);
	p.fd = socket(ss.ss_family, SOCK_STREAM, 0);
	if (p.fd < 0 || connect(p.fd, (struct sockaddr *)&ss, length) != 0)
		die("no connection");

	uint64_t began_us = clock_mono_us();

	pull_ask(&p, argv[3]);
	while (p.soas < 2)
		pull_count(&p, pull_message(&p));
	printf("%.6f %zu %zu %zu\n", (double)(clock_mono_us() - began_us) / 1e6, p.bytes, p.messages, p.records);
	close(p.fd);
	return 0;
}
