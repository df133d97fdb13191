# A program with the setuid bit, on every place that can be written to: it must run as whoever runs it.
for folder in /workspace /tmp /dev/shm; do
  cp /usr/bin/id "$folder/copy" && chmod 6755 "$folder/copy"
  became=$("$folder/copy" -u 2> /dev/null || echo "not run")
  if [ "$became" = "$(id -u)" ] || [ "$became" = "not run" ]; then echo "held: $folder"; else echo "ESCAPED: $folder"; fi
done
find / -xdev -perm /6000 -type f 2>/dev/null | head -3 | while read -r program; do
  if "$program" --version < /dev/null > /dev/null 2>&1; grep -q '^NoNewPrivs:[[:space:]]*1' /proc/self/status; then echo "held: $program"; else echo "ESCAPED: $program"; fi
done
