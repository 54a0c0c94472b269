#!/bin/bash
# homing.conf(5): its examples are one configuration that loads, those for NSD, Knot DNS and BIND are ones that
# these take, and the key in all of them is made as the manual says.
. "$(dirname "$0")/lib.sh"

# example FILE SECTION [N]: writes the Nth literal text of that section or subsection.
example() {
	awk -v section="$2" -v n="${3:-1}" '
		/^\.S[hs] / { inside = substr($0, 5) == section }
		/^\.Bd -literal/ && inside { taken = ++seen == n; next }
		/^\.Ed/ { taken = 0 }
		taken { gsub(/\\e/, "\\"); print }
	' "$repo/conf/homing.conf.5" >"$1"
	[ -s "$1" ] || fail "the manual has no example $2 ${3:-1}"
}

# takes FILE COMMAND...: it does so without a word against it.
takes() {
	local file=$1

	shift
	"$@" "$file" >out 2>&1 || fail "$1 refuses $file:
$(cat out)"
}

say "the key"
example keygen KEYS 2
sed -i "s|/etc/homing/|$T/|; /^chown/d" keygen
takes keygen bash -e
same "who may read it" "$(stat -c %a xfer.key)" 600
secret=$(awk -F'"' '/secret/ { print $2 }' xfer.key)
for key in ddns acme; do
	sed "s/xfer/$key/g" keygen >other
	takes other bash -e
done

say "homing's own examples, all in one"
mkdir tls
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=ns.example.com -days 1 \
    -keyout tls/privkey.pem -out tls/fullchain.pem 2>/dev/null || fail "no certificate"
zone example.com <<-END
	@ 3600 SOA ns hostmaster 1 3600 600 86400 5
	@ 3600 NS ns
	ns 3600 A 192.0.2.53
END
cp example.com.zone seed.zone
for section in SERVER KEYS FABRICS "Types http and https" SERVERS ZONES SERVICES; do
	example part "$section"
	cat part >>homing.conf
done
takes homing.conf "$B/homingd" -t -c

say "three steps to another secret for cookies"
example steps "New secrets for cookies"
sed -i "s/OLD/$(openssl rand -hex 16)/; s/NEW/$(openssl rand -hex 16)/" steps
for step in 1 2 3; do
	echo "server = { $(sed -n ${step}p steps)" >cookies.conf
	echo "};" >>cookies.conf
	takes cookies.conf "$B/homingd" -t -c
done

say "NSD"
example nsd.conf NSD
sed -i "s|secret: .*|secret: \"$secret\"|" nsd.conf
takes nsd.conf nsd-checkconf

say "Knot DNS, and with the catalog"
example knot.conf "Knot DNS"
example part "Knot DNS" 2
sed -i "s|secret: .*|secret: $secret|" knot.conf
{ sed '/^zone:/,$d' knot.conf; cat part; } >catalog.conf
knot_check() {
	knotc -c "$1" conf-check
}
for file in knot.conf catalog.conf; do
	takes $file knot_check
done

say "BIND, and with the catalog"
for n in 1 2; do
	example named.conf BIND $n
	sed -i "s|/etc/bind/|$T/|; s|/var/cache/bind|$T|" named.conf
	takes named.conf named-checkconf
done
