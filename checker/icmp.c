/* icmp.c - echo requests and replies as bytes, and sockets that receive little else. */
#include "checker/icmp.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checker/sock.h"

/* Room for the replies that come in while the process is kept from running: the default holds some 250. */
enum { RECEIVE_ROOM = 16 << 20, SEND_ROOM = 4 << 20 };

/* ---- sockets ---- */

static void
set(int fd, int level, int option, int value)
{
	setsockopt(fd, level, option, &value, sizeof(value));
}

/* Other people's pings would wake us for nothing: the kernel drops what does not carry
 * our identifier. In IPv4 the packet starts with the IP header, whose length is in its first byte. */
static void
filter_identifier(const struct icmp_socket *s)
{
	struct sock_filter v4[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, s->id, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_filter v6[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, s->id, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {
		.len = s->family == 6 ? sizeof(v6) / sizeof(*v6) : sizeof(v4) / sizeof(*v4),
		.filter = s->family == 6 ? v6 : v4,
	};

	setsockopt(s->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static void
filter_type(const struct icmp_socket *s)
{
	struct icmp_filter v4 = { .data = ~(1u << ICMP_ECHOREPLY) };
	struct icmp6_filter v6;

	ICMP6_FILTER_SETBLOCKALL(&v6);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &v6);
	if (s->family == 6)
		setsockopt(s->fd, IPPROTO_ICMPV6, ICMP6_FILTER, &v6, sizeof(v6));
	else
		setsockopt(s->fd, SOL_RAW, ICMP_FILTER, &v4, sizeof(v4));
}

static void
set_options(const struct icmp_socket *s, bool dont_fragment)
{
	if (s->family == 6) {
		set(s->fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
		set(s->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, dont_fragment ? IPV6_PMTUDISC_DO : IPV6_PMTUDISC_DONT);
		set(s->fd, IPPROTO_IPV6, IPV6_DONTFRAG, dont_fragment);
	} else {
		set(s->fd, IPPROTO_IP, IP_RECVERR, 1);
		set(s->fd, IPPROTO_IP, IP_MTU_DISCOVER, dont_fragment ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT);
	}
	set(s->fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_ROOM);
	set(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_ROOM);
	set(s->fd, SOL_SOCKET, SO_SNDBUF, SEND_ROOM);
	set(s->fd, SOL_SOCKET, SO_SNDBUFFORCE, SEND_ROOM);
}

struct icmp_socket
icmp_open(const struct aim *aim, uint16_t id, char *words, size_t size)
{
	struct icmp_socket s = { .family = aim->to.family, .id = id };
	int protocol = s.family == 6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;

	s.fd = sock_open(aim, SOCK_DGRAM, protocol, words, size);
	if (s.fd < 0 && (errno == EACCES || errno == EPROTONOSUPPORT)) {
		s.raw = true;
		s.fd = sock_open(aim, SOCK_RAW, protocol, words, size);
	}
	if (s.fd < 0)
		return s;
	if (s.raw) {
		filter_type(&s);
		filter_identifier(&s);
	}
	set_options(&s, aim->conf->check->dont_fragment);
	return s;
}

/* ---- packets ---- */

static uint16_t
get_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void
put_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* RFC 1071. An odd length is padded with a zero, and so are the zeros that follow buf in the packet. */
static uint16_t
checksum(const uint8_t *buf, size_t length)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < length; i += 2)
		sum += (uint32_t)buf[i] << 8 | (i + 1 < length ? buf[i + 1] : 0u);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

size_t
icmp_request(const struct icmp_socket *s, uint16_t sequence, uint64_t cookie, size_t size, uint8_t *buf)
{
	size_t part = size < ICMP_COOKIE ? size : ICMP_COOKIE;

	memset(buf, 0, ICMP_HEAD);
	buf[0] = s->family == 6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
	put_u16(buf + 4, s->id);
	put_u16(buf + 6, sequence);
	memcpy(buf + ICMP_HEAD, &cookie, part);
	if (s->raw && s->family == 4)          /* else the kernel sums */
		put_u16(buf + 2, checksum(buf, ICMP_HEAD + part));
	return ICMP_HEAD + part;
}

static bool
echo_read(const struct icmp_socket *s, const uint8_t *data, size_t length, uint8_t type, struct icmp_echo *out)
{
	if (length < ICMP_HEAD || data[0] != type || data[1] != 0)
		return false;
	if (s->raw && get_u16(data + 4) != s->id)
		return false;
	*out = (struct icmp_echo){ .sequence = get_u16(data + 6), .payload = data + ICMP_HEAD, .length = length - ICMP_HEAD };
	return true;
}

bool
icmp_reply(const struct icmp_socket *s, const uint8_t *data, size_t length, struct icmp_echo *out)
{
	size_t head;

	if (s->raw && s->family == 4) {
		head = length > 0 ? 4u * (data[0] & 0xf) : 0;
		if (head < 20 || head > length)
			return false;
		data += head;
		length -= head;
	}
	return echo_read(s, data, length, s->family == 6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY, out);
}

bool
icmp_quoted(const struct icmp_socket *s, const uint8_t *data, size_t length, struct icmp_echo *out)
{
	return echo_read(s, data, length, s->family == 6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO, out);
}

bool
icmp_cookie_matches(const struct icmp_echo *e, uint64_t cookie, size_t size)
{
	size_t part = size < ICMP_COOKIE ? size : ICMP_COOKIE;

	return memcmp(e->payload, &cookie, part < e->length ? part : e->length) == 0;
}
