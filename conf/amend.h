/* amend.h - the groups that were added at run time, as the tables read them.
 *
 * Each is parsed by itself into the place in the tree that it would have in the file, so that a message names it by the path that
 * an operator knows. The control thread or a loading one, during conf_amend() only. */
#ifndef CONF_AMEND_H
#define CONF_AMEND_H

#include <libconfig.h>

#include "conf/conf.h"

struct added {
	struct conf_more *more;
	config_t config;
	const config_setting_t *setting;       /* the group; NULL: not to be read, which is said */
	struct added *next;                    /* of the same service */
};

struct additions {
	struct added *list;
	size_t count;
	struct added **servers;                /* those that are servers, nservers of them */
	size_t nservers;
	struct added **members;                /* one per service of the base: its first; NULL: none */
};

/* Whose setting s is; NULL: the file's. */
struct conf_more *added_of(const config_setting_t *s);
/* The mistake that will be said next is more's. */
void added_note(struct conf_more *more, const struct diag *diag);

#endif
