attempt() { local what=$1; shift; if "$@" > /dev/null 2>&1 < /dev/null; then echo "ESCAPED: $what"; else echo "held: $what"; fi; }
attempt su su root -c id
attempt "su without a password" su - root -c true
attempt passwd sh -c 'echo root::0:0::/:/bin/sh > /etc/passwd'
attempt newgrp sh -c 'newgrp root -c true; test "$(id -g)" = 0'
attempt chown chown 0:0 /tmp
attempt "uid 0" perl -e '$> = 0; exit($> == 0 ? 0 : 1)'
attempt "gid 0" perl -e '$) = "0 0"; exit((split " ", $))[0] == 0 ? 0 : 1)'
