/* http_run.h - one request: what is asked, and what the answer is worth.
 *
 * http.c moves requests through libcurl; this knows their content. */
#ifndef CHECKER_HTTP_RUN_H
#define CHECKER_HTTP_RUN_H

#include <curl/curl.h>

#include "checker/pattern.h"
#include "checker/probe.h"
#include "checker/tls.h"

struct http_plan;

enum { HTTP_WORDS = sizeof(((struct target_view *)0)->detail) };

/* A request under way, or idle and to be used again. */
struct http_run {
	struct http_run *next;         /* in the idle list */
	CURL *easy;
	struct probe *probe;
	const struct http_plan *plan;
	char *body;                    /* what was received, up to PATTERN_ROOM */
	size_t length;
	bool enough;                   /* we broke off: nothing more can change the verdict */
	bool certificate_seen;
	char certificate[HTTP_WORDS];  /* it expires too soon */
	char local[HTTP_WORDS];        /* why no socket could be opened */
	char error[CURL_ERROR_SIZE];
};

struct http_verdict {
	enum probe_reason reason;
	char words[HTTP_WORDS];
};

struct http_plan *http_plan_new(const struct aim *aim, struct tls_roots *roots, char *error, size_t error_size);
void http_plan_free(struct http_plan *plan);   /* NULL is fine */

struct http_run *http_run_new(void);           /* NULL: out of memory */
void http_run_free(struct http_run *run);      /* NULL is fine */
bool http_run_begin(struct http_run *run, struct probe *p);    /* sets every option for p; false: out of memory */

/* What libcurl's end of the transfer says about the target. */
void http_judge(const struct http_run *run, CURLcode code, struct http_verdict *out);

#endif
