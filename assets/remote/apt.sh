# The beginning of scripts that install packages. Nothing may cut them off: apt that is ended in the middle leaves packages behind
# that are not configured, and then every later apt fails. What an earlier one left like that is finished first. Another apt
# (upgrades at the first boot) is waited for.
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
set -eu
# Nobody can answer questions about changed configuration files: the present ones stay.
keep="--force-confdef --force-confold"
apt="apt-get -y -q -o Dpkg::Use-Pty=0 -o APT::Color=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold"
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

# patiently COMMAND…: and again while another apt or dpkg holds a lock, for at most 25 minutes.
patiently() {
  waited=0
  while :; do
    status=0
    "$@" </dev/null 2>"$errors" || status=$?
    if [ "$status" != 0 ] && [ "$waited" -lt 1500 ] && held=$(grep -m 1 -E 'Could not get lock|lock was locked by' "$errors"); then
      [ $((waited % 30)) != 0 ] || echo "waiting for another apt: ${held#E: }"
      sleep 2
      waited=$((waited + 2))
    else
      cat "$errors" >&2
      return "$status"
    fi
  done
}

# dpkg knows what it did not finish, and so does the journal that it leaves when it is killed.
if [ -n "$(dpkg --audit 2>&1)" ] || [ -n "$(ls /var/lib/dpkg/updates 2>/dev/null)" ]; then
  echo "dpkg was interrupted on this node: finishing what it began"
  # Packages whose dependencies are not unpacked yet stay as they are here, and apt completes them below.
  # shellcheck disable=SC2086 # a list
  patiently dpkg $keep --configure -a || echo "dpkg could not finish everything"
fi
# installed PACKAGE…: with what they need, and nothing that is only recommended.
# shellcheck disable=SC2086 # lists
installed() {
  patiently $apt update
  # Of what dpkg was just unpacking, files are missing.
  broken=$(dpkg-query -W -f='${db:Status-Abbrev} ${binary:Package}\n' | awk '$1 ~ /R/ || $1 ~ /^.H/ { print $2 }')
  [ -z "$broken" ] || patiently $apt install --fix-broken --reinstall $broken
  apt-get check >/dev/null 2>&1 </dev/null || patiently $apt --fix-broken install
  patiently $apt install --no-install-recommends "$@"
}
