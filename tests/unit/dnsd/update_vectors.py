#!/usr/bin/python3
# update_vectors.py - prints update_vectors.h: updates as dnspython sends them, and what they say in the words of
# updating.h. Run it only to change the vectors; the header is kept.
import dns.edns
import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.tsigkeyring
import dns.update

KEYS = dns.tsigkeyring.from_text({"ddns.": "AQIDBAUGBwg="})
ZONE = dns.name.from_text("example.")

# A record of each type whose form the server knows, as people write it.
RECORDS = """A 192.0.2.1
NS ns.Sub.example.
CNAME Www.example.
SOA ns1.example. root.example. 7 1 2 3 4
MX 10 Mail.example.
TXT "one" "two and a half"
AAAA 2001:db8::1
PTR host.example.
HINFO "cpu" "os"
RP box.example. text.example.
AFSDB 1 afs.example.
X25 "311061700956"
ISDN "150862028003217" "004"
RT 10 relay.example.
NSAP 0x47000580005a0000000001e133ffffff00016100
PX 10 map822.example. mapx400.example.
GPOS "-32.6882" "116.8652" "10.0"
LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
SRV 1 2 53 Srv.example.
NAPTR 100 50 "s" "z3950+I2L" "" _z._tcp.example.
KX 10 kx.example.
CERT 1 0 0 AQIDBA==
DNAME else.example.
APL 1:192.168.32.0/21 !1:192.168.38.0/28 2:2001:db8::/32
DS 60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118
SSHFP 2 1 123456789abcdef67890123456789abcdef67890
IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
DNSKEY 257 3 8 AQIDBA==
DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=
NSEC3PARAM 1 0 12 aabbccdd
TLSA 3 1 1 0102030405
HIP 2 200100107b1a74df365639cc39f1d578 AwEAAbdxyhNuSutc rvs1.example. rvs2.example.
CDS 60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118
CDNSKEY 257 3 8 AQIDBA==
OPENPGPKEY AQIDBA==
CSYNC 66 3 A NS AAAA
ZONEMD 2018031500 1 1 FEBE3D4CE2EC2FFA4BA99D46CD69D6D29711E55217057BEE7EB1A7B641A47BA7FED2DD5B97AE499FAFA4F22C6BD647DE
SVCB 1 svc.example. alpn="h2,h3" port="8443"
HTTPS 1 . alpn="h2" ipv4hint="192.0.2.1" ipv6hint="2001:db8::1"
SPF "v=spf1 -all"
NID 10 0014:4fff:ff20:ee64
L32 10 10.1.2.0
L64 10 2001:0db8:1140:1000
LP 10 l64-subnet1.example.
EUI48 00-00-5e-00-53-2a
EUI64 00-00-5e-ef-10-00-00-2a
URI 10 1 "ftp://ftp.example/public"
CAA 0 issue "ca.example"
AVC "app-name:WOLFGANG"
AMTRELAY 10 0 3 amtrelays.example.
TYPE65280 \\# 3 01c00c""".splitlines()


def words(section, rrset, rdata, rrclass):
    data = rdata.to_wire(origin=ZONE).hex() if rdata is not None else ""
    return "rr %s %s %d %d %d %s" % (section, rrset.name.derelativize(ZONE), rrset.ttl, rrclass, rrset.rdtype, data)


def say(update):
    """The update as lines; dnspython keeps the real class beside that of the zone."""
    lines = []
    for letter, section in (("p", update.prerequisite), ("u", update.update)):
        for rrset in section:
            rrclass = rrset.deleting if rrset.deleting is not None else rrset.rdclass
            for rdata in rrset if len(rrset) > 0 else [None]:
                bare = rdata is None or rrclass == dns.rdataclass.ANY
                lines.append(words(letter, rrset, None if bare else rdata, rrclass))
    return lines


def prerequisites():
    u = dns.update.UpdateMessage(ZONE, id=1)
    u.present("www")
    u.absent("new")
    u.present("www", "A")
    u.absent("www", "AAAA")
    u.present("mAIL", "A", "192.0.2.25")
    u.present("mAIL", "MX", "10 else.Example.")
    return u


def forms():
    u = dns.update.UpdateMessage(ZONE, id=2)
    u.add("www", 300, "A", "192.0.2.1")
    u.add("www", 300, "A", "192.0.2.2")
    u.delete("old")
    u.delete("old2", "TXT")
    u.delete("old3", "A", "192.0.2.3")
    u.replace("cname", 60, "CNAME", "www.example.")
    u.add("*.wild", 60, "TXT", '"x"')
    u.add("@", 60, "MX", "10 mail")
    return u


def types():
    u = dns.update.UpdateMessage(ZONE, id=3)
    for record in RECORDS:
        kind, text = record.split(" ", 1)
        u.add("t-" + kind, 60, kind, text)
        u.delete("t-" + kind, kind, text)
    return u


def leased(short):
    u = dns.update.UpdateMessage(ZONE, id=4, keyring=KEYS, keyalgorithm="hmac-sha256")
    u.add("host", 60, "A", "192.0.2.1")
    u.use_edns(0, payload=1232, options=[dns.edns.GenericOption(3, b""), dns.edns.GenericOption(2, bytes.fromhex("00000e10" if short else "00000e1000093a80"))])
    return u


def many():
    u = dns.update.UpdateMessage(ZONE, id=5)
    for i in range(50):
        u.delete("h%d" % i, "A", "192.0.2.%d" % i)
        u.add("h%d" % i, 300, "A", "198.51.100.%d" % i)
    return u


def show(name, update, lease="false, 0, 0"):
    lines = say(update)
    wire = update.to_wire()
    print('\t{ "%s", %s,' % (name, lease))
    for line in lines:
        print('\t    "%s\\n"' % line)
    if not lines:
        print('\t    ""')
    print("\t    ,")
    for i in range(0, len(wire), 40):
        print('\t    "%s"' % "".join("\\x%02x" % b for b in wire[i:i + 40]))
    print("\t    , %d }," % len(wire))


print("""/* update_vectors.h - made by update_vectors.py: updates as dnspython sends them, and what they say. */
static const struct vector {
	const char *name;
	bool has_lease;
	uint32_t lease_s, key_lease_s;
	const char *words;
	const char *wire;
	size_t size;
} vectors[] = {""")
show("empty", dns.update.UpdateMessage(ZONE, id=6))
show("prerequisites", prerequisites())
show("forms", forms())
show("types", types())
show("lease", leased(True), "true, 3600, 3600")
show("leases", leased(False), "true, 3600, 604800")
show("many", many())
print("};")
