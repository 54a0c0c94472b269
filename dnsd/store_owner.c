/* store_owner.c - names as keys of rows, and the sum that finds a damaged row.
 *
 * SQLite notices where its own structure is damaged, not where a byte of what it keeps is, nor that a row is missing: a row
 * has a sum of its own, and a zone the sum of its rows' sums. The key of the sums is no secret: they guard against disks, not against people. */
#include <stdlib.h>
#include <string.h>

#include "base/dname.h"
#include "base/mem.h"
#include "base/siphash.h"
#include "dnsd/store_db.h"
#include "dnsd/wire.h"

size_t
owner_pack(const uint8_t *name, size_t apex_length, uint8_t out[OWNER_MAX])
{
	size_t end = dname_length(name) - apex_length, size = 0;
	uint8_t starts[LABELS_MAX];
	unsigned labels = 0;

	for (size_t at = 0; at < end; at += name[at] + 1u)
		starts[labels++] = (uint8_t)at;
	while (labels-- > 0) {
		const uint8_t *label = name + starts[labels];

		for (unsigned i = 1; i <= *label; i++) {
			if (label[i] <= 1)
				out[size++] = 1;
			out[size++] = (uint8_t)(label[i] <= 1 ? label[i] + 1 : label[i]);
		}
		if (labels > 0)
			out[size++] = 0;
	}
	return size;
}

/* The label that begins at key: its bytes to the end of out. Returns how much of the key it took, the 00 behind it
 * aside; 0: it is none. */
static size_t
label_unpack(const uint8_t *key, size_t size, uint8_t out[LABEL_MAX], size_t *length)
{
	size_t i, n = 0;

	for (i = 0; i < size && key[i] != 0; i++) {
		uint8_t byte = key[i];

		if (byte == 1) {
			if (++i == size || (key[i] != 1 && key[i] != 2))
				return 0;
			byte = (uint8_t)(key[i] - 1);
		}
		if (n == LABEL_MAX || byte != dname_fold(byte))
			return 0;
		out[n++] = byte;
	}
	*length = n;
	return i;
}

bool
owner_unpack(const uint8_t *key, size_t size, const uint8_t *apex, uint8_t name[DNAME_MAX])
{
	size_t apex_length = dname_length(apex), at = DNAME_MAX - apex_length;
	uint8_t label[LABEL_MAX];

	memcpy(name + at, apex, apex_length);
	while (size > 0) {
		size_t length, taken = label_unpack(key, size, label, &length);

		if (taken == 0 || at < length + 1 || taken + 1 == size)        /* a 00 is between two labels, never last */
			return false;
		at -= length + 1;
		name[at] = (uint8_t)length;
		memcpy(name + at + 1, label, length);
		key += taken;
		size -= taken;
		if (size > 0) {
			key++;
			size--;
		}
	}
	memmove(name, name + at, DNAME_MAX - at);
	return true;
}

static const uint8_t sum_key[SIPHASH_KEY] = "homing.db, sums";

uint64_t
zone_mark(sqlite3_int64 number, const char *name)
{
	char *text = mem_printf("%lld %s", (long long)number, name);
	uint64_t mark = siphash(sum_key, text, strlen(text));

	free(text);
	return mark;
}

uint64_t
owner_row_sum(const struct owner_row *row, uint8_t **scratch, size_t *room)
{
	size_t size = row->owner_size + 6 + row->rdata_size;
	uint8_t *p;

	if (*room < size) {
		*room = 2 * size;
		*scratch = mem_resize(*scratch, *room);
	}
	p = *scratch;
	if (row->owner_size > 0)               /* an empty key may be NULL */
		memcpy(p, row->owner, row->owner_size);
	p += row->owner_size;
	be16_put(p, row->type);
	be16_put(p + 2, (uint16_t)(row->ttl >> 16));
	be16_put(p + 4, (uint16_t)row->ttl);
	if (row->rdata_size > 0)
		memcpy(p + 6, row->rdata, row->rdata_size);
	return siphash(sum_key, *scratch, size);
}
