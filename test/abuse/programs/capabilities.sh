for set in CapInh CapPrm CapEff CapBnd CapAmb; do
  value=$(sed -n "s/^$set:\t//p" /proc/self/status)
  if [ "${value:-0000000000000000}" = 0000000000000000 ]; then echo "held: $set ${value:-unknown here}"; else echo "ESCAPED: $set $value"; fi
done
