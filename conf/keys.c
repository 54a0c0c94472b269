/* keys.c - the list "keys": the shared secrets that sign transfers and notifications. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "conf/base64.h"
#include "conf/keyfile.h"
#include "conf/reader.h"

enum { SECRET_MOST = 1024 };

static const struct word algorithms[] = {
	{ "hmac-sha1", TSIG_HMAC_SHA1, false },     { "hmac-sha224", TSIG_HMAC_SHA224, false },
	{ "hmac-sha256", TSIG_HMAC_SHA256, false }, { "hmac-sha384", TSIG_HMAC_SHA384, false },
	{ "hmac-sha512", TSIG_HMAC_SHA512, false }, { NULL, 0, false },
};

const char *
tsig_algorithm_text(enum tsig_algorithm algorithm)
{
	return algorithms[algorithm].word;
}

/* ---- kinds ---- */

/* Old tools make keys for MD5 without being asked: people should know what to do then. */
static bool
read_algorithm(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	static const char md5[] = "hmac-md5";
	const char *text = config_setting_get_string(s);

	if (text == NULL || strncasecmp(text, md5, sizeof(md5) - 1) != 0)
		return kind_word.read(r, row, s, out);
	reader_say(r, s, "hmac-md5 is broken and not supported (expected another on both sides: use hmac-sha256)");
	return false;
}

static const struct kind kind_algorithm = { "an algorithm", sizeof(unsigned), read_algorithm, NULL, false };

const struct conf_key *
key_find(struct reader *r, const config_setting_t *s, const char *text)
{
	uint8_t name[DNAME_MAX];
	char shown[DNAME_TEXT], hint[SHOWN];
	const struct conf_key *key;

	if (dname_parse(text, name) == 0) {
		reader_say(r, s, "\"%.80s\" is no key (expected the name of a key)", text);
		return NULL;
	}
	dname_format(name, shown);
	key = names_find(&r->keys, NULL, shown);
	if (key == NULL)
		reader_say(r, s, "\"%.80s\" is no key (expected the name of a key%s)", text,
		    reader_hint(names_close(&r->keys, NULL, shown), hint));
	return key;
}

static bool
read_key(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	const char *text = config_setting_get_string(s);
	const struct conf_key *key;
	char shown[SHOWN];

	if (text == NULL) {
		reader_say(r, s, "%s is no key (expected %s)", reader_show(s, shown), row->kind->expected);
		return false;
	}
	key = key_find(r, s, text);
	if (key != NULL)
		*(const struct conf_key **)out = key;
	return key != NULL;
}

const struct kind kind_key = { "the name of a key", sizeof(void *), read_key, NULL, false };

/* ---- the table ---- */

static const struct row rows[] = {
	{ "name", &kind_dname, .required = true },
	{ "algorithm", &kind_algorithm, AT(struct conf_key, algorithm), .words = algorithms, .initial = TSIG_HMAC_SHA256 },
	{ "secret", &kind_beside },            /* one of the two */
	{ "secret_file", &kind_beside },
};

static const struct row file_row = { "secret_file", &kind_path, .size = sizeof(char *) };

static const struct group group = GROUP("the settings of a key", rows);

/* ---- secrets ---- */

/* A message never quotes a secret: it goes to logs. */
static void
secret_decode(struct reader *r, const config_setting_t *s, const char *text, struct conf_key *key)
{
	uint8_t secret[SECRET_MOST];
	size_t size;

	if (text == NULL || !base64_decode(text, secret, sizeof(secret), &size) || size == 0) {
		reader_say(r, s, "no secret in base64 (expected 1 to %d bytes, such as tsig-keygen prints them)", SECRET_MOST);
		return;
	}
	key->secret = mem_alloc(size);
	key->secret_size = size;
	memcpy(key->secret, secret, size);
}

/* What the file says of the algorithm goes where nothing else is said, and is no other where it is. */
static void
algorithm_settle(struct reader *r, const config_setting_t *s, const config_setting_t *one, const char *text, struct conf_key *key)
{
	const struct word *w = algorithms;
	char list[256];

	while (w->word != NULL && strcasecmp(w->word, text) != 0)
		w++;
	if (w->word == NULL)
		reader_say(r, one, "the file's algorithm is \"%.40s\" (expected %s)", text,
		    words_list(algorithms, list, sizeof(list)));
	else if (reader_get(s, "algorithm") == NULL)
		key->algorithm = (enum tsig_algorithm)w->value;
	else if (w->value != (int)key->algorithm)
		reader_say(r, one, "the file's algorithm is %s (expected %s, as algorithm says)", w->word,
		    tsig_algorithm_text(key->algorithm));
}

static void
file_read(struct reader *r, const config_setting_t *s, const config_setting_t *one, struct conf_key *key)
{
	struct keyfile file;
	const char *wrong;
	char *path;

	if (!file_row.kind->read(r, &file_row, one, &path))
		return;
	wrong = keyfile_read(path, key->dname, &file);
	if (wrong == NULL) {
		if (*file.algorithm != '\0')
			algorithm_settle(r, s, one, file.algorithm, key);
		secret_decode(r, one, file.secret, key);
		free(file.secret);
	} else {
		reader_say(r, one, "%s: %s (expected a secret in base64, or what tsig-keygen prints for key \"%s\")", path, wrong,
		    key->name);
	}
	free(path);
}

static void
secret_read(struct reader *r, const config_setting_t *s, struct conf_key *key)
{
	const config_setting_t *secret = reader_get(s, "secret"), *file = reader_get(s, "secret_file");

	if (secret == NULL && file == NULL)
		reader_miss(r, s, "secret", "missing (expected secret or secret_file)");
	else if (secret != NULL && file != NULL)
		reader_say(r, file, "secret is given too (expected one of the two)");
	else if (secret != NULL)
		secret_decode(r, secret, config_setting_get_string(secret), key);
	else if (key->name != NULL)
		file_read(r, s, file, key);
}

/* ---- all of them ---- */

static void
key_twice(void *ctx, const void *item, const void *first)
{
	struct reader *r = ctx;
	const struct conf_key *key = item, *other = first;
	const config_setting_t *s = reader_item(reader_get(r->root, "keys"), (size_t)(key - r->conf->keys));

	reader_say(r, reader_get(s, "name"), "\"%s\" is the name of the key in line %u too (expected another name)", key->name,
	    other->line);
}

void
keys_read(struct reader *r)
{
	struct conf *c = r->conf;
	const config_setting_t *list = reader_list(r, r->root, "keys", &c->nkeys);

	c->keys = mem_array(c->nkeys, sizeof(*c->keys));
	for (size_t i = 0; i < c->nkeys; i++) {
		const config_setting_t *s = reader_item(list, i);
		struct conf_key *key = &c->keys[i];

		key->line = config_setting_source_line(s);
		reader_group(r, &group, s, 0, key);
		if (!config_setting_is_group(s))
			continue;
		key->name = reader_dname(r, s, key->dname);
		if (key->name != NULL)
			names_add(&r->keys, NULL, key->name, key);
		secret_read(r, s, key);
	}
	names_sort(&r->keys, key_twice, r);
}

void
keys_free(struct conf *c)
{
	for (size_t i = 0; i < c->nkeys; i++) {
		free(c->keys[i].name);
		free(c->keys[i].secret);
	}
	free(c->keys);
}
