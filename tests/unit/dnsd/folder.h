/* folder.h - a folder of its own for each test of the store. In memory where that can be had: what the death of a process
 * leaves behind is the same there, and nothing waits for a disk. */
#ifndef TESTS_UNIT_DNSD_FOLDER_H
#define TESTS_UNIT_DNSD_FOLDER_H

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];
static char error[512];

static inline void
folder_make(void)
{
	snprintf(folder, sizeof(folder), "%s/homing-store-XXXXXX", access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

/* The path of a file in it; the text is the caller's buffer of 128. */
static inline char *
folder_path(const char *name, char path[128])
{
	snprintf(path, 128, "%s/%s", folder, name);
	return path;
}

static inline void
folder_remove(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[512];

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(path);
	}
	closedir(dir);
	ck_assert_int_eq(rmdir(folder), 0);
}

#endif
