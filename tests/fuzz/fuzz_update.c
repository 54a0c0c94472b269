/* fuzz_update.c - any bytes as an update of a small zone: what comes of it is a zone, and an update that fails leaves nothing.
 *
 *     size, 2 bytes | a message of that size, or of what there is | size | ...
 *
 * The updates wait together: each is checked against what those before have staged, and in the end all is put into the zone. What
 * is no message is read as records instead, so that the fuzzer finds the engine without having to find the wire format first. */
#include "base/log.h"
#include "dnsd/wire.h"
#include "tests/unit/dnsd/updated.h"
#include "zones/rdata_form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char zone_file[] =
    "example. 300 IN SOA ns.test. root.test. 100 3600 600 86400 60\n"
    "example. 300 IN NS ns.test.\n"
    "a.example. 300 IN A 192.0.2.1\n"
    "a.example. 300 IN TXT \"x\"\n"
    "c.example. 300 IN CNAME a.example.\n"
    "*.w.example. 300 IN A 192.0.2.2\n"
    "d.example. 300 IN DNAME e.test.\n"
    "s.example. 300 IN NS ns.s.example.\n"
    "ns.s.example. 300 IN A 192.0.2.3\n";

/* ---- updates ---- */

/* Records from bytes: a choice of names and types, and rdata as it comes. */
static struct update *
update_of_bytes(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "\7example", "\1a\7example", "\1c\7example", "\1*\1w\7example", "\1d\7example", "\1s\7example",
	    "\2ns\1s\7example", "\1v\7example", "\1x\1v\7example", "\1n\7example", "\4test" };
	static const uint16_t types[] = { 1, 2, 5, 6, 16, 39, 15, 28, 255, 33, 25, 46, 47, 65, 11, 65280 };
	static const uint16_t classes[] = { CLASS_IN, CLASS_IN, CLASS_ANY, CLASS_NONE };
	struct update *u = update_new(updating_apex);
	struct rd r = rd_begin(data, size);

	while (rd_left(&r) >= 3) {
		uint8_t a = rd_u8(&r), b = rd_u8(&r), n = rd_u8(&r);
		uint16_t rrclass = classes[a >> 4 & 3];
		const uint8_t *rdata = rd_bytes(&r, rrclass == CLASS_ANY ? 0 : n & 63);

		if (rdata == NULL)
			break;
		must(update_add(u, a >> 6 == 0, (const uint8_t *)names[(a & 15) % 11], types[b & 15], rrclass,
		    rrclass == CLASS_IN && a >> 6 != 0 ? b : 0, rdata, rrclass == CLASS_ANY ? 0 : n & 63));
	}
	return u;
}

/* What update_read() promises. */
static void
check_read(const struct update_rr *rrs, size_t count, bool prerequisite)
{
	for (size_t i = 0; i < count; i++) {
		const struct update_rr *rr = &rrs[i];
		uint8_t lower[DNAME_MAX];
		size_t n = dname_read(rr->name, DNAME_MAX);

		must(n > 0 && rr->ttl <= 0x7fffffff && (rr->size == 0) == (rr->rdata == NULL));
		memcpy(lower, rr->name, n);
		dname_lower(lower);
		must(memcmp(lower, rr->name, n) == 0);
		if (rr->rrclass == CLASS_IN || (rr->rrclass == CLASS_NONE && !prerequisite))
			must(rdata_fits(rr->type, rr->rdata, rr->size));
	}
}

static struct update *
update_of_message(const uint8_t *data, size_t size)
{
	enum rcode rcode;
	struct update *u = update_read(data, size, &rcode);

	must((u == NULL) == (rcode == RCODE_FORMERR));
	if (u == NULL)
		return NULL;
	must(u->nprerequisites + u->nchanges <= UPDATE_RRS_MAX);
	check_read(u->prerequisites, u->nprerequisites, true);
	check_read(u->changes, u->nchanges, false);
	return u;
}

/* ---- what comes of them ---- */

static size_t
staged_sum(const struct staged *s)
{
	size_t sum = staged_count(s);

	for (size_t i = 0; i < staged_count(s); i++) {
		const struct staged_rrset *r = staged_at(s, i);

		for (size_t k = 0; r->rrs != NULL && k < r->rrs->size; k++)
			sum = sum * 31 + r->rrs->data[k];
	}
	return sum;
}

static void
check_update(struct updated *t, struct staged *s, const struct update *u)
{
	struct view v = updated_view(t, s);
	size_t before = staged_sum(s), mark = staged_mark(s);
	struct update_result r = update_check(u, &v, &t->who, s);

	must((r.rcode == RCODE_NOERROR) == (r.why == NULL));
	if (r.rcode != RCODE_NOERROR)
		must(staged_sum(s) == before && staged_mark(s) == mark && r.changed == 0);
	if (r.rcode == RCODE_NOERROR && r.changed == 0)
		must(staged_sum(s) == before);
	for (size_t i = 0; i < staged_count(s); i++) {
		const struct staged_rrset *rrset = staged_at(s, i);

		must(dname_is_under(rrset->name, updating_apex));
		must(rrset->rrs == NULL || (rrset->rrs->count > 0 && rrset->rrs->type == rrset->type));
		if (rrset->rrs != NULL) {
			struct rrs *again = rrs_new(rrset->type, rrset->rrs->count, rrset->rrs->ttl, rrset->rrs->data, rrset->rrs->size);

			must(rrs_equal(again, rrset->rrs));
			free(again);
		}
	}
	/* The same again, with what its prerequisites want as it may be now, and then back. */
	struct update twice = *u;

	twice.nprerequisites = 0;
	if (r.rcode == RCODE_NOERROR) {
		size_t here = staged_mark(s), sum = staged_sum(s);

		must(update_check(&twice, &v, &t->who, s).rcode != RCODE_FORMERR);
		staged_back(s, here);
		must(staged_sum(s) == sum);
	}
}

/* What types are beside each other at a name. */
static void
check_node(const struct node *n, bool apex)
{
	bool cname = node_rrset(n, TYPE_CNAME) != NULL;

	must(!cname || (node_flags(n) & NODE_SERVICE) == 0);
	must(apex || node_rrset(n, TYPE_NS) == NULL || node_rrset(n, TYPE_DNAME) == NULL);
	for (const struct rrset *set = NULL; (set = node_next(n, set)) != NULL;) {
		must(!cname || set->type == TYPE_CNAME || type_joins_cname(set->type));
		must((set->type != TYPE_CNAME && set->type != TYPE_DNAME && set->type != TYPE_SOA) || set->count == 1);
		must(set->type != TYPE_SOA || apex);
	}
}

/* Some of them as a master file too, which takes ldns a while. */
static void
check_published(struct updated *t, const struct staged *s)
{
	const struct node *apex, *n = NULL;

	updated_publish(t, s);
	apex = zone_at(t->zone, updating_apex);
	must(apex != NULL && node_rrset(apex, TYPE_SOA) != NULL && node_rrset(apex, TYPE_NS) != NULL);
	while ((n = zone_next(t->zone, n)) != NULL)
		check_node(node_configured(t->zone, n), n == apex);
	if (staged_sum(s) % 16 == 1)
		must(zone_is_sound(t->zone));
}

/* The zone, made once, record by record again. */
static void
zone_make(struct updated *t)
{
	static struct updated made;            /* kept until the process ends */
	struct zone_edit *e = zone_edit_new(updating_apex);
	const struct node *n = NULL;
	struct garbage *garbage;

	if (made.zone == NULL)
		updated_begin(&made, zone_file);
	while ((n = zone_next(made.zone, n)) != NULL)
		for (const struct rrset *set = NULL; (set = node_next(n, set)) != NULL;) {
			struct rrs *r = rrs_of(set);

			zone_put_rrs(e, node_name(n), set->type, r);
			free(r);
		}
	*t = made;
	t->zone = zone_commit(e, &garbage);
	garbage_free(garbage);
	updated_serve(t, "v.example", false);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct staged *s = staged_new();
	struct updated t;

	log_open(-1, LOG_LEVEL_ERROR);
	zone_make(&t);
	while (size > 2) {
		size_t n = be16_get(data) < size - 2 ? be16_get(data) : size - 2;
		uint8_t *exact = malloc(n + (n == 0)); /* so that the sanitizer sees the first byte too many */
		struct update *u;

		memcpy(exact, data + 2, n);
		u = update_of_message(exact, n);
		if (u == NULL)
			u = update_of_bytes(exact, n);
		free(exact);
		check_update(&t, s, u);
		update_free(u);
		data += 2 + n;
		size -= 2 + n;
	}
	check_published(&t, s);
	staged_free(s);
	updated_end(&t);
	return 0;
}
