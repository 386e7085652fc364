# run-sweep RUN: ends every process on this node that carries the run's mark in its environment (PICTL_RUN=RUN: ranks, the
# launcher) or on its command line (PICTL_RUN:RUN: Open MPI's daemons), by pid: first TERM, and after 2 s KILL. Prints
# `killed N left N`. Everybody can read command lines and write the mark on their own, so only processes of this user count.
export LC_ALL=C
run=$1
# One grep for all processes; it reads the marks, so that it does not find itself.
marked() {
  set --
  for process in /proc/[0-9]*; do
    # shellcheck disable=SC3067 # all shells of Debian know -O, and an ls for each process would take too long
    [ ! -O "$process" ] || set -- "$@" "$process/environ" "$process/cmdline"
  done
  printf 'PICTL_RUN%s\n' "=$run" ":$run" | grep -lszxF --file=- "$@" | cut -d / -f 3 | sort -u
}
found=$(marked)
killed=0
for pid in $found; do kill -s TERM "$pid" 2>/dev/null && killed=$((killed + 1)); done
tries=0
left=$found
while [ -n "$left" ] && [ $tries -lt 20 ]; do
  sleep 0.1
  tries=$((tries + 1))
  left=$(marked)
done
for pid in $left; do kill -s KILL "$pid" 2>/dev/null; done
[ -z "$left" ] || { sleep 0.2; left=$(marked); }
# shellcheck disable=SC2086 # one word a process
set -- $left
echo "killed $killed left $#"
# No process is left that could write there.
[ $# -gt 0 ] || rm -rf -- "$HOME/.pictl/runs/$run"
