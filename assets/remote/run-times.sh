# run-times RUN: when the run's output was written, for a pictl that reads it later: `now SECONDS` (this host's clock), and then
# the marks that run-start writes, `SECONDS OUT ERR`: how many bytes of output and of errors there were at which moment.
export LC_ALL=C
cd "$HOME/.pictl/runs/$1" || exit 3
echo "now $(date +%s.%N)"
cat times
# What was written after the last mark.
stat -c '%.3Y %s' out err | while read -r time bytes; do echo "$time $bytes"; done | {
  read -r out_time out
  read -r err_time err
  [ "${out_time%.*}" -ge "${err_time%.*}" ] || out_time=$err_time
  echo "$out_time $out $err"
}
