# detach NAME TEXT ARG… (root): runs the script TEXT as `pictl-NAME ARG…` where nothing can cut it: in a service of its own (a
# session of its own where there is no systemd), with its output in files below /run/pictl. Prints that output as it comes, and
# ends with its exit status. The work goes on when the connection breaks, pictl ends, or the limit is over. When the same work is
# already under way, it is joined: its output is printed from the beginning. Other work of this NAME is waited for.
# 6: the work was ended from outside.
export LC_ALL=C
set -eu
name=$1 text=$2
shift 2
umask 077
mkdir -p /run/pictl
base=/run/pictl/$name
id=$(printf '%s\n' "$text" "$@" | sha256sum) id=${id%% *}

# running: whether work of this name is under way; its folder is $job, its process $pid.
running() {
  job=$(readlink "$base" 2>/dev/null) && [ -r "$job/pid" ] && read -r pid <"$job/pid" || return 1
  [ ! -e "$job/status" ] && case $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null) in *"$job"*) ;; *) false ;; esac
}

# quote ARG…: as words of a command line.
quote() {
  for arg in "$@"; do
    printf " '"
    printf '%s' "$arg" | sed "s/'/'\\\\''/g"
    printf "'"
  done
}
# What starts the work must not hold the lock. Everything is in files: systemd would put its own values in the place of `${…}`.
start() {
  job=$(mktemp -d "$base.XXXXXX")
  echo "$id" >"$job/id"
  : >"$job/out"
  : >"$job/err"
  quote sh -c "$text" "pictl-$name" "$@" >"$job/command"
  # The process of this file is the one that everything waits for.
  cat >"$job/run" <<'END'
trap "" HUP INT PIPE
umask 022
job=$1 status=0
echo $$ >"$job/pid.new"
mv -f "$job/pid.new" "$job/pid"
(. "$job/command") >>"$job/out" 2>>"$job/err" </dev/null || status=$?
echo $status >"$job/status.new"
mv -f "$job/status.new" "$job/status"
END
  if ! { [ -d /run/systemd/system ] && command -v systemd-run >/dev/null &&
    systemd-run --quiet --collect --unit="pictl-$name-${job##*.}" --property=KillMode=process --setenv=PATH="$PATH" \
      --setenv=HOME="$HOME" --setenv=SSH_CONNECTION="$connection" sh "$job/run" "$job" 9<&- 2>/dev/null; }; then
    SSH_CONNECTION=$connection setsid sh "$job/run" "$job" </dev/null >/dev/null 2>&1 9<&- &
  fi
  while [ ! -s "$job/pid" ]; do sleep 0.1; done
  read -r pid <"$job/pid"
  # Somebody can still be reading the end of the work before this one; that of the one before that has no reader.
  old=$(readlink "$base" 2>/dev/null) || old=
  older=$(readlink "$base.old" 2>/dev/null) || older=
  ln -sfn "$job" "$base"
  [ -z "$old" ] || ln -sfn "$old" "$base.old"
  [ -z "$older" ] || rm -rf "$older"
}

# From where the user is connected, which sudo does not pass on.
connection=${SSH_CONNECTION-$(tr '\0' '\n' <"/proc/$PPID/environ" 2>/dev/null | sed -n 's/^SSH_CONNECTION=//p')}
if command -v flock >/dev/null; then lock="flock 9"; else lock=:; fi
while :; do
  exec 9>>"$base.lock"
  $lock
  if ! running; then
    start "$@"
    exec 9<&-
    break
  fi
  exec 9<&-
  read -r its <"$job/id"
  if [ "$its" = "$id" ]; then
    echo "joins what an earlier connection began"
    break
  fi
  echo "waits for other work of this kind, which an earlier connection began"
  tail -f --pid="$pid" -s 0.5 /dev/null
done

tail -n +1 -f --pid="$pid" -s 0.2 "$job/err" >&2 &
err=$!
tail -n +1 -f --pid="$pid" -s 0.2 "$job/out"
wait "$err" || true
if ! { read -r status <"$job/status"; } 2>/dev/null; then
  echo "the work on the node was ended from outside" >&2
  exit 6
fi
exit "$status"
