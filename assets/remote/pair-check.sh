# pair-check OPTION TARGET…: from this node, logs in to each target by key alone and with strict host key checking, three at
# a time, in the order given. A target is USER@HOST, or ssh://USER@HOST:PORT if the port is not 22. OPTION is `-`, or
# `next`: with the key that will replace this node's own. Prints for each, as soon as it is known, `ok TARGET NAME` (its host
# name) or `bad TARGET REASON`.
export LC_ALL=C
key=
[ "$1" = next ] && key="-o IdentitiesOnly=yes -i $HOME/.ssh/id_ed25519.new"
shift
newline='
'
try() {
  for attempt in 1 2 3; do
    # No setting of the user's must replace a new login, and nothing must change known_hosts. ssh
    # itself has no limit once it is connected.
    # shellcheck disable=SC2086 # several words, or none
    if said=$(timeout 20 ssh -n -T -S none -o BatchMode=yes -o StrictHostKeyChecking=yes -o UpdateHostKeys=no \
      -o LogLevel=ERROR -o ConnectTimeout=10 -o PreferredAuthentications=publickey $key "$1" \
      '/bin/sh -c "echo; exec /bin/cat /proc/sys/kernel/hostname"' 2>&1); then
      # What start files of the login shell there print comes before it.
      printf 'ok %s %s\n' "$1" "${said##*"$newline"}"
      return
    elif [ $? = 124 ]; then
      said="Connection timed out in the middle of the login"
    fi
    # Its sshd has too many logins at once (MaxStartups) and drops some.
    case $said in
      *kex_exchange_identification* | *"Connection reset by"* | *"Not allowed at this time"*) sleep "$attempt" ;;
      # A cable was just plugged in again: the kernel began its neighbour discovery before that, and it failed.
      *"No route to host"*) [ "$attempt" = 1 ] || break ;;
      *) break ;;
    esac
  done
  # shellcheck disable=SC2086 # all white space to single blanks
  printf 'bad %s %s\n' "$1" "$(printf '%s ' $said)"
}
for lane in 0 1 2; do
  (
    at=0
    for target in "$@"; do
      [ $((at % 3)) = $lane ] && try "$target"
      at=$((at + 1))
    done
  ) &
done
wait
