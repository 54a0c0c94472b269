#!/bin/bash
# The disk of server.state is full, read-only, or damaged: updates are refused (SERVFAIL), questions and failovers
# go on, it recovers by itself; and a database that is not what it should be is said, never overwritten.
. "$(dirname "$0")/lib.sh"

lab db1 db2
backend db1 http 8080
backend db2 http 8080
mkdir disk
mount -t tmpfs -o size=4m tmpfs disk || fail "no disk to fill"
zone dyn.example.com <<'END'
$TTL 300
@	SOA ns hostmaster 1 3600 900 86400 2
@	NS ns
ns	A 10.1.0.1
END
secret=$(openssl rand -base64 32)
conf <<END
$fabrics
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1 db2)
keys = ( { name = "ddns"; secret = "$secret"; } );
zones = ( { name = "dyn.example.com"; type = "dynamic"; file = "dyn.example.com.zone"; update = [ "key:ddns" ]; } );
services = ( { name = "www.dyn.example.com"; servers = [ "db1", "db2" ]; ttl = 5; } );
END
sed -i "s|state = \"$T/state\"|state = \"$T/disk/state\"|" homing.conf
daemon

# update WANT NAME ADDRESS: WANT is "ok" or the RCODE.
update() {
	local out

	out=$(printf '%s\n' "server $asked" "zone dyn.example.com" "update add $2.dyn.example.com 60 A $3" send |
	    in_net client nsupdate -y "hmac-sha256:ddns:$secret" 2>&1)
	case $1:$out in
	ok:) ;;
	*) grep -q "update failed: $1" <<<"$out" || fail "update of $2: $out, not $1" ;;
	esac
}

update ok before 192.0.2.1
expect before.dyn.example.com A 192.0.2.1

dd if=/dev/zero of=disk/fill bs=4k 2>/dev/null
# What room its files have already is used up first.
for ((i = 0; i < 400; i++)); do
	out=$(printf '%s\n' "server $asked" "zone dyn.example.com" "update add full$i.dyn.example.com 60 A 192.0.2.3" send |
	    in_net client nsupdate -y "hmac-sha256:ddns:$secret" 2>&1)
	[ -z "$out" ] || break
done
grep -q "update failed: SERVFAIL" <<<"$out" || fail "the disk is full, and the update: $out"
expect full$i.dyn.example.com A NXDOMAIN
log_has "homing.db.*(full|disk)"
expect before.dyn.example.com A 192.0.2.1
link_pull db1 a
within 2s expect www.dyn.example.com A 10.2.0.11 10.1.0.12 10.2.0.12
link_plug db1 a
within 20s expect www.dyn.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
say "a full disk: SERVFAIL and a log line; answers and failovers as ever"

rm disk/fill
update ok after 192.0.2.4
expect after.dyn.example.com A 192.0.2.4
expect full$i.dyn.example.com A NXDOMAIN
log_has "kept again|works again|recover"
say "room again: updates again"

daemon_stop
daemon
expect before.dyn.example.com A 192.0.2.1
expect after.dyn.example.com A 192.0.2.4
daemon_stop

# ---- what is not a database of ours ----

cp disk/state/homing.db whole.db
# refuses WHAT: the daemon does not start, says which file, and leaves it as it is.
refuses() {
	local before

	before=$(sha256sum <disk/state/homing.db)
	log_clear
	daemon_launch "$T/log" "$B/homingd" -c "$T/homing.conf"
	daemon_gone "$launched" 1
	log_has "homing.db"
	log_lacks "ready after"
	same "$1: the file" "$(sha256sum <disk/state/homing.db)" "$before"
	say "$1: $(grep -o 'homing\.db.*' log | head -1)"
}
rm -f disk/state/homing.db-*
head -c 20000 /dev/urandom >disk/state/homing.db
refuses "random bytes"
echo "not a database" >disk/state/homing.db
refuses "a text"
head -c 6000 whole.db >disk/state/homing.db
refuses "a half"
sqlite3 disk/state/new.db 'PRAGMA user_version = 99; CREATE TABLE t (x)' && mv disk/state/new.db disk/state/homing.db
refuses "a later version's"
cp whole.db disk/state/homing.db
daemon
expect after.dyn.example.com A 192.0.2.4
