# rank FOLDER PROGRAM ARGS…: one rank of the user's own program, in ~/.pictl/programs/FOLDER. Reports in the line protocol
# on which host it runs and how it ended, and writes its pid where run-usage reads it.
# No `set -e`: whatever goes wrong here, the end of the program must be reported.
rank=${OMPI_COMM_WORLD_RANK:-${PMIX_RANK:-${PMI_RANK:-0}}}
work=$HOME/.pictl/programs/$1 pids=$HOME/.pictl/runs/${PICTL_RUN:-none}/ranks
shift
# Unbuffered Python writes each argument of a print by itself, and launchers then splice lines of different ranks.
unset PYTHONUNBUFFERED

# Printable ASCII from the blank on: the position of a character here is its code less 32, found without a process.
# shellcheck disable=SC1003 # the backslash stands for itself
ascii=' !"#$%&'\''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~'
# say JSON: one record in one write, with its CRC-16/CCITT-FALSE (0x1021, start 0xffff), a byte at a time.
say() {
  crc=65535 rest=$1
  while [ -n "$rest" ]; do
    before=${ascii%%"${rest%"${rest#?}"}"*} rest=${rest#?}
    byte=$(((crc >> 8) ^ (32 + ${#before})))
    byte=$((byte ^ (byte >> 4)))
    crc=$(((crc << 8 ^ byte << 12 ^ byte << 5 ^ byte) & 65535))
  done
  printf '@pictl %s %04x\n' "$1" "$crc"
}

read -r host </proc/sys/kernel/hostname
case $host in *[!A-Za-z0-9._-]*) host=unknown ;; esac
say "{\"e\":\"host\",\"r\":$rank,\"host\":\"$host\"}"

if ! { mkdir -p "$work" && cd "$work"; }; then
  say "{\"e\":\"exit\",\"r\":$rank,\"status\":126}"
  exit 126
fi
# Python: lines are written whole and at once, also into a pipe, and an exception that is not caught ends the job, which
# would otherwise wait for ever for this rank (python3 -m mpi4py does that; without mpi4py nothing waits).
boot='import importlib.util, os, runpy, sys
sys.stdout.reconfigure(line_buffering=True)
if importlib.util.find_spec("mpi4py"):
    runpy.run_module("mpi4py", run_name="__main__", alter_sys=True)
else:
    del sys.argv[0]
    sys.path[0] = os.path.dirname(os.path.realpath(sys.argv[0]))
    runpy.run_path(sys.argv[0], run_name="__main__")'
case ${1##*/} in
  *.py) set -- python3 -c "$boot" "$@" ;;
  python | python[0-9]*)
    python=$1
    shift
    while [ "$1" = -u ]; do shift; done
    [ "$1 $2" != '-m mpi4py' ] || shift 2
    case $1 in
      *.py) set -- "$python" -c "$boot" "$@" ;;
      *) set -- "$python" "$@" ;;
    esac
    ;;
  *) ! command -v stdbuf >/dev/null || set -- stdbuf -oL "$@" ;;
esac

# In the background, so that a signal arrives while it runs. A shell gives such a program /dev/null to read; rank 0 reads what the
# launcher passes on.
if ! true <&0; then exec </dev/null; fi 2>/dev/null
exec 3<&0
# A signal can come before the trap that passes it on: then it is passed on at once.
asked=
trap 'asked=yes' TERM
"$@" <&3 3<&- &
child=$!
exec 3<&-
trap 'kill -s TERM "$child" 2>/dev/null' TERM
[ -z "$asked" ] || kill -s TERM "$child" 2>/dev/null
mkdir -p "$pids" 2>/dev/null && echo "$child" >"$pids/$rank"
# A signal ends the waiting, not the program.
wait "$child"
status=$?
while kill -s 0 "$child" 2>/dev/null; do
  wait "$child"
  status=$?
done
rm -f "$pids/$rank"
if [ "$status" = 0 ]; then
  say "{\"e\":\"done\",\"r\":$rank}"
  # Open MPI 4 loses some of many short lines at once, perhaps this one: it is repeated after them.
  sleep 0.2
  say "{\"e\":\"done\",\"r\":$rank}"
else
  say "{\"e\":\"exit\",\"r\":$rank,\"status\":$status}"
fi
exit "$status"
