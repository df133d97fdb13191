echo up
sleep "${SECONDS_TO_SLEEP:-60}"
