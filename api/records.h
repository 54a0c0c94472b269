/* records.h - the routes of a zone's records. Those that change something end in a later turn. Control thread only. */
#ifndef API_RECORDS_H
#define API_RECORDS_H

struct call;

void records_get(struct call *c);      /* records.c: a page of the zone */
void record_name_get(struct call *c);  /* what a name has */
void record_get(struct call *c);       /* one RRset */
void record_put(struct call *c);       /* change.c */
void record_delete(struct call *c);
void changes_post(struct call *c);

#endif
