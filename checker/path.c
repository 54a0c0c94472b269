/* path.c - is our side of the path alive?
 *
 *   the pinned device ──► is it there, up, with carrier?   no ─► "no carrier on eth1"
 *   the pinned source ──► is an interface of ours its owner, alive?   no ─► ...
 *   the route ──────────► is there one, and its link alive?   no ─► "no route from here"
 *
 * Flags are asked for each time: the kernel announces a lost carrier up to a second
 * late, but answers with the truth. A link that lost its carrier and has it again excuses the probes
 * that were under way meanwhile, and for a moment longer: the link's count of changes tells, compared with
 * what it was when we last heard of it. Announcements keep that memory fresh, and tell that addresses have to be read again. */
#include "checker/path.h"

#include <assert.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
	WELL_US = 100000,
	/* A link that has its carrier back has to find its neighbours first: ARP and ND repeat
	 * a question that was lost after a second. */
	GRACE_US = 1500000,
	REPLY = 16384                  /* a link's attributes with its statistics are some 2 KiB */
};

/* What the kernel says about a link. */
struct link {
	int index;
	char name[IFNAMSIZ];
	unsigned flags;
	uint32_t carrier_changes;      /* since it exists */
};

/* What we remember of a link. */
struct memory {
	int index;
	uint32_t carrier_changes;
	uint64_t changed_us;           /* when we learned of the last change; 0: none */
};

struct path {
	struct watch watch;            /* announcements */
	struct poller *poller;
	int announcements, questions;
	uint32_t sequence;
	struct ifaddrs *owners;        /* NULL: to be read */
	uint64_t changed_us;
	struct memory *memories;
	size_t nmemories;
};

/* The life of the probe that failed. */
struct span {
	uint64_t from_us, to_us;
};

struct question {
	struct nlmsghdr header;
	union {
		struct rtmsg route;
		struct ifinfomsg link;
	};
	uint8_t attributes[128];
};

/* ---- rtnetlink ---- */

static int
netlink_open(uint32_t groups)
{
	struct sockaddr_nl me = { .nl_family = AF_NETLINK, .nl_groups = groups };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&me, sizeof(me)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
question_begin(struct question *q, uint16_t type, size_t body)
{
	memset(q, 0, sizeof(*q));
	q->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(body);
	q->header.nlmsg_type = type;
	q->header.nlmsg_flags = NLM_F_REQUEST;
}

static void
question_add(struct question *q, uint16_t type, const void *data, size_t size)
{
	struct rtattr *a = (struct rtattr *)((char *)q + NLMSG_ALIGN(q->header.nlmsg_len));

	assert(NLMSG_ALIGN(q->header.nlmsg_len) + RTA_SPACE(size) <= sizeof(*q));
	a->rta_type = type;
	a->rta_len = (uint16_t)RTA_LENGTH(size);
	memcpy(RTA_DATA(a), data, size);
	q->header.nlmsg_len = (uint32_t)(NLMSG_ALIGN(q->header.nlmsg_len) + RTA_SPACE(size));
}

/* The kernel answers within the send. The reply in buf, or NULL with errno: the kernel's word, or 0 if it could
 * not be asked. Replies to earlier questions, whose reading failed, are passed over. */
static const struct nlmsghdr *
question_ask(struct path *path, struct question *q, void *buf, size_t size)
{
	q->header.nlmsg_seq = ++path->sequence;
	if (send(path->questions, q, q->header.nlmsg_len, 0) < 0) {
		errno = 0;
		return NULL;
	}
	for (;;) {
		ssize_t n = recv(path->questions, buf, size, MSG_DONTWAIT);
		const struct nlmsghdr *h = buf;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || !NLMSG_OK(h, n)) {
			errno = 0;
			return NULL;
		}
		if (h->nlmsg_seq != q->header.nlmsg_seq)
			continue;
		if (h->nlmsg_type != NLMSG_ERROR)
			return h;
		errno = h->nlmsg_len >= NLMSG_LENGTH(sizeof(struct nlmsgerr)) ? -((const struct nlmsgerr *)NLMSG_DATA(h))->error : 0;
		return NULL;
	}
}

/* An attribute of at least `size` bytes behind a body, NULL: absent. */
static const void *
attribute(const struct nlmsghdr *h, size_t body, uint16_t type, size_t size)
{
	const struct rtattr *a = (const struct rtattr *)((const char *)h + NLMSG_SPACE(body));
	size_t left = h->nlmsg_len > NLMSG_SPACE(body) ? h->nlmsg_len - NLMSG_SPACE(body) : 0;

	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == type && RTA_PAYLOAD(a) >= size)
			return RTA_DATA(a);
	return NULL;
}

/* ---- links ---- */

static void
link_read(const struct nlmsghdr *h, struct link *out)
{
	const struct ifinfomsg *body = NLMSG_DATA(h);
	const char *text = attribute(h, sizeof(*body), IFLA_IFNAME, 1);
	const uint32_t *changes = attribute(h, sizeof(*body), IFLA_CARRIER_CHANGES, sizeof(*changes));

	out->index = body->ifi_index;
	out->flags = body->ifi_flags;
	out->carrier_changes = changes != NULL ? *changes : 0;
	snprintf(out->name, sizeof(out->name), "%.*s", IFNAMSIZ - 1, text != NULL ? text : "?");
}

/* By index, or by name if that is not NULL. False with errno: 0 means nothing is known. */
static bool
link_get(struct path *path, int index, const char *name, struct link *out)
{
	_Alignas(struct nlmsghdr) char buf[REPLY];
	const struct nlmsghdr *h;
	struct question q;

	question_begin(&q, RTM_GETLINK, sizeof(q.link));
	q.link.ifi_index = index;
	if (name != NULL)
		question_add(&q, IFLA_IFNAME, name, strlen(name) + 1);
	h = question_ask(path, &q, buf, sizeof(buf));
	if (h == NULL)
		return false;
	link_read(h, out);
	return true;
}

/* Takes note of the link's count of changes; when it last changed, as far as we know. */
static uint64_t
link_changed(struct path *path, const struct link *l, uint64_t now_us)
{
	struct memory *m = path->memories, *end = m + path->nmemories;

	while (m < end && m->index != l->index)
		m++;
	if (m == end) {
		path->memories = mem_grow(path->memories, path->nmemories, sizeof(*m));
		m = &path->memories[path->nmemories++];
		*m = (struct memory){ .index = l->index, .carrier_changes = l->carrier_changes };
	}
	if (m->carrier_changes != l->carrier_changes)
		m->changed_us = now_us;
	m->carrier_changes = l->carrier_changes;
	return m->changed_us;
}

static bool
link_failed(struct path *path, const struct link *l, const struct span *span, char *words, size_t size)
{
	uint64_t changed_us = link_changed(path, l, span->to_us);

	if ((l->flags & IFF_UP) == 0)
		snprintf(words, size, "%s is down", l->name);
	else if ((l->flags & IFF_LOWER_UP) == 0)
		snprintf(words, size, "no carrier on %s", l->name);
	else if (changed_us > 0 && changed_us + GRACE_US >= span->from_us)
		snprintf(words, size, "%s had no carrier until just now", l->name);
	else
		return false;
	return true;
}

/* The interface that has address a, in name; false: none that we know of. */
static bool
owner_find(struct path *path, const struct addr *a, char *name)
{
	struct addr own;

	if (path->owners == NULL && getifaddrs(&path->owners) != 0)
		path->owners = NULL;
	for (const struct ifaddrs *i = path->owners; i != NULL; i = i->ifa_next) {
		if (i->ifa_addr != NULL && addr_from_sockaddr(i->ifa_addr, &own) && addr_same_host(&own, a)) {
			snprintf(name, IFNAMSIZ, "%.*s", IFNAMSIZ - 1, i->ifa_name);
			return true;
		}
	}
	return false;
}

/* ---- the three questions ---- */

static bool
device_failed(struct path *path, const char *device, const struct span *span, char *words, size_t size)
{
	struct link link;

	if (link_get(path, 0, device, &link))
		return link_failed(path, &link, span, words, size);
	if (errno == 0)
		return false;
	snprintf(words, size, "device %s: %s", device, strerror(errno));
	return true;
}

/* A source in a range that is ours as a whole (127.0.0.0/8, an AnyIP route) has no owner by name:
 * whether it may be used, the route knows. */
static bool
source_failed(struct path *path, const struct addr *source, const struct span *span, char *words, size_t size)
{
	char name[IFNAMSIZ];
	struct link link;

	return owner_find(path, source, name) && link_get(path, 0, name, &link) &&
	    link_failed(path, &link, span, words, size);
}

static void
route_question(struct question *q, const struct aim *aim)
{
	size_t bytes = aim->to.family == 6 ? 16 : 4;
	const struct target_conf *conf = aim->conf;
	uint32_t index;

	question_begin(q, RTM_GETROUTE, sizeof(q->route));
	q->route.rtm_family = aim->to.family == 6 ? AF_INET6 : AF_INET;
	q->route.rtm_dst_len = (uint8_t)(8 * bytes);
	question_add(q, RTA_DST, aim->to.bytes, bytes);
	if (conf->source.family == aim->to.family) {
		q->route.rtm_src_len = (uint8_t)(8 * bytes);
		question_add(q, RTA_SRC, conf->source.bytes, bytes);
	}
	if (conf->mark != 0)
		question_add(q, RTA_MARK, &conf->mark, sizeof(conf->mark));
	if (conf->device != NULL && (index = if_nametoindex(conf->device)) != 0)
		question_add(q, RTA_OIF, &index, sizeof(index));
}

static bool
route_failed(struct path *path, const struct aim *aim, const struct span *span, char *words, size_t size)
{
	_Alignas(struct nlmsghdr) char buf[REPLY];
	const struct nlmsghdr *h;
	const uint32_t *oif;
	struct question q;
	struct link link;

	route_question(&q, aim);
	h = question_ask(path, &q, buf, sizeof(buf));
	if (h == NULL && errno == 0)
		return false;
	if (h == NULL || ((const struct rtmsg *)NLMSG_DATA(h))->rtm_type > RTN_MULTICAST) {
		snprintf(words, size, "no route from here%s%s", h == NULL ? ": " : "", h == NULL ? strerror(errno) : "");
		return true;
	}
	oif = attribute(h, sizeof(struct rtmsg), RTA_OIF, sizeof(*oif));
	return oif != NULL && link_get(path, (int)*oif, NULL, &link) && link_failed(path, &link, span, words, size);
}

/* ---- the module ---- */

static void
owners_forget(struct path *path)
{
	if (path->owners != NULL)
		freeifaddrs(path->owners);
	path->owners = NULL;
}

static void
announcement_read(struct path *path, const void *buf, size_t size, uint64_t now_us)
{
	struct link link;

	for (const struct nlmsghdr *h = buf; NLMSG_OK(h, size); h = NLMSG_NEXT(h, size)) {
		if (h->nlmsg_type != RTM_NEWLINK || h->nlmsg_len < NLMSG_LENGTH(sizeof(struct ifinfomsg)))
			continue;
		link_read(h, &link);
		link_changed(path, &link, now_us);
	}
}

/* Overruns (ENOBUFS) are announcements too: something changed. */
static void
path_ready(struct watch *w, uint32_t events, uint64_t now_us)
{
	struct path *path = (struct path *)w;
	_Alignas(struct nlmsghdr) char buf[REPLY];
	ssize_t n;

	(void)events;
	while ((n = recv(path->announcements, buf, sizeof(buf), MSG_DONTWAIT)) > 0 || errno == ENOBUFS || errno == EINTR)
		if (n > 0)
			announcement_read(path, buf, (size_t)n, now_us);
	owners_forget(path);
	path->changed_us = now_us;
}

bool
path_failed(struct path *path, struct aim *aim, uint64_t since_us, uint64_t now_us, char *words, size_t size)
{
	const struct target_conf *conf = aim->conf;
	struct span span = { .from_us = since_us, .to_us = now_us };

	if (path == NULL)
		return false;
	if (aim->well_us > path->changed_us && aim->well_us + WELL_US > now_us)
		return false;
	if ((conf->device != NULL && device_failed(path, conf->device, &span, words, size)) ||
	    (conf->source.family != 0 && source_failed(path, &conf->source, &span, words, size)) ||
	    route_failed(path, aim, &span, words, size))
		return true;
	aim->well_us = now_us;
	return false;
}

struct path *
path_new(struct poller *poller)
{
	struct path *path = mem_alloc(sizeof(*path));

	path->poller = poller;
	path->watch.ready = path_ready;
	path->questions = netlink_open(0);
	path->announcements = netlink_open(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
	if (path->questions >= 0 && path->announcements >= 0 &&
	    poller_add(poller, path->announcements, EPOLLIN, &path->watch))
		return path;
	path_free(path);
	return NULL;
}

void
path_free(struct path *path)
{
	int error = errno;

	if (path == NULL)
		return;
	if (path->announcements >= 0) {
		poller_drop(path->poller, path->announcements, &path->watch);
		close(path->announcements);
	}
	if (path->questions >= 0)
		close(path->questions);
	owners_forget(path);
	free(path->memories);
	free(path);
	errno = error;
}
