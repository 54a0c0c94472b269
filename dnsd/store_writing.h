/* store_writing.h - a transaction under way that writes records. For store_records.c and store_seed.c alone. */
#ifndef DNSD_STORE_WRITING_H
#define DNSD_STORE_WRITING_H

#include "dnsd/store_db.h"

struct writing {
	struct store *s;
	const char *what;                      /* of messages: "keep an update" */
	char *error;
	size_t size;

	char *zone;                            /* the one at hand; NULL: none yet */
	sqlite3_int64 number;
	uint64_t sum, kept_sum;                /* of its rows: as it is now, as its own row has it */
	size_t apex_length;
	uint8_t *scratch;                      /* for sums */
	size_t room;
};

/* Borrows what and error. All below are for between store_begin() and store_end(), and false (NULL, -1) with a message. */
struct writing writing_of(struct store *s, const char *what, char *error, size_t size);
void writing_clear(struct writing *w);
sqlite3_stmt *writing_statement(struct writing *w, enum statement which);
bool writing_run(struct writing *w, sqlite3_stmt *st);

/* The number of the zone of a name, and the sum of its rows; 0: the store does not have it. */
sqlite3_int64 zone_number(struct writing *w, const char *zone, uint64_t *sum);
/* What follows is about this zone. writing_zone() looks it up, if it is not at hand. */
bool writing_in(struct writing *w, const char *zone, sqlite3_int64 number, uint64_t sum);
bool writing_zone(struct writing *w, const char *zone);
/* Last of all: the zone at hand has its rows' sum. */
bool writing_sum(struct writing *w);

/* Zone, owner and type: the first three parameters of a statement. */
void bind_key(const struct writing *w, sqlite3_stmt *st, const uint8_t *owner, size_t size, uint16_t type);
/* A row of the zone at hand. What was there before is not counted any more: rrset_uncount(), first. */
bool rrset_put(struct writing *w, const struct owner_row *row);
bool rrset_uncount(struct writing *w, const uint8_t *owner, size_t size, uint16_t type);

#endif
