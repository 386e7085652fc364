# node-key COMMENT [next|take]: generates the user's ed25519 key pair if there is none; prints `public LINE`. `next` generates the
# pair that will replace it, beside it, or uses the one that is there; prints `public LINE` of that pair. `take` replaces the
# first pair with it. The old public keys stay in id_ed25519.pub.old, and it prints `old LINE` for each.
# The private key never leaves the node. A missing public key is generated again from the private one.
export LC_ALL=C
set -eu
key=$HOME/.ssh/id_ed25519
umask 077
# make KEY COMMENT: the private and the public key; neither file is ever there incomplete.
make() {
  if [ ! -e "$1" ]; then
    rm -f "$1.making" "$1.making.pub"
    ssh-keygen -q -t ed25519 -N '' -C "$2" -f "$1.making" </dev/null
    sync "$1.making" "$1.making.pub"
    mv -f "$1.making" "$1"
    mv -f "$1.making.pub" "$1.pub"
  elif ! public=$(ssh-keygen -y -P '' -f "$1" </dev/null 2>/dev/null); then
    # A key with a passphrase would stop mpirun at a prompt that nobody sees.
    echo "$1 has a passphrase, and mpirun cannot type it" >&2
    exit 3
  elif [ ! -e "$1.pub" ]; then
    printf '%s\n' "$public" >"$1.pub.making"
    mv -f "$1.pub.making" "$1.pub"
  fi
  # Everybody can read public keys, as ssh-keygen has it.
  chmod 644 "$1.pub"
}

[ -d "$HOME/.ssh" ] || mkdir "$HOME/.ssh"
# One at a time: an earlier one can still be at work after its connection was lost.
exec 9<"$HOME/.ssh"
if command -v flock >/dev/null; then
  flock -w 50 9 || { echo "another pictl is at work on this user's keys" >&2; exit 1; }
fi
# Completes a `take` that ended between its two last renames.
[ -e "$key.new" ] || [ ! -e "$key.new.pub" ] || mv -f "$key.new.pub" "$key.pub"
case ${2-} in
  next) key=$key.new && make "$key" "$1" ;;
  take)
    if [ -e "$key.new" ]; then
      make "$key.new" "$1"
      if [ -e "$key.pub" ] && ! grep -qsxF "$(cat "$key.pub")" "$key.pub.old"; then
        { cat "$key.pub.old" 2>/dev/null || true; cat "$key.pub"; } >"$key.pub.old.making"
        mv -f "$key.pub.old.making" "$key.pub.old"
      fi
      mv -f "$key.new" "$key"
      mv -f "$key.new.pub" "$key.pub"
    fi
    while IFS= read -r line; do printf 'old %s\n' "$line"; done <"$key.pub.old"
    ;;
  *) make "$key" "$1" ;;
esac
printf 'public %s\n' "$(cat "$key.pub")"
