# exec LINE: runs LINE with the login shell, in a session of its own, for as long as somebody watches: a byte comes by standard
# input every few seconds. At the end of standard input, and after a minute without a byte, it ends all that LINE started: first
# with TERM, and after 2 s with KILL. Its exit status is that of LINE. What LINE put into the background goes on only if it writes
# somewhere else.
mark=$$-$(date +%s) found=''
outputs=$(readlink "/proc/$$/fd/1" "/proc/$$/fd/2")

# marked: what has the mark in its environment.
marked() {
  set -- /proc/[0-9]*/environ
  printf 'PICTL_EXEC=%s\n' "$mark" | LC_ALL=C grep -lszxF --file=- "$@" | cut -d / -f 3
}
# started: that, what was found before, what is in LINE's session, and what descends from any of it. A process of another user,
# such as one that sudo started, has no mark that can be read here.
started() {
  {
    marked
    # shellcheck disable=SC2086 # one argument a process
    printf '%s\n' $found -
    # pid, state, parent, session. The name before the state can contain anything.
    cat /proc/[0-9]*/stat 2>/dev/null | sed -n 's/^\([0-9]*\) (.*) \([A-Za-z]\) \([0-9]*\) [0-9]* \([0-9]*\) .*/\1 \2 \3 \4/p'
  } | awk -v leader="$line" '
    $1 == "-" { listed = 1; next }
    !listed { ours[$1]; next }
    $2 !~ /[ZX]/ { parent[$1] = $3; if ($1 == leader || $4 == leader) ours[$1] }
    END {
      do {
        more = 0
        for (pid in parent) if (!(pid in ours) && parent[pid] in ours) { ours[pid]; more = 1 }
      } while (more)
      for (pid in ours) if (pid in parent) print pid
    }'
}
send() {
  others=''
  for pid in $found; do
    kill -s "$1" "$pid" 2>/dev/null || [ ! -d "/proc/$pid" ] || others="$others $pid"
  done
  # shellcheck disable=SC2086 # one argument a process
  [ -z "$others" ] || sudo -n kill -s "$1" $others 2>/dev/null
}
finish() {
  trap '' TERM
  found=$(started)
  send TERM
  tries=0
  while [ -n "$found" ] && [ $tries -lt 30 ]; do
    [ $tries != 20 ] || send KILL
    sleep 0.1
    found=$(started)
    tries=$((tries + 1))
  done
  # shellcheck disable=SC2086 # one argument a process
  [ -z "$found" ] || echo "pictl could not end these processes:" $found >&3
}
# Somebody still writes where LINE did.
is_written() {
  for pid in $(marked); do
    for output in $(readlink "/proc/$pid/fd/1" "/proc/$pid/fd/2" 2>/dev/null); do
      case $output in pipe:* | socket:*) case $outputs in *"$output"*) return 0 ;; esac ;; esac
    done
  done
  return 1
}
watch() {
  if command -v timeout >/dev/null; then
    # It may live on for a moment, and must not keep standard error open.
    while [ -n "$(exec 3>&-; exec timeout 60 head -c 1)" ]; do :; done
  else
    cat >/dev/null
  fi
  finish
}

set -- "${SHELL:-/bin/sh}" -c "$1"
if command -v setsid >/dev/null; then set -- setsid "$@"; fi
exec 3>&2 4<&0
PICTL_EXEC=$mark "$@" </dev/null 3>&- 4<&- &
line=$!
watch <&4 >/dev/null 2>&1 &
watcher=$!
exec 3>&- 4<&-
wait "$line" 2>/dev/null
status=$?
while is_written; do sleep 0.2; done
# It finishes what it has begun.
kill "$watcher" 2>/dev/null
wait "$watcher" 2>/dev/null
exit "$status"
