# run-input RUN OFFSET SIZE [end]: adds SIZE bytes of standard input to what the run's first rank reads; OFFSET bytes are there
# already. `end`: nothing follows. Running it again changes nothing: what is there already is passed over. Prints `input`.
export LC_ALL=C
set -eu
cd "$HOME/.pictl/runs/$1"
# A run without input, or one that is over.
[ -e in ] || { echo input; exit 0; }
there=$(stat -c %s in)
[ "$there" -ge "$2" ] || { echo "$there bytes of input are there, and not $2" >&2; exit 3; }
head -c "$3" | tail -c +$((there - $2 + 1)) >>in
[ "${4-}" != end ] || : >in.end
echo input
