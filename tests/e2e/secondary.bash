# secondary.bash - real name servers that follow homing. Sourced by stories behind lib.sh:
#
#   secondary HOST nsd|knot|bind [ZONE...]   starts it in HOST (of `lab`), on port 53 of its addresses; it transfers the
#                                        zones from 10.1.0.1, both directions signed with the key "xfer"
#   secondary_stop HOST, secondary_resume HOST        kill -TERM and start again, with what it had kept
#   asks HOST COMMAND...                 runs COMMAND with the words of lib.sh asking HOST in place of homing
#   serial_of HOST ZONE                  the serial that HOST answers
#   secondary_log HOST                   what it has said
#
#   $fleet_keys                          the group "keys" of homing.conf with the key
#   notify_to HOST...                    the value of a zone's "notify" for them
#
# The key's secret is in three files' syntaxes here, and in homing.conf: it is nobody's.

secret=c2lzdGVycyBvZiB0aGUgc2FtZSB6b25l   # "sisters of the same zone"
fleet_keys="keys = ( { name = \"xfer\"; algorithm = \"hmac-sha256\"; secret = \"$secret\"; } );"
primary=10.1.0.1
declare -A secondary_pid secondary_kind

address_of() {
	echo "10.1.0.${number_of[$1]}"
}

notify_to() {
	local host comma=

	for host in "$@"; do
		printf '%s{ address = "%s"; key = "xfer"; source = "%s"; }' "$comma" "$(address_of "$host")" "$primary"
		comma=', '
	done
}

secondary() {
	local host=$1 kind=$2 dir="$T/$1"

	shift 2
	mkdir -p "$dir"
	secondary_kind[$host]=$kind
	"configure_$kind" "$dir" "$(address_of "$host")" "$@"
	secondary_resume "$host"
}

secondary_resume() {
	local host=$1 dir="$T/$1"

	case ${secondary_kind[$host]} in
	nsd)  start_in "$host" nsd -d -c "$dir/nsd.conf" ;;
	knot) start_in "$host" knotd -c "$dir/knot.conf" ;;
	bind) start_in "$host" named -g -c "$dir/named.conf" ;;
	esac >>"$dir/log" 2>&1
	secondary_pid[$host]=$started
	until in_net client dig @"$(address_of "$host")" +time=1 +tries=1 +norec version.bind CH TXT >/dev/null 2>&1; do
		kill -0 "${secondary_pid[$host]}" 2>/dev/null || fail "${secondary_kind[$host]} on $host: $(tail -n 20 "$dir/log")"
		sleep 0.02
	done
}

secondary_stop() {
	done_now
	kill -TERM "${secondary_pid[$1]}"
	wait "${secondary_pid[$1]}" 2>/dev/null
}

secondary_log() {
	cat "$T/$1/log"
}

configure_nsd() {
	local dir=$1 address=$2 zone

	shift 2
	cat >"$dir/nsd.conf" <<-END
		server:
		  ip-address: $address
		  server-count: 1
		  database: ""
		  username: ""
		  zonesdir: "$dir"
		  xfrdir: "$dir"
		  xfrdfile: "$dir/xfrd.state"
		  zonelistfile: "$dir/zone.list"
		  pidfile: "$dir/pid"
		  xfrd-reload-timeout: 0
		  rrl-ratelimit: 0
		  verbosity: 2
		remote-control:
		  control-enable: no
		key:
		  name: "xfer"
		  algorithm: hmac-sha256
		  secret: "$secret"
	END
	for zone in "$@"; do
		cat >>"$dir/nsd.conf" <<-END
			zone:
			  name: "$zone"
			  zonefile: "$zone.copy"
			  request-xfr: $primary xfer
			  allow-notify: $primary xfer
		END
	done
}

configure_knot() {
	local dir=$1 address=$2 zone

	shift 2
	cat >"$dir/knot.conf" <<-END
		server:
		  rundir: "$dir"
		  listen: $address@53
		  udp-workers: 1
		  tcp-workers: 1
		  background-workers: 1
		database:
		  storage: "$dir"
		log:
		  - target: stderr
		    any: info
		key:
		  - id: xfer
		    algorithm: hmac-sha256
		    secret: $secret
		remote:
		  - id: homing
		    address: $primary@53
		    via: $address
		    key: xfer
		acl:
		  - id: notified
		    address: $primary
		    key: xfer
		    action: notify
		template:
		  - id: default
		    storage: "$dir"
		    master: homing
		    acl: notified
		    journal-content: all
		    zonefile-sync: -1
		zone:
	END
	for zone in "$@"; do
		echo "  - domain: $zone" >>"$dir/knot.conf"
	done
}

configure_bind() {
	local dir=$1 address=$2 zone

	shift 2
	cat >"$dir/named.conf" <<-END
		options {
			directory "$dir"; pid-file none; session-keyfile "$dir/session.key"; managed-keys-directory "$dir";
			listen-on port 53 { $address; }; listen-on-v6 { none; };
			recursion no; notify no; allow-transfer { none; }; dnssec-validation no; empty-zones-enable no;
			request-ixfr yes; min-refresh-time 1; min-retry-time 1;
		};
		controls { };
		key xfer { algorithm hmac-sha256; secret "$secret"; };
		server $primary { keys { xfer; }; };
	END
	for zone in "$@"; do
		echo "zone \"$zone\" { type secondary; primaries { $primary key xfer; }; file \"$zone.copy\"; masterfile-format text; };"
	done >>"$dir/named.conf"
}

asks() {
	local asked before=$asked

	asked=$(address_of "$1")
	shift
	"$@"
}

serial_of() {
	in_net client dig @"$(address_of "$1")" +time=1 +tries=1 +norec +short "$2" SOA | awk '{ print $3 }'
}
