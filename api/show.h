/* show.h - the routes that show what is; each ends its call at once, but for zone_file_get(). Control thread only. */
#ifndef API_SHOW_H
#define API_SHOW_H

struct call;

void status_get(struct call *c);       /* status.c */
void services_get(struct call *c);     /* show.c */
void service_get(struct call *c);
void servers_get(struct call *c);
void server_get(struct call *c);
void fabrics_get(struct call *c);
void checks_get(struct call *c);
void version_get(struct call *c);
void healthz_get(struct call *c);
void explain_get(struct call *c);      /* explain.c */
void zones_get(struct call *c);        /* zones.c */
void zone_get(struct call *c);
void zone_file_get(struct call *c);    /* replies in pieces */

#endif
