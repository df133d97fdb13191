attempt() { local what=$1; shift; if "$@" > /dev/null 2>&1 < /dev/null; then echo "ESCAPED: $what"; else echo "held: $what"; fi; }
mkdir -p /tmp/here
attempt tmpfs mount -t tmpfs none /tmp/here
attempt proc mount -t proc none /tmp/here
attempt bind mount --bind / /tmp/here
attempt "root writable" mount -o remount,rw /
attempt "/tmp larger" mount -o remount,size=90% /tmp
attempt "/proc/sys writable" mount -o remount,rw /proc/sys
attempt umount umount /proc/kcore
attempt "pivot_root" pivot_root /tmp/here /tmp/here
attempt chroot chroot / true
