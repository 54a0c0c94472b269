/* chain.h - from the question's name to what answers it (RFC 1034, 4.3.2). */
#ifndef DNSD_CHAIN_H
#define DNSD_CHAIN_H

#include "dnsd/reply.h"
#include "dnsd/snapshot.h"

enum { CHAIN_LINKS_MAX = 16 };         /* CNAMEs followed in one answer: more than any sane chain, few enough to copy */

/* Answers q, of class IN, from the zones of s: follows CNAMEs and DNAMEs through all of them. r holds the question;
 * first is where its name leads (zone_set_look_up()). */
void chain_answer(struct reply *r, const struct snapshot *s, const struct question *q, const struct look_up *first);

#endif
