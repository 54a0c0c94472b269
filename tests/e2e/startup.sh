#!/bin/bash
# The first answer after the start already leaves out what is dead: nothing is
# answered before every target has had its verdict, or first_round is over.
. "$(dirname "$0")/lib.sh"

lab db1 db2
backend db1 http 8080
backend db2 http 8080
server_off db2
conf <<END
$fabrics
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1 db2)
services = ( { name = "www.example.com"; servers = [ "db1", "db2" ]; } );
END
await first 5000 www.example.com A >first &
asker=$!
daemon
wait $asker || fail "no answer within 5 s"
say "the first answer: $(cat first)"
same "the first answer" "$(cut -d ' ' -f 3- first)" "10.1.0.11 10.2.0.11"
daemon_stop

say "a first round that takes too long is not waited for; what was never judged counts as up"
server_more='first_round = "500ms";'
conf <<END
$fabrics
checks = ( { name = "web"; type = "tcp"; port = 8080; interval = "5s"; timeout = "5s"; } );
$(servers '"web"' db1 db2)
services = ( { name = "www.example.com"; servers = [ "db1", "db2" ]; } );
END
done_now
await first 5000 www.example.com A >first &
asker=$!
daemon
wait $asker || fail "no answer within 5 s"
say "the first answer: $(cat first)"
same "the first answer" "$(cut -d ' ' -f 3- first)" "10.1.0.11 10.1.0.12 10.2.0.11 10.2.0.12"
took=$(cut -d ' ' -f 1 first)
[ "$took" -ge 450 ] && [ "$took" -le $((1200 * SLOW)) ] || fail "the first answer came after $took ms, first_round is 500 ms"
