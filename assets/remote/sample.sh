# sample INTERVAL: one line of readings every INTERVAL seconds for as long as somebody reads them:
#   S uptime milli°C clock-Hz throttled load busy-jiffies idle-jiffies MemAvailable-KiB
# `-` stands for what this board does not tell. Files are read by built-ins, since a fork costs a Pi more than
# all the reading; vcgencmd alone is a process, and asked for the clock and the flags every second line only.
export LC_ALL=C
zone=/sys/class/thermal/thermal_zone0/temp
clock=- flags=- i=0
vcgencmd=$(command -v vcgencmd) && [ -n "$("$vcgencmd" get_throttled 2>/dev/null)" ] || vcgencmd=
while :; do
  temp=
  { read -r temp <"$zone"; } 2>/dev/null
  if [ -n "$vcgencmd" ]; then
    if [ -z "$temp" ]; then
      temp=$("$vcgencmd" measure_temp)
      temp=${temp#temp=} temp=${temp%\'C}
      case $temp in
        *.?) temp=${temp%.?}${temp#*.}00 ;;
        *[!0-9]*) temp= ;;
        *) temp=${temp}000 ;;
      esac
    fi
    if [ $((i % 2)) = 0 ]; then
      clock=$("$vcgencmd" measure_clock arm) clock=${clock##*=}
      flags=$("$vcgencmd" get_throttled) flags=${flags##*=}
    fi
  fi
  read -r load _ </proc/loadavg
  read -r _ user nice system idle iowait irq softirq steal _ </proc/stat
  read -r uptime _ </proc/uptime
  while read -r key available _; do case $key in MemAvailable:) break ;; esac; done </proc/meminfo
  printf 'S %s %s %s %s %s %s %s %s\n' "$uptime" "${temp:--}" "${clock:--}" "${flags:--}" "$load" \
    "$((user + nice + system + irq + softirq + steal))" "$((idle + iowait))" "$available" || exit 0
  i=$((i + 1))
  sleep "$1"
done
