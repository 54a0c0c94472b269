#!/bin/bash
# The administrator of a server takes one of its interfaces down, and up again.
. "$(dirname "$0")/lib.sh"

pair
if_down db1 b
within 500ms expect www.example.com A 10.1.0.11 10.1.0.12 10.2.0.12
holds 1s www.example.com A 10.1.0.11 10.1.0.12 10.2.0.12
if_up db1 b
within 2s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
