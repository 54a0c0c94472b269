"""compare.py FOLDER ZONE... - the same questions to homingd, NSD and Knot DNS (127.0.0.1, ports 5300, 5302, 5303).

Questions are made from the zones' own names: each name, names around it, many types, several manners of asking. What is
compared: the RCODE, AA, TC, and the three sections as sets of records (the order of a CNAME chain is
checked by itself). A difference that a rule below explains is counted under its name; any other is printed, and
fails. A rule speaks of one peer's habit, never of one question."""
import collections
import os
import random
import socket
import sys

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.zone

PORTS = {"homing": 5300, "NSD": 5302, "Knot DNS": 5303}
TYPES = ["A", "AAAA", "NS", "SOA", "MX", "TXT", "CNAME", "DNAME", "DS", "SRV", "SVCB", "HTTPS", "PTR", "CAA", "ANY", "TYPE65280",
         "TYPE65281", "HINFO", "NAPTR"]
# how to ask: EDNS size (None: no EDNS), DO, over TCP
MANNERS = [(None, False, False), (512, False, False), (1232, True, False), (1232, False, False), (1232, False, True)]
SHOWN = 3                              # of each kind of difference


# ---- questions ----

def zone_names(folder, zones):
    names = set()
    for zone in zones:
        z = dns.zone.from_file(os.path.join(folder, zone + ".zone"), zone, relativize=False, check_origin=False)
        names |= set(z.nodes)
        for node in z.nodes.values():
            for rdataset in node:
                for rdata in rdataset:
                    names |= {getattr(rdata, field) for field in ("target", "exchange", "mname") if hasattr(rdata, field)}
    return names


def around(name):
    """The name, and what lies around it: parents, children, siblings, the same in another case."""
    yield name
    if len(name) > 1:
        yield name.parent()
        yield dns.name.Name((b"zz-" + name[0][:50],) + name[1:])
        yield dns.name.Name((b"*",) + name[1:])
    try:
        for labels in ([b"x"], [b"*"], [b"deep", b"er"], [b"\x00"], [b"a" * 63]):
            yield dns.name.Name(labels + list(name))
    except dns.name.NameTooLong:
        pass
    yield dns.name.Name([bytes(c ^ 0x20 if chr(c).isalpha() and random.random() < 0.5 else c for c in label) for label in name])


def questions(folder, zones):
    asked = sorted({other for name in zone_names(folder, zones) for other in around(name)}, key=lambda n: n.to_wire())
    asked += [dns.name.from_text(text) for text in ("elsewhere.test.", ".", "com.", "net.", "arpa.", "x.y.z.elsewhere.test.")]
    for name in asked:
        for kind in TYPES:
            yield name, kind, MANNERS[0 if random.random() < 0.2 else 3]
        for manner in (MANNERS[1], MANNERS[2], MANNERS[4]):
            yield name, random.choice(TYPES), manner


# ---- asking ----

def wire(name, kind, manner, ident):
    size, do, _ = manner
    query = dns.message.make_query(name, kind, use_edns=0 if size else False, payload=size or 512, want_dnssec=do)
    query.flags = 0
    query.id = ident
    return query.to_wire()


class Server:
    def __init__(self, port):
        self.port = port
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.connect(("127.0.0.1", port))
        self.udp.settimeout(2)
        self.tcp = None

    def ask_tcp(self, query):
        for fresh in (False, True):
            try:
                if self.tcp is None or fresh:
                    self.tcp = socket.create_connection(("127.0.0.1", self.port), 2)
                self.tcp.sendall(len(query).to_bytes(2, "big") + query)
                size = int.from_bytes(self.read(2), "big")
                return self.read(size)
            except (OSError, EOFError):
                if fresh:
                    raise

    def read(self, size):
        got = b""
        while len(got) < size:
            more = self.tcp.recv(size - len(got))
            if not more:
                raise EOFError
            got += more
        return got

    def ask(self, query, tcp):
        if tcp:
            return self.ask_tcp(query)
        self.udp.send(query)
        while True:
            answer = self.udp.recv(65535)
            if answer[:2] == query[:2]:
                return answer


class Answer:
    """What is compared of one."""

    def __init__(self, bytes_, name):
        message = dns.message.from_wire(bytes_)
        self.size = len(bytes_)
        self.rcode = dns.rcode.to_text(message.rcode())
        self.aa = bool(message.flags & dns.flags.AA)
        self.tc = bool(message.flags & dns.flags.TC)
        self.edns = message.edns
        self.case = [q.name.labels for q in message.question] == [name.labels]
        self.answer, self.authority, self.additional = (records(s) for s in (message.answer, message.authority, message.additional))
        self.chain = chain(message, name)
        targets = [r[0].target for r in message.answer if r.rdtype == dns.rdatatype.CNAME]
        self.looped = any(t in {name, *targets[:i]} for i, t in enumerate(targets))

    def parts(self):
        return {"rcode": self.rcode, "AA": self.aa, "TC": self.tc, "answer": self.answer, "authority": self.authority,
                "additional": self.additional}


def records(section):
    return frozenset((str(rrset.name).lower(), rrset.ttl, dns.rdatatype.to_text(rrset.rdtype), rdata.to_text().lower()
                      if rrset.rdtype in (2, 5, 6, 12, 15, 33, 39) else rdata.to_text()) for rrset in section for rdata in rrset)


def chain(message, name):
    """Does each RRset of the answer follow from what stands before it?"""
    known = {name}
    for rrset in message.answer:
        if rrset.rdtype == dns.rdatatype.DNAME:
            if not any(k.is_subdomain(rrset.name) for k in known):
                return False
        elif rrset.name not in known:
            return False
        if rrset.rdtype == dns.rdatatype.CNAME:
            known.add(rrset[0].target)
    return True


# ---- rules: why a peer's answer may differ from ours ----

RULES = []


def rule(peer):
    def add(function):
        RULES.append((peer, function.__doc__, function))
        return function
    return add


def differing(ours, theirs):
    a, b = ours.parts(), theirs.parts()
    return {part for part in a if a[part] != b[part]}


def aliases(answer):
    return {r for r in answer.answer if r[2] in ("CNAME", "DNAME")}


@rule(None)
def any_is_minimal(q, ours, theirs, parts):
    """ANY gets one RRset (RFC 8482, 4.1), and an alias is one"""
    return q[1] == "ANY" and bool(ours.answer) and bool(theirs.answer) and ours.tc <= theirs.tc


@rule(None)
def truncated_is_empty(q, ours, theirs, parts):
    """what does not fit goes back as the question alone (RFC 2181, 9)"""
    return ours.tc and theirs.tc and not ours.answer and not ours.authority and ours.rcode == theirs.rcode


@rule("NSD")
def glue_or_tc(q, ours, theirs, parts):
    """in-domain glue that does not fit sets TC (RFC 9471, 3.1)"""
    return parts <= {"TC", "additional"} and ours.tc and not theirs.tc and not ours.answer and bool(ours.authority)


@rule("NSD")
def name_servers_unasked(q, ours, theirs, parts):
    """the peer adds the zone's name servers to positive answers"""
    extra = theirs.authority - ours.authority
    return parts <= {"authority", "additional"} and ours.answer and not ours.authority and all(r[2] == "NS" for r in extra)


@rule(None)
def ds_if_asked_for(q, ours, theirs, parts):
    """a referral has its DS if DNSSEC is asked for (RFC 4035, 3.1.4); the peer leaves it out of zones that are not signed"""
    extra = ours.authority - theirs.authority
    return q[2][1] and parts == {"authority"} and theirs.authority < ours.authority and all(r[2] == "DS" for r in extra)


@rule("Knot DNS")
def glue_in_order(q, ours, theirs, parts):
    """glue is left out from the first set that does not fit; the peer goes on with smaller ones"""
    return parts == {"additional"} and ours.tc and ours.additional < theirs.additional


@rule(None)
def addresses_of_all_zones(q, ours, theirs, parts):
    """additional addresses come from all zones that are served, and through wildcards"""
    return parts == {"additional"} and theirs.additional < ours.additional


@rule("Knot DNS")
def aliases_across_zones(q, ours, theirs, parts):
    """the peer follows no alias into another of its zones"""
    return (bool(aliases(theirs)) and (theirs.answer < ours.answer or theirs.answer == ours.answer or ours.tc)
            and theirs.answer == aliases(theirs) and theirs.rcode == "NOERROR")


@rule(None)
def loops_end(q, ours, theirs, parts):
    """a loop of aliases ends where a name comes again"""
    return not ours.tc and bool(ours.answer) and ours.answer == aliases(ours) and ours.looped


# ---- comparing ----

def explained(peer, q, ours, theirs):
    parts = differing(ours, theirs)
    if not parts:
        return "the same"
    for whose, words, function in RULES:
        if whose in (None, peer) and function(q, ours, theirs, parts):
            return words
    return None


def show(q, answers):
    name, kind, (size, do, tcp) = q
    print(f"\n{name} {kind} EDNS {size}{' DO' if do else ''}{' TCP' if tcp else ''}")
    for who, answer in answers.items():
        flags = " ".join([answer.rcode] + ["aa"] * answer.aa + ["tc"] * answer.tc)
        print(f"  {who}: {flags}, {answer.size} bytes")
        for section in ("answer", "authority", "additional"):
            for record in sorted(answer.parts()[section]):
                print(f"    {section[:4]} {' '.join(map(str, record))[:150]}")


def main():
    random.seed(int(os.environ.get("SEED", "1")))
    servers = {who: Server(port) for who, port in PORTS.items()}
    counts, kinds, unexplained, wrong, asked = collections.Counter(), collections.Counter(), 0, 0, 0
    for q in questions(sys.argv[1], sys.argv[2:]):
        asked += 1
        query = wire(*q, asked & 0xffff)
        answers = {who: Answer(server.ask(query, q[2][2]), q[0]) for who, server in servers.items()}
        ours = answers["homing"]
        if not ours.case or not ours.chain or (ours.edns >= 0) != bool(q[2][0]):
            wrong += 1
            print("the question's case, the order of the chain or the OPT is wrong:")
            show(q, {"homing": ours})
        for peer in ("NSD", "Knot DNS"):
            why = explained(peer, q, ours, answers[peer])
            counts[peer, why] += 1
            if why is None:
                unexplained += 1
                kind = peer, tuple(sorted(differing(ours, answers[peer]))), ours.rcode, answers[peer].rcode
                kinds[kind] += 1
                if kinds[kind] <= SHOWN:
                    show(q, {"homing": ours, peer: answers[peer]})
    print(f"\n{asked} questions")
    for (peer, why), count in sorted(counts.items(), key=lambda c: (c[0][0], -c[1])):
        print(f"  {count:7} {peer}: {why or 'NOT EXPLAINED'}")
    for kind, count in kinds.most_common():
        print(f"  {count:7} {kind}")
    sys.exit(1 if unexplained or wrong or asked < 5000 else 0)


if __name__ == "__main__":
    main()
