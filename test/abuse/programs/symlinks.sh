# Links out of the workspace end in the container's own root, not in the host's.
attempt() { local what=$1; shift; if "$@" > /dev/null 2>&1 < /dev/null; then echo "ESCAPED: $what"; else echo "held: $what"; fi; }
ln -s /etc/shadow /workspace/shadow
ln -s /proc/1/root /workspace/root
ln -s ../../../../../../../../var/lib/docker /workspace/up
attempt shadow cat /workspace/shadow
attempt "root of PID 1" ls /workspace/root/var/lib/docker
attempt up ls /workspace/up/volumes
attempt "hard link" ln /etc/shadow /workspace/hard
