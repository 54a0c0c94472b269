"""tools.py SERVER KEY CA - what external-dns, cert-manager, octoDNS and Terraform's dns provider do on the wire, done again.

KEY: ALGORITHM:NAME:SECRET, of one who may update dyn.example.com. CA: signed the certificate that the server shows over TLS. Each function tells one tool's story and says what it saw; a
difference from what the tool needs is an assertion that fails."""
import ssl
import sys

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.tsigkeyring
import dns.update
import dns.zone

ZONE = "dyn.example.com"
server, (algorithm, key_name, secret) = sys.argv[1], sys.argv[2].split(":", 2)
keyring = dns.tsigkeyring.from_text({key_name: secret})
signing = {"keyring": keyring, "keyname": key_name, "keyalgorithm": algorithm}


def update():
    return dns.update.UpdateMessage(ZONE, **signing)


def send(message, transport=dns.query.udp, rcode=dns.rcode.NOERROR):
    answer = transport(message, server, timeout=5)
    assert answer.had_tsig, "the answer is not signed"
    assert answer.rcode() == rcode, f"{dns.rcode.to_text(answer.rcode())}, expected {dns.rcode.to_text(rcode)}\n{message}"
    return answer


def axfr(configured=True):
    """Every message of it signed, or dnspython complains."""
    options = {"keyring": keyring, "keyname": key_name, "keyalgorithm": algorithm} if configured else {}
    return dns.zone.from_xfr(dns.query.xfr(server, ZONE, relativize=False, **options), relativize=False)


def ask(name, kind, configured=True):
    query = dns.message.make_query(name, kind)
    query.flags &= ~dns.flags.RD
    if configured:
        query.use_tsig(keyring, key_name, algorithm=algorithm)
    return dns.query.udp(query, server, timeout=5)


def found(name, kind, configured=True):
    """TTL and sorted rdata."""
    answer = ask(name, kind, configured).get_rrset(dns.message.ANSWER, dns.name.from_text(name), 1, dns.rdatatype.from_text(kind))
    return (answer.ttl, sorted(r.to_text() for r in answer)) if answer is not None else None


def over_tls(message, where, timeout):
    context = ssl.create_default_context(cafile=sys.argv[3])
    return dns.query.tls(message, where, timeout=timeout, ssl_context=context, server_hostname="ns.dyn.example.com")


def external_dns(transport=dns.query.udp):
    """AXFR, then one message of up to 50 changes without EDNS, by UDP or TLS: deletions of exact records, additions."""
    before = axfr()
    assert len(before.get_rdataset(f"www.{ZONE}.", "A")) == 2, "the configured members are not all there"
    message = update()
    for i in range(25):
        message.add(f"app{i}.{ZONE}.", 300, "A", f"192.0.2.{i + 1}")
        message.add(f"a-app{i}.{ZONE}.", 300, "TXT",
                    f'"heritage=external-dns,external-dns/owner=default,external-dns/resource=service/default/app{i}"')
    size = len(message.to_wire())
    assert size > 2 * 1232, f"{size} bytes would fit any datagram"
    send(message, transport)
    after = axfr()
    for i in range(25):
        texts = after.get_rdataset(f"a-app{i}.{ZONE}.", "TXT")
        assert texts[0].strings == (f"heritage=external-dns,external-dns/owner=default,external-dns/resource=service/default/app{i}".encode(),)
    message = update()
    for i in range(25):
        message.delete(f"app{i}.{ZONE}.", "A", f"192.0.2.{i + 1}")
        message.delete(f"a-app{i}.{ZONE}.", "TXT",
                       f'"heritage=external-dns,external-dns/owner=default,external-dns/resource=service/default/app{i}"')
    message.delete(f"never.{ZONE}.", "A", "192.0.2.1")         # what is not there is gone
    send(message, transport)
    assert {str(n) for n in axfr().nodes} == {str(n) for n in before.nodes}
    # The next round finds nothing to repair, whatever is up: what is read is what was written.
    print("external-dns: 50 changes in one message of", size, "bytes", "by UDP" if transport == dns.query.udp else "over TLS", "- read back by AXFR")


def external_dns_over_tls():
    external_dns(over_tls)


def cert_manager():
    """The zone by its SOA from any name, one TXT, by UDP; a second one beside it; exact removal."""
    name = f"_acme-challenge.x.{ZONE}."
    query = dns.message.make_query(name, "SOA")
    query.use_tsig(keyring, key_name, algorithm=algorithm)
    answer = dns.query.udp(query, server, timeout=5)
    assert answer.had_tsig and str(answer.authority[0].name) == f"{ZONE}.", answer
    for text in "one", "two":
        message = update()
        message.add(name, 60, "TXT", text)
        send(message)
        send(message)                  # repeated, as when an answer was lost
    assert found(name, "TXT", configured=False) == (60, ['"one"', '"two"'])
    message = update()
    message.delete(name, "TXT", "one")
    send(message)
    assert found(name, "TXT", configured=False) == (60, ['"two"'])
    message = update()
    message.delete(name, "TXT", "two")
    send(message)
    assert found(name, "TXT") is None
    print("cert-manager: two challenges at one name come and go")


def octodns():
    """AXFR; then additions, replacements and deletions by TCP, in one message each time."""
    message = update()
    message.add(f"o.{ZONE}.", 300, "A", "192.0.2.1")
    message.add(f"o.{ZONE}.", 300, "A", "192.0.2.2")
    message.add(f"mx.{ZONE}.", 300, "MX", f"10 o.{ZONE}.")
    send(message, dns.query.tcp)
    message = update()
    message.replace(f"o.{ZONE}.", 60, "A", "192.0.2.3")
    message.delete(f"mx.{ZONE}.", "MX")
    send(message, dns.query.tcp)
    zone = axfr()
    rdataset = zone.get_rdataset(f"o.{ZONE}.", "A")
    assert (rdataset.ttl, [r.to_text() for r in rdataset]) == (60, ["192.0.2.3"])
    assert zone.get_rdataset(f"mx.{ZONE}.", "MX") is None
    assert zone.get_rdataset(f"{ZONE}.", "SOA") and zone.get_rdataset(f"{ZONE}.", "NS")
    message = update()
    message.replace(f"o.{ZONE}.", 60, "A", "192.0.2.4")
    message.add("elsewhere.example.net.", 60, "A", "192.0.2.5")
    send(message, dns.query.tcp, dns.rcode.NOTZONE)
    assert found(f"o.{ZONE}.", "A") == (60, ["192.0.2.3"]), "half a message"
    message = update()
    message.delete(f"o.{ZONE}.")
    send(message, dns.query.tcp)
    print("octoDNS: replacements are whole, and a message with one mistake is nothing")


def terraform():
    """What is written is read back by a signed query, RD 0, TTL and all: also a service's members while one is down."""
    name = f"tf.{ZONE}."
    for addresses in ["192.0.2.1"], ["192.0.2.1", "192.0.2.2"], ["192.0.2.2"]:
        message = update()
        message.delete(name, "A")
        for address in addresses:
            message.add(name, 3600, "A", address)
        send(message)
        assert found(name, "A") == (3600, addresses)
    message = update()
    message.delete(name, "A")
    send(message)
    assert found(name, "A") is None and ask(name, "A").rcode() == dns.rcode.NXDOMAIN
    assert found(f"www.{ZONE}.", "A") == (30, ["10.1.0.11", "10.2.0.11"]), found(f"www.{ZONE}.", "A")
    assert found(f"www.{ZONE}.", "A", configured=False)[1] == ["10.2.0.11"], "one is down"
    message = update()
    message.delete(f"www.{ZONE}.", "A", "10.1.0.11")
    send(message, rcode=dns.rcode.REFUSED)
    print("Terraform: what was written is what is read")


for tool in external_dns, external_dns_over_tls, cert_manager, octodns, terraform:
    tool()
