#!/usr/bin/python3
# planes.py SERVER VERB ... - reads a zone as the tools do that write it. KEY is algorithm:name:secret, as dig has it.
#
#   read NAME KEY                            its A records by a signed query without RD (Terraform's read-back): TTL, addresses
#   follow ZONE KEY UPDATER SECONDS NAME ADDRESSES
#                                            two secondaries, one for each key, for so long: what IXFR has made of a zone is what AXFR brings; to
#                                            UPDATER the name has these addresses all the time, to KEY it has not
import base64
import sys
import time

import dns.message
import dns.name
import dns.query
import dns.rdatatype
import dns.tsig
import dns.tsigkeyring
import dns.versioned
import dns.xfr
import dns.zone

server = sys.argv[1]


def key_of(text):
    algorithm, name, secret = text.split(":")
    return dns.tsig.Key(dns.name.from_text(name), base64.b64decode(secret), dns.name.from_text(algorithm))


def read(name, key):
    q = dns.message.make_query(name, "A", flags=0)
    q.use_tsig(key_of(key))
    answer = dns.query.udp(q, server, timeout=5).answer[0]
    print(answer.ttl, *sorted(rd.address for rd in answer))


class Secondary:
    def __init__(self, zone, key):
        self.key, self.name, self.steps = key_of(key), zone, 0
        self.zone = dns.versioned.Zone(zone)

    def query(self, zone):
        return dns.xfr.make_query(zone, keyring={self.key.name: self.key})

    def serial(self):
        with self.zone.reader() as version:
            soa = version.get("@", "SOA")
            return soa[0].serial if soa else 0

    def follow(self):
        before = self.serial()
        query, _ = self.query(self.zone)
        if before:
            assert query.question[0].rdtype == dns.rdatatype.IXFR
        dns.query.inbound_xfr(server, self.zone, query, timeout=10)
        self.steps += self.serial() != before
        return self

    def whole(self):
        """The zone by AXFR, if it has the same serial still."""
        other = dns.versioned.Zone(self.name)
        dns.query.inbound_xfr(server, other, self.query(other)[0], timeout=10)
        return contents(other) if contents(other)["soa"] == contents(self.zone)["soa"] else None

    def addresses(self, name):
        with self.zone.reader() as version:
            found = version.get(name, "A")
            return sorted(rd.address for rd in found) if found else []


def contents(zone):
    with zone.reader() as version:
        found = {(str(name), set_.rdtype): (set_.ttl, sorted(str(rd) for rd in set_)) for name, set_ in version}
        return {"soa": str(version.get("@", "SOA")[0]), "all": found}


def follow(zone, key, updater, seconds, name, addresses):
    answer, configured = Secondary(zone, key), Secondary(zone, updater)
    end, compared, fewer = time.monotonic() + float(seconds), 0, 0
    while time.monotonic() < end or not (compared and fewer and answer.steps > 3 and configured.steps > 3):
        if time.monotonic() > end + 60:
            sys.exit("not within a minute: %d comparisons, %d answers of fewer, %d steps, %d steps" %
                     (compared, fewer, answer.steps, configured.steps))
        for secondary in answer, configured:
            whole = secondary.follow().whole()
            compared += whole is not None
            if whole is not None and whole != contents(secondary.zone):
                sys.exit("IXFR made of it\n%s\nAXFR brings\n%s" % (contents(secondary.zone), whole))
        if configured.addresses(name) != sorted(addresses.split()):
            sys.exit("an updater sees %s" % configured.addresses(name))
        fewer += len(answer.addresses(name)) < len(configured.addresses(name))
    print("%d and %d steps, compared %d times; %d times fewer were answered than configured" %
          (answer.steps, configured.steps, compared, fewer))


{"read": read, "follow": follow}[sys.argv[2]](*sys.argv[3:])
