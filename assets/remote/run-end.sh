# run-end RUN: how the launcher ended: `rc STATUS`, with its limit in seconds or `full` (the disk) behind when that is what
# ended it, `running`, or `lost` when it went without a trace (a reboot).
export LC_ALL=C
cd "$HOME/.pictl/runs/$1" 2>/dev/null || { echo lost; exit 0; }
pid=$(cat pid 2>/dev/null)
tries=0
until [ -e rc ]; do
  [ ! -d "/proc/$pid" ] || { echo running; exit 0; }
  # Between the launcher's end and the writing of its status lies a moment.
  [ $tries -lt 40 ] || { echo lost; exit 0; }
  sleep 0.05
  tries=$((tries + 1))
done
echo "rc $(cat rc)"
