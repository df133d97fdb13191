# Nothing of the image can be changed, the launcher least of all.
attempt() { local what=$1; shift; if "$@" > /dev/null 2>&1 < /dev/null; then echo "ESCAPED: $what"; else echo "held: $what"; fi; }
for folder in / /bin /etc /usr/bin /opt/coracle /root /var /home /dev /run; do attempt "$folder" touch "$folder/$CANARY"; done
attempt launcher sh -c 'echo > /opt/coracle/launch'
attempt resolv.conf sh -c 'echo nameserver 8.8.8.8 > /etc/resolv.conf'
attempt hosts sh -c 'echo 127.0.0.1 evil >> /etc/hosts'
