/* operate.h - the routes that do something. Control thread only. */
#ifndef API_OPERATE_H
#define API_OPERATE_H

struct call;

void overrides_get(struct call *c);    /* overrides.c; each ends its call at once */
void override_put(struct call *c);
void override_delete(struct call *c);
void server_put(struct call *c);       /* objects.c; each ends when the change serves or is refused */
void server_post(struct call *c);      /* as PUT, but there must be none yet */
void server_delete(struct call *c);
void member_put(struct call *c);
void member_post(struct call *c);
void member_delete(struct call *c);
void checks_run_post(struct call *c);  /* operate.c; ends when every probe has */
void reload_post(struct call *c);      /* ends when the new configuration serves or is refused */
void stop_post(struct call *c);

#endif
