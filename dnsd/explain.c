/* explain.c - why a client gets the answer it gets.
 *
 * The question is put to answer_many(), the very function that the workers call, on
 * the snapshot they answer from; what it says is then read back. */
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dnsd/answer.h"
#include "dnsd/daemon.h"
#include "dnsd/daemon_state.h"
#include "zones/zone.h"

/* A query as a client would send it. Returns its size. */
static size_t
question_write(const uint8_t *name, uint16_t type, uint8_t out[HEADER_SIZE + DNAME_MAX + 4])
{
	static const uint8_t header[HEADER_SIZE] = { 0, 0, 0, 0, 0, 1 };        /* one question */
	size_t n = dname_length(name);
	const uint8_t tail[] = { (uint8_t)(type >> 8), (uint8_t)type, 0, CLASS_IN };

	memcpy(out, header, sizeof(header));
	memcpy(out + sizeof(header), name, n);
	memcpy(out + sizeof(header) + n, tail, sizeof(tail));
	return sizeof(header) + n + sizeof(tail);
}

static ldns_pkt *
question_ask(const uint8_t *name, uint16_t type)
{
	uint8_t query[HEADER_SIZE + DNAME_MAX + 4];
	uint8_t *reply = mem_alloc(ANSWER_TCP_MAX);
	const struct answer_terms terms = { .transport = TRANSPORT_TCP };
	struct answer_job job = { .query = query, .size = question_write(name, type, query), .out = reply, .trusted = true };
	ldns_pkt *pkt = NULL;

	snapshot_enter();
	answer_one(snapshot_current(), &terms, &job);
	snapshot_leave();
	if (job.answered == 0 || ldns_wire2pkt(&pkt, reply, job.answered) != LDNS_STATUS_OK)
		pkt = NULL;
	free(reply);
	return pkt;
}

/* The RR as one line of a master file. malloc'd. */
static char *
rr_line(const ldns_rr *rr)
{
	char *text = ldns_rr2str(rr);

	if (text == NULL)
		return mem_text("(unprintable)");
	text[strcspn(text, "\n")] = '\0';
	for (char *tab = strchr(text, '\t'); tab != NULL; tab = strchr(tab, '\t'))
		*tab = ' ';
	return text;
}

/* The name the answer is really about: the target of the chain's last CNAME, else the name asked. */
static const uint8_t *
last_name(const ldns_rr_list *answers, const uint8_t *name)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(answers); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(answers, i);

		if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_CNAME)
			name = ldns_rdf_data(ldns_rr_rdf(rr, 0));
	}
	return name;
}

static const char *
found_words(const struct zone *z, const uint8_t *name, uint16_t type)
{
	const struct node *n = NULL;

	if (z == NULL)
		return "outside every zone";
	switch (zone_find(z, name, type, &n)) {
	case FIND_NODE:     return node_flags(n) & NODE_SERVICE ? "service" : "static records";
	case FIND_WILDCARD: return "wildcard";
	case FIND_EMPTY:    return "empty non-terminal: names exist below it";
	case FIND_CUT:      return "referral: delegated to other name servers";
	case FIND_DNAME:    return "DNAME above the name";
	case FIND_NONE:     break;
	}
	return "no such name";
}

static void
explanation_fill(struct daemon *d, const uint8_t *name, uint16_t type, const ldns_pkt *pkt, struct explanation *out)
{
	const ldns_rr_list *answers = ldns_pkt_answer(pkt);
	const uint8_t *last = last_name(answers, name);
	const struct zone *z;
	char text[DNAME_TEXT];
	char *rcode = ldns_pkt_rcode2str(ldns_pkt_get_rcode(pkt));
	size_t zone;

	snprintf(out->rcode, sizeof(out->rcode), "%s", rcode != NULL ? rcode : "?");
	free(rcode);
	z = world_zone_of(d->world, last, &zone);
	out->zone = z != NULL ? d->conf->zones[zone].text : NULL;
	out->found = found_words(z, last, type);
	out->service = fleet_service(d->fleet, dname_format(last, text));
	out->nanswers = ldns_rr_list_rr_count(answers);
	out->answers = mem_array(out->nanswers, sizeof(*out->answers));
	for (size_t i = 0; i < out->nanswers; i++)
		out->answers[i] = rr_line(ldns_rr_list_rr(answers, i));
}

bool
daemon_explain(struct daemon *d, const char *name, const char *type, const struct addr *from,
    struct explanation *out, char error[ERROR_TEXT])
{
	ldns_rr_type number = ldns_get_rr_type_by_name(type);
	uint8_t wire[DNAME_MAX];
	char text[DNAME_TEXT];
	ldns_pkt *pkt;

	(void)from;                            /* every client gets the same answer until there is affinity */
	*out = (struct explanation){ .nanswers = 0 };
	if (dname_parse(name, wire) == 0) {
		snprintf(error, ERROR_TEXT, "\"%.300s\" is no domain name", name);
		return false;
	}
	if (number == 0) {
		snprintf(error, ERROR_TEXT, "\"%.100s\" is no record type (expected A, AAAA, ..., or TYPE1 to TYPE65535)", type);
		return false;
	}
	if (!d->ready) {
		snprintf(error, ERROR_TEXT, "homingd does not answer yet: the first round of probes is under way");
		return false;
	}
	pkt = question_ask(wire, (uint16_t)number);
	if (pkt == NULL) {
		snprintf(error, ERROR_TEXT, "%.300s %.100s gets no answer", name, type);
		return false;
	}
	snprintf(out->question, sizeof(out->question), "%s %.50s", dname_format(wire, text), type);
	explanation_fill(d, wire, (uint16_t)number, pkt, out);
	ldns_pkt_free(pkt);
	return true;
}

void
explanation_clear(struct explanation *e)
{
	for (size_t i = 0; i < e->nanswers; i++)
		free(e->answers[i]);
	free(e->answers);
	*e = (struct explanation){ .nanswers = 0 };
}
