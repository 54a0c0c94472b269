/* test_base64.c - RFC 4648's own examples, and what is none. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "conf/base64.h"
#include "tests/unit/suite.h"

static const struct { const char *text, *bytes; } good[] = {   /* RFC 4648, 10; then white space */
	{ "", "" },
	{ "Zg==", "f" },
	{ "Zm8=", "fo" },
	{ "Zm9v", "foo" },
	{ "Zm9vYg==", "foob" },
	{ "Zm9vYmE=", "fooba" },
	{ "Zm9vYmFy", "foobar" },
	{ "/+9A", "\xff\xef\x40" },
	{ " Zm 9v\nYg\t=\r\n= ", "foob" },
	{ " \n", "" },
};

START_TEST(test_good)
{
	uint8_t out[8];
	size_t size = 99;

	ck_assert(base64_decode(good[_i].text, out, sizeof(out), &size));
	ck_assert_uint_eq(size, strlen(good[_i].bytes));
	ck_assert_mem_eq(out, good[_i].bytes, size);
}
END_TEST

static const char *const bad[] = {
	"=", "==", "====", "Z", "Z===", "Zg", "Zg=", "Zg===", "Zg== =", "Zg==Zg==", "Zm8", "Zm8==", "Zm9v=", "Zm9v====", "Zm9vYg",
	"Zh==", "Zm9=",                        /* bits behind the last byte */
	"Zg**", "Zg=*", "Zm8*", "Zm9-", "Zm9_", "Zm9.", "Z*9v", "Zm9v!", "\x80m9v",
};

START_TEST(test_bad)
{
	uint8_t out[8];
	size_t size;

	ck_assert_msg(!base64_decode(bad[_i], out, sizeof(out), &size), "%s", bad[_i]);
}
END_TEST

/* As much room as there are bytes will do; one less will not, and nothing is written behind it. */
START_TEST(test_room)
{
	static const char text[] = "Zm9vYmFy", shorter[] = "Zm9vYg==";
	uint8_t out[8];
	size_t size;

	for (size_t room = 0; room < sizeof(out); room++) {
		memset(out, 0xee, sizeof(out));
		ck_assert_int_eq(base64_decode(text, out, room, &size), room >= 6);
		ck_assert_uint_eq(out[room], 0xee);
		ck_assert_int_eq(base64_decode(shorter, out, room, &size), room >= 4);
		ck_assert_uint_eq(out[room], 0xee);
	}
}
END_TEST

/* Every byte comes through, in each of the three places. */
START_TEST(test_every_byte)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint8_t out[3];
	size_t size;

	for (unsigned n = 0; n < 256; n++) {
		unsigned bits = n << 16 | (255 - n) << 8 | (n ^ 0x5a);
		char text[5] = { alphabet[bits >> 18], alphabet[bits >> 12 & 63], alphabet[bits >> 6 & 63], alphabet[bits & 63] };

		ck_assert(base64_decode(text, out, sizeof(out), &size));
		ck_assert_uint_eq(size, 3);
		ck_assert_uint_eq((unsigned)out[0] << 16 | (unsigned)out[1] << 8 | out[2], bits);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base64");
	TCase *tests = tcase_create("base64");

	tcase_add_loop_test(tests, test_good, 0, (int)(sizeof(good) / sizeof(*good)));
	tcase_add_loop_test(tests, test_bad, 0, (int)(sizeof(bad) / sizeof(*bad)));
	tcase_add_test(tests, test_room);
	tcase_add_test(tests, test_every_byte);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
