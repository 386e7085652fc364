# The beginning of scripts that overwrite files of root. Each is saved below the folder that `saves_in` was given, before it is
# changed, and once: the oldest copy is the one to go back to.
saves_in() {
  backup=$1
  # shellcheck disable=SC2088 # this tilde is part of an argument; no shell expands it
  case $backup in "~/"*) backup=$HOME/${backup#??} ;; esac
  case $backup in /*) ;; *) echo "$backup is not absolute" >&2; exit 2 ;; esac
}
save() {
  if [ -e "$1" ] && [ ! -e "$backup$1" ]; then
    (umask 077 && mkdir -p "$backup${1%/*}")
    # An incomplete copy (a full disk) does not count.
    cp -p "$1" "$backup$1.part"
    mv -f "$backup$1.part" "$backup$1"
  fi
}

