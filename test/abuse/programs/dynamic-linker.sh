# The environment of the request is set by the launcher and read by everything that it starts; what it can reach is only the tenant's own.
if [ "$(id -u)" = 0 ]; then echo "ESCAPED: root"; else echo "held: $(id -u)"; fi
if [ -e /proc/1/root/tmp/launcher-was-here ] || [ -e /workspace/launcher-was-here ]; then echo "ESCAPED: ran before the launcher"; else echo "held: launcher"; fi
