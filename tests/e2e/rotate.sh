#!/bin/bash
# spread = "rotate": each answer starts at the next address, all of them are in it, and a
# window of `answers` slides over them. spread = "all" keeps the configuration's order.
. "$(dirname "$0")/lib.sh"

lab db1 db2
backend db1 http 8080
backend db2 http 8080
conf <<END
$fabrics
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1 db2)
services = (
  { name = "all.example.com"; servers = [ "db2", "db1" ]; },
  { name = "two.example.com"; servers = [ "db2", "db1" ]; answers = 2; },
  { name = "rotate.example.com"; servers = [ "db1", "db2" ]; spread = "rotate"; },
  { name = "one.example.com"; servers = [ "db1", "db2" ]; spread = "rotate"; answers = 1; }
);
END
daemon
in_order() { dig_at +short "$1" A | paste -sd ' '; }

for round in 1 2 3; do
	same "the order of all.example.com" "$(in_order all.example.com)" "10.1.0.12 10.2.0.12 10.1.0.11 10.2.0.11"
	same "the first two of two.example.com" "$(in_order two.example.com)" "10.1.0.12 10.2.0.12"
done

# turns NAME WANTED: eight questions; the first addresses of the answers, each twice, in turn.
turns() {
	local i first=()

	for i in 1 2 3 4 5 6 7 8; do first+=("$(in_order "$1" | cut -d ' ' -f 1)"); done
	same "answers of $1 start at every address in turn" "$(printf '%s\n' "${first[@]}" | sort | uniq -c | xargs)" "$2"
	same "the fifth answer of $1 is the first again" "${first[*]:4:4}" "${first[*]:0:4}"
}
turns rotate.example.com "2 10.1.0.11 2 10.1.0.12 2 10.2.0.11 2 10.2.0.12"
turns one.example.com "2 10.1.0.11 2 10.1.0.12 2 10.2.0.11 2 10.2.0.12"
expect rotate.example.com A 10.1.0.11 10.1.0.12 10.2.0.11 10.2.0.12
same "one.example.com has one address" "$(in_order one.example.com | wc -w)" 1

say "and with a member gone, over those that are left"
link_pull db1 a
within 500ms expect rotate.example.com A 10.1.0.12 10.2.0.11 10.2.0.12
for i in 1 2 3 4 5 6; do in_order one.example.com; done | sort | uniq -c | xargs >turns
same "the window slides over three" "$(cat turns)" "2 10.1.0.12 2 10.2.0.11 2 10.2.0.12"
