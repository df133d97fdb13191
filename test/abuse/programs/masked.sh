# What tells of the host or lets at it is empty, or may not be read.
for path in /proc/kcore /proc/keys /proc/timer_list /proc/interrupts /proc/sched_debug /proc/scsi /proc/acpi /proc/latency_stats /proc/kmsg /proc/kpagecount /proc/slabinfo /sys/firmware /sys/devices/virtual/powercap /sys/kernel/debug /sys/kernel/security; do
  if [ -d "$path" ]; then content=$(ls -A "$path" 2>/dev/null | head -c 100); else content=$(head -c 100 "$path" 2>/dev/null | tr -d '\0'); fi
  if [ -n "$content" ]; then echo "ESCAPED: $path: $content"; else echo "held: $path"; fi
done
