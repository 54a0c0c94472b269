/* store_file.h - the file homing.db: is it ours, and of which version? Its schema, step by step. For the store alone. */
#ifndef DNSD_STORE_FILE_H
#define DNSD_STORE_FILE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

enum { SCHEMA_RECORDS = 3 };           /* since this version there are records of zones, servers and members */

/* Makes the database where there is none. */
bool file_make(const char *folder, const char *path, char *error, size_t size);
/* Does the file that is there look like a database, and whole? Reads its header alone. */
bool file_check(const char *path, char *error, size_t size);
/* The version of its schema; 0 with a message: it is not homing's, or of a later version, or damaged. Only reads. */
int file_version(sqlite3 *db, const char *path, char *error, size_t size);
/* From that version to the present one. */
bool file_migrate(sqlite3 *db, const char *path, int version, char *error, size_t size);

#endif
