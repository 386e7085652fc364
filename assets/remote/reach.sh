# reach listen SECONDS: listens for TCP connections on two ports, one of those that the kernel gives to programs that do not
# choose (launchers and their daemons) and the lowest free one from 1024 on (Open MPI's ranks). Prints `port N` for each, then
# a dot twice a second, until SECONDS are over or nobody reads any more.
# reach try SECONDS ADDRESS PORT…: connects to every ADDRESS PORT at the same time. Prints for each `ok ADDRESS PORT`, or
# `bad ADDRESS PORT REASON`; REASON is `timeout` when SECONDS were over without an answer.
export LC_ALL=C
# Modules come from the system only.
unset PERL5LIB PERL5OPT PERL5DB
# Perl is part of every Debian; Python is not.
# shellcheck disable=SC2016 # for perl
exec perl -e '
use strict;
use Errno qw(EINPROGRESS);
use Fcntl;
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 unpack_sockaddr_in6 AF_INET6);
$| = 1;
my ($mode, $seconds, @targets) = @ARGV;

sub listener {
  my ($port) = @_;
  my $family = AF_INET6;
  my $address = pack_sockaddr_in6($port, "\0" x 16);
  my $socket;
  # Both IPv6 and IPv4, unless the node has no IPv6.
  unless (socket $socket, $family, SOCK_STREAM, 0) {
    ($family, $address) = (AF_INET, pack_sockaddr_in($port, INADDR_ANY));
    socket $socket, $family, SOCK_STREAM, 0 or return;
  }
  bind $socket, $address and listen $socket, 128 or return;
  my $name = getsockname $socket;
  my ($bound) = $family == AF_INET ? unpack_sockaddr_in($name) : unpack_sockaddr_in6($name);
  return [$socket, $bound];
}

if ($mode eq "listen") {
  my @open = grep { defined } listener(0);
  for my $port (1024 .. 1123) {
    my $low = listener($port) or next;
    push @open, $low;
    last;
  }
  exit 1 unless @open;
  print "port $_->[1]\n" for @open;
  my ($end, @taken) = (time + $seconds);
  while (time < $end) {
    my $ready = "";
    vec($ready, fileno $_->[0], 1) = 1 for @open;
    if (select($ready, undef, undef, 0.5) > 0) {
      for (@open) {
        next unless vec $ready, fileno $_->[0], 1;
        my $peer;
        push @taken, $peer if accept $peer, $_->[0];
      }
      next;
    }
    print ".\n" or last;
  }
  exit;
}

my %waiting;
while (my ($host, $port) = splice @targets, 0, 2) {
  my ($family, $address);
  if (my $packed = inet_pton(AF_INET, $host)) {
    ($family, $address) = (AF_INET, pack_sockaddr_in($port, $packed));
  } elsif ($packed = inet_pton(AF_INET6, $host)) {
    ($family, $address) = (AF_INET6, pack_sockaddr_in6($port, $packed));
  } else {
    next;
  }
  my $socket;
  socket $socket, $family, SOCK_STREAM, 0 or next;
  fcntl $socket, F_SETFL, O_NONBLOCK;
  if (connect $socket, $address) {
    print "ok $host $port\n";
  } elsif ($! == EINPROGRESS) {
    $waiting{fileno $socket} = [$socket, "$host $port"];
  } else {
    print "bad $host $port $!\n";
  }
}
my $end = time + $seconds;
while (%waiting and time < $end) {
  my $ready = "";
  vec($ready, $_, 1) = 1 for keys %waiting;
  next unless select(undef, $ready, undef, 0.2) > 0;
  for (keys %waiting) {
    next unless vec $ready, $_, 1;
    my ($socket, $target) = @{delete $waiting{$_}};
    $! = unpack "i", getsockopt $socket, SOL_SOCKET, SO_ERROR;
    print $! == 0 ? "ok $target\n" : "bad $target $!\n";
  }
}
print "bad $_->[1] timeout\n" for values %waiting;
' "$@"
