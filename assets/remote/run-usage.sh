# run-usage RUN INTERVAL: what the run's processes on this node use, every INTERVAL seconds for as long as somebody reads:
#   T clock-ticks-a-second uptime
#   U rank pid ticks-of-CPU KiB      for each rank whose pid rank.sh has written down
# Files are read by built-ins: a fork costs a Pi more than all the reading.
export LC_ALL=C
ranks=$HOME/.pictl/runs/$1/ranks interval=$2
ticks=$(getconf CLK_TCK) page=$(($(getconf PAGESIZE) / 1024))
while :; do
  read -r uptime _ </proc/uptime
  printf 'T %s %s\n' "$ticks" "$uptime" || exit 0
  for file in "$ranks"/*; do
    { read -r pid <"$file" && read -r stat <"/proc/$pid/stat"; } 2>/dev/null || continue
    # The name is in parentheses and can contain anything; of what follows, the 12th and 13th are user's and system's
    # time, and the 22nd is the resident pages.
    # shellcheck disable=SC2086 # one word a field
    set -- ${stat##*) }
    shift 11
    printf 'U %s %s %s %s\n' "${file##*/}" "$pid" "$(($1 + $2))" "$((${11} * page))" || exit 0
  done
  sleep "$interval"
done
