/* http.h - the daemon's API over its Unix socket: calls and the event stream. */
#ifndef CLI_HTTP_H
#define CLI_HTTP_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct http;
struct stream;

enum { HTTP_NO_DAEMON = 0, HTTP_CUT_OFF = -1, REPLY_MAX = 256 * 1024 * 1024 };

struct http *http_new(const char *socket_path);
void http_free(struct http *h);        /* NULL is fine */
const char *http_socket(const struct http *h);

/* One request; body NULL: none. timeout_us 0: as long as it takes. Returns the status, HTTP_NO_DAEMON when
 * nobody answered. *reply: the JSON that came, NULL if none did; the caller's. */
int http_call(struct http *h, const char *method, const char *path, const json_t *body, uint64_t timeout_us, json_t **reply);

/* PUT path with a body that is no JSON. progress(arg, sent, size) is called now and then, sent == size while the daemon works on it. Else
 * as http_call(). */
int http_upload(struct http *h, const char *path, const char *type, const char *bytes, size_t size,
    void (*progress)(void *arg, size_t sent, size_t size), void *arg, json_t **reply);

/* GET path, its body to a file as it comes, as long as it takes. Returns the status, HTTP_NO_DAEMON when nobody answered, HTTP_CUT_OFF
 * when the body ended early or could not be written. *error: an error's JSON, NULL if none came; the caller's. */
int http_download(struct http *h, const char *path, FILE *to, json_t **error);

/* path with each name percent-encoded where fmt has %s. malloc'd. */
char *http_path(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* ---- the event stream ---- */

/* What stream_next() brings. */
enum stream_news { STREAM_OPEN, STREAM_EVENT, STREAM_TIMEOUT, STREAM_END };

/* Begins to connect; the first news is STREAM_OPEN, as soon as no event can be missed, or STREAM_END. */
struct stream *stream_open(struct http *h);
/* Waits until deadline_us (monotonic; 0: for ever). *event: the event's data, the caller's; NULL for other news. */
enum stream_news stream_next(struct stream *s, uint64_t deadline_us, json_t **event);
/* The process at the other end; 0: not known. Once open. */
pid_t stream_peer(struct stream *s);
void stream_close(struct stream *s);   /* NULL is fine */

#endif
