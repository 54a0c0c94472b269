/* history.h - what happened. */
#ifndef API_HISTORY_H
#define API_HISTORY_H

struct call;

/* GET /v1/history?subject=&since=&kind=&limit=&before=: newest first. "next" is the next page's before, null behind the last one. */
void history_get(struct call *c);

#endif
