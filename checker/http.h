/* http.h - the http and https checks, by libcurl. */
#ifndef CHECKER_HTTP_H
#define CHECKER_HTTP_H

#include "checker/poller.h"
#include "checker/probe.h"

struct prober *http_new(struct poller *poller);        /* NULL when libcurl cannot start */

#endif
