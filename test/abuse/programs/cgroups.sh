attempt() { local what=$1; shift; if "$@" > /dev/null 2>&1 < /dev/null; then echo "ESCAPED: $what"; else echo "held: $what"; fi; }
found=0
for file in $(find /sys/fs/cgroup -name release_agent -o -name notify_on_release -o -name 'memory.limit_in_bytes' -o -name pids.max -o -name memory.max -o -name cgroup.procs 2>/dev/null | head -20); do
  found=1
  attempt "$file" sh -c "cat $file > /tmp/value; cat /tmp/value > $file"
done
attempt "a group of its own" mkdir /sys/fs/cgroup/memory/evil /sys/fs/cgroup/evil
if [ $found = 0 ]; then echo "held: no cgroup files"; fi
