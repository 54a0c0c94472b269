#!/usr/bin/python3
# tsig_vectors.py - prints tsig_vectors.h: signed exchanges as dnspython makes them, and truncated ones, which it
# cannot make, by Python's hmac. Run it only to change the vectors; the header is kept.
import hmac
import struct

import dns.message
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TSIG
import dns.tsig

SIGNED = 1700000000                    # the request; the answer a second later, its further messages each one more
NAME = dns.name.from_text("XFer.Example.com")


def secret(algorithm):
    return bytes(range(1, 1 + dns.tsig.mac_sizes[algorithm]))


def by_hand(key, wire, rdata, before, later):
    """RFC 8945, 4.3, without dnspython's help."""
    h = hmac.new(key.secret, digestmod=str(key.algorithm).rstrip(".").replace("hmac-", ""))
    if before:
        h.update(struct.pack("!H", len(before)) + before)
    h.update(struct.pack("!H", rdata.original_id) + wire[2:])
    timers = struct.pack("!HIH", rdata.time_signed >> 32, rdata.time_signed & 0xFFFFFFFF, rdata.fudge)
    if later:
        h.update(timers)
    else:
        h.update(key.name.to_digestable() + struct.pack("!HI", 255, 0) + key.algorithm.to_digestable() + timers)
        h.update(struct.pack("!HH", rdata.error, len(rdata.other)) + rdata.other)
    return h.digest()


def signed(key, wire, time, before, later=False, truncate=0, error=0, other=b"", original_id=None, fudge=300):
    """The message with its TSIG, where that begins, and its MAC."""
    if original_id is None:
        original_id = struct.unpack("!H", wire[:2])[0]
    rdata = dns.rdtypes.ANY.TSIG.TSIG(dns.rdataclass.ANY, dns.rdatatype.TSIG, key.algorithm, time, fudge, b"", original_id, error, other)
    mac = by_hand(key, wire, rdata, before, later)
    if not truncate:                   # two opinions
        ctx = dns.tsig._maybe_start_digest(key, before, True) if later else None
        theirs, _ = dns.tsig.sign(wire, key, rdata, time, None if later else before, ctx, later)
        assert theirs.mac == mac
    rdata = rdata.replace(mac=mac[:truncate] if truncate else mac)
    data = rdata.to_wire()
    arcount = struct.unpack("!H", wire[10:12])[0] + 1
    record = NAME.to_wire() + struct.pack("!HHIH", 250, 255, 0, len(data)) + data
    return wire[:10] + struct.pack("!H", arcount) + wire[12:] + record, len(wire), rdata.mac


def message(n):
    m = dns.message.make_query("example.com", "AXFR", id=0x1234)
    if n > 0:
        m = dns.message.make_response(m)
        m.use_edns(0, payload=1232)
        m.answer.append(dns.rrset.from_text("w%d.example.com." % n, 300, "IN", "A", "192.0.2.%d" % n))
    return m.to_wire()


def exchange(what, algorithm, truncate=0, forwarded=False):
    key = dns.tsig.Key(NAME, secret(algorithm), algorithm)
    wire, rows, mac = message(0), [], b""
    for n in range(4):
        wire = message(n)
        original = None
        if n == 0 and forwarded:       # signed as 0x1234, forwarded as 0x5678
            whole, at, mac = signed(key, wire, SIGNED, b"")
            whole = b"\x56\x78" + whole[2:]
        else:
            if forwarded:
                wire = b"\x56\x78" + wire[2:]
            whole, at, mac = signed(key, wire, SIGNED + n, mac, n > 1, truncate)
        rows.append((whole, at))
    enum = "TSIG_" + str(algorithm).rstrip(".").upper().replace("-", "_")
    print('\t{ "%s", %s, %d, {' % (what, enum, truncate or dns.tsig.mac_sizes[algorithm]))
    for whole, at in rows:
        print('\t\t{ "%s", %d },' % (whole.hex(), at))
    print("\t} },")


print("""/* tsig_vectors.h - printed by tsig_vectors.py: exchanges that an independent implementation has signed. */
#ifndef TESTS_TSIG_VECTORS_H
#define TESTS_TSIG_VECTORS_H

#include "conf/conf.h"

enum { VECTOR_TIME = %d, VECTOR_MESSAGES = 4 };        /* the request's time; each later message is signed a second later */

static const struct tsig_vector {
	const char *what;
	enum tsig_algorithm algorithm;
	unsigned mac_size;
	struct { const char *hex; size_t tsig_at; } messages[VECTOR_MESSAGES];         /* the request, the answer, two later ones */
} tsig_vectors[] = {""" % SIGNED)
for a in (dns.tsig.HMAC_SHA1, dns.tsig.HMAC_SHA224, dns.tsig.HMAC_SHA256, dns.tsig.HMAC_SHA384, dns.tsig.HMAC_SHA512):
    exchange(str(a).rstrip("."), a)
exchange("hmac-sha256, truncated to its half", dns.tsig.HMAC_SHA256, truncate=16)
exchange("hmac-sha512, truncated by a byte", dns.tsig.HMAC_SHA512, truncate=63)
exchange("hmac-sha1, truncated to ten bytes", dns.tsig.HMAC_SHA1, truncate=10)
exchange("hmac-sha224, forwarded with another ID", dns.tsig.HMAC_SHA224, forwarded=True)
key = dns.tsig.Key(NAME, secret(dns.tsig.HMAC_SHA256), dns.tsig.HMAC_SHA256)
_, _, request = signed(key, message(0), SIGNED, b"")
late, at, _ = signed(key, message(1), SIGNED, request, error=18, other=struct.pack("!HI", 0, SIGNED + 301))
brief, _, _ = signed(key, message(0), SIGNED, b"", fudge=10)
ample, _, _ = signed(key, message(0), SIGNED, b"", fudge=65535, other=b"other")
print("""};

/* hmac-sha256's request, its fudge 10 seconds; 65535, and with other data, which no request needs but may have. */
static const char tsig_brief[] = "%s";
static const char tsig_ample[] = "%s";

/* The answer to hmac-sha256's request by one who read it 301 seconds late. */
static const char tsig_late[] = "%s";
enum { TSIG_LATE_AT = %d };

#endif""" % (brief.hex(), ample.hex(), late.hex(), at))
