#!/usr/bin/python3
# signed.py SERVER VERB KEY... - asks a server with signatures that ordinary clients do not make. Each verb prints one
# line. KEY is algorithm:name:secret, as dig has it.
#
#   late ZONE KEY SECONDS        a query signed so long ago
#   truncated ZONE KEY BYTES     a query whose MAC is cut to so many bytes
#   both ZONE KEY                a query with two TSIGs
#   datagram ZONE KEY            AXFR over UDP
#   stream ZONE KEY [SERIAL]     AXFR (IXFR from SERIAL) over TCP, the messages looked at one by one
#   copy ZONE KEY|- FILE         the zone by dnspython's own AXFR, written to FILE
import base64
import hmac
import socket
import struct
import sys
import time

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdata
import dns.rdatatype
import dns.tsig
import dns.xfr
import dns.zone

server = sys.argv[1]
UDP, PORT = 1232, 53


def key_of(text):
    algorithm, name, secret = text.split(":")
    return dns.tsig.Key(dns.name.from_text(name), base64.b64decode(secret), dns.name.from_text(algorithm))


def digest(key, before, message, fields):
    """RFC 8945, 4.3, by hand: dnspython neither truncates nor verifies an answer that reports an error."""
    name = str(key.algorithm).rstrip(".").replace("hmac-", "")
    return hmac.new(key.secret, before + message + fields, name).digest()


def fields(key, when, error=0, other=b""):
    timers = struct.pack("!HIH", when >> 32, when & 0xFFFFFFFF, 300)
    return (key.name.to_digestable() + struct.pack("!HI", 255, 0) + key.algorithm.to_digestable() + timers
            + struct.pack("!HH", error, len(other)) + other)


def record(key, when, mac, original_id):
    data = (key.algorithm.to_wire() + struct.pack("!HIHH", when >> 32, when & 0xFFFFFFFF, 300, len(mac)) + mac
            + struct.pack("!HHH", original_id, 0, 0))
    return key.name.to_wire() + struct.pack("!HHIH", 250, 255, 0, len(data)) + data


def counted(message, by):
    return message[:10] + struct.pack("!H", struct.unpack("!H", message[10:12])[0] + by) + message[12:]


def ask(wire):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(5)
    s.sendto(wire, (server, PORT))
    return s.recv(65535)


def taken_apart(key, answer):
    """The RCODE, the answer without its TSIG, and that; None without one. dnspython keeps none whose error is set."""
    rcode = answer[3] & 15
    at = answer.lower().rfind(key.name.to_wire().lower() + struct.pack("!HHI", 250, 255, 0))
    if at < 0:
        return rcode, answer, None
    start = at + len(key.name.to_wire()) + 10
    tsig = dns.rdata.from_wire("ANY", "TSIG", answer, start, len(answer) - start)
    return rcode, counted(answer[:at], -1), tsig


def signed_query(zone, key, when, cut=None, rdtype="SOA"):
    wire = dns.message.make_query(zone, rdtype, use_edns=0, payload=UDP).to_wire()
    mac = digest(key, b"", wire, fields(key, when))[:cut]
    return counted(wire, 1) + record(key, when, mac, struct.unpack("!H", wire[:2])[0]), mac


def told(key, request_mac, answer, now):
    rcode, message, tsig = taken_apart(key, answer)
    text = dns.rcode.to_text(rcode)
    if tsig is None:
        return text + " unsigned"
    text += " %d byte MAC" % len(tsig.mac)
    if tsig.error != 0:
        text += " " + {16: "BADSIG", 17: "BADKEY", 18: "BADTIME"}.get(tsig.error, str(tsig.error))
    if tsig.mac:
        before = struct.pack("!H", len(request_mac)) + request_mac
        mac = digest(key, before, message, fields(key, tsig.time_signed, tsig.error, tsig.other))
        text += " right" if tsig.mac == mac[:len(tsig.mac)] else " wrong"
    if tsig.other:
        high, low = struct.unpack("!HI", tsig.other)
        text += " server time" if abs((high << 32 | low) - now) < 10 else " some other time"
    return text


def late(zone, key, seconds):
    now = int(time.time())
    when = now - int(seconds)
    wire, mac = signed_query(zone, key_of(key), when)
    answer = ask(wire)
    signed = taken_apart(key_of(key), answer)[2].time_signed
    print(told(key_of(key), mac, answer, now) + (" at our time" if signed == when else " at its time"))


def truncated(zone, key, size):
    wire, mac = signed_query(zone, key_of(key), int(time.time()), int(size))
    print(told(key_of(key), mac, ask(wire), time.time()))


def both(zone, key):
    k = key_of(key)
    now = int(time.time())
    wire, mac = signed_query(zone, k, now)
    print(told(k, mac, ask(counted(wire, 1) + record(k, now, mac, 0)), now))


def datagram(zone, key):
    wire, mac = signed_query(zone, key_of(key), int(time.time()), rdtype="AXFR")
    print(told(key_of(key), mac, ask(wire), time.time()))


def stream(zone, key, serial=None):
    k = key_of(key)
    query, _ = dns.xfr.make_query(dns.zone.Zone(zone) if serial is None else dns.versioned.Zone(zone), serial and int(serial),
                                  keyring={k.name: k})
    wire = query.to_wire()
    s = socket.create_connection((server, PORT), 10)
    s.sendall(struct.pack("!H", len(wire)) + wire)
    f, ctx, messages, signed, records, soas = s.makefile("rb"), None, 0, 0, 0, 0
    while soas < 2:
        size, = struct.unpack("!H", f.read(2))
        m = dns.message.from_wire(f.read(size), keyring={k.name: k}, request_mac=query.mac, xfr=True, tsig_ctx=ctx, multi=True,
                                  one_rr_per_rrset=True, origin=dns.name.from_text(zone))
        ctx = m.tsig_ctx
        messages += 1
        signed += m.had_tsig
        for rrset in m.answer:
            records += 1
            soas += rrset.rdtype == dns.rdatatype.SOA
        if m.rcode() != 0:
            print(dns.rcode.to_text(m.rcode()))
            return
    print("%d messages, %s signed, %d records" % (messages, "all" if signed == messages else signed, records))


def copy(zone, key, path):
    z = dns.zone.Zone(zone)
    keyring = None if key == "-" else {key_of(key).name: key_of(key)}
    dns.query.inbound_xfr(server, z, dns.xfr.make_query(z, keyring=keyring)[0], timeout=10)
    z.to_file(path, relativize=False)
    print("%d names" % len(z.nodes))


{"late": late, "truncated": truncated, "both": both, "datagram": datagram, "stream": stream, "copy": copy}[sys.argv[2]](*sys.argv[3:])
