"""compare.py SHARE FOLDER ZONE... - the same questions to homingd, NSD and Knot DNS (127.0.0.1, ports 5300, 5302, 5303).

Questions are made from the zones' own names: each name, names around it, many types, several manners of asking; that share of
them, 0 to 1, is asked. What is compared: the RCODE, AA, TC, and the three sections as sets of records (the order of a CNAME chain is
checked by itself). A difference that a rule below explains is counted under its name; any other is printed, and
fails. A rule speaks of one peer's habit, never of one question. Where one peer has it wrong, it is enough that
the other one answers as we do.

Most answers are the same, and are found to be at first glance, by a reader that knows just enough; dnspython takes ten times as long."""
import collections
import os
import random
import socket
import struct
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
ALIASES = {5, 39}                      # CNAME, DNAME
NAMES = {2: (0, 1), 5: (0, 1), 6: (0, 2), 12: (0, 1), 15: (2, 1), 33: (6, 1), 39: (0, 1), 64: (2, 1), 65: (2, 1)}  # in data: at, count


# ---- questions ----

class Zones:
    def __init__(self, folder, zones):
        self.names, self.cuts = set(), set()
        for zone in zones:
            z = dns.zone.from_file(os.path.join(folder, zone + ".zone"), zone, relativize=False, check_origin=False)
            self.names |= set(z.nodes)
            self.cuts |= {name for name, node in z.nodes.items() if name != z.origin and node.get_rdataset(z.rdclass, dns.rdatatype.NS)}
            for node in z.nodes.values():
                for rdataset in node:
                    for rdata in rdataset:
                        self.names |= {getattr(rdata, field) for field in ("target", "exchange", "mname") if hasattr(rdata, field)}


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


def questions(zones):
    asked = sorted({other for name in zones.names for other in around(name)}, key=lambda n: n.to_wire())
    asked += [dns.name.from_text(text) for text in ("elsewhere.test.", ".", "com.", "net.", "arpa.", "x.y.z.elsewhere.test.")]
    for name in asked:
        for kind in TYPES:
            yield name, kind, MANNERS[0 if random.random() < 0.2 else 3]
        for manner in (MANNERS[1], MANNERS[2], MANNERS[4]):
            yield name, random.choice(TYPES), manner


# ---- asking ----

def wire(name, kind, manner, ident):
    size, do, _ = manner
    query = struct.pack(">6H", ident, 0, 1, 0, 0, bool(size)) + name.to_wire() + struct.pack(">HH", dns.rdatatype.from_text(kind), 1)
    return query + (struct.pack(">BHHIH", 0, 41, size, 0x8000 if do else 0, 0) if size else b"")


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

    def ask_udp(self, query):
        """Sends only: the three think at the same time."""
        self.udp.send(query)

    def answer_udp(self, query):
        while True:
            answer = self.udp.recv(65535)
            if answer[:2] == query[:2]:
                return answer


def ask(servers, query, tcp):
    if tcp:
        return {who: server.ask_tcp(query) for who, server in servers.items()}
    for server in servers.values():
        server.ask_udp(query)
    return {who: server.answer_udp(query) for who, server in servers.items()}


# ---- answers ----

def read_name(m, at):
    """In lower case, and where what follows it begins."""
    name, end = b"", None
    while m[at]:
        if m[at] >= 0xC0:
            end = end or at + 2
            to = (m[at] & 0x3F) << 8 | m[at + 1]
            if to >= at:
                raise ValueError(f"the pointer at {at} leads to {to}")
            at = to
        else:
            name += m[at:at + m[at] + 1]
            at += m[at] + 1
    return name.lower() + b"\0", end or at + 1


def read_data(m, kind, at, end):
    if kind not in NAMES:
        return m[at:end]
    before, count = NAMES[kind]
    data = m[at:at + before]
    at += before
    for _ in range(count):
        name, at = read_name(m, at)
        data += name
    return data + m[at:end]


class Glance:
    """A message read just well enough to say that another one is the same."""

    def __init__(self, m):
        self.flags, self.sections, self.aliases, self.edns = int.from_bytes(m[2:4], "big") & 0x060F, [], False, False
        _, at = read_name(m, 12)
        self.question = m[12:at + 4]
        at += 4
        for count in struct.unpack(">3H", m[6:12]):
            section = set()
            for _ in range(count):
                owner, at = read_name(m, at)
                kind, class_, ttl, size = struct.unpack_from(">HHIH", m, at)
                at += 10
                if kind == 41:
                    self.edns = True
                    self.flags |= ttl >> 24 << 16
                else:
                    section.add((owner, kind, class_, ttl, read_data(m, kind, at, at + size)))
                    self.aliases |= kind in ALIASES
                at += size
            self.sections.append(section)
        if at != len(m):
            raise ValueError(f"{len(m) - at} bytes behind the last record")

    def same(self, other):
        return self.flags == other.flags and self.sections == other.sections


class Answer:
    """What is compared of one."""

    def __init__(self, bytes_, name):
        message = dns.message.from_wire(bytes_)
        self.size = len(bytes_)
        self.rcode = dns.rcode.to_text(message.rcode())
        self.aa = bool(message.flags & dns.flags.AA)
        self.tc = bool(message.flags & dns.flags.TC)
        self.answer, self.authority, self.additional = (records(s) for s in (message.answer, message.authority, message.additional))
        self.chain = chain(message, name)
        targets = [r[0].target for r in message.answer if r.rdtype == dns.rdatatype.CNAME]
        self.looped = any(t in {name, *targets[:i]} for i, t in enumerate(targets))

    def parts(self):
        return {"rcode": self.rcode, "AA": self.aa, "TC": self.tc, "answer": self.answer, "authority": self.authority,
                "additional": self.additional}


def records(section):
    return frozenset((str(rrset.name).lower(), rrset.ttl, dns.rdatatype.to_text(rrset.rdtype), rdata.to_text().lower()
                      if rrset.rdtype in (2, 5, 6, 12, 15, 33, 39, 64, 65) else rdata.to_text()) for rrset in section for rdata in rrset)


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


def referral(answer):
    """The cut's name; None: it is no referral."""
    owners = {r[0] for r in answer.authority if r[2] == "NS"}
    return dns.name.from_text(owners.pop()) if len(owners) == 1 else None


def within(records, tops):
    """Those of the records that are at or below one of the names."""
    return {r for r in records if any(dns.name.from_text(r[0]).is_subdomain(top) for top in tops)}


def owners(records):
    return {r[0] for r in records}


def full(q, answer):
    """Is there little room left in it?"""
    return not q[2][2] and answer.size > 0.75 * (q[2][0] or 512)


def led_to(q, answer):
    """The names in the answer's data, and that of the question, which "." stands for."""
    return {str(q[0]).lower()}.union(*(r[3].split() for r in answer.answer), (r[0] for r in answer.answer))


def aliases(answer):
    return {r for r in answer.answer if r[2] in ("CNAME", "DNAME")}


@rule(None)
def any_is_minimal(q, ours, theirs, parts):
    """ANY gets one RRset (RFC 8482, 4.1), and an alias is one"""
    return q[1] == "ANY" and bool(ours.answer) and ours.answer <= theirs.answer and ours.tc <= theirs.tc


@rule(None)
def truncated_is_empty(q, ours, theirs, parts):
    """what does not fit goes back as the question alone (RFC 2181, 9), with the RCODE so far if that was in a chain"""
    return ours.tc and theirs.tc and not ours.answer and not ours.authority and ours.rcode in (theirs.rcode, "NOERROR")


@rule("NSD")
def glue_or_tc(q, ours, theirs, parts):
    """in-domain glue that does not fit sets TC (RFC 9471, 3.1), and has precedence; not so with the peer"""
    cut = referral(ours)
    if not (parts <= {"TC", "additional"} and cut and not theirs.tc and full(q, theirs)):
        return False
    return ours.tc or within(ours.additional - theirs.additional, {cut}) and not within(theirs.additional - ours.additional, {cut})


@rule("Knot DNS")
def glue_in_order(q, ours, theirs, parts):
    """glue is left out from the first set that does not fit; the peer goes on with smaller ones, and has another order"""
    return parts == {"additional"} and ours.tc and theirs.tc and bool(referral(ours)) and full(q, ours)


@rule("Knot DNS")
def negative_without_soa(q, ours, theirs, parts):
    """a negative answer has its SOA (RFC 2308, 3), or TC; the peer leaves it out of a chain where it does not fit"""
    return parts == {"TC", "answer"} and ours.tc and not theirs.authority and bool(aliases(theirs)) and full(q, theirs)


@rule("NSD")
def name_servers_unasked(q, ours, theirs, parts):
    """the peer adds the zone's name servers to positive answers, and what a wildcard has in a name between it and the target"""
    extra = theirs.authority - ours.authority
    added = {r for r in theirs.additional - ours.additional if r[1:] not in {o[1:] for o in ours.additional}}
    return (parts <= {"authority", "additional"} and bool(ours.answer) and not ours.authority and bool(extra)
            and all(r[2] == "NS" for r in extra) and owners(added) <= {r[3] for r in extra}
            and (full(q, theirs) or owners(ours.additional - theirs.additional) <= led_to(q, ours)))


@rule(None)
def ds_if_asked_for(q, ours, theirs, parts):
    """a referral has its DS if DNSSEC is asked for (RFC 4035, 3.1.4); the peer leaves it out of zones that are not signed"""
    extra = ours.authority - theirs.authority
    return q[2][1] and parts == {"authority"} and theirs.authority < ours.authority and all(r[2] == "DS" for r in extra)


@rule(None)
def addresses_of_all_zones(q, ours, theirs, parts):
    """additional addresses come from all zones that are served, and through wildcards"""
    extra = ours.additional - theirs.additional
    return parts == {"additional"} and theirs.additional < ours.additional and owners(extra) <= led_to(q, ours)


@rule("Knot DNS")
def wildcard_owners(q, ours, theirs, parts):
    """the peer adds what a wildcard has, in the wildcard's own name"""
    extra = theirs.additional - ours.additional
    return parts == {"additional"} and bool(extra) and all(r[0].startswith("*.") for r in extra)


@rule("Knot DNS")
def answer_repeated(q, ours, theirs, parts):
    """the peer repeats the answer in the additional section, for an SVCB or HTTPS that leads to its owner"""
    extra = theirs.additional - ours.additional
    return parts == {"additional"} and q[1] in ("SVCB", "HTTPS") and bool(extra) and extra <= ours.answer


@rule("Knot DNS")
def glue_for_all(q, ours, theirs, parts):
    """the peer tells what is below a cut to others than those who ask for name servers; glue is not our data (RFC 2181, 5.4.1)"""
    extra = theirs.additional - ours.additional
    return parts == {"additional"} and q[1] in ("MX", "SRV", "SVCB", "HTTPS") and within(extra, ZONES.cuts) == extra


@rule("Knot DNS")
def aliases_across_zones(q, ours, theirs, parts):
    """the peer follows no alias into another of its zones"""
    return (bool(aliases(theirs)) and (theirs.answer < ours.answer or theirs.answer == ours.answer or ours.tc)
            and theirs.answer == aliases(theirs) and theirs.rcode == "NOERROR")


@rule(None)
def loops_end(q, ours, theirs, parts):
    """a loop of aliases ends where a name comes again"""
    return not ours.tc and bool(ours.answer) and ours.answer == aliases(ours) and ours.looped


@rule(None)
def packed_referrals(q, ours, theirs, parts):
    """referrals are packed for any name below the cut; the peer writes a name server shorter if the question was for its name"""
    asked = str(q[0]).lower()
    return (parts <= {"TC", "additional"} and ours.additional < theirs.additional and ours.tc >= theirs.tc and full(q, theirs)
            and bool(referral(ours))
            and any(asked == r[3] or asked.endswith("." + r[3]) for r in ours.authority))


@rule("NSD")
def aliases_whole(q, ours, theirs, parts):
    """what aliases lead to is written whole, as chains go on from there; it takes more room than the peer's"""
    return (parts <= {"TC", "answer", "authority", "additional"} and not theirs.tc and bool(aliases(theirs))
            and full(q, theirs) and (ours.tc or parts == {"additional"} and ours.additional < theirs.additional))


@rule(None)
def room_for_names(q, ours, theirs, parts):
    """the peer's names take more room than ours"""
    return (not parts & {"rcode", "AA"} and theirs.tc and full(q, ours) and theirs.answer <= ours.answer
            and theirs.authority <= ours.authority and bool(ours.answer or ours.authority))


# ---- comparing ----

def explained(peer, q, ours, theirs):
    parts = differing(ours, theirs)
    if not parts:
        return "the same"
    for whose, words, function in RULES:
        if whose in (None, peer) and function(q, ours, theirs, parts):
            return words
    return None


def other(peer):
    return "NSD" if peer == "Knot DNS" else "Knot DNS"


def outvoted(q, ours, theirs, others, peer):
    """Whether the peer has it wrong: the other one answers as we do, or as far as it follows aliases. NSD has one tree of all zones'
    names: glue that a parent zone has in a child zone of ours hides the child's wildcards."""
    as_we_do = differing(ours, others) <= {"additional"} or others.answer and others.answer <= ours.answer and not theirs.answer
    return "the other peer answers as we do" if as_we_do and explained(peer, q, ours, others) else None


def show(q, answers):
    name, kind, (size, do, tcp) = q
    print(f"\n{name} {kind} EDNS {size}{' DO' if do else ''}{' TCP' if tcp else ''}")
    for who, answer in answers.items():
        flags = " ".join([answer.rcode] + ["aa"] * answer.aa + ["tc"] * answer.tc)
        print(f"  {who}: {flags}, {answer.size} bytes")
        for section in ("answer", "authority", "additional"):
            for record in sorted(answer.parts()[section]):
                print(f"    {section[:4]} {' '.join(map(str, record))[:150]}")


def wrong(q, query, glance, ours):
    """What is asked of our answers alone."""
    if glance.question != query[12:12 + len(glance.question)]:
        return "the question comes back changed"
    if glance.edns != bool(q[2][0]):
        return "an OPT is there without one in the question, or none with one"
    if ours and not ours.chain:
        return "an RRset follows from nothing before it"
    return None


def main():
    global ZONES
    random.seed(int(os.environ.get("SEED", "1")))
    servers = {who: Server(port) for who, port in PORTS.items()}
    counts, kinds, mistakes, asked = collections.Counter(), collections.Counter(), 0, 0
    share, ZONES = float(sys.argv[1]), Zones(sys.argv[2], sys.argv[3:])
    for q in questions(ZONES):
        if random.random() >= share:
            continue
        asked += 1
        query = wire(*q, asked & 0xffff)
        messages = ask(servers, query, q[2][2])
        glances = {who: Glance(message) for who, message in messages.items()}
        answers, glance = {}, glances["homing"]
        if glance.aliases or not all(glance.same(g) for g in glances.values()):
            answers = {who: Answer(message, q[0]) for who, message in messages.items()}
        ours = answers.get("homing")
        mistake = wrong(q, query, glance, ours)
        if mistake:
            mistakes += 1
            print(mistake + ":")
            show(q, {"homing": Answer(messages["homing"], q[0])})
        for peer in ("NSD", "Knot DNS"):
            if glance.same(glances[peer]):
                counts[peer, "the same"] += 1
                continue
            theirs, others = answers[peer], answers[other(peer)]
            why = explained(peer, q, ours, theirs) or outvoted(q, ours, theirs, others, other(peer))
            counts[peer, why] += 1
            if why is None:
                mistakes += 1
                kind = peer, tuple(sorted(differing(ours, theirs))), ours.rcode, theirs.rcode
                kinds[kind] += 1
                if kinds[kind] <= SHOWN:
                    show(q, {"homing": ours, peer: theirs})
    print(f"\n{asked} questions")
    for (peer, why), count in sorted(counts.items(), key=lambda c: (c[0][0], -c[1])):
        print(f"  {count:7} {peer}: {why or 'NOT EXPLAINED'}")
    for kind, count in kinds.most_common():
        print(f"  {count:7} {kind}")
    sys.exit(1 if mistakes or asked < 1000 else 0)


if __name__ == "__main__":
    main()
