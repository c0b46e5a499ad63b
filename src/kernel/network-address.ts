// Which network addresses a configured URL may reach. Checked when the connection is made, on the addresses the name resolved to then,
// so that a name that changes its address (DNS rebinding) is checked again.
import { lookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { BinnacleError } from './errors.ts';

const PRIVATE_IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

const PRIVATE_IPV6: readonly (readonly [string, number])[] = [
  ['::', 128],
  ['::1', 128],
  ['::ffff:0:0', 96], // IPv4-mapped: refused whole, public names resolve to plain IPv4
  ['64:ff9b::', 96], // NAT64, may hide a private IPv4
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32], // Teredo
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

const privateIpv4 = new BlockList();
for (const [network, prefix] of PRIVATE_IPV4) privateIpv4.addSubnet(network, prefix, 'ipv4');
const privateIpv6 = new BlockList();
for (const [network, prefix] of PRIVATE_IPV6) privateIpv6.addSubnet(network, prefix, 'ipv6');

/** Whether an IP address (not a name) is not on the public internet: loopback, private, link-local, documentation, multicast, … */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return privateIpv4.check(address, 'ipv4');
  return family !== 6 || privateIpv6.check(address.replace(/%.*$/, ''), 'ipv6');
}

/** Thrown or handed to a connection when a URL leads where it may not. */
function refusedAddress(host: string, address: string): BinnacleError {
  const shown = host === address ? host : `${host} (${address})`;
  return new BinnacleError({
    code: 'address_not_allowed',
    message: `${shown} is a private or reserved address. Allow it in the configuration (allow_private: true) if it is meant.`,
    httpStatus: 502,
  });
}

/** Checks a host that may be a literal address; a name passes here and is checked when it is resolved. */
export function assertAllowedAddress(host: string): void {
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  if (isIP(bare) !== 0 && isPrivateAddress(bare)) throw refusedAddress(host, bare);
}

/** A `lookup` for `net.connect` that fails with `address_not_allowed` when any address of the name is private. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error !== null) return callback(error, '', 0);
    const refused = addresses.find(({ address }) => isPrivateAddress(address));
    if (refused !== undefined) return callback(refusedAddress(hostname, refused.address), '', 0);
    const first = addresses[0];
    if (options.all === true) return callback(null, addresses);
    return callback(null, first?.address ?? '', first?.family ?? 0);
  });
};
