/* routes.h - the table of what can be asked for. */
#ifndef API_ROUTES_H
#define API_ROUTES_H

#include "api/call.h"

/* Who may: each role includes those before it. The Unix socket is admin. */
enum role { ROLE_READ, ROLE_OPERATE, ROLE_ADMIN };

struct route {
	const char *method;
	const char *pattern;           /* path.h */
	enum role role;
	void (*run)(struct call *c);   /* ends the call */
	const char *query;             /* the query's keys, space separated; NULL: none */
	size_t body;                   /* how long its body may be; 0: BODY_MAX */
};

/* Finds c's route by method and path, checks its query and runs it, or refuses: 404, 405 with Allow, 400. */
void routes_run(struct call *c);

#endif
