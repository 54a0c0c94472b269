/* wire.h - cursors over messages that cannot overrun.
 *
 * A reader or writer that meets its end remembers it and does nothing more, so
 * that callers check once, when they are done. All inline: the query path calls
 * nothing for a byte. */
#ifndef DNSD_WIRE_H
#define DNSD_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/dname.h"

static inline uint16_t
be16_get(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline void
be16_put(uint8_t *p, unsigned value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

/* ---- reading ---- */

struct rd {
	const uint8_t *p, *end;
	bool bad;                      /* something was missing or malformed; all reads then give zeros */
};

static inline struct rd
rd_begin(const uint8_t *bytes, size_t size)
{
	return (struct rd){ .p = bytes, .end = bytes + size };
}

static inline size_t
rd_left(const struct rd *r)
{
	return (size_t)(r->end - r->p);
}

/* The next size bytes, or NULL. */
static inline const uint8_t *
rd_bytes(struct rd *r, size_t size)
{
	const uint8_t *p = r->p;

	if (r->bad || rd_left(r) < size) {
		r->bad = true;
		return NULL;
	}
	r->p += size;
	return p;
}

static inline uint8_t
rd_u8(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 1);
	return p != NULL ? *p : 0;
}

static inline uint16_t
rd_u16(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 2);
	return p != NULL ? be16_get(p) : 0;
}

/* A name without compression; its length goes to size. NULL: it is not whole, too long or compressed. */
static inline const uint8_t *
rd_name(struct rd *r, uint8_t *size)
{
	const uint8_t *p = r->p;
	size_t left = rd_left(r), n = 0;

	if (left > DNAME_MAX)
		left = DNAME_MAX;
	while (!r->bad) {
		if (n >= left || p[n] > LABEL_MAX) {
			r->bad = true;
		} else if (p[n] == 0) {
			r->p = p + n + 1;
			*size = (uint8_t)(n + 1);
			return p;
		} else {
			n += p[n] + 1u;
		}
	}
	*size = 0;
	return NULL;
}

/* Steps over a name that may end in a compression pointer (RFC 1035, 4.1.4), which is not followed. */
static inline void
rd_skip_name(struct rd *r)
{
	while (!r->bad) {
		uint8_t n = rd_u8(r);

		if (n == 0)
			return;
		if (n >= 0xC0) {
			rd_u8(r);
			return;
		}
		if (n > LABEL_MAX)
			r->bad = true;
		rd_bytes(r, n);
	}
}

/* ---- writing ---- */

struct wr {
	uint8_t *start, *p, *end;
	bool full;                     /* something did not fit; nothing more is written */
};

static inline struct wr
wr_begin(uint8_t *bytes, size_t room)
{
	return (struct wr){ .start = bytes, .p = bytes, .end = bytes + room };
}

static inline size_t
wr_size(const struct wr *w)
{
	return (size_t)(w->p - w->start);
}

/* Where the next size bytes go; NULL: they do not fit. */
static inline uint8_t *
wr_room(struct wr *w, size_t size)
{
	uint8_t *p = w->p;

	if (w->full || (size_t)(w->end - p) < size) {
		w->full = true;
		return NULL;
	}
	w->p += size;
	return p;
}

/* Copies; returns the copy, NULL if it does not fit. */
static inline uint8_t *
wr_bytes(struct wr *w, const void *bytes, size_t size)
{
	uint8_t *p = wr_room(w, size);
	return p != NULL ? memcpy(p, bytes, size) : NULL;
}

static inline void
wr_u8(struct wr *w, unsigned value)
{
	uint8_t *p = wr_room(w, 1);
	if (p != NULL)
		*p = (uint8_t)value;
}

static inline void
wr_u16(struct wr *w, unsigned value)
{
	uint8_t *p = wr_room(w, 2);
	if (p != NULL)
		be16_put(p, value);
}

static inline void
wr_u32(struct wr *w, uint32_t value)
{
	wr_u16(w, value >> 16);
	wr_u16(w, value & 0xFFFF);
}

/* A length of two bytes and what it counts: wr_close() writes the length of all that came since wr_open(). */
static inline uint8_t *
wr_open(struct wr *w)
{
	return wr_room(w, 2);
}

static inline void
wr_close(struct wr *w, uint8_t *length)
{
	if (!w->full)
		be16_put(length, (unsigned)(w->p - length - 2));
}

#endif
