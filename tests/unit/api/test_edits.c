/* test_edits.c - bodies that change records: what they become, each mistake with its place, and mutations of both. */
#include "api/edits.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dnsd/update.h"
#include "zones/rdata.h"

static const uint8_t apex[] = "\7example\3com";
static struct edits edits;
static struct body_error error;

static bool
take(const char *text)
{
	return edits_read(text, strlen(text), apex, &edits, &error);
}

/* The update as lines: "name type class ttl rdata". */
static char *
lines_of(const struct update_rr *rrs, size_t n)
{
	char *text = mem_text("");

	for (size_t i = 0; i < n; i++) {
		char name[DNAME_TEXT], type[TYPE_TEXT];
		char *rdata = rrs[i].size > 0 ? rdata_print(rrs[i].type, rrs[i].rdata, rrs[i].size) : mem_text("-");
		char *more = mem_printf("%s%s %s %u %u %s\n", text, dname_format(rrs[i].name, name), type_format(rrs[i].type, type),
		    rrs[i].rrclass, rrs[i].ttl, rdata);

		free(text);
		free(rdata);
		text = more;
	}
	return text;
}

static const struct {
	const char *body, *prerequisites, *changes;
} good[] = {
	{ "{\"changes\":[]}", "", "" },
	{ "{\"changes\":[{\"op\":\"add\",\"name\":\"www\",\"type\":\"A\",\"ttl\":60,\"rdata\":[\"192.0.2.1\",\"192.0.2.2\"]}]}", "",
	    "www.example.com A 1 60 192.0.2.1\nwww.example.com A 1 60 192.0.2.2\n" },
	{ "{\"changes\":[{\"op\":\"set\",\"name\":\"WWW.example.com\",\"type\":\"mx\",\"rdata\":[\"1 mail.example.net\"]}]}", "",
	    "www.example.com MX 255 0 -\nwww.example.com MX 1 300 1 mail.example.net.\n" },
	{ "{\"changes\":[{\"op\":\"delete\",\"name\":\"@\"},{\"op\":\"delete\",\"name\":\"@\",\"type\":\"TXT\"},"
	    "{\"op\":\"delete\",\"name\":\"a.\\\\000.b\",\"type\":\"TYPE65280\",\"rdata\":[\"\\\\# 1 ff\"]}]}", "",
	    "example.com ANY 255 0 -\nexample.com TXT 255 0 -\na.\\000.b.example.com TYPE65280 254 0 \\# 1 ff\n" },
	{ "{\"changes\":[{\"op\":\"set\",\"name\":\"@\",\"type\":\"NS\",\"rdata\":[\"ns.test\"]}]}", "", "example.com NS 1 300 ns.test.\n" },
	{ "{\"prerequisites\":[{\"name\":\"a\",\"exists\":true},{\"name\":\"a\",\"exists\":false},{\"name\":\"a\",\"type\":\"A\",\"exists\":true},"
	    "{\"name\":\"a\",\"type\":\"A\",\"exists\":false},{\"name\":\"a\",\"type\":\"A\",\"exists\":true,\"rdata\":[\"192.0.2.1\"]}],\"changes\":[]}",
	    "a.example.com ANY 255 0 -\na.example.com ANY 254 0 -\na.example.com A 255 0 -\na.example.com A 254 0 -\na.example.com A 1 0 192.0.2.1\n", "" },
};

START_TEST(becomes)
{
	char *prerequisites, *changes;

	ck_assert_msg(take(good[_i].body), "%s", error.message);
	prerequisites = lines_of(edits.update->prerequisites, edits.update->nprerequisites);
	changes = lines_of(edits.update->changes, edits.update->nchanges);
	ck_assert_str_eq(prerequisites, good[_i].prerequisites);
	ck_assert_str_eq(changes, good[_i].changes);
	ck_assert(edits.update->strict);
	ck_assert(!edits.update->has_serial);
	free(prerequisites);
	free(changes);
	edits_clear(&edits);
}
END_TEST

START_TEST(around)
{
	ck_assert(take("{\"changes\":[],\"if_serial\":4294967295,\"owner\":\"ops\",\"why\":\"gr\\u00fcn\"}"));
	ck_assert(edits.update->has_serial);
	ck_assert_uint_eq(edits.update->if_serial, 4294967295u);
	ck_assert_str_eq(edits.owner, "ops");
	ck_assert_str_eq(edits.why, "gr\xc3\xbcn");
	edits_clear(&edits);
}
END_TEST

static const struct {
	const char *body, *key, *says;
} mistakes[] = {
	{ "", NULL, "no JSON" },
	{ "[]", NULL, "no JSON object" },
	{ "{}", "changes", "missing" },
	{ "{\"changes\":{}}", "changes", "list" },
	{ "{\"changes\":[7]}", "changes", "changes[0]: " },
	{ "{\"changes\":[{\"op\":\"add\"}]}", "changes", "changes[0].name: " },
	{ "{\"changes\":[{\"op\":\"move\",\"name\":\"a\",\"type\":\"A\"}]}", "changes", "changes[0].op: \"move\"" },
	{ "{\"changes\":[{\"op\":\"add\",\"name\":\"a\",\"type\":\"A\"}]}", "changes", "changes[0].rdata: add needs" },
	{ "{\"changes\":[{\"op\":\"add\",\"name\":\"a\",\"rdata\":[\"x\"]}]}", "changes", "changes[0].type: " },
	{ "{\"changes\":[{\"op\":\"delete\",\"name\":\"a\",\"rdata\":[\"x\"]}]}", "changes", "changes[0].rdata: " },
	{ "{\"changes\":[{\"op\":\"delete\",\"name\":\"a\",\"type\":\"A\",\"rdata\":[]}]}", "changes", "changes[0].rdata: " },
	{ "{\"changes\":[{\"op\":\"add\",\"name\":\"a\",\"type\":\"AXFR\",\"rdata\":[\"x\"]}]}", "changes", "changes[0].type: " },
	{ "{\"changes\":[{\"op\":\"add\",\"name\":\"a.test.\",\"type\":\"A\",\"rdata\":[\"192.0.2.1\"]}]}", "changes", "not in the zone" },
	{ "{\"changes\":[{\"op\":\"add\",\"name\":\"\\u00fc\",\"type\":\"A\",\"rdata\":[\"192.0.2.1\"]}]}", "changes", "beyond ASCII" },
	{ "{\"changes\":[{\"op\":\"add\",\"name\":\"a..b\",\"type\":\"A\",\"rdata\":[\"192.0.2.1\"]}]}", "changes", "no domain name" },
	{ "{\"changes\":[{\"op\":\"add\",\"name\":\"a\",\"type\":\"A\",\"rdata\":[\"192.0.2.1\",\"x\"]}]}", "changes", "changes[0].rdata[1]: \"x\" is no rdata of A" },
	{ "{\"changes\":[{\"op\":\"add\",\"name\":\"a\",\"type\":\"A\",\"ttl\":-1,\"rdata\":[\"192.0.2.1\"]}]}", "changes", "changes[0].ttl: " },
	{ "{\"changes\":[{\"op\":\"add\",\"name\":\"a\",\"type\":\"A\",\"ttl\":2147483648,\"rdata\":[\"192.0.2.1\"]}]}", "changes", "changes[0].ttl: " },
	{ "{\"changes\":[{\"op\":\"add\",\"name\":\"a\",\"type\":\"TXT\",\"rdata\":[\"a\\nb\"]}]}", "changes", "control" },
	{ "{\"changes\":[{\"op\":\"add\",\"name\":\"a\",\"type\":\"A\",\"x\":1}]}", "changes", "unknown key \"x\"" },
	{ "{\"changes\":[],\"if_serial\":4294967296}", "if_serial", "serial" },
	{ "{\"changes\":[],\"if_serial\":\"7\"}", "if_serial", "serial" },
	{ "{\"changes\":[],\"prerequisites\":[{\"name\":\"a\"}]}", "prerequisites", "prerequisites[0].exists: " },
	{ "{\"changes\":[],\"prerequisites\":[{\"name\":\"a\",\"exists\":1}]}", "prerequisites", "prerequisites[0].exists: " },
	{ "{\"changes\":[],\"prerequisites\":[{\"name\":\"a\",\"exists\":false,\"type\":\"A\",\"rdata\":[\"192.0.2.1\"]}]}", "prerequisites", "[0].rdata: " },
};
enum { NMISTAKES = sizeof(mistakes) / sizeof(*mistakes), NGOOD = sizeof(good) / sizeof(*good) };

START_TEST(mistake)
{
	ck_assert_msg(!take(mistakes[_i].body), "%s", mistakes[_i].body);
	ck_assert_msg(strstr(error.message, mistakes[_i].says) != NULL, "%s says: %s", mistakes[_i].body, error.message);
	ck_assert_pstr_eq(error.key, mistakes[_i].key);
	ck_assert_ptr_null(edits.update);
}
END_TEST

/* In the zone without a final dot; below the apex; too long there. */
START_TEST(names)
{
	uint8_t name[DNAME_MAX];
	char text[300], back[DNAME_TEXT];

	ck_assert(edits_name("a.example.com", apex, name, &error));
	ck_assert_str_eq(dname_format(name, back), "a.example.com");
	ck_assert(edits_name("a.example.org", apex, name, &error));
	ck_assert_str_eq(dname_format(name, back), "a.example.org.example.com");
	ck_assert(edits_name("badexample.com", apex, name, &error));
	ck_assert_str_eq(dname_format(name, back), "badexample.com.example.com");
	ck_assert(edits_name("a\\.", apex, name, &error));             /* the dot is in the label */
	ck_assert_str_eq(dname_format(name, back), "a\\..example.com");
	ck_assert(!edits_name("a\\\\.", apex, name, &error));          /* it is not */
	ck_assert(!edits_name("", apex, name, &error));
	ck_assert(!edits_name(".", apex, name, &error));
	/* 255 bytes in all: 240 for the labels before "example.com", and one more. */
	memset(text, 'x', sizeof(text));
	for (size_t i = 60; i < 240; i += 61)
		text[i] = '.';
	text[241] = '\0';
	ck_assert(edits_name(text, apex, name, &error));
	ck_assert_uint_eq(dname_length(name), 255);
	text[241] = 'x';
	text[242] = '\0';
	ck_assert(!edits_name(text, apex, name, &error));
}
END_TEST

START_TEST(too_many)
{
	size_t size = 0, room = (UPDATE_RRS_MAX + 1) * 64 + 64;
	char *text = mem_alloc(room);

	size += (size_t)snprintf(text, room, "{\"changes\":[");
	for (unsigned i = 0; i <= UPDATE_RRS_MAX; i++)
		size += (size_t)snprintf(text + size, room - size, "%s{\"op\":\"delete\",\"name\":\"n%u\"}", i > 0 ? "," : "", i);
	snprintf(text + size, room - size, "]}");
	ck_assert(!take(text));
	ck_assert_msg(strstr(error.message, "more than 20000") != NULL, "%s", error.message);
	free(text);
}
END_TEST

/* Bytes changed at random: read, or refused with a line of text. */
START_TEST(mutations)
{
	srandom(1);
	for (unsigned round = 0; round < 20000; round++) {
		const char *from = round % 2 == 0 ? good[random() % NGOOD].body : mistakes[random() % NMISTAKES].body;
		char *text = mem_text(from);
		size_t n = strlen(text);

		for (unsigned i = 0; n > 0 && i < 3; i++)
			text[(size_t)random() % n] = (char)(random() % 3 == 0 ? "{}[]\",:\\"[random() % 8] : random() % 255 + 1);
		if (take(text))
			edits_clear(&edits);
		else
			ck_assert(*error.message != '\0' && strpbrk(error.message, "\n\r\033") == NULL);
		free(text);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("edits");
	TCase *t = tcase_create("edits");

	tcase_add_loop_test(t, becomes, 0, NGOOD);
	tcase_add_test(t, around);
	tcase_add_loop_test(t, mistake, 0, NMISTAKES);
	tcase_add_test(t, names);
	tcase_add_test(t, too_many);
	tcase_add_test(t, mutations);
	suite_add_tcase(s, t);
	return suite_run(s);
}
