// The shared scan against written examples, and against texts made to be slow.
import { describe, expect, it } from 'vitest';
import { longestTurn } from '../testing/longest-turn.ts';
import { scanStructured, scanStructuredPatiently } from './scan.ts';

const found = (text: string): string[] =>
  scanStructured(text).map(({ type, start, end }) => `${type}=${text.slice(start, end)}`);

describe('personal data with a form', () => {
  const cases: [string, string[]][] = [
    ['mail me at Jane.O-Neil+x@mail.example.co.uk.', ['EMAIL_ADDRESS=Jane.O-Neil+x@mail.example.co.uk']],
    ['card 4111 1111 1111 1111 please', ['CREDIT_CARD=4111 1111 1111 1111']],
    ['card 4111 1111 1111 1112 please', []],
    ['IBAN DE89 3704 0044 0532 0130 00.', ['IBAN_CODE=DE89 3704 0044 0532 0130 00']],
    ['IBAN DE89 3704 0044 0532 0130 01.', []],
    ['my ssn is 536-90-4399', ['US_SSN=536-90-4399']],
    ['SSN 536904399', ['US_SSN=536904399']],
    ['hosts 10.0.0.1 and 2001:db8::1', ['IP_ADDRESS=10.0.0.1', 'IP_ADDRESS=2001:db8::1']],
    ['version 1.2.3.4 came out', []],
    ['see https://example.com/a?b=c, or www.foo.bar', ['URL=https://example.com/a?b=c', 'URL=www.foo.bar']],
    ['edit index.ts and main.py, e.g. today', []],
    ['born May 12, 1990', ['DATE_TIME=May 12, 1990']],
    ['on 2001-02-03 04:05:06', ['DATE_TIME=2001-02-03 04:05:06']],
    ['MRN: 00123456', ['MEDICAL_RECORD_NUMBER=00123456']],
    ['passport number X12345678', ['US_PASSPORT=X12345678']],
    ["driver's license no. D1234567", ['US_DRIVER_LICENSE=D1234567']],
    ['call +44 20 7946 0958 now', ['PHONE_NUMBER=+44 20 7946 0958']],
    ['ring (212) 555-0100 x12', ['PHONE_NUMBER=(212) 555-0100 x12']],
    ['from 2019-2020 about 1 000 000 people, order 1234567890', []],
    ['In 1977 there were 12 of them, 3.5 % more', []],
  ];
  it.each(cases)('%s', (text, expected) => expect(found(text)).toEqual(expected));
});

describe('secrets', () => {
  const random = 'Zx8kQ2vLmN9pRt5wYb3cD6fGhJ4sA7eK1uTq';
  const cases: [string, string][] = [
    ['key AKIAIOSFODNN7EXAMPLE here', 'AWS_ACCESS_KEY'],
    [`use sk-proj-${random}`, 'OPENAI_KEY'],
    [`use sk-ant-api03-${random}`, 'ANTHROPIC_KEY'],
    [`ghp_${random}`, 'GITHUB_TOKEN'],
    [`xoxb-1234567890-${random}`, 'SLACK_TOKEN'],
    [`sk_live_${random}`, 'STRIPE_KEY'],
    [`AIza${random.slice(0, 35)}`, 'GOOGLE_API_KEY'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----', 'PRIVATE_KEY'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF_123', 'JWT'],
    ['password = "hunter2!X9"', 'PASSWORD'],
    ['api_key: wJalrXUtnFEMI/K7MDENG', 'GENERIC_SECRET'],
  ];
  it.each(cases)('%s', (text, type) => {
    expect(scanStructured(text).map((finding) => finding.type)).toContain(type);
  });
  it('leaves placeholders and prose alone', () => {
    for (const text of [
      'sk-xxxxxxxxxxxxxxxxxxxxxxxx',
      'password: ********',
      'the secret: nobody knows',
      'token = ${TOKEN}',
    ])
      expect(found(text)).toEqual([]);
  });
});

describe('hostile texts', () => {
  const pieces = [
    'a@',
    ':',
    'http://',
    '1 ',
    '1/1/',
    '1.1.1.1 ',
    'GB12 ',
    'password=',
    '+1',
    '-',
    'eyJ.',
    'a:',
    'é',
    '(1',
  ];
  it.each(pieces)('1 MiB of %j takes the thread less than 50 ms at a time', async (piece) => {
    const text = piece.repeat(Math.floor((1 << 20) / piece.length));
    expect(await longestTurn(() => scanStructuredPatiently(text))).toBeLessThan(50);
  });
  it('finds the same in slices as at once', async () => {
    const text = 'mail a@b.com or card 4111111111111111. '.repeat(1000);
    expect(await scanStructuredPatiently(text)).toEqual(scanStructured(text));
  });
});
