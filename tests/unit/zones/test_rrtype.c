/* test_rrtype.c - types of records by name, against what ldns calls them. */
#include <check.h>
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "base/rrtype.h"
#include "tests/unit/suite.h"

START_TEST(test_names)
{
	uint16_t type;

	ck_assert(rrtype_parse("TXT", &type) && type == 16);
	ck_assert(rrtype_parse("aaaa", &type) && type == 28);
	ck_assert(rrtype_parse("TYPE16", &type) && type == 16);
	ck_assert(rrtype_parse("type65535", &type) && type == 65535);
	ck_assert(rrtype_parse("TYPE0", &type) && type == 0);
	ck_assert(!rrtype_parse("", &type));
	ck_assert(!rrtype_parse("TXTT", &type));
	ck_assert(!rrtype_parse("TYPE", &type));
	ck_assert(!rrtype_parse("TYPE65536", &type));
	ck_assert(!rrtype_parse("TYPE-1", &type));
	ck_assert(!rrtype_parse("TYPE1x", &type));
	ck_assert(!rrtype_parse("TYPE 1", &type));
}
END_TEST

/* Every type there and back; where ldns has a name of its own for it, the same one. */
START_TEST(test_all)
{
	char text[RRTYPE_TEXT];
	unsigned named = 0;
	uint16_t back;

	for (unsigned type = 0; type <= UINT16_MAX; type++) {
		ck_assert_ptr_eq(rrtype_format((uint16_t)type, text), text);
		ck_assert_msg(rrtype_parse(text, &back) && back == type, "%s", text);
		if (strncmp(text, "TYPE", 4) == 0)
			continue;
		named++;
		char *name = ldns_rr_type2str((ldns_rr_type)type);
		if (strncmp(name, "TYPE", 4) != 0)
			ck_assert_str_eq(text, name);
		free(name);
	}
	ck_assert_uint_gt(named, 70);
}
END_TEST

START_TEST(test_data)
{
	static const uint16_t data[] = { 1, 16, 99, 127, 256, 65280 }, not[] = { 0, 41, 128, 249, 250, 251, 252, 253, 254, 255 };

	for (size_t i = 0; i < sizeof(data) / sizeof(*data); i++)
		ck_assert(rrtype_is_data(data[i]));
	for (size_t i = 0; i < sizeof(not) / sizeof(*not); i++)
		ck_assert(!rrtype_is_data(not[i]));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("rrtype");
	TCase *t = tcase_create("names");

	tcase_add_test(t, test_names);
	tcase_add_test(t, test_all);
	tcase_add_test(t, test_data);
	suite_add_tcase(s, t);
	return suite_run(s);
}
