# What a container inherits of its host without being asked: names, resolvers, mounts, numbers.
if [ "$(hostname)" = "$HOST_NAME" ]; then echo "ESCAPED: the host's name"; else echo "held: host name"; fi
if grep -v '^#' /etc/resolv.conf | grep -vq '127.0.0.1'; then echo "ESCAPED: $(cat /etc/resolv.conf)"; else echo "held: resolv.conf"; fi
if grep -q "$HOST_NAME" /etc/hosts; then echo "ESCAPED: hosts"; else echo "held: hosts"; fi
if ls /var/run/docker.sock /run/docker.sock /run/containerd /var/lib/docker > /dev/null 2>&1; then echo "ESCAPED: the engine"; else echo "held: no socket of the engine"; fi
