# run-end RUN: how the launcher ended: `rc STATUS`, followed by its limit in seconds or `full` (the disk) when that is what
# ended it; `running`; or `lost` when there is no trace of it (a reboot).
export LC_ALL=C
cd "$HOME/.pictl/runs/$1" 2>/dev/null || { echo lost; exit 0; }
pid=$(cat pid 2>/dev/null)
tries=0
until [ -e rc ]; do
  [ ! -d "/proc/$pid" ] || { echo running; exit 0; }
  # The status is written a moment after the launcher has ended.
  [ $tries -lt 40 ] || { echo lost; exit 0; }
  sleep 0.05
  tries=$((tries + 1))
done
echo "rc $(cat rc)"
