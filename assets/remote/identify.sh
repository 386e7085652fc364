# identify SECONDS [ROOT] (root): blinks the board's activity LED, or its power LED if it has no other. After SECONDS, on a
# signal, and when nobody reads any more, it restores the LED. Prints `blinking NAME` twice a second. When several run at once,
# the last one restores the LED. ROOT is a prefix of /sys and /run, for tests. 4: there is no such LED. 5: not root.
export LC_ALL=C
set -eu
left=$(($1 * 2)) root=${2-} led=
for name in ACT led0 PWR led1; do
  if [ -e "$root/sys/class/leds/$name/trigger" ]; then
    led=$root/sys/class/leds/$name
    break
  fi
done
if [ -z "$led" ]; then
  echo "this board has no LED to blink: there is neither ACT nor PWR in /sys/class/leds" >&2
  exit 4
fi
was=$root/run/pictl-identify
if [ ! -w "$led/trigger" ] || [ ! -w "${was%/*}" ]; then
  echo "only root can blink the LED" >&2
  exit 5
fi

# The trigger (the one in brackets) and its settings, like the delays of `timer`, as NAME VALUE lines. Brightness is a setting
# only without a trigger; writing it could end one.
state() {
  trigger=$(cat "$led/trigger")
  trigger=${trigger#*"["}
  trigger=${trigger%%"]"*}
  echo "trigger $trigger"
  for file in "$led"/*; do
    case ${file##*/} in
      trigger | max_brightness | uevent) continue ;;
      brightness) [ "$trigger" = none ] || continue ;;
    esac
    if [ -f "$file" ] && value=$(cat "$file" 2>/dev/null); then echo "${file##*/} $value"; fi
  done
}
put_back() {
  trap '' HUP INT TERM
  rm -f "$was.$$"
  # Each script that still blinks holds the lock shared. Two that end at once both release it before they ask for it alone.
  flock -n -x 9 || return 0
  [ -e "$was" ] || return 0
  while read -r name value; do
    if [ "$name" = trigger ]; then echo "$value" >"$led/trigger"
    else echo "$value" >"$led/$name" 2>/dev/null || true
    fi
  done <"$was"
  rm -f "$was"
}
exec 9<"$led/trigger"
flock -s 9
trap '' PIPE
trap put_back EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
# If another one blinks, or was killed while it did, the state from before is saved already.
state >"$was.$$"
ln "$was.$$" "$was" 2>/dev/null || true

level=
case " $(cat "$led/trigger") " in
  *" timer "* | *"[timer]"*)
    echo timer >"$led/trigger"
    echo 150 >"$led/delay_on"
    echo 150 >"$led/delay_off"
    ;;
  *)
    echo none >"$led/trigger"
    most=$(cat "$led/max_brightness")
    level=$most
    ;;
esac
while [ "$left" -gt 0 ]; do
  if [ -n "$level" ]; then
    echo "$level" >"$led/brightness"
    level=$((most - level))
  fi
  echo "blinking ${led##*/}" 2>/dev/null || exit 0
  sleep 0.5
  left=$((left - 1))
done
