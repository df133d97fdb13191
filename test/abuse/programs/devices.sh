attempt() { local what=$1; shift; if "$@" > /dev/null 2>&1 < /dev/null; then echo "ESCAPED: $what"; else echo "held: $what"; fi; }
for place in /tmp /workspace /dev /dev/shm; do
  attempt "block device in $place" sh -c "mknod $place/disk b 254 0 && head -c 1 $place/disk"
  attempt "mem in $place" sh -c "mknod $place/mem c 1 1 && head -c 1 $place/mem"
done
for device in /dev/mem /dev/kmem /dev/kvm /dev/port /dev/sda /dev/vda /dev/fuse /dev/net/tun /dev/loop0 /dev/loop-control /dev/kmsg /dev/cpu/0/msr; do
  attempt "$device" head -c 1 "$device"
done
