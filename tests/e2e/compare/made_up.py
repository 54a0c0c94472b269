"""made_up.py FOLDER SEED - writes zones that nobody would: names of few labels, and chance decides what is at each.

The zones lie inside and beside each other. What no server loads is left out:
data beside a CNAME, below a DNAME, name servers that are aliases. Prints the zones' names."""
import random
import sys

APEXES = ["m.test", "a.m.test", "b.a.m.test", "b.m.test", "n.test", "d.test"]
LABELS = ["a", "b", "C", "*", "x.y", "\\000", "l" * 63, "1\\.2"]
ADDRESSES = {"A": "192.0.2.%d", "AAAA": "2001:db8::%d"}
# what is at a name, and how often
KINDS = {"nothing": 3, "data": 10, "cname": 4, "dname": 2, "cut": 3}


def under(name, above):
    return name == above or name.endswith("." + above)


def below(label, name):
    return f"{label}.{name}"


class Zone:
    def __init__(self, apex):
        self.apex = apex
        self.lines = []
        self.closed = []               # DNAMEs: nothing is below them

    def put(self, owner, kind, data):
        ttl = {"SOA": 300, "NS": 3600}.get(kind, 60 + len(kind))
        self.lines.append(f"{owner}. {ttl} {kind} {data}")


def anywhere():
    """A name that an alias or an MX may lead to: in one of the zones, as a rule."""
    name = random.choice(APEXES + ["elsewhere.test"] * (random.random() < 0.3))
    for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3))):
        name = below(random.choice(LABELS), name)
    return name


def put_data(zone, name):
    for kind in random.sample(["A", "AAAA", "TXT", "MX", "SRV", "SVCB", "HTTPS", "TYPE65280"], random.choice((1, 1, 2, 3))):
        for i in range(random.choice((1, 1, 2, 3))):
            if kind in ADDRESSES:
                zone.put(name, kind, ADDRESSES[kind] % random.randrange(1, 255))
            elif kind == "TXT":
                zone.put(name, kind, '"%s"' % ("t" * random.randrange(1, 200)))
            elif kind == "MX":
                zone.put(name, kind, f"{i} {anywhere()}.")
            elif kind == "SRV":
                zone.put(name, kind, f"{i} 0 80 {anywhere()}.")
            elif kind == "TYPE65280":
                zone.put(name, kind, "\\# 2 %04x" % i)
            else:
                zone.put(name, kind, f"{i} {random.choice((anywhere(), name, ''))}.")


def put_cut(zone, cut):
    for i in range(random.choice((1, 1, 2, 4, 9))):
        where = random.random()
        if where < 0.6:
            server = random.choice((cut, below("g%d" % i, cut), below("g.a%d" % i, cut)))
            for kind in random.choice((["A"], ["AAAA"], ["A", "AAAA"])):
                zone.put(server, kind, ADDRESSES[kind] % random.randrange(1, 255))
        else:
            server = below("ns", zone.apex) if where < 0.8 else below("ns", random.choice(APEXES + ["elsewhere.test"]))
            if server != below("ns", zone.apex) and under(server, zone.apex):
                continue
        zone.put(cut, "NS", server + ".")
    zone.put(cut, "NS", "ns.elsewhere.test.")
    if random.random() < 0.4:
        zone.put(cut, "DS", "1 13 2 " + "ab" * 32)
    if random.random() < 0.3:          # not ours to tell
        zone.put(below(random.choice(LABELS), cut), "TXT", '"hidden"')


def put_name(zone, name):
    kind = random.choices(list(KINDS), KINDS.values())[0]
    if kind == "data":
        put_data(zone, name)
    elif kind == "cname":
        zone.put(name, "CNAME", anywhere() + ".")
    elif kind == "dname" and not name.startswith("*."):
        zone.put(name, "DNAME", anywhere() + ".")
        zone.closed.append(name)
        if random.random() < 0.3:
            zone.put(name, "TXT", '"beside"')
    elif kind == "cut" and not name.startswith("*."):
        put_cut(zone, name)
        zone.closed.append(name)


def make(apex):
    zone = Zone(apex)
    ns = below("ns", apex)
    zone.put(apex, "SOA", f"{ns}. hostmaster.{apex}. {random.randrange(1 << 32)} 3600 600 604800 {random.randrange(600)}")
    zone.put(apex, "NS", ns + ".")
    zone.put(apex, "NS", "ns.n.test.")
    if apex == "d.test":               # RFC 6672, 2.3: an apex may be one
        zone.lines.pop(1)
        zone.put(apex, "DNAME", "m.test.")
        zone.put(apex, "TXT", '"beside"')
        return zone
    zone.put(ns, "A", "192.0.2.53")
    if ns != "ns.n.test":
        put_data(zone, apex)
    names = {below(label, apex) for label in LABELS}
    for _ in range(3):
        names |= {below(random.choice(LABELS), name) for name in random.sample(sorted(names), 10 if len(names) > 10 else len(names))}
    for name in sorted(names, key=lambda n: (n.count("."), n)):
        if any(under(name, closed) for closed in zone.closed):
            continue
        if name in APEXES:
            put_cut(zone, name)
            zone.closed.append(name)
        else:
            put_name(zone, name)
    return zone


def main():
    folder, seed = sys.argv[1:]
    random.seed(int(seed))
    for apex in APEXES:
        with open(f"{folder}/{apex}.zone", "w") as f:
            f.write("\n".join(dict.fromkeys(make(apex).lines)) + "\n")
    print(*APEXES)


if __name__ == "__main__":
    main()
