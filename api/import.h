/* import.h - a zone's whole contents, as a master file. Control thread only. */
#ifndef API_IMPORT_H
#define API_IMPORT_H

struct call;

enum { IMPORT_MAX = 64 << 20 };        /* bytes: a million records and more */

void zone_file_put(struct call *c);    /* ends in a later turn */

#endif
