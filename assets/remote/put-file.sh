# put-file PATH MODE SIZE SHA256 EXPECT BACKUP: writes standard input to PATH, completely or not at all.
# EXPECT is the sha256 of the present file (`-`: there is none, `any`: no matter which). If it is another one by now, nothing is
# written. The file that is overwritten is first saved as BACKUP (`-`: it is not), once: the oldest copy is the one to go
# back to. Prints `sha256 HASH` of the file, read back. 3: the file has changed. 4: SIZE or SHA256 of the content is wrong.
# 5: another put-file holds the lock for too long.
# sshd ignores a ~/.ssh that others can write to, so their right to write is removed.
export LC_ALL=C
set -eu
path=$1 mode=$2 size=$3 hash=$4 expect=$5 backup=$6
# shellcheck disable=SC2088 # these tildes are part of arguments; no shell expands them
case $path in "~/"*) path=$HOME/${path#??} ;; esac
# shellcheck disable=SC2088
case $backup in "~/"*) backup=$HOME/${backup#??} ;; esac
sum() { now=$(sha256sum <"$1") && now=${now%% *}; }
changed() {
  echo "$path was changed by somebody else meanwhile" >&2
  exit 3
}

# lock: one put-file at a time in this folder. The kernel releases a lock by flock when its process ends. A link is the lock
# where there is no flock; it names the boot and the process that made it, and counts for nothing when that one is gone.
lock() {
  tries=0
  if [ -r "$dir" ] && command -v flock >/dev/null; then
    exec 9<"$dir"
    while :; do
      held=0
      flock -n 9 2>/dev/null || held=$?
      [ "$held" != 0 ] || return 0
      [ "$held" = 1 ] || break # not on this file system
      wait_for_lock "another put-file at work in $dir"
    done
  fi
  boot=
  { read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || true
  link=$dir/.pictl-lock
  until ln -s "$boot:$$" "$link" 2>/dev/null; do
    owner=$(readlink "$link") || owner=
    # One of those that wait takes a stale lock away; it looks again once it is the only one to do so.
    if [ -n "$owner" ] && stale "$owner" && mkdir "$link.stale" 2>/dev/null; then
      [ "$(readlink "$link")" != "$owner" ] || rm -f "$link"
      rmdir "$link.stale"
    else
      wait_for_lock "the lock $link"
    fi
  done
  ours=$link
}
stale() {
  [ "${1%:*}" = "$boot" ] || return 0
  case $(tr '\0' ' ' <"/proc/${1##*:}/cmdline" 2>/dev/null) in *pictl-put-file*) return 1 ;; esac
}
wait_for_lock() {
  tries=$((tries + 1))
  if [ "$tries" -gt 300 ]; then
    echo "waited too long for $1" >&2
    exit 5
  fi
  sleep 0.1
}

# If PATH is a link, the file that it points to is written, and the link stays.
if [ -L "$path" ]; then
  link=$path
  path=$(readlink -f "$link") || { echo "$link is a link to nowhere" >&2; exit 1; }
fi
dir=${path%/*}
root=
[ "$(id -u)" != 0 ] || root=yes
if [ ! -d "$dir" ]; then
  case $dir in */.ssh | */.pictl | */.pictl/*) (umask 077 && mkdir -p "$dir") ;; *) mkdir -p "$dir" ;; esac
  [ -z "$root" ] || chown --reference="${dir%/*}/" "$dir"
fi
case $dir in
  */.ssh) case $(stat -L -c %A "$dir") in ?????w* | ????????w*) chmod go-w "$dir" ;; esac ;;
esac

# All that takes time comes before the comparison: what arrives, and the flush to the SD card.
new=$(mktemp "$path.pictl-XXXXXX")
old=$new.old ours=
trap 'rm -f "$new" "$old" ${ours:+"$ours"}' EXIT
# Without PIPE, writing to a closed connection would end the script and leave the file.
trap 'exit 1' HUP INT TERM PIPE
head -c "$size" >"$new"
sum "$new"
if [ "$now" != "$hash" ]; then
  echo "what arrived is not what was sent" >&2
  exit 4
fi
if [ -e "$path" ] && [ ! -f "$path" ]; then
  echo "$path is not a regular file" >&2
  exit 1
fi
if [ -z "$root" ]; then :
elif [ -e "$path" ]; then chown --reference="$path" "$new"
else chown --reference="$dir/" "$new"
fi
chmod "$mode" "$new"
sync "$new"
sum "$new"
if [ "$now" != "$hash" ]; then
  echo "$new reads back differently from what was written: the SD card may be failing" >&2
  exit 1
fi

lock
now=-
if [ -e "$path" ]; then
  sum "$path"
  # Nothing to change: the file keeps its time.
  if [ "$now" = "$hash" ] && [ "$(stat -c %a "$path")" = "$mode" ]; then
    echo "sha256 $hash"
    exit 0
  fi
fi
[ "$expect" = any ] || [ "$now" = "$expect" ] || changed
before=$now
if [ "$before" != - ]; then
  if [ "$backup" != - ] && [ ! -e "$backup" ]; then
    (umask 077 && mkdir -p "${backup%/*}")
    # An incomplete copy (a full disk) does not count.
    cp -p "$path" "$backup.part"
    mv -f "$backup.part" "$backup"
  fi
  # Others do not know the lock (an editor, `>>` of a shell). By this second name it shows whether they wrote until the
  # rename. Some file systems have no such names; the comparison right before the rename is what remains there.
  ln "$path" "$old" 2>/dev/null || true
  sum "$path"
  [ "$now" = "$before" ] || changed
  mv -f "$new" "$path"
  if [ -e "$old" ]; then
    sum "$old"
    if [ "$now" != "$before" ]; then
      sum "$path"
      [ "$now" != "$hash" ] || mv -f "$old" "$path"
      changed
    fi
  fi
elif [ "$expect" = any ]; then
  mv -f "$new" "$path"
else
  # A link never replaces a file that somebody else made in the meantime.
  ln "$new" "$path" 2>/dev/null || { [ ! -e "$path" ] || changed; mv -f "$new" "$path"; }
fi
sum "$path"
echo "sha256 $now"
