// Which addresses are private, written in every way an attacker may write them.
import { describe, expect, it } from 'vitest';
import { assertAllowedAddress, isPrivateAddress, publicLookup } from './network-address.ts';

describe('private addresses', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.0.1',
    '169.254.169.254',
    '100.100.100.200',
    '0.0.0.0',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    'fe80::1%eth0',
    'fd00::1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'localhost',
  ])('%s is private', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  it.each(['8.8.8.8', '172.32.0.1', '1.1.1.1', '2606:4700::1111', '100.128.0.1'])(
    '%s is public',
    (address) => {
      expect(isPrivateAddress(address)).toBe(false);
    },
  );

  it('refuses literal hosts and lets names pass to the lookup, which refuses them by address', async () => {
    expect(() => assertAllowedAddress('[::1]')).toThrow(/private or reserved/);
    expect(() => assertAllowedAddress('example.com')).not.toThrow();
    const failure = await new Promise<unknown>((resolve) => {
      publicLookup('localhost', { all: true }, (error) => resolve(error));
    });
    expect(failure).toMatchObject({ code: 'address_not_allowed' });
  });
});
