/* reader.h - from settings to structs, by tables.
 *
 * Each setting of each group is a row: its name, its kind, where its value goes,
 * its range and its default. reader_group() walks a group once along its rows;
 * what a row cannot say (a timeout is at most its interval) is checked by the
 * code beside the table. A mistake is added to the diag and reading goes on: the
 * value then keeps its default, and the tree is thrown away in the end.
 *
 * All of it belongs to the control thread, during conf_load() only. */
#ifndef CONF_READER_H
#define CONF_READER_H

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "conf/names.h"
#include "conf/subnets.h"

struct reader {
	const char *file;              /* as given, for messages */
	char *folder;                  /* absolute, "" for the root: what relative paths are relative to */
	struct diag *diag;
	const struct config_setting_t *root;
	struct conf *conf;             /* being built */
	struct names keys, fabrics, checks, servers, interfaces, zones, services;
	struct subnets subnets;
	bool subnets_doubtful, zones_doubtful; /* some of them were wrong: what lies in which is not known */
	const struct additions *added; /* at run time (amend.h); NULL: none */
};

struct row;

/* What values of a kind look like. Reads s into out, or says what is wrong. */
struct kind {
	const char *expected;          /* "a number", as in "expected a number 1..64" */
	size_t size;                   /* of an element of a list of these */
	bool (*read)(struct reader *r, const struct row *row, const config_setting_t *s, void *out);
	bool (*valid)(const char *text);       /* texts only */
	bool owned;                    /* the value is a pointer to free */
};

struct word {
	const char *word;
	int value;
	bool later;                    /* a word of the contract whose function this version lacks */
};

struct row {
	const char *name;
	const struct kind *kind;
	size_t offset, size;           /* of the value in the struct */
	size_t count;                  /* of the count in the struct, if list */
	int64_t least, most;           /* numbers: the range, in the unit of the value; texts: longest; lists: most elements */
	int64_t initial;               /* the default; of sockets: the port */
	const char *text;              /* the default of a text; NULL: absent */
	const struct word *words;      /* of kind_word; ends with a NULL word */
	unsigned types;                /* the types of check that have it, a bit each; 0: all */
	bool list;                     /* as many as one likes; one alone needs no brackets */
	bool required;
};

#define AT(type, field) .offset = offsetof(type, field), .size = sizeof(((type *)NULL)->field)
#define LIST(type, field, many) \
	.list = true, .offset = offsetof(type, field), .size = sizeof(((type *)NULL)->field), .count = offsetof(type, many)

/* A group's table. */
struct group {
	const char *what;              /* "a check" */
	const struct row *rows;
	size_t nrows;
};

#define GROUP(name, rows) { name, rows, sizeof(rows) / sizeof(*(rows)) }

extern const struct kind kind_text, kind_name, kind_device, kind_header, kind_method, kind_host, kind_target, kind_path,
    kind_readable, kind_bool, kind_number, kind_percent, kind_duration, kind_seconds, kind_word, kind_address, kind_socket,
    kind_peer, kind_prefix, kind_status, kind_check, kind_fabric, kind_server, kind_key, kind_who;
extern const struct kind kind_later;   /* in the contract, not in this version */
extern const struct kind kind_idle;    /* likewise, but its default may be said: the row's only word, or least */
extern const struct kind kind_idle_bool;       /* likewise; the default is false */
extern const struct kind kind_beside, kind_dname, kind_groups;         /* read by the code beside the table */

/* ---- mistakes ---- */

enum { SHOWN = 128 };

#define READER_ADDED "run time"        /* in place of the file, for what was added */

/* "FILE:LINE: PATH: ..." for a setting. */
void reader_say(struct reader *r, const config_setting_t *s, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same for a setting that should be in a group and is not. */
void reader_miss(struct reader *r, const config_setting_t *group, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* A value as it is quoted in a message. Returns buf. */
const char *reader_show(const config_setting_t *s, char buf[SHOWN]);

/* "; did you mean "X"?" or "" where close is NULL. Returns buf. */
const char *reader_hint(const char *close, char buf[SHOWN]);

/* "all", "rotate" or "tree"; what this version lacks is left out. Returns buf. */
const char *words_list(const struct word *words, char *buf, size_t size);

/* Where something else stands, as it is told in a message: "in line 12", or "added at run time". Returns buf. */
const char *reader_place(unsigned line, bool added, char buf[SHOWN]);

size_t reader_mistakes(const struct reader *r);        /* so far, dropped ones too */

/* ---- reading ---- */

/* Defaults, then the settings of s. Settings of other types of check than those in
 * the bit set types are mistakes, unless types is 0. */
void reader_group(struct reader *r, const struct group *group, const config_setting_t *s, unsigned types, void *out);

/* Stores a number in a field of 1, 2, 4 or 8 bytes. */
void reader_put(void *out, size_t size, int64_t value);

/* Defaults alone. */
void reader_defaults(const struct group *group, void *out);

/* Frees what the rows of a group own. */
void reader_release(const struct group *group, void *out);

/* The list of groups called name in a group: NULL with count 0 if it is absent or no list, which is said. */
const config_setting_t *reader_list(struct reader *r, const config_setting_t *in, const char *name, size_t *count);

/* The nth element of a list, group or array. */
const config_setting_t *reader_item(const config_setting_t *list, size_t n);

const config_setting_t *reader_get(const config_setting_t *group, const char *name);   /* NULL: absent */
const char *reader_text(const config_setting_t *group, const char *name);      /* NULL: absent or no string */

/* The list of values of a row that is beside the table: *out is malloc'd, of elements of the row's kind. */
size_t reader_values(struct reader *r, const struct row *row, const config_setting_t *s, void *out);

/* Text as a prefix. NULL: it is one; else what is wrong with it, to be said behind it. */
const char *prefix_wrong(const char *text, struct prefix *out);

/* The group's "name" as a domain name; text is malloc'd, in presentation form. NULL: it is no name, which is said. */
char *reader_dname(struct reader *r, const config_setting_t *group, uint8_t name[DNAME_MAX]);

/* A path as the contract wants it: absolute. malloc'd. */
char *reader_path(const struct reader *r, const char *path);

/* ---- the groups of the file, in the order they are read: names first, references later ---- */

void daemon_read(struct reader *r);
void keys_read(struct reader *r);
void fabrics_read(struct reader *r);
void checks_read(struct reader *r);
void servers_read(struct reader *r);
void zones_read(struct reader *r);
void services_read(struct reader *r);
void zones_settle(struct reader *r);           /* gives each service its zone */
void zones_place(struct reader *r);            /* the same where all zones are known, and all services fit into one */
void indexes_free(struct reader *r);

/* The key called text, any spelling of its name; NULL: there is none, which is said. */
const struct conf_key *key_find(struct reader *r, const config_setting_t *s, const char *text);

/* The list "notify" of the zone in s: z->notify is malloc'd. */
void notify_read(struct reader *r, const config_setting_t *s, struct conf_zone *z);

/* Says whoever is told of changes of a zone, right so far, that he may not transfer. */
void notify_check(struct reader *r, const config_setting_t *s, const struct conf_zone *z);

/* The list "update_rules" of the zone in s, and whether it may have any: z->update_rules is malloc'd. */
void updating_read(struct reader *r, const config_setting_t *s, struct conf_zone *z);
void updating_free(struct conf_zone *z);

void daemon_free(struct conf *c);
void keys_free(struct conf *c);
void fabrics_free(struct conf *c);
void checks_free(struct conf *c);
void servers_free(struct conf *c);
void zones_free(struct conf *c);
void services_free(struct conf *c);

/* What was parsed. */
const config_setting_t *conf_text_root(const struct conf_text *t);

/* The setting server.control alone. malloc'd. */
char *daemon_control(struct reader *r);

#endif
