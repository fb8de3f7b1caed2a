#!/bin/bash
# Exit code 0 when every service behind the gateway has a container that is ready.
exec 3<>/dev/tcp/127.0.0.1/7300 || exit 1
printf 'GET / HTTP/1.0\r\n\r\n' >&3
read -r -t 3 _ status _ <&3
[ "$status" = 200 ]
