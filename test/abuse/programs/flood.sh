# 10 GB, if nobody stops it. $STREAM: stdout, stderr or both in turn.
case "$STREAM" in
  stdout) yes "$(printf 'x%.0s' {1..200})" | head -c 10000000000 ;;
  stderr) yes "$(printf 'x%.0s' {1..200})" | head -c 10000000000 >&2 ;;
  both) while :; do echo out; echo err >&2; done ;;
esac
