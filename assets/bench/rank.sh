# rank FOLDER PROGRAM ARGS…: one rank of the user's own program, in ~/.pictl/programs/FOLDER. Reports in the line protocol
# on which host it runs, which MPI it has and how it ended, and writes its pid where run-usage reads it.
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
# placed NAME: sets `file` to the file of this command. `command -v` would name a builtin of the shell, which has no file.
placed() {
  folders=$PATH:
  while [ -n "$folders" ]; do
    file=${folders%%:*}/$1 folders=${folders#*:}
    if [ -f "$file" ] && [ -x "$file" ]; then return 0; fi
  done
  return 1
}
# linked WORD…: reports the MPI library that a program among these words is linked with, as this node's loader finds it. A
# program of another MPI than the launcher's ends well, and each of its ranks is alone. One rank on each node is enough.
linked() {
  [ "${OMPI_COMM_WORLD_LOCAL_RANK:-${MPI_LOCALRANKID:-0}}" = 0 ] || return 0
  for word; do
    case $word in
      */*) file=$word ;;
      -*) continue ;;
      # A bare name that is no command is an argument.
      *) placed "$word" || continue ;;
    esac
    if ! { [ -f "$file" ] && [ -r "$file" ]; }; then continue; fi
    magic=
    IFS= read -r magic 2>/dev/null <"$file"
    case $magic in ?ELF*) ;; *) continue ;; esac
    library=$(ldd "$file" 2>/dev/null | sed -nE 's,^[[:space:]]*(libmpi(ch)?\.so[^ ]*) => ([^ ]*).*,\1 \3,p' | head -n 1)
    [ -n "$library" ] || continue
    # `libmpi.so.40 not` where it is not there.
    soname=${library%% *} place=${library#* }
    case $place in /*) ;; *) place="not found: $soname" ;; esac
    # An alternatives link such as libmpi.so.12 leads to the library that it stands for.
    case $place in "not found"*) ;; *) place=$(readlink -f "$place") ;; esac
    case $place$word in *[!\ -!\#-\[\]-~]*) continue ;; esac
    say "{\"e\":\"mpi\",\"r\":$rank,\"file\":\"${word##*/}\",\"library\":\"$place\"}"
    return 0
  done
}

# Python: lines are written whole and at once, also into a pipe, and an exception that is not caught ends the job, which
# would otherwise wait for ever for this rank (python3 -m mpi4py does that; without mpi4py nothing waits). As soon as the
# program has imported MPI, its rank reports which MPI that is. Modules of the program's folder do not count before that.
boot='import sys
place = sys.path.pop(0)
import atexit, binascii, importlib.util, os, runpy
rank = int(sys.argv.pop(1))
sys.stdout.reconfigure(line_buffering=True)
def report(mpi):
    size = ""
    if mpi.Is_initialized() and not mpi.Is_finalized():
        size = "\"size\":%d," % mpi.COMM_WORLD.size
    name = mpi.Get_library_version().split("\n")[0][:100]
    name = "".join(c if " " <= c <= "~" and c not in "\"\\" else " " for c in name).strip()
    text = "{\"e\":\"mpi\",\"r\":%d,%s\"library\":\"%s\"}" % (rank, size, name)
    try:
        os.write(1, ("@pictl %s %04x\n" % (text, binascii.crc_hqx(text.encode(), 0xFFFF))).encode())
    except OSError:
        pass
    return size
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name != "mpi4py.MPI":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec and spec.loader:
            load = spec.loader.exec_module
            def exec_module(module):
                load(module)
                report(module) or atexit.register(report, module)
            spec.loader.exec_module = exec_module
        return spec
sys.meta_path.insert(0, Watch())
sys.path.insert(0, place)
if importlib.util.find_spec("mpi4py"):
    runpy.run_module("mpi4py", run_name="__main__", alter_sys=True)
else:
    del sys.argv[0]
    sys.path[0] = os.path.dirname(os.path.realpath(sys.argv[0]))
    runpy.run_path(sys.argv[0], run_name="__main__")'
case ${1##*/} in
  *.py) set -- python3 -c "$boot" "$rank" "$@" ;;
  python | python[0-9]*)
    python=$1
    shift
    while [ "$1" = -u ]; do shift; done
    [ "$1 $2" != '-m mpi4py' ] || shift 2
    case $1 in
      *.py) set -- "$python" -c "$boot" "$rank" "$@" ;;
      *) set -- "$python" "$@" ;;
    esac
    ;;
  *)
    linked "$@"
    ! command -v stdbuf >/dev/null || set -- stdbuf -oL "$@"
    ;;
esac

# Rank 0 reads what the launcher passes on. The others read nothing: Hydra leaves them a connection that does not end.
if [ "$rank" != 0 ] || [ ! -e /proc/self/fd/0 ]; then exec </dev/null; fi
# In the background, so that a signal arrives while it runs; a shell gives such a program /dev/null to read, if nothing else.
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
