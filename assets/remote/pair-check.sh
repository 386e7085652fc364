# pair-check USER@HOST…: from this node, logs in to each by key alone and with strict host key checking, all at once.
# Prints `ok USER@HOST NAME` (the name it calls itself) or `bad USER@HOST REASON` for each.
export LC_ALL=C
for target in "$@"; do
  (
    if said=$(ssh -n -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=10 -o NumberOfPasswordPrompts=0 \
      "$target" cat /proc/sys/kernel/hostname 2>&1); then
      printf 'ok %s %s\n' "$target" "$said"
    else
      printf 'bad %s %s\n' "$target" "$(printf %s "$said" | tr '\n' ' ')"
    fi
  ) &
done
wait
