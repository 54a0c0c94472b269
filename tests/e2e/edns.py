#!/usr/bin/python3
"""edns.py SERVER VERB WORD...: what no client sends by itself, or not often enough. For edns.sh.

    rcode HEX                   sends these bytes behind an ID; the answer's RCODE and its options' codes
    pour NAME RATE SECONDS [HEX]  RATE questions a second at an even pace, with these options; what came back, counted
"""
import select
import socket
import struct
import sys
import time

TC = 0x0200


def wire(name):
    return b''.join(bytes([len(label)]) + label.encode() for label in name.split('.')) + b'\0'


def skip_name(message, at):
    while message[at] not in (0,) and message[at] < 0xC0:
        at += message[at] + 1
    return at + (1 if message[at] == 0 else 2)


def records(message):
    """Each record's (type, class, ttl, rdata)."""
    questions, *counts = struct.unpack('!4H', message[4:12])
    at = 12
    for _ in range(questions):
        at = skip_name(message, at) + 4
    for _ in range(sum(counts)):
        at = skip_name(message, at)
        kind, klass, ttl, size = struct.unpack('!HHIH', message[at:at + 10])
        yield kind, klass, ttl, message[at + 10:at + 10 + size]
        at += 10 + size


def options(rdata):
    at = 0
    while at < len(rdata):
        code, size = struct.unpack('!HH', rdata[at:at + 4])
        yield code, rdata[at + 4:at + 4 + size]
        at += 4 + size


def extended_rcode(message):
    high = [ttl >> 24 for kind, _, ttl, _ in records(message) if kind == 41]
    return (message[3] & 15) | (high[0] << 4 if high else 0)


def rcode(sock, text):
    sock.send(b'\x12\x34' + bytes.fromhex(text))
    sock.settimeout(2)
    answer = sock.recv(65535)
    codes = [str(code) for kind, _, _, rdata in records(answer) if kind == 41 for code, _ in options(rdata)]
    print(' '.join([str(extended_rcode(answer))] + codes))


def pour(sock, name, rate, seconds, more=''):
    opt = bytes.fromhex(more)
    query = struct.pack('!5H', 0, 1, 0, 0, 1) + wire(name) + b'\0\1\0\1' + b'\0\0\x29\x04\xd0\0\0\0\0' + struct.pack('!H', len(opt)) + opt
    seen = dict(answered=0, slipped=0, badcookie=0)
    sock.setblocking(False)

    def take(wait):
        while select.select([sock], [], [], wait)[0]:
            answer = sock.recv(65535)
            if extended_rcode(answer) == 23:
                seen['badcookie'] += 1
            elif struct.unpack('!H', answer[2:4])[0] & TC:
                seen['slipped'] += 1
                if len(answer) > len(query) + 2:
                    raise SystemExit(f'a slip of {len(answer)} bytes for a query of {len(query) + 2}')
            else:
                seen['answered'] += 1
            wait = 0

    total = int(rate) * int(seconds)
    start = time.monotonic()
    for i in range(total):
        sock.send(struct.pack('!H', i & 0xFFFF) + query)
        take(max(0, start + (i + 1) / int(rate) - time.monotonic()))
    while time.monotonic() < start + int(seconds) + 0.3:
        take(0.05)
    print(*(f'{key}={value}' for key, value in seen.items()))


def main():
    server, verb, *words = sys.argv[1:]
    family = socket.AF_INET6 if ':' in server else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        sock.connect((server, 53))
        {'rcode': rcode, 'pour': pour}[verb](sock, *words)


main()
