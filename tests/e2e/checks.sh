#!/bin/bash
# Every type of check side by side, each finding its own fault and no other's:
# ping, tcp, http by status and by body, https with certificates good, for another name,
# of an unknown authority, and about to expire.
. "$(dirname "$0")/lib.sh"

lab good name authority expires
certificate good www.example.com
certificate name other.example.com
certificate expires www.example.com 3
mkdir elsewhere && (cd elsewhere && certificate stranger www.example.com)
cp elsewhere/stranger.* .
backend good http 8080
backend good https 8443 good
backend name https 8443 name
backend authority https 8443 stranger
backend expires https 8443 expires
conf <<END
$fabrics
checks = (
  $(quick ping 'type = "ping";'),
  $(quick tcp 'type = "tcp"; port = 8443;'),
  $(quick http 'type = "http"; port = 8080; body = "^ok";'),
  $(quick body 'type = "http"; port = 8080; body = "^fine";'),
  $(quick status 'type = "http"; port = 8080; path = "/bad";'),
  $(quick status503 'type = "http"; port = 8080; path = "/bad"; status = [ "200-299", "503" ];'),
  { name = "https"; type = "https"; port = 8443; host = "www.example.com"; ca = "ca.pem"; interval = "200ms"; timeout = "200ms"; rise = 2; fall = 2; },
  { name = "lax"; type = "https"; port = 8443; host = "www.example.com"; verify = false; interval = "200ms"; timeout = "200ms"; rise = 2; fall = 2; },
  { name = "expiry"; type = "https"; port = 8443; host = "www.example.com"; ca = "ca.pem"; expires_within = "7d"; interval = "200ms"; timeout = "200ms"; rise = 2; fall = 2; }
);
$(servers '' good name authority expires)
services = (
  $(for check in ping tcp http body status status503 https lax expiry; do
	[ $check = ping ] || echo ,
	echo "{ name = \"$check.example.com\"; servers = [ \"good\", \"name\", \"authority\", \"expires\" ]; checks = [ \"$check\" ]; all_down = \"empty\"; }"
    done)
);
END
daemon
good="10.1.0.11 10.2.0.11" name="10.1.0.12 10.2.0.12" authority="10.1.0.13 10.2.0.13" expires="10.1.0.14 10.2.0.14"
everybody="$good $name $authority $expires"
done_now
within 2s expect ping.example.com A $everybody
within 2s expect tcp.example.com A $everybody
within 2s expect http.example.com A $good
within 2s expect body.example.com A nothing
within 2s expect status.example.com A nothing
within 2s expect status503.example.com A $good
within 2s expect https.example.com A $good $expires
within 2s expect lax.example.com A $everybody
within 2s expect expiry.example.com A $good
log_has 'name/a https.*down.*certificate'
log_has 'authority/a https.*down.*certificate'
log_has 'expires/a expiry.*down.*certificate'
log_has 'good/a status .*down.*bad status.*503'
log_has 'good/a body.*down.*bad body'
log_has 'name/a http .*down.*refused'
log_lacks 'good/. (ping|tcp|https|lax|expiry).*down'

say "echo requests alone are dropped: only the ping is lost"
done_now
in_net good nft 'add table inet story
add chain inet story in { type filter hook input priority 0; }
add rule inet story in iifname san-a icmp type echo-request drop'
within 500ms expect ping.example.com A 10.2.0.11 $name $authority $expires
expect tcp.example.com A $everybody
expect https.example.com A $good $expires

say "the page is mended and the body check agrees"
echo fine >good-8080/root/index.html
done_now
within 1s expect body.example.com A $good
within 1s expect http.example.com A nothing
