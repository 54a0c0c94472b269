/* test_listen.c - the control socket among the living, the dead and the strangers, with real sockets in a folder of its own. */
#include "api/listen.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char folder[64], path[128];

static void
folder_make(void)
{
	strcpy(folder, "/tmp/homing-listen-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/sub/dir/sock", folder);
}

static void
folder_remove(void)
{
	static const char *const parts[] = { "/sub/dir/sock", "/sub/dir", "/sub", "" };
	char part[128];

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		snprintf(part, sizeof(part), "%s%s", folder, parts[i]);
		if (unlink(part) != 0)
			rmdir(part);
	}
}

START_TEST(made_with_its_folder)
{
	struct listen_file file;
	struct stat st;
	char error[512];
	int fd = listen_open(path, &file, error, sizeof(error));

	ck_assert_msg(fd >= 0, "%s", error);
	ck_assert_int_eq(lstat(path, &st), 0);
	ck_assert(S_ISSOCK(st.st_mode));
	ck_assert_uint_eq(st.st_mode & 07777, 0660);
	close(fd);
	listen_remove(&file);
	ck_assert_int_ne(lstat(path, &st), 0);
}
END_TEST

START_TEST(the_living_keep_it)
{
	struct listen_file file, other;
	char error[512];
	int fd = listen_open(path, &file, error, sizeof(error));

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(listen_open(path, &other, error, sizeof(error)), -1);
	ck_assert_ptr_nonnull(strstr(error, "another homingd answers on"));
	ck_assert_ptr_nonnull(strstr(error, path));
	close(fd);
	listen_remove(&file);
}
END_TEST

START_TEST(the_dead_give_way)
{
	struct listen_file file, next;
	struct stat st;
	char error[512];
	int fd = listen_open(path, &file, error, sizeof(error));

	close(fd);                             /* kill -9: the file stays */
	fd = listen_open(path, &next, error, sizeof(error));
	ck_assert_msg(fd >= 0, "%s", error);
	/* The first one's late end does not take the second's file (a new inode, or the kernel reused the number). */
	if (file.inode != next.inode) {
		listen_remove(&file);
		ck_assert_int_eq(lstat(path, &st), 0);
	} else {
		free(file.path);
	}
	close(fd);
	listen_remove(&next);
}
END_TEST

START_TEST(what_is_no_socket_is_left_alone)
{
	struct listen_file file;
	struct stat st;
	char error[512], plain[160];
	FILE *f;

	snprintf(plain, sizeof(plain), "%s/sub", folder);
	f = fopen(plain, "w");
	ck_assert_ptr_nonnull(f);
	fclose(f);
	ck_assert_int_eq(listen_open(plain, &file, error, sizeof(error)), -1);
	ck_assert_ptr_nonnull(strstr(error, "is no socket"));
	ck_assert_int_eq(lstat(plain, &st), 0);
	/* And a folder that cannot be made says so through bind(). */
	ck_assert_int_eq(listen_open(path, &file, error, sizeof(error)), -1);
	ck_assert_ptr_nonnull(strstr(error, "bind"));
}
END_TEST

START_TEST(too_long)
{
	struct listen_file file;
	struct sockaddr_un sun;
	char error[512], text[sizeof(sun.sun_path) + 1];

	memset(text, 'x', sizeof(text));
	text[0] = '/';
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(listen_open(text, &file, error, sizeof(error)), -1);
	ck_assert_ptr_nonnull(strstr(error, "too long: 108 bytes, at most 107"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("listen");
	TCase *t = tcase_create("listen");

	tcase_add_checked_fixture(t, folder_make, folder_remove);
	tcase_add_test(t, made_with_its_folder);
	tcase_add_test(t, the_living_keep_it);
	tcase_add_test(t, the_dead_give_way);
	tcase_add_test(t, what_is_no_socket_is_left_alone);
	tcase_add_test(t, too_long);
	suite_add_tcase(s, t);
	return suite_run(s);
}
