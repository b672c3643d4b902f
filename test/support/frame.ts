/** An Ethernet frame, decoded as far as the tests look at it. */
export interface Frame {
  readonly destinationMac: string;
  readonly sourceMac: string;
  /** 802.1Q VLAN, or undefined when untagged. */
  readonly vlan: number | undefined;
  readonly etherType: number;
  readonly arp?: ArpBody;
  readonly ip?: IpBody;
}

/** ARP body (RFC 826). */
export interface ArpBody {
  readonly operation: 'request' | 'reply';
  readonly senderMac: string;
  readonly senderAddress: string;
  readonly targetMac: string;
  readonly targetAddress: string;
}

/** IPv4 header and the start of what it carries. */
export interface IpBody {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly timeToLive: number;
  readonly fragmentOffset: number;
  /** Ports of TCP, UDP and SCTP in a first fragment. */
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** TCP flags byte. */
  readonly flags?: number;
  /** ICMP type. */
  readonly icmpType?: number;
}

export const TCP_FLAG = { fin: 1, syn: 2, rst: 4, push: 8, ack: 16 } as const;
const ETHER_TYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100 } as const;
const PROTOCOL = { icmp: 1, tcp: 6, udp: 17 } as const;

/** Decodes a frame; `ip` and `arp` are given where it carries them. */
export function decodeFrame(bytes: Buffer): Frame {
  const tagged = bytes.readUInt16BE(12) === ETHER_TYPE.vlan;
  const at = tagged ? 18 : 14;
  const etherType = bytes.readUInt16BE(at - 2);
  const body = bytes.subarray(at);
  return {
    destinationMac: macText(bytes.subarray(0, 6)),
    sourceMac: macText(bytes.subarray(6, 12)),
    vlan: tagged ? bytes.readUInt16BE(14) & 0xfff : undefined,
    etherType,
    ...(etherType === ETHER_TYPE.arp ? { arp: decodeArp(body) } : {}),
    ...(etherType === ETHER_TYPE.ipv4 ? { ip: decodeIp(body) } : {}),
  };
}

const macText = (bytes: Buffer): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
const addressText = (bytes: Buffer): string => [...bytes].join('.');

const decodeArp = (body: Buffer): ArpBody => ({
  operation: body.readUInt16BE(6) === 1 ? 'request' : 'reply',
  senderMac: macText(body.subarray(8, 14)),
  senderAddress: addressText(body.subarray(14, 18)),
  targetMac: macText(body.subarray(18, 24)),
  targetAddress: addressText(body.subarray(24, 28)),
});

function decodeIp(body: Buffer): IpBody {
  const payload = body.subarray((body.readUInt8(0) & 0xf) * 4);
  const protocol = body.readUInt8(9);
  const fragmentOffset = (body.readUInt16BE(6) & 0x1fff) * 8;
  const hasPorts = fragmentOffset === 0 && (protocol === PROTOCOL.tcp || protocol === PROTOCOL.udp);
  return {
    source: addressText(body.subarray(12, 16)),
    destination: addressText(body.subarray(16, 20)),
    protocol,
    timeToLive: body.readUInt8(8),
    fragmentOffset,
    ...(hasPorts ? { sourcePort: payload.readUInt16BE(0), destinationPort: payload.readUInt16BE(2) } : {}),
    ...(hasPorts && protocol === PROTOCOL.tcp ? { flags: payload.readUInt8(13) } : {}),
    ...(fragmentOffset === 0 && protocol === PROTOCOL.icmp ? { icmpType: payload.readUInt8(0) } : {}),
  };
}

const macBytes = (mac: string): Buffer => Buffer.from(mac.replaceAll(':', ''), 'hex');
const addressBytes = (address: string): Buffer => Buffer.from(address.split('.').map(Number));

const word = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

/** The Internet checksum (RFC 1071) of the parts as one sequence of 16-bit words. */
function checksum(...parts: readonly Buffer[]): number {
  const joined = Buffer.concat(parts);
  const even = joined.length % 2 === 0 ? joined : Buffer.concat([joined, Buffer.alloc(1)]);
  let sum = 0;
  for (let at = 0; at < even.length; at += 2) sum += even.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Ethernet addresses of a frame to make, and its VLAN when it is tagged. */
export interface Link {
  readonly sourceMac: string;
  readonly destinationMac: string;
  readonly vlan?: number;
}

function ethernet({ sourceMac, destinationMac, vlan }: Link, etherType: number, body: Buffer): Buffer {
  const tag = vlan === undefined ? [] : [word(ETHER_TYPE.vlan), word(vlan)];
  return Buffer.concat([macBytes(destinationMac), macBytes(sourceMac), ...tag, word(etherType), body]);
}

/** An ARP request for an address. */
export function arpRequest(
  link: Link,
  sender: { readonly mac: string; readonly address: string },
  target: string,
): Buffer {
  const fixed = Buffer.from([0, 1, 8, 0, 6, 4, 0, 1]);
  const body = [fixed, macBytes(sender.mac), addressBytes(sender.address), Buffer.alloc(6), addressBytes(target)];
  return ethernet(link, ETHER_TYPE.arp, Buffer.concat(body));
}

/** Ends of an IPv4 packet, with its place in a fragmented one. */
export interface Route {
  readonly source: string;
  readonly destination: string;
  readonly fragment?: { readonly id: number; readonly offset: number; readonly more: boolean };
}

function ipv4({ source, destination, fragment }: Route, protocol: number, payload: Buffer): Buffer {
  const flags = fragment === undefined ? 0 : (fragment.more ? 0x2000 : 0) | (fragment.offset / 8);
  const head = [Buffer.from([0x45, 0]), word(20 + payload.length), word(fragment?.id ?? 1), word(flags)];
  const start = Buffer.concat([...head, Buffer.from([64, protocol])]);
  const ends = Buffer.concat([addressBytes(source), addressBytes(destination)]);
  return Buffer.concat([start, word(checksum(start, ends)), ends, payload]);
}

/** A TCP segment without data. */
export function tcpFrame(link: Link, route: Route, ports: readonly [number, number], flags: number): Buffer {
  const head = Buffer.concat([word(ports[0]), word(ports[1]), Buffer.alloc(8), Buffer.from([0x50, flags]), word(1000)]);
  const tail = word(0);
  const ends = Buffer.concat([addressBytes(route.source), addressBytes(route.destination)]);
  const pseudo = Buffer.concat([ends, Buffer.from([0, PROTOCOL.tcp]), word(20)]);
  const segment = Buffer.concat([head, word(checksum(pseudo, head, tail)), tail]);
  return ethernet(link, ETHER_TYPE.ipv4, ipv4(route, PROTOCOL.tcp, segment));
}

/** A UDP datagram of the given payload, without a checksum, cut into fragments that carry at most `size` bytes. */
export function udpFrames(
  link: Link,
  route: Route,
  ports: readonly [number, number],
  { payload, size = 1480 }: { readonly payload: Buffer; readonly size?: number },
): readonly Buffer[] {
  const head = [word(ports[0]), word(ports[1]), word(8 + payload.length), word(0)];
  const datagram = Buffer.concat([...head, payload]);
  const frames: Buffer[] = [];
  for (let offset = 0; offset < datagram.length; offset += size) {
    const more = offset + size < datagram.length;
    const place = more || offset > 0 ? { fragment: { id: 77, offset, more } } : {};
    const part = datagram.subarray(offset, offset + size);
    frames.push(ethernet(link, ETHER_TYPE.ipv4, ipv4({ ...route, ...place }, PROTOCOL.udp, part)));
  }
  return frames;
}

/** An ICMP message; an error carries the head of the packet it is about. */
export function icmpFrame(link: Link, route: Route, [type, code]: readonly [number, number], rest: Buffer): Buffer {
  const head = Buffer.from([type, code]);
  const message = Buffer.concat([head, word(checksum(head, rest)), rest]);
  return ethernet(link, ETHER_TYPE.ipv4, ipv4(route, PROTOCOL.icmp, message));
}

/** The IPv4 packet within a frame. */
export const packetOf = (frame: Buffer): Buffer => frame.subarray(frame.readUInt16BE(12) === ETHER_TYPE.vlan ? 18 : 14);
