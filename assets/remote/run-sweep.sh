# run-sweep RUN: ends every process on this node that carries the run's mark in its environment (PICTL_RUN=RUN: ranks, the
# launcher) or on its command line (PICTL_RUN:RUN: Open MPI's daemons), by pid: first TERM, and after 2 s KILL. Hydra's daemons carry
# no mark where SSH started them: one belongs to the run when a marked process descends from it, and one whose SSH connection is
# gone belongs to nobody. Prints `killed N left N`. Everybody can read command lines and write the mark on their own, so only
# processes of this user count.
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
# The pids of Hydra's daemons above or between the processes given, and of those that init has inherited.
proxies() {
  pids=$*
  for stat in /proc/[0-9]*/stat; do
    { read -r line <"$stat"; } 2>/dev/null || continue
    # pid (name) state parent …
    case $line in
      *"(hydra_pmi_proxy) "[!ZX]*)
        pid=${line%% *} parent=${line##*") "} parent=${parent#* } parent=${parent%% *}
        # shellcheck disable=SC3067 # all shells of Debian know -O
        [ -O "/proc/$pid" ] || continue
        if [ "$parent" = 1 ]; then echo "$pid"; continue; fi
        for child in $pids; do
          if is_below "$child" "$pid"; then echo "$pid"; break; fi
        done
        ;;
    esac
  done
}
# is_below PID PARENT
is_below() {
  at=$1
  while [ "${at:-0}" -gt 1 ]; do
    { read -r line <"/proc/$at/stat"; } 2>/dev/null || return 1
    at=${line##*") "} at=${at#* } at=${at%% *}
    [ "$at" != "$2" ] || return 0
  done
  return 1
}
found=$(marked)
# shellcheck disable=SC2086 # one word a process
daemons=$(proxies $found)
# What is left of both.
remains() {
  marked
  for pid in $daemons; do
    { read -r line <"/proc/$pid/stat"; } 2>/dev/null || continue
    case $line in *"(hydra_pmi_proxy) "[!ZX]*) echo "$pid" ;; esac
  done
}
found=$(remains | sort -u)
killed=0
for pid in $found; do kill -s TERM "$pid" 2>/dev/null && killed=$((killed + 1)); done
tries=0
left=$found
while [ -n "$left" ] && [ $tries -lt 20 ]; do
  sleep 0.1
  tries=$((tries + 1))
  left=$(remains)
done
for pid in $left; do kill -s KILL "$pid" 2>/dev/null; done
[ -z "$left" ] || { sleep 0.2; left=$(remains | sort -u); }
# shellcheck disable=SC2086 # one word a process
set -- $left
echo "killed $killed left $#"
# No process is left that could write there.
[ $# -gt 0 ] || rm -rf -- "$HOME/.pictl/runs/$run"
