#!/bin/bash
# The API's bytes: what curl sees of each route, and what clients that misbehave can do: nothing. They
# send garbage, too much, too slowly; they leave in the middle; they come in crowds; they do not read.
. "$(dirname "$0")/lib.sh"

lab db1 db2
backend db1 http 8080
server_off db2                         # probes there take their whole timeout
many=300
conf <<END
$fabrics
checks = ( $(quick web 'type = "http"; port = 8080;'),
  { name = "slow"; type = "tcp"; port = 9; interval = "2s"; timeout = "2s"; fall = 1; } );
$(servers '' db1 db2)
services = (
  { name = "www.example.com"; servers = [ "db1" ]; checks = [ "web" ]; },
  { name = "slow.example.com"; servers = [ "db2" ]; checks = [ "slow" ]; }
  $(for ((i = 1; i <= many; i++)); do echo ", { name = \"s$i.example.com\"; servers = [ \"db1\" ]; checks = [ \"web\" ]; }"; done)
);
END
daemon

# call METHOD PATH [CURL-WORD...]: the status in $status, the headers in $head, the body in $body
call() {
	status=$(curl -sS --path-as-is --max-time 20 --unix-socket sock -X "$1" -D head -o body -w '%{http_code}' "http://x$2" "${@:3}") ||
		fail "curl $*: status $?"
	head=$(tr -d '\r' <head)
	body=$(cat body)
}
# is STATUS [JQ-FILTER WANT]: of the last call, which was JSON
is() {
	same "status" "$status" "$1"
	grep -qi '^Content-Type: application/json$' <<<"$head" || fail "no JSON type: $head"
	grep -qiE '^Content-Length: [0-9]+$' <<<"$head" || fail "no length: $head"
	[ $# = 1 ] || same "jq '$2' of $body" "$(jq -rc "$2" <<<"$body")" "$3"
}

say "routes and refusals"
call GET /healthz;                                    is 200 .ready true
call GET /v1/version;                                 is 200 .api v1
call GET /v1/overrides;                               is 200 .overrides '[]'
call GET /v1/nothing;                                 is 404 .error.code not_found
call GET /;                                           is 404 .error.path /
call GET /v1/services/;                               is 404 .error.code not_found
call GET /v1/services/no%20such;                      is 404 .error.code no_such_service
call GET /v1/services/a%00b;                          is 400 .error.code bad_request
call POST /v1/status -d '';                           is 405 .error.code method_not_allowed
grep -q '^Allow: GET$' <<<"$head" || fail "no Allow: $head"
call POST /v1/overrides/db1 -d '';                    is 405
grep -q '^Allow: PUT, DELETE$' <<<"$head" || fail "no Allow: $head"
call GET '/v1/status?verbose=1';                      is 400 .error.code bad_request
call GET /v1/explain;                                 is 400 .error.code bad_request
call GET '/v1/explain?name=www.example.com&from=x';   is 400 .error.code bad_request
call GET '/v1/explain?name=www..com';                 is 400 .error.code bad_request
call GET '/v1/explain?name=www.example.com&type=NONSENSE'; is 400 .error.code bad_request
call GET '/v1/explain?name=www.example.com.&type=A&from=10.1.0.2'; is 200 '[.rcode, .from]' '["NOERROR","10.1.0.2"]'
call PUT /v1/overrides/db1 -d '{"state":"sideways"}'; is 400 .error.key state
call PUT /v1/overrides/db1 -d '{"state":"up","x":1}'; is 400 .error.code bad_request
call PUT /v1/overrides/db1 -d '{';                    is 400 .error.code bad_request
call PUT /v1/overrides/db1;                           is 400 .error.code bad_request
call PUT /v1/overrides/nosuch -d '{"state":"up"}';    is 409 .error.code refused
call PUT /v1/overrides/db1/a -d '{"state":"drained","for":90,"why":"ü"}'; is 200 '[.override.subject, .override.why, .expires_s]' '["db1/a","ü",5]'
call DELETE /v1/overrides/db1%2Fa;                    is 200 .released db1/a
call DELETE /v1/overrides/db1%2Fa;                    is 404 .error.code no_such_override
call POST /v1/checks/run -d '{"target":7}';           is 400 .error.key target
call POST /v1/checks/run -d '{"target":"db1"}';       is 200 '[.failed, (.results | length)]' '[0,2]'
head -c 70000 /dev/zero >big
call PUT /v1/overrides/db1 --data-binary @big;        is 413 .error.code too_large
same "two requests, one connection" \
    "$(curl -sS --unix-socket sock -o /dev/null -w '%{num_connects} ' http://x/healthz -o /dev/null http://x/healthz)" "1 0 "
same "the socket's mode" "$(stat -c %a sock)" 660

say "garbage, halves and pipelines"
cat >misuse.py <<'END'
import os, random, signal, socket, sys, time

def connect():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect("sock")
    return s

def talk(data, n=65536):
    s = connect()
    try:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        got = b""
        while len(got) < n:
            part = s.recv(65536)
            if not part:
                break
            got += part
        return got
    except (ConnectionError, BrokenPipeError):
        return b""
    finally:
        s.close()

def garbage():
    random.seed(3)
    seeds = [b"GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n",
             b"PUT /v1/overrides/db1 HTTP/1.1\r\nHost: x\r\nContent-Length: 19\r\n\r\n{\"state\":\"drainedx\"}",
             b"POST /v1/checks/run HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"tar\r\n0\r\n\r\n",
             b"GET /v1/explain?name=%41&type=A HTTP/1.0\r\n\r\n"]
    for i in range(600):
        data = bytearray(random.choice(seeds))
        for _ in range(random.randrange(1, 8)):
            at = random.randrange(len(data))
            kind = random.randrange(3)
            if kind == 0:
                data[at] = random.randrange(256)
            elif kind == 1:
                del data[at:at + random.randrange(1, 5)]
            else:
                data[at:at] = os.urandom(random.randrange(1, 20))
            if not data:
                data = bytearray(b"\r\n")
        # stop and reload are not to be hit upon by chance
        if b"/v1/stop" not in data:
            talk(bytes(data))
    talk(b"GET /" + b"a" * 1000000 + b" HTTP/1.1\r\n\r\n")
    talk(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 100000 + b"\r\n")
    talk(b"PUT /v1/overrides/db1 HTTP/1.1\r\nContent-Length: 99999999999999\r\n\r\n" + b"x" * 1000000)
    talk(b"PUT /v1/overrides/db1 HTTP/1.1\r\nContent-Length: -5\r\n\r\n")

def pipeline():
    s = connect()
    s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 50 + b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")
    got = b""
    while part := s.recv(65536):
        got += part
    print(got.count(b'{"ready":true}'))

# Whoever asks for something slow and leaves before it ends.
def leave(request):
    for i in range(20):
        s = connect()
        s.sendall(request)
        time.sleep(0.005)
        s.close()

def hup(pid):
    for i in range(40):
        s = connect()
        s.sendall(b"POST /v1/reload HTTP/1.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        time.sleep((1 + i % 8) / 1000)
        os.kill(int(pid), signal.SIGHUP)
        got = b""
        while part := s.recv(65536):
            got += part
        assert got.count(b"HTTP/1.1 ") == 1, got
        assert b'{"reloaded":true' in got or b"a reload is under way" in got, got
        for _ in range(500):           # until the other one is over too
            if b'{"reloaded":true' in talk(b"POST /v1/reload HTTP/1.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"):
                break
            time.sleep(0.01)

def accepted(pid):
    """Connections that the daemon has: whatever else it has open comes and goes with its probes. A socket that is accepted counts
    in the network namespace of who connected: ours."""
    with open("/proc/self/net/unix") as f:
        ours = {words[6] for line in f if len(words := line.split()) == 8 and words[7] == os.path.abspath("sock")}
    links = [os.readlink(entry.path) for entry in os.scandir(f"/proc/{pid}/fd")]
    return len(ours & {link[8:-1] for link in links if link.startswith("socket:[")})

def crowd(pid):
    held = []
    for i in range(180):
        s = connect()
        s.settimeout(None)
        held.append(s)
    time.sleep(0.5)
    print(accepted(pid))
    for s in held[:100]:
        s.close()
    began = time.monotonic()
    got = talk(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert b"ready" in got, got
    assert time.monotonic() - began < 5
    for s in held:
        s.close()

def streams():
    held = []
    for i in range(64):
        s = connect()
        s.sendall(b"GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"text/event-stream" in s.recv(4096)
        held.append(s)
    print(talk(b"GET /v1/events HTTP/1.1\r\nConnection: close\r\n\r\n").split()[1].decode())
    # A watcher that talks is not listened to, and one that leaves makes room.
    held[0].sendall(b"x" * 100000)
    for s in held:
        s.close()
    time.sleep(0.3)
    s = connect()
    s.sendall(b"GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
    print(s.recv(4096).split()[1].decode())

# Two watchers; one reads nothing until told, then reads to the end: cut off, in the middle.
def slow():
    s = connect()
    s.sendall(b"GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
    s.recv(4096)
    print("listens", flush=True)
    sys.stdin.readline()
    total = 0
    s.settimeout(5)
    try:
        while part := s.recv(65536):
            total += len(part)
        print("cut off after", total)
    except TimeoutError:
        print("not cut off after", total)

globals()[sys.argv[1]](*[a.encode() if sys.argv[1] == "leave" else a for a in sys.argv[2:]])
END
misuse() {
	python3 misuse.py "$@" || fail "misuse.py $*"
}
misuse garbage
daemon_alive
same "replies to 51 requests in a row" "$(misuse pipeline)" 51
call GET /v1/overrides; is 200
same "nobody drained by chance" "$(jq -rc '[.overrides[].subject]' <<<"$body")" "[]"

say "leaving in the middle of a probe, of a reload, of a stream"
misuse leave $'POST /v1/checks/run HTTP/1.1\r\nContent-Length: 29\r\n\r\n{"target":"slow.example.com"}'
misuse leave $'POST /v1/reload HTTP/1.1\r\nContent-Length: 0\r\n\r\n'
misuse leave $'GET /v1/events HTTP/1.1\r\n\r\n'
sleep 2.5                              # the probes that nobody waits for end
daemon_alive
homing reload >/dev/null || fail "reload afterwards"

say "SIGHUP in the midst of a reload is another reload, not another reply"
misuse hup "$daemon_pid"
daemon_alive

say "a crowd"
opened=$(misuse crowd "$daemon_pid")
say "180 came, $opened were let in at once"
same "let in" "$opened" 128
homing status >/dev/null || fail "status after the crowd"
same "65 watchers, then one" "$(misuse streams | paste -sd ' ')" "503 200"

say "a watcher that does not read"
mkfifo go
python3 misuse.py slow <go >slow.out &
slow=$!
exec 9>go
until_true 2 grep -q listens slow.out
"$B/homing" -s sock watch >watched &
watcher=$!
sleep 0.2
before=$(rss_kib)
for i in $(seq 15); do
	homing drain db1/a >/dev/null || fail "drain"
	homing release db1/a >/dev/null || fail "release"
done
say "$(($(wc -c <watched) / 1024)) KiB of events for the one that reads; the daemon grew by $(($(rss_kib) - before)) KiB"
echo >&9
wait $slow || fail "the slow one failed"
grep -q '^cut off after' slow.out || fail "it was $(cat slow.out)"
kill $watcher
same "events for the one that reads" "$(grep -c ' override ' watched)" 30
exec 9>&-
daemon_alive
log_lacks 'Epoll|Bad file descriptor'
same "all is as it was" "$(homing --json status | jq -c '.overrides')" "[]"

say "stop while a probe is under way, and a stream open"
homing watch >/dev/null 2>&1 &
homing check slow.example.com >/dev/null 2>&1 &
sleep 0.1
homing stop || fail "stop"
daemon_gone "$daemon_pid" 0
daemon_pid=
