# run-follow RUN OUT ERR: what the run wrote and writes, without the first OUT bytes of its output, told here, and the first
# ERR bytes of its errors, told on standard error.
# Ends when the launcher has ended; run-end then tells how.
export LC_ALL=C
cd "$HOME/.pictl/runs/$1" || exit 3
pid=$(cat pid) || exit 3
# tail ends by itself, after a last look at its file, when the launcher is gone.
tail -c +$(($3 + 1)) -s 0.05 -f --pid="$pid" err >&2 &
tail -c +$(($2 + 1)) -s 0.05 -f --pid="$pid" out
wait
