/* test_keyfile.c - secrets in files of their own, and files that are none. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dname.h"
#include "base/mem.h"
#include "conf/keyfile.h"
#include "tests/unit/suite.h"

static char path[] = "/tmp/homing-test-keyfile-XXXXXX";

static void
path_make(void)
{
	int fd;

	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(close(fd), 0);
}

static void
path_remove(void)
{
	ck_assert_int_eq(unlink(path), 0);
}

static const char *
read_text(const char *text, size_t length, struct keyfile *out)
{
	uint8_t name[DNAME_MAX];
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text, 1, length, f), length);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_uint_gt(dname_parse("xfer.example", name), 0);
	return keyfile_read(path, name, out);
}

static const struct { const char *text, *algorithm, *secret; } good[] = {
	{ "QUJD", "", "QUJD" },
	{ "QUJD\nREVG\n", "", "QUJD\nREVG\n" },        /* decoding skips the blanks */
	{ "", "", "" },                        /* and says so here */
	/* tsig-keygen's own form, and what named.conf allows beside it */
	{ "key \"xfer.example\" {\n\talgorithm hmac-sha256;\n\tsecret \"QUJD\";\n};\n", "hmac-sha256", "QUJD" },
	{ "key XFER.example. { secret QUJD; };", "", "QUJD" },
	{ "key xfer.example{algorithm \"hmac-sha1\";secret \"QUJD\";};", "hmac-sha1", "QUJD" },
	{ "# a\n// b {\n/* c\n} */ key xfer.example { secret \"//8=\"; # d\n }; // e", "", "//8=" },
	{ "key other { algorithm hmac-sha1; secret Tk8=; };\nkey xfer.example { secret QUJD; };\nkey third { secret Tk8=; };", "",
	  "QUJD" },
	{ "key xfer.example { secret Tk8=; secret QUJD; };", "", "QUJD" },
	{ "key xfer.example { secret QUJD; }; what follows does not matter", "", "QUJD" },
};

START_TEST(test_good)
{
	struct keyfile file;
	const char *wrong = read_text(good[_i].text, strlen(good[_i].text), &file);

	ck_assert_msg(wrong == NULL, "%s: %s", good[_i].text, wrong);
	ck_assert_str_eq(file.algorithm, good[_i].algorithm);
	ck_assert_str_eq(file.secret, good[_i].secret);
	free(file.secret);
}
END_TEST

static const struct { const char *text, *wrong; } bad[] = {
	{ "key other { secret QUJD; };", "holds no key of this name" },
	{ "key xfer { secret QUJD; };", "holds no key of this name" },
	{ "/* { */", "holds no key of this name" },
	{ "{", "no key file" },
	{ "key {", "no key file" },
	{ "key xfer.example {", "no key file" },
	{ "key xfer.example { secret", "no key file" },
	{ "key xfer.example { secret QUJD", "no key file" },
	{ "key xfer.example { secret QUJD;", "no key file" },
	{ "key xfer.example { secret QUJD; }", "no key file" },
	{ "key xfer.example { secret QUJD };", "no key file" },
	{ "key xfer.example { };", "no key file" },
	{ "key xfer.example { algorithm hmac-sha1; };", "no key file" },
	{ "key xfer.example { secret \"QUJD; };", "no key file" },
	{ "key xfer.example { secret \"QU\nJD\"; };", "no key file" },
	{ "key xfer.example { secret \"QUJD\n; };", "no key file" },
	{ "key xfer..example { secret QUJD; };", "no key file" },
	{ "key xfer.example { secrets QUJD; };", "no key file" },
	{ "keys xfer.example { secret QUJD; };", "no key file" },
	{ "key other { secret QUJD; }; more { };", "no key file" },
	{ "key other { secret QUJD; }; /* { ", "holds no key of this name" },
};

START_TEST(test_bad)
{
	struct keyfile file;
	const char *wrong = read_text(bad[_i].text, strlen(bad[_i].text), &file);

	ck_assert_msg(wrong != NULL && strcmp(wrong, bad[_i].wrong) == 0, "%s: %s", bad[_i].text, wrong != NULL ? wrong : "fine");
}
END_TEST

START_TEST(test_nul)
{
	struct keyfile file;

	ck_assert_pstr_eq(read_text("QUJD\0REVG", 9, &file), "holds a NUL byte");
}
END_TEST

/* A word of one byte less than its room is read, and the next longer one is not. */
START_TEST(test_long)
{
	struct keyfile file;

	for (size_t n = KEYFILE_WORD - 1; n <= KEYFILE_WORD; n++) {
		char *secret = mem_alloc(n + 1), *text;

		memset(secret, 'A', n);
		text = mem_printf("key xfer.example { secret \"%s\"; };", secret);
		ck_assert_int_eq(read_text(text, strlen(text), &file) == NULL, n < KEYFILE_WORD);
		if (n < KEYFILE_WORD) {
			ck_assert_str_eq(file.secret, secret);
			free(file.secret);
		}
		free(secret), free(text);
	}
}
END_TEST

START_TEST(test_missing)
{
	struct keyfile file;
	uint8_t root = 0;

	ck_assert_pstr_eq(keyfile_read("/homing-has-no-such-file", &root, &file), "No such file or directory");
	ck_assert_pstr_eq(keyfile_read("/", &root, &file), "not a regular file");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("keyfile");
	TCase *tests = tcase_create("keyfile");

	tcase_add_checked_fixture(tests, path_make, path_remove);
	tcase_add_loop_test(tests, test_good, 0, (int)(sizeof(good) / sizeof(*good)));
	tcase_add_loop_test(tests, test_bad, 0, (int)(sizeof(bad) / sizeof(*bad)));
	tcase_add_test(tests, test_nul);
	tcase_add_test(tests, test_long);
	tcase_add_test(tests, test_missing);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
