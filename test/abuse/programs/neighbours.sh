# Other containers of the same host: neither their processes, nor their files, nor their sockets.
if [ "$(ls -d /proc/[0-9]* | wc -l)" -gt 12 ]; then echo "ESCAPED: $(ls -d /proc/[0-9]* | wc -l) processes"; else echo "held: processes"; fi
if [ -n "$(ls -A /workspace)" ]; then echo "ESCAPED: $(ls -A /workspace)"; else echo "held: workspace"; fi
if [ -n "$(ls -A /dev/shm)" ]; then echo "ESCAPED: $(ls -A /dev/shm)"; else echo "held: shared memory"; fi
if [ -n "$(ls -A /tmp | grep -v '^coracle$')" ]; then echo "ESCAPED: $(ls -A /tmp)"; else echo "held: /tmp"; fi
if [ "$(tail -n +2 /proc/sysvipc/shm 2>/dev/null | wc -l)" != 0 ]; then echo "ESCAPED: System V memory"; else echo "held: System V memory"; fi
