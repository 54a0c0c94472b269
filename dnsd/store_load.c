/* store_load.c - a zone out of homing.db, beside whoever writes to it.
 *
 * Rows come in canonical order: those of a name lie side by side, and each name is behind the one before. Whatever
 * a row may hold has been looked at before it gets into the zone; what the zone lacks as a whole is said at the end. A row that is
 * missing, or a zone that is, shows in sums (store_owner.c) and in records that belong to nobody. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dname.h"
#include "base/mem.h"
#include "dnsd/store_db.h"
#include "dnsd/store_file.h"
#include "dnsd/wire.h"
#include "zones/rdata.h"
#include "zones/rrbuf.h"
#include "zones/zone.h"

enum { TTL_MAX = 0x7fffffff };         /* RFC 2181, 8 */

/* ---- the reader ---- */

/* The name of the database as a URI. Without a log beside it nobody has the database open, and it is read as a file that
 * does not change: where the folder may not be written, SQLite can open it in no other way. */
static char *
reader_uri(const char *path)
{
	char *escaped = mem_alloc(3 * strlen(path) + 1), *wal = mem_printf("%s-wal", path), *uri, *out = escaped;
	struct stat st;

	for (const char *p = path; *p != '\0'; p++) {
		if (*p == '%' || *p == '?' || *p == '#')
			out += sprintf(out, "%%%02x", (unsigned)*p);
		else
			*out++ = *p;
	}
	uri = mem_printf("file:%s?mode=ro%s", escaped, stat(wal, &st) != 0 && errno == ENOENT ? "&immutable=1" : "");
	free(escaped);
	free(wal);
	return uri;
}

/* ---- which zones there are ---- */

static int
zone_order(const void *a, const void *b)
{
	return strcmp(((const struct store_zone *)a)->name, ((const struct store_zone *)b)->name);
}

static const struct store_zone *
reader_zone(const struct store_reader *r, const char *name)
{
	struct store_zone key = { .name = (char *)(uintptr_t)name };

	return r->nzones > 0 ? bsearch(&key, r->zones, r->nzones, sizeof(key), zone_order) : NULL;
}

static bool
zones_damaged(const struct store_reader *r, char *error, size_t size)
{
	snprintf(error, size, "%s: the table of zones is damaged (the file is left as it is)", r->path);
	return false;
}

/* Not by the index, which might lack what the table has. */
static bool
reader_zones(struct store_reader *r, char *error, size_t size)
{
	sqlite3_stmt *st = NULL;
	bool sound = true;
	int rc;

	if (sqlite3_prepare_v2(r->db, "SELECT number, name, mark, sum FROM zone NOT INDEXED", -1, &st, NULL) != SQLITE_OK)
		return db_fail(r->db, r->path, "read which zones there are", error, size);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW && sound) {
		struct store_zone z = { mem_text(column_text(st, 1)), sqlite3_column_int64(st, 0), (uint64_t)sqlite3_column_int64(st, 3) };

		r->zones = mem_grow(r->zones, r->nzones, sizeof(*r->zones));
		r->zones[r->nzones++] = z;
		sound = (uint64_t)sqlite3_column_int64(st, 2) == zone_mark(z.number, z.name);
	}
	if (!sound)
		zones_damaged(r, error, size);
	else if (rc != SQLITE_DONE)
		sound = db_fail(r->db, r->path, "read which zones there are", error, size);
	sqlite3_finalize(st);
	return sound;
}

/* Does every record belong to one of them? In steps from one zone's first record to the next zone's. */
static bool
reader_orphans(const struct store_reader *r, char *error, size_t size)
{
	static const char next[] = "SELECT zone FROM rrset WHERE zone > ?1 ORDER BY zone LIMIT 1";
	sqlite3_int64 number = INT64_MIN;
	sqlite3_stmt *st = NULL;
	size_t with = 0;
	int rc;

	if (sqlite3_prepare_v2(r->db, next, -1, &st, NULL) != SQLITE_OK)
		return db_fail(r->db, r->path, "read which records there are", error, size);
	for (;; with++) {
		sqlite3_bind_int64(st, 1, number);
		rc = sqlite3_step(st);
		if (rc != SQLITE_ROW || with > r->nzones)
			break;
		number = sqlite3_column_int64(st, 0);
		sqlite3_reset(st);
	}
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		db_fail(r->db, r->path, "read which records there are", error, size);
	sqlite3_finalize(st);
	if (rc == SQLITE_DONE && with == r->nzones)    /* each has a SOA at least */
		return true;
	return rc != SQLITE_DONE && rc != SQLITE_ROW ? false : zones_damaged(r, error, size);
}

/* ---- connecting ---- */

static bool
reader_connect(struct store_reader *r, char *error, size_t size)
{
	char *uri = reader_uri(r->path);
	int rc = sqlite3_open_v2(uri, &r->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);

	free(uri);
	if (rc != SQLITE_OK)
		return db_fail(r->db, r->path, "open the database", error, size);
	sqlite3_busy_timeout(r->db, 2000);     /* a daemon may be starting beside */
	/* One transaction for all that is read: it fits together. */
	if (sqlite3_exec(r->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(r->db, r->path, "read the database", error, size);
	r->version = file_version(r->db, r->path, error, size);
	if (r->version < SCHEMA_RECORDS)
		return r->version != 0;
	if (!reader_zones(r, error, size) || !reader_orphans(r, error, size))
		return false;
	if (r->nzones > 1)
		qsort(r->zones, r->nzones, sizeof(*r->zones), zone_order);
	return true;
}

bool
store_reader_open(const char *folder, struct store_reader **out, char *error, size_t size)
{
	struct store_reader *r;
	struct stat st;
	char *path = mem_printf("%s/homing.db", folder);

	*out = NULL;
	if (lstat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
		free(path);
		return true;
	}
	r = mem_alloc(sizeof(*r));
	r->path = path;
	if (file_check(path, error, size) && reader_connect(r, error, size)) {
		*out = r;
		return true;
	}
	store_reader_close(r);
	return false;
}

void
store_reader_close(struct store_reader *r)
{
	if (r == NULL)
		return;
	sqlite3_close(r->db);
	while (r->nzones > 0)
		free(r->zones[--r->nzones].name);
	free(r->zones);
	free(r->path);
	free(r);
}

/* ---- one zone ---- */

struct load {
	const struct store_reader *r;
	const char *zone;
	const uint8_t *apex;
	size_t apex_length;
	char *error;
	size_t size;

	struct zone_edit *edit;
	struct rrbuf *set;
	uint8_t key[OWNER_MAX], name[DNAME_MAX];       /* of the name at hand */
	size_t key_size;
	bool has_name;
	bool has_cname, has_ns, has_dname, has_other;  /* what its RRsets so far are */
	bool has_soa, has_apex_ns;
	uint64_t sum;                                  /* of rows so far */
	uint8_t *scratch;
	size_t room;
};

/* What is wrong with a row; type 0: with the name alone. */
static bool
load_wrong(struct load *l, uint16_t type, const char *what)
{
	char name[DNAME_TEXT], text[TYPE_TEXT];

	snprintf(l->error, l->size, "%s: zone %s: %s%s%s: %s (the file is left as it is)", l->r->path, l->zone,
	    l->has_name ? dname_format(l->name, name) : "a name", type != 0 ? " " : "", type != 0 ? type_format(type, text) : "", what);
	return false;
}

/* Begins the name of a row, if it is another than that of the row before. */
static bool
load_name(struct load *l, const struct owner_row *row)
{
	if (l->has_name && row->owner_size == l->key_size && (l->key_size == 0 || memcmp(row->owner, l->key, l->key_size) == 0))
		return true;
	l->has_name = row->owner_size <= OWNER_MAX && owner_unpack(row->owner, row->owner_size, l->apex, l->name);
	if (!l->has_name)
		return load_wrong(l, 0, "damaged: it is no name of this zone");
	if (row->owner_size > 0)
		memcpy(l->key, row->owner, row->owner_size);
	l->key_size = row->owner_size;
	l->has_cname = l->has_ns = l->has_dname = l->has_other = false;
	return true;
}

/* What types may be together at a name, as zones/gather.h has it; NULL: well. */
static const char *
load_type(struct load *l, uint16_t type, unsigned count)
{
	bool single = type == TYPE_SOA || type == TYPE_CNAME || type == TYPE_DNAME, apex = l->key_size == 0;

	if (single && count > 1)
		return "there are several (expected one)";
	if (type == TYPE_SOA && !apex)
		return "an SOA below the apex (expected it at the zone's name alone)";
	l->has_soa |= type == TYPE_SOA;
	l->has_apex_ns |= type == TYPE_NS && apex;
	l->has_cname |= type == TYPE_CNAME;
	l->has_dname |= type == TYPE_DNAME;
	l->has_ns |= type == TYPE_NS && !apex;
	l->has_other |= type != TYPE_CNAME && !type_joins_cname(type);
	if (l->has_cname && l->has_other)
		return "there is a CNAME beside other data (expected it alone: RFC 2181, 10.1)";
	if (l->has_ns && l->has_dname)
		return "there are both NS and DNAME (expected one of them: RFC 6672, 2.3)";
	return NULL;
}

/* The RRs of a row; NULL: well. */
static const char *
load_rrs(struct load *l, const struct owner_row *row, unsigned *count)
{
	const uint8_t *p = row->rdata, *end = p + row->rdata_size;

	rrbuf_begin(l->set, row->type, CLASS_IN, row->ttl);
	for (*count = 0; p < end; ++*count) {
		size_t length = end - p < 2 ? SIZE_MAX : be16_get(p);

		if (length > (size_t)(end - p) - 2 || !rdata_is_sound(row->type, p + 2, length))
			return "damaged: its data is not what the type has";
		if (!rrbuf_add(l->set, p + 2, length))
			return "damaged: the RRset is larger than 65000 bytes";
		p += 2 + length;
	}
	return *count > 0 ? NULL : "damaged: it has no record";
}

static bool
load_row(struct load *l, const struct owner_row *row, uint64_t sum)
{
	const char *mistake;
	unsigned count;

	if (!load_name(l, row))
		return false;
	if (owner_row_sum(row, &l->scratch, &l->room) != sum)
		return load_wrong(l, row->type, "damaged: its sum is not what was written");
	if (type_is_meta(row->type))
		return load_wrong(l, row->type, "a type of questions and messages (expected one of records)");
	mistake = load_rrs(l, row, &count);
	if (mistake == NULL)
		mistake = load_type(l, row->type, count);
	if (mistake != NULL)
		return load_wrong(l, row->type, mistake);
	zone_put(l->edit, l->name, l->set);
	l->sum += sum;
	return true;
}

/* The columns, where their numbers are in range. */
static bool
load_columns(struct load *l, sqlite3_stmt *st)
{
	struct owner_row row = { .owner = sqlite3_column_blob(st, 0) };
	sqlite3_int64 type = sqlite3_column_int64(st, 1), ttl = sqlite3_column_int64(st, 2);

	row.owner_size = (size_t)sqlite3_column_bytes(st, 0);
	row.rdata = sqlite3_column_blob(st, 3);
	row.rdata_size = (size_t)sqlite3_column_bytes(st, 3);
	if (type < 1 || type > UINT16_MAX || ttl < 0 || ttl > TTL_MAX || row.rdata == NULL) {
		return load_name(l, &row) && load_wrong(l, type >= 1 && type <= UINT16_MAX ? (uint16_t)type : 0,
		    "damaged: its type or TTL is none, or it has no data");
	}
	row.type = (uint16_t)type;
	row.ttl = (uint32_t)ttl;
	return load_row(l, &row, (uint64_t)sqlite3_column_int64(st, 4));
}

static bool
load_rows(struct load *l, sqlite3_stmt *st)
{
	int rc;

	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		if (!load_columns(l, st))
			return false;
	if (rc != SQLITE_DONE) {
		char what[DNAME_TEXT + 32];

		snprintf(what, sizeof(what), "read zone %s", l->zone);
		return db_fail(l->r->db, l->r->path, what, l->error, l->size);
	}
	return true;
}

/* Is it all of the zone, and a zone at all? */
static bool
load_whole(struct load *l, const struct store_zone *zone)
{
	if (l->sum != zone->sum) {
		snprintf(l->error, l->size, "%s: zone %s: damaged: records of it are missing (the file is left as it is)", l->r->path, l->zone);
		return false;
	}
	if (l->has_soa && l->has_apex_ns)
		return true;
	memcpy(l->name, l->apex, l->apex_length);
	l->has_name = true;
	return load_wrong(l, l->has_soa ? TYPE_NS : TYPE_SOA, "damaged: there is none (expected it at the zone's apex)");
}

static struct zone *
load_end(struct load *l, bool ok)
{
	struct zone *z = NULL;
	struct garbage *garbage;

	if (ok) {
		z = zone_commit(l->edit, &garbage);
		garbage_free(garbage);
	} else {
		zone_edit_abort(l->edit);
	}
	rrbuf_free(l->set);
	free(l->scratch);
	return z;
}

bool
store_load(struct store_reader *r, const char *zone, const uint8_t *apex, struct zone **out, char *error, size_t size)
{
	static const char rows[] = "SELECT owner, type, ttl, rdata, sum FROM rrset WHERE zone = ?1 ORDER BY owner, type";
	struct load l = { .r = r, .zone = zone, .apex = apex, .apex_length = dname_length(apex), .error = error, .size = size };
	const struct store_zone *found = reader_zone(r, zone);
	sqlite3_stmt *st = NULL;

	*out = NULL;
	if (found == NULL)
		return true;
	if (sqlite3_prepare_v2(r->db, rows, -1, &st, NULL) != SQLITE_OK)
		return db_fail(r->db, r->path, "read a zone", error, size);
	sqlite3_bind_int64(st, 1, found->number);
	l.edit = zone_edit_new(apex);
	l.set = rrbuf_new();
	*out = load_end(&l, load_rows(&l, st) && load_whole(&l, found));
	sqlite3_finalize(st);
	return *out != NULL;
}
