/* pipeline.c - many questions in one TCP segment, every answer counted (RFC 7766, 6.2.1.1).
 *
 *   pipeline COUNT SERVER NAME TYPE ADDRESS
 *
 * Writes COUNT questions with ids 0, 1, ... without reading, then reads until each id
 * has been answered once, in any order, with ADDRESS among its addresses. */
#include "tests/tools/query.h"

static bool
read_whole(int fd, uint8_t *out, size_t size)
{
	for (size_t have = 0; have < size; ) {
		ssize_t n = recv(fd, out + have, size - have, 0);

		if (n <= 0)
			return false;
		have += (size_t)n;
	}
	return true;
}

static bool
has(const struct answer *a, const char *address)
{
	for (unsigned i = 0; i < a->count; i++)
		if (strcmp(a->text[i], address) == 0)
			return true;
	return false;
}

/* Reads one answer and ticks its id off. */
static bool
take_answer(int fd, bool *seen, unsigned count, const char *address)
{
	static uint8_t packet[PACKET_MAX];
	struct answer a;
	uint8_t length[2];

	if (!read_whole(fd, length, 2) || !read_whole(fd, packet, query_u16(length)))
		return false;
	if (!answer_read(packet, query_u16(length), &a) || a.id >= count || seen[a.id] || !has(&a, address))
		return false;
	return seen[a.id] = true;
}

int
main(int argc, char **argv)
{
	uint8_t one[2 + QUERY_MAX], *all;
	unsigned count, i;
	size_t size = 0;
	bool *seen;
	int fd;

	if (argc != 6 || (count = (unsigned)atoi(argv[1])) == 0 || count > 65536) {
		fprintf(stderr, "usage: pipeline COUNT SERVER NAME TYPE ADDRESS\n");
		return 2;
	}
	seen = calloc(count, sizeof(*seen));
	all = malloc(count * sizeof(one));
	if (seen == NULL || all == NULL || (fd = query_socket(argv[2], SOCK_STREAM)) < 0)
		return 2;
	for (i = 0; i < count; i++) {
		size_t n = query_make(one + 2, (uint16_t)i, argv[3], query_type(argv[4]));

		one[0] = (uint8_t)(n >> 8);
		one[1] = (uint8_t)n;
		memcpy(all + size, one, n + 2);
		size += n + 2;
	}
	if (send(fd, all, size, MSG_NOSIGNAL) != (ssize_t)size)
		perror("send");
	for (i = 0; i < count && take_answer(fd, seen, count, argv[5]); i++)
		continue;
	printf("%u of %u answered\n", i, count);
	free(seen);
	free(all);
	close(fd);
	return i != count;
}
