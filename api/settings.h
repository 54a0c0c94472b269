/* settings.h - settings that come as JSON, in the words of homing.conf.
 *
 *     {"checks": ["alive"], "interfaces": [{"name": "a", "address": "10.1.0.19"}]}
 *     { name = "db9"; checks = ( "alive" ); interfaces = ( { name = "a"; address = "10.1.0.19"; } ); }
 *
 * What they mean, and which there are, is the configuration's to say (conf_amend()). Pure functions. */
#ifndef API_SETTINGS_H
#define API_SETTINGS_H

#include "api/body.h"

/* The body, a JSON object, as one group that has key = name first. Where the body gives that too, it must be the same. Its "owner" is no
 * setting, but who asks: "" where it is not given. malloc'd; NULL with what is wrong in error. */
char *settings_text(const char *bytes, size_t length, const char *key, const char *name, char owner[OWNER_MAX + 1],
    struct body_error *error);

#endif
