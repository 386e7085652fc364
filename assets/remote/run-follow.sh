# run-follow RUN: what the run wrote and writes, from its beginning: its output here, its errors on standard error.
# Ends when the launcher has ended; run-end then tells how.
export LC_ALL=C
cd "$HOME/.pictl/runs/$1" || exit 3
pid=$(cat pid) || exit 3
# tail ends by itself, after a last look at its file, when the launcher is gone.
tail -c +1 -s 0.05 -f --pid="$pid" err >&2 &
tail -c +1 -s 0.05 -f --pid="$pid" out
wait
