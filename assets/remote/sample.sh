# sample INTERVAL: this node's clock, and then one sample, a line, every INTERVAL seconds (the first four sooner) for as
# long as somebody reads:
#   T milliseconds-since-the-epoch
#   S uptime milli°C clock-Hz flags load busy-jiffies idle-jiffies MemAvailable-KiB [key=value]...
# `-` and a missing key stand for what this board does not report. Keys: `now` (this node's clock, ms; on some lines
# only), `freq` (the kernel's idea of the clock, Hz), `rx` and `tx` (bytes by the interface that SSH came in on), `swapin`
# and `swapout` (pages since boot), `fan` (rpm), `lowvolt` (0 or 1), `power` (mW of the Pi 5's supply rails).
#
# In Perl, because every Debian has it (perl-base is essential) and it sleeps, reads and asks the firmware without
# starting a process; a shell starts one just to sleep.
export LC_ALL=C
# Modules come from the system only.
unset PERL5LIB PERL5OPT PERL5DB
echo "T $(date +%s%3N)"
exec perl -e '
use strict;
$| = 1;
my ($interval) = @ARGV;

# The present content of a small file. It stays open: the next time needs only two calls.
my %open;
sub content {
    my ($path) = @_;
    my $text = "";
    if (!$open{$path}) {
        open my $file, "<", $path or return $text;
        $open{$path} = $file;
    }
    sysseek($open{$path}, 0, 0) and sysread($open{$path}, $text, 65536);
    return $text;
}
sub number {
    my ($path) = @_;
    return defined $path && content($path) =~ /^(-?\d+)/ ? $1 : undef;
}

# The output of a command.
sub said {
    open my $pipe, "-|", @_ or return "";
    local $/;
    return <$pipe> // "";
}

# Through this device, which members of the group video can open, the firmware answers the questions of vcgencmd. Asking it
# directly takes half a millisecond, and starting a process for it takes several.
my $mailbox;
for my $path ("/dev/vcio_gencmd", "/dev/vcio") { $mailbox or sysopen $mailbox, $path, 0 or undef $mailbox }
my $property = 3 << 30 | length(pack "p", "") << 16 | 100 << 8; # _IOWR(100, 0, char *)
sub ask {
    my ($question) = @_;
    return said("vcgencmd", split " ", $question) if !$mailbox;
    # Size, request, tag GET_GENCMD_RESULT, size of its buffer, length, error, text, end.
    my $message = pack "L6 a1024 L", 1052, 0, 0x30080, 1024, 0, 0, $question, 0;
    ioctl $mailbox, $property, $message or return "";
    my ($error, $answer) = (unpack "L6 Z1024", $message)[5, 6];
    return $error ? "" : $answer;
}
my $gets = "get_throttled";
undef $mailbox if $mailbox && ask($gets) !~ /=/;
my $firmware = $mailbox || (grep { -x "$_/vcgencmd" } split /:/, $ENV{PATH}) && ask($gets) =~ /=/;
my $pmic = $firmware && ask("pmic_read_adc") =~ /_A current/;
my $pace = $mailbox ? 1 : 5;

my %sensor;
for my $dir (glob "/sys/class/hwmon/hwmon*") {
    chomp(my $name = content("$dir/name"));
    $sensor{fan} = "$dir/fan1_input" if $name eq "pwmfan";
    $sensor{lowvolt} = "$dir/in0_lcrit_alarm" if $name eq "rpi_volt";
    $sensor{temp} = "$dir/temp1_input" if $name eq "cpu_thermal";
}
my $address = (split " ", $ENV{SSH_CONNECTION} // "")[2];
my ($interface) = $address ? said(qw(ip -o addr show to), $address) =~ /^\d+: (\S+)/ : ();
my $net = $interface && "/sys/class/net/$interface/statistics";

my ($temp, $clock, $flags, $power);
for (my $line = 0; ; $line++) {
    my %more;
    $more{now} = said("date", "+%s%3N") =~ /^(\d+)/ ? $1 : undef if $line % 60 == 0;
    my ($uptime) = content("/proc/uptime") =~ /^(\S+)/;
    my $degrees = number("/sys/class/thermal/thermal_zone0/temp") // number($sensor{temp});
    $temp = $degrees if defined $degrees || !$firmware;
    if ($firmware && $line % $pace == 0) {
        ($flags) = ask($gets) =~ /=(0x[0-9a-f]+)/;
        ($clock) = ask("measure_clock arm") =~ /=(\d+)/;
        $temp = ask("measure_temp") =~ /=([\d.]+)/ ? int($1 * 1000) : undef if !defined $degrees;
    }
    if ($pmic && $line % $pace == 0) {
        my (%amps, %volts, $watts);
        for (split /\n/, ask("pmic_read_adc")) {
            $amps{$1} = $2 if /(\S+)_A current\(\d+\)=([\d.]+)A/;
            $volts{$1} = $2 if /(\S+)_V volt\(\d+\)=([\d.]+)V/;
        }
        $watts += $amps{$_} * $volts{$_} for grep { $volts{$_} } keys %amps;
        $power = defined $watts ? int($watts * 1000) : undef;
    }
    my ($load) = content("/proc/loadavg") =~ /^(\S+)/;
    my (undef, $user, $nice, $system, $idle, $iowait, $irq, $softirq, $steal) = split " ", content("/proc/stat");
    my ($available) = content("/proc/meminfo") =~ /^MemAvailable: +(\d+)/m;
    my $freq = number("/sys/devices/system/cpu/cpufreq/policy0/scaling_cur_freq");
    $more{freq} = $freq * 1000 if $freq;
    ($more{rx}, $more{tx}) = map { number("$net/${_}_bytes") } "rx", "tx" if $net;
    my $paging = content("/proc/vmstat");
    for ("in", "out") { $more{"swap$_"} = $1 if $paging =~ /^pswp$_ (\d+)/m }
    $more{fan} = number($sensor{fan});
    $more{lowvolt} = number($sensor{lowvolt});
    $more{power} = $power;
    my @fixed = ($uptime, $temp, $clock, $flags, $load, $user + $nice + $system + $irq + $softirq + $steal,
        $idle + $iowait, $available);
    my @known = grep { defined $more{$_} } sort keys %more;
    print join(" ", "S", (map { $_ // "-" } @fixed), map { "$_=$more{$_}" } @known), "\n" or exit;
    # A run that is launched at once needs to know how busy the node was before.
    select undef, undef, undef, $line < 4 ? $interval / 4 : $interval;
}
' "$@"
