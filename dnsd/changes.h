/* changes.h - inside the steps of a zone's history. edition.h has the contract. */
#ifndef DNSD_CHANGES_H
#define DNSD_CHANGES_H

#include "dnsd/edition.h"

/* Steps are shared by the editions whose history they are in, and counted; changes_draft_end() gives the first count. Any thread. */
void changes_hold(const struct changes *c);
void changes_let_go(const struct changes *c);          /* NULL is fine */

size_t changes_size(const struct changes *c);          /* bytes of memory */

#endif
