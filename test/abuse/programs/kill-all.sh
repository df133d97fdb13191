kill -9 -1
echo "held: alive"
