# run-start RUN SECONDS COMMAND…: starts the launcher on the head node, in a session of its own, so that it outlives this
# connection; SECONDS is its time limit (0: none). Its folder ~/.pictl/runs/RUN has the files that were copied before, and from
# now on pid, out, err, times (see run-times) and, when the launcher has ended, rc: its exit status, followed by the limit or by
# `full` (the disk) when that is what ended it. Prints `pid N`.
export LC_ALL=C
set -eu
run=$1 limit=$2
shift 2
cd "$HOME/.pictl/runs/$run"
[ ! -e pid ] || { echo "run $run was started before" >&2; exit 3; }
# Writes down how much output there was when, for a pictl that joins later. A shell of its own, with the run's mark neither in its
# environment nor on its command line: it does not count as a process of the run.
# shellcheck disable=SC2016 # for the inner shell
sh -c '
  trap "" HUP
  said=
  until [ -e pid ]; do sleep 0.02; done
  pid=$(cat pid)
  while [ -d "/proc/$pid" ]; do
    set -- $(stat -c "%.3Y %s" out err)
    time=$1
    [ "${1%.*}" -ge "${3%.*}" ] || time=$3
    [ "$said" = "$2 $4" ] || echo "$time $2 $4" || :
    said="$2 $4"
    # A file that ends with a block while no block is left has lost what came after it, and launchers ignore that.
    for size in $2 $4; do
      if [ "$size" -gt 0 ] && [ $((size % 4096)) = 0 ] && [ "$(stat -f -c %a .)" = 0 ]; then
        mv reserve full && kill -s TERM "$pid" && sleep 8
        # The pid can belong to another process by now.
        ! grep -qszxF "PICTL_RUN=${PWD##*/}" "/proc/$pid/environ" || kill -s KILL "$pid"
        exit
      fi
    done
    sleep 2
  done
' pictl-times </dev/null >./times 2>/dev/null &
# Space for the last lines on a disk that fills up.
head -c 16384 /dev/zero >reserve
input=/dev/null
if [ -e in ]; then
  mkfifo -m 600 stdin
  input=$PWD/stdin
  # Copies what run-input adds, until nothing follows or nobody reads it any more. Like the shell above it does not count as a
  # process of the run.
  # shellcheck disable=SC2016 # for the inner shell
  sh -c '
    trap "" HUP
    until [ -e pid ]; do sleep 0.02; done
    pid=$(cat pid)
    at=0 idle=0
    while :; do
      end=
      [ ! -e in.end ] || end=yes
      size=$(stat -c %s in) || exit
      if [ "$size" -gt "$at" ]; then
        tail -c +$((at + 1)) in | head -c $((size - at))
        at=$size idle=0
      elif [ -n "$end" ] || [ ! -d "/proc/$pid" ]; then
        exit
      else
        # Nobody waits long for what is typed at once, and nothing is lost by asking seldom later.
        idle=$((idle + 1))
        if [ $idle -lt 100 ]; then sleep 0.1; else sleep 1; fi
      fi
    done
  ' pictl-input </dev/null >stdin 2>/dev/null &
fi
export PICTL_RUN="$run" PICTL_LIMIT="$limit" PICTL_INPUT="$input"
# Unbuffered Python writes each argument of a print by itself, and launchers then splice lines of different ranks.
unset PYTHONUNBUFFERED || :
: >out
: >err
# `--foreground` keeps timeout from signalling the launcher twice (itself and its group): see run-stop.
# shellcheck disable=SC2016 # for the inner shell
setsid sh -c '
  began=$(date +%s)
  if [ "$PICTL_LIMIT" -gt 0 ]; then set -- timeout --foreground --kill-after=8 "$PICTL_LIMIT" "$@"; fi
  # Hydra fails when another node does not have the folder that it is started in.
  run=$PWD
  cd "$HOME"
  "$@" <"$PICTL_INPUT" >"$run/out" 2>"$run/err" &
  cd "$run"
  echo $! >pid.new && mv pid.new pid
  trap "" HUP
  wait $!
  rc=$?
  # The exit status of timeout when the launcher ended on TERM, and when it had to be killed.
  case $rc in
    124 | 137) [ $(($(date +%s) - began)) -lt "$PICTL_LIMIT" ] || [ "$PICTL_LIMIT" = 0 ] || rc="$rc $PICTL_LIMIT" ;;
  esac
  # MPICH ends by itself on a full disk, before the check above sees it.
  for file in out err; do
    [ ! -s $file ] || [ $(($(stat -c %s $file) % 4096)) != 0 ] || [ "$(stat -f -c %a .)" != 0 ] || mv reserve full
  done
  [ ! -e full ] || rc="${rc%% *} full"
  rm -f reserve full
  echo "$rc" >rc.new && mv rc.new rc
' pictl-run "$@" </dev/null >/dev/null 2>&1 &
until [ -e pid ]; do sleep 0.02; done
echo "pid $(cat pid)"
