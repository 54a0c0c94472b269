/* dynamic.h - the records of a dynamic zone, out of versions that have services' addresses too.
 *
 * A reload reads no dynamic zone: what was configured is in the versions that are answered from. A copy is made
 * beside them, on the loading thread, for a new world shares nothing with the old one; what updates change meanwhile is followed
 * at the switch. Any thread that holds the versions. */
#ifndef DNSD_DYNAMIC_H
#define DNSD_DYNAMIC_H

struct zone;

/* A first version with all records of z but those that follow health. */
struct zone *dynamic_copy(const struct zone *z);

/* zone, which nobody reads yet, with what has changed from one version to another that came from it; NULL: nothing has. zone is as it
 * was; *garbage (of zone_commit()) is what of it the new version has not. */
struct garbage;
struct zone *dynamic_follow(const struct zone *zone, const struct zone *from, const struct zone *to, struct garbage **garbage);

#endif
