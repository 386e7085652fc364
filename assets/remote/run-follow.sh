# run-follow RUN OUT ERR: what the run has written and writes: its output without the first OUT bytes, and on standard error
# its errors without the first ERR bytes. Ends when the launcher has ended; run-end then prints how.
export LC_ALL=C
cd "$HOME/.pictl/runs/$1" || exit 3
pid=$(cat pid) || exit 3
# tail reads its file once more when the launcher has ended, and then ends too.
tail -c +$(($3 + 1)) -s 0.05 -f --pid="$pid" err >&2 &
tail -c +$(($2 + 1)) -s 0.05 -f --pid="$pid" out
wait
