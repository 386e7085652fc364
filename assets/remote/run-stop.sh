# run-stop RUN SIGNAL: sends the run's launcher SIGNAL (TERM or KILL), by the pid that run-start wrote. Prints
# `sent` or `gone`. Open MPI 4 must not get a second TERM within 5 s: it would leave its ranks behind.
export LC_ALL=C
cd "$HOME/.pictl/runs/$1" 2>/dev/null || { echo gone; exit 0; }
pid=$(cat pid 2>/dev/null) || { echo gone; exit 0; }
# The pid can belong to another process by now; the mark in its environment shows whether it is ours.
if { tr '\000' '\n' <"/proc/$pid/environ" | grep -qx "PICTL_RUN=$1" && kill -s "$2" "$pid"; } 2>/dev/null; then
  echo sent
else
  echo gone
fi
