for signal in KILL STOP TERM SEGV; do
  kill -$signal 1 2>/dev/null
done
sleep 0.2
echo "held: alive after signals to PID 1"
