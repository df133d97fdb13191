# PID 1 and the launcher's remains: nothing of the server or of the host.
attempt() { local what=$1; shift; if "$@" > /dev/null 2>&1 < /dev/null; then echo "ESCAPED: $what"; else echo "held: $what"; fi; }
attempt "host by the root of PID 1" test -e /proc/1/root/var/run/docker.sock
attempt "root of PID 1 writable" touch "/proc/1/root/$CANARY"
attempt "files of PID 1" sh -c 'ls /proc/1/fd | grep -v "^[012]$"'
for process in /proc/[0-9]*; do
  if tr '\0' '\n' < "$process/environ" 2>/dev/null | grep -Eq 'CORACLE|JWT|DOCKER|SECRET'; then echo "ESCAPED: environment of $process"; fi
  if tr '\0' ' ' < "$process/cmdline" 2>/dev/null | grep -q dockerd; then echo "ESCAPED: sees $process"; fi
done
echo "held: environments"
