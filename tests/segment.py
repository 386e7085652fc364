#!/usr/bin/python3
"""A small network with hosts of every kind, made of network namespaces, for tests and measurements of scans.

    tests/segment.py        as root on Linux; ends, and takes all of it down, when its standard input ends

The first line of input describes the network as JSON (everything can be left out, except what is marked *):

    subnet, operator   10.78.0.0/24, 10.78.0.254: the network, and the address of the operator, who scans
    loss, delay        of the operator's cable: share of the frames lost each way, and milliseconds by which incoming frames are delayed
    capture            write down where the operator sends frames
    ipv6               the operator and the hosts have link-local IPv6
    hosts              a list, of each:
      name*            at most ten letters: namespace and port of the switch
      mac*, addresses* of its eth0
      also             {mac, addresses}: a second network interface, wlan0, on the same network
      flux             both interfaces answer for both addresses, as Linux does by default; otherwise each for its own
      away             its cable is unplugged at first
      loss, delay      of its cable, as above
      ssh              {banner, port, manner}: an SSH server as far as its banner; the manner is `line`, `endless` (the banner
                       again and again, without a line end), `drip` (a byte of it each second) or `mute` (nothing)
      mdns             {name, services, claims}: NAME.local, `_ssh._tcp` and such, and addresses of others that it claims
      arp              this program answers ARP for it, {late, every, after, leaves, claims}: so many milliseconds late; only every Nth
                       question for an address; not the first N; its cable is unplugged after the first answer; also for
                       the networks in this list

It answers `{"name": NAME, "loss": …}` when everything is there. The namespaces are `pictl-seg.NAME.operator`, `….switch` and
`….HOST`; "loss" names what drops frames. After that each line of input is a command, answered by a line of JSON:

    join HOST, leave HOST   plug or unplug its cable
    move HOST ADDRESS       it has this address now
    connections             how many connections each SSH server took so far
    sent                    what the operator sent so far: a list of [protocol, destination, frames]; protocols are `arp`,
                            `udp/PORT`, `tcp/PORT`, `icmp` and so on, the destination of ARP is the address asked for

What a killed one left behind is removed by the next one.
"""

import asyncio
import collections
import ctypes
import fcntl
import ipaddress
import json
import os
import random
import socket
import struct
import subprocess
import sys
from pathlib import Path

NAMES = Path("/run/netns")
PREFIX = "pictl-seg"
CLONE_NEWNET = 0x40000000  # linux/sched.h
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000  # linux/if_tun.h
ETH_P_ALL, ETH_P_ARP, ETH_P_IP = 0x0003, 0x0806, 0x0800  # linux/if_ether.h
PACKET_OUTGOING = 4  # linux/if_packet.h
SO_RCVBUFFORCE = 33  # asm-generic/socket.h
MDNS_GROUP, MDNS_PORT = "224.0.0.251", 5353
FRAME = 65536
WAITING = 10000  # frames held back on a cable; more are dropped, as by a full queue
BRIDGE = "type bridge stp_state 0 forward_delay 0 mcast_snooping 0"

libc = ctypes.CDLL(None, use_errno=True)


def enter(namespace):
    """From now on, new sockets and devices belong to this namespace."""
    with open(namespace) as file:
        if libc.setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {namespace}")


def ip(lines, namespace=None):
    """Runs lines of `ip` commands."""
    words = ["ip", *(["-n", namespace] if namespace else []), "-batch", "-"]
    subprocess.run(words, input="\n".join(lines), text=True, check=True)


def take_down(name):
    lines = [f"netns del {path.name}" for path in NAMES.glob(f"{PREFIX}.{name}.*")]
    # Another process can be removing the same.
    subprocess.run(["ip", "-force", "-batch", "-"], input="\n".join(lines), text=True, capture_output=True)
    if left := list(NAMES.glob(f"{PREFIX}.{name}.*")):
        sys.exit(f"cannot be taken down: {left}")


def take_down_left_over():
    for name in {path.name.split(".")[1] for path in NAMES.glob(f"{PREFIX}.*.*")}:
        try:
            alive = b"segment.py" in Path(f"/proc/{name}/cmdline").read_bytes()
        except OSError:
            alive = False
        if not alive:
            take_down(name)


# --- cables -----------------------------------------------------------------------------------------------------------


class Cable:
    """A cable that loses frames, for kernels without netem: joins the tap devices PORT.a, towards the host, and PORT.b."""

    def __init__(self, port, loss, delay, seed):
        self.loss, self.delay, self.random = loss, delay / 1000, random.Random(seed)
        self.held = collections.deque()
        loop = asyncio.get_running_loop()
        a, b = self.tap(f"{port}.a"), self.tap(f"{port}.b")
        loop.add_reader(a, self.carry, a, b, 0)
        loop.add_reader(b, self.carry, b, a, self.delay)

    @staticmethod
    def tap(name):
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
        return device

    def carry(self, source, to, delay):
        try:
            frame = os.read(source, FRAME)
        except OSError:
            return
        if self.random.random() < self.loss:
            return
        if not delay:
            self.send(to, frame)
        elif len(self.held) < WAITING:
            self.held.append((to, frame))
            asyncio.get_running_loop().call_later(delay, lambda: self.send(*self.held.popleft()))

    @staticmethod
    def send(device, frame):
        try:
            os.write(device, frame)
        except OSError:
            pass  # the cable is out


def has_netem(namespace):
    words = ["tc", "-n", namespace, "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"]
    return subprocess.run(words, capture_output=True).returncode == 0


# --- what hosts say ---------------------------------------------------------------------------------------------------


class Ssh:
    """An SSH server that gets no further than its banner, and counts who comes."""

    def __init__(self, port=22, banner="SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3", manner="line"):
        self.banner, self.manner, self.connections, self.open = banner.encode(), manner, 0, set()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("", port))
        self.listener.listen(512)
        self.listener.setblocking(False)
        asyncio.get_running_loop().add_reader(self.listener, self.accept)

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except BlockingIOError:
                return
            except OSError:
                continue  # it was reset before it was taken
            self.connections += 1
            task = asyncio.ensure_future(self.greet(connection))
            self.open.add(task)
            task.add_done_callback(self.open.discard)

    async def greet(self, connection):
        loop = asyncio.get_running_loop()
        connection.setblocking(False)
        try:
            if self.manner == "line":
                await loop.sock_sendall(connection, self.banner + b"\r\n")
            while self.manner == "endless":
                await loop.sock_sendall(connection, self.banner)
            for byte in self.banner if self.manner == "drip" else b"":
                await loop.sock_sendall(connection, bytes([byte]))
                await asyncio.sleep(1)
            while await loop.sock_recv(connection, 4096):
                pass
        except OSError:
            pass  # the scanner has had enough
        finally:
            connection.close()


class Mdns:
    """Answers like avahi queries from other ports than 5353 (RFC 6762, 6.7)."""

    PTR, SRV, A = 12, 33, 1

    def __init__(self, interface, addresses, name, services=(), claims=()):
        self.host, self.services = [name.encode(), b"local"], services
        self.addresses = [ipaddress.ip_address(address) for address in addresses]
        self.reverse = {ipaddress.ip_address(a).reverse_pointer for a in [*addresses, *claims]}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        self.socket.bind(("", MDNS_PORT))
        group = struct.pack("4s4s", socket.inet_aton(MDNS_GROUP), self.addresses[0].packed)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        self.socket.setblocking(False)
        asyncio.get_running_loop().add_reader(self.socket, self.hear)

    @staticmethod
    def name(labels):
        return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"

    def record(self, owner, kind, data):
        return self.name(owner) + struct.pack(">HHIH", kind, 1, 10, len(data)) + data

    def service(self, service):
        """The records of one service: who offers it, and where."""
        kind = [*service.encode().split(b"."), b"local"]
        instance = [self.host[0], *kind]
        where = self.record(instance, self.SRV, struct.pack(">HHH", 0, 0, 22) + self.name(self.host))
        addresses = [self.record(self.host, self.A, address.packed) for address in self.addresses]
        return self.record(kind, self.PTR, self.name(instance)), [where, *addresses]

    def answers(self, asked):
        """Answers and additional records."""
        if asked in self.reverse:
            return [self.record(asked.encode().split(b"."), self.PTR, self.name(self.host))], []
        for service in self.services:
            if asked == f"{service}.local":
                answer, more = self.service(service)
                return [answer], more
        return [], []

    def hear(self):
        packet, sender = self.socket.recvfrom(FRAME)
        try:
            number, flags, questions = struct.unpack(">HHH", packet[:6])
            at, answers, more = 12, [], []
            for _ in range(questions):
                labels = []
                while length := packet[at]:
                    labels.append(packet[at + 1:at + 1 + length].decode().lower())
                    at += 1 + length
                at += 5
                one, additional = self.answers(".".join(labels))
                answers += one
                more += additional
        except (IndexError, ValueError, struct.error):
            return
        if flags & 0x8000 or not answers:
            return
        head = struct.pack(">HHHHHH", number, 0x8400, questions, len(answers), 0, len(more))
        self.socket.sendto(head + packet[12:at] + b"".join(answers + more), sender)


class Arp:
    """Answers ARP (RFC 826)."""

    def __init__(self, interface, mac, addresses, leave, late=0, every=1, after=0, leaves=False, claims=()):
        self.mac, self.late, self.every, self.after = bytes.fromhex(mac.replace(":", "")), late / 1000, every, after
        self.leave = leave if leaves else None
        self.own = {ipaddress.ip_address(address) for address in addresses}
        self.claims = [ipaddress.ip_network(network) for network in claims]
        self.asked = collections.Counter()
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ARP))
        self.socket.bind((interface, ETH_P_ARP))
        self.socket.setblocking(False)
        asyncio.get_running_loop().add_reader(self.socket, self.hear)

    def hear(self):
        frame, (*_, kind, _, _) = self.socket.recvfrom(FRAME)
        if kind == PACKET_OUTGOING or len(frame) < 42 or frame[20:22] != b"\0\1":
            return
        sender, address = frame[22:32], ipaddress.ip_address(frame[38:42])
        is_mine = address in self.own or any(address in network for network in self.claims)
        # A question for the sender's own address, or from no address, only checks whether it is free.
        if not is_mine or sender[6:] in (frame[38:42], bytes(4)):
            return
        self.asked[address] += 1
        times = self.asked[address]
        if times > self.after and times % self.every == 0:
            answer = sender[:6] + self.mac + frame[12:20] + b"\0\2" + self.mac + frame[38:42] + sender
            asyncio.get_running_loop().call_later(self.late, self.answer, answer)

    def answer(self, frame):
        self.socket.send(frame)
        if self.leave:
            self.leave()


class Capture:
    """Where a network interface sends frames."""

    PROTOCOLS = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp"}

    def __init__(self, interface):
        self.sent = collections.Counter()
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 27)
        self.socket.bind((interface, ETH_P_ALL))
        self.socket.setblocking(False)
        asyncio.get_running_loop().add_reader(self.socket, self.hear)

    def hear(self):
        while True:
            try:
                frame, (_, ethertype, kind, _, _) = self.socket.recvfrom(128)
            except BlockingIOError:
                return
            if kind == PACKET_OUTGOING:
                self.sent[self.read(ethertype, frame)] += 1

    def read(self, ethertype, frame):
        if ethertype == ETH_P_ARP:
            return "arp", socket.inet_ntoa(frame[38:42])
        if ethertype != ETH_P_IP:
            return f"{ethertype:#06x}", frame[:6].hex(":")
        ports = 14 + 4 * (frame[14] & 0xF)
        protocol = self.PROTOCOLS.get(frame[23], str(frame[23]))
        if protocol in ("tcp", "udp"):
            protocol += f"/{int.from_bytes(frame[ports + 2:ports + 4], 'big')}"
        return protocol, socket.inet_ntoa(frame[30:34])


# --- the network --------------------------------------------------------------------------------------------------------


class Segment:
    """All of it."""

    def __init__(self, spec):
        self.name, self.spec, self.ssh, self.capture = str(os.getpid()), spec, {}, None
        self.hosts = {host["name"]: host for host in spec.get("hosts", [])}
        self.subnet = ipaddress.ip_network(spec.get("subnet", "10.78.0.0/24"))

    def part(self, name):
        return f"{PREFIX}.{self.name}.{name}"

    def make(self):
        names = ["switch", "operator", *self.hosts]
        ip([f"netns add {self.part(name)}" for name in names])
        switch = self.part("switch")
        ip([f"link add br0 {BRIDGE}", "link set br0 up"], switch)
        by = "netem" if has_netem(switch) else "relay"
        operator = {"mac": "00:16:3e:00:00:01", "addresses": [self.spec.get("operator", "10.78.0.254")]}
        self.connect("operator", "operator", "eth0", operator | {key: self.spec.get(key, 0) for key in ("loss", "delay")}, by)
        for name, host in self.hosts.items():
            self.connect(name, name, "eth0", host, by)
            if also := host.get("also"):
                self.connect(name, f"{name}.w", "wlan0", {"flux": host.get("flux"), **also}, by)
            self.settle(name, host)
        if self.spec.get("capture"):
            enter(NAMES / self.part("operator"))
            self.capture = Capture("eth0")
        return by

    def connect(self, name, port, interface, of, by):
        """A cable from the interface to the switch."""
        switch, namespace = self.part("switch"), self.part(name)
        loss, delay = of.get("loss", 0), of.get("delay", 0)
        lines = [f"link add {port} type veth peer name {interface} address {of['mac']} netns {namespace}"]
        bridge, relay = "br0", (loss or delay) and by == "relay"
        if relay:
            bridge = f"{port}.c"
            lines += [f"link add {bridge} {BRIDGE}", f"link set {bridge} up"]
            for end, at in [("a", bridge), ("b", "br0")]:
                lines += [f"tuntap add dev {port}.{end} mode tap", f"link set {port}.{end} master {at} up"]
        lines += [f"link set {port} master {bridge} {'down' if of.get('away') else 'up'}"]
        ip(lines, switch)
        enter(NAMES / namespace)
        # A namespace has its own settings; /proc/sys/net shows those of the process that reads it.
        for key, value in [("arp_ignore", 1), ("arp_announce", 2), ("rp_filter", 0)]:
            Path(f"/proc/sys/net/ipv4/conf/{interface}/{key}").write_text(str(0 if of.get("flux") else value))
        Path(f"/proc/sys/net/ipv6/conf/{interface}/disable_ipv6").write_text(str(int(not self.spec.get("ipv6"))))
        addresses = [f"addr add {address}/{self.subnet.prefixlen} dev {interface}" for address in of["addresses"]]
        ip([*addresses, "link set lo up", f"link set {interface} up"], namespace)
        if relay:
            enter(NAMES / switch)
            Cable(port, loss, delay, seed=port)
        elif loss or delay:
            for where, dev, late in [(switch, port, delay), (namespace, interface, 0)]:
                words = ["tc", "-n", where, "qdisc", "add", "dev", dev, "root", "netem"]
                subprocess.run([*words, "delay", f"{late}ms", "loss", f"{loss:%}"], check=True)

    def settle(self, name, host):
        """Everything by which the host answers."""
        enter(NAMES / self.part(name))
        if (arp := host.get("arp")) is not None:
            Path("/proc/sys/net/ipv4/conf/eth0/arp_ignore").write_text("8")
            Arp("eth0", host["mac"], host["addresses"], lambda: self.plug(name, "down"), **arp)
        if (ssh := host.get("ssh")) is not None:
            self.ssh[name] = Ssh(**ssh)
        if mdns := host.get("mdns"):
            Mdns("eth0", host["addresses"], **mdns)
            if also := host.get("also"):
                Mdns("wlan0", also["addresses"], **mdns)

    def plug(self, name, state):
        interfaces = [name, f"{name}.w"] if self.hosts[name].get("also") else [name]
        ip([f"link set {interface} {state}" for interface in interfaces], self.part("switch"))

    def obey(self, line):
        match line.split():
            case ["join", host]:
                return self.plug(host, "up")
            case ["leave", host]:
                return self.plug(host, "down")
            case ["move", host, address]:
                addresses = ["addr flush dev eth0", f"addr add {address}/{self.subnet.prefixlen} dev eth0"]
                return ip(addresses, self.part(host))
            case ["connections"]:
                for server in self.ssh.values():
                    server.accept()
                return {name: server.connections for name, server in self.ssh.items()}
            case ["sent"]:
                self.capture.hear()
                return [[*to, frames] for to, frames in self.capture.sent.items()]
        sys.exit(f"no such command: {line}")


async def main():
    loop = asyncio.get_running_loop()
    take_down_left_over()
    segment = Segment(json.loads(sys.stdin.readline()))
    try:
        by = segment.make()
        print(json.dumps({"name": segment.name, "loss": by}), flush=True)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            print(json.dumps(segment.obey(line)), flush=True)
    finally:
        take_down(segment.name)


asyncio.run(main())
