// The ways to people: webhook (signed as Standard Webhooks has it), Slack, e-mail over SMTP. Each sends one notification once and says what
// came of it; retrying is the queue's. Addresses are checked when the connection is made; private ones are refused unless allowed.
import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { createTransport } from 'nodemailer';
import { Agent, request } from 'undici';
import { BinnacleError, messageOf } from '../../kernel/errors.ts';
import { assertAllowedAddress, publicLookup } from '../../kernel/network-address.ts';
import type { BinnacleFile } from '../../workspace/schemas/binnacle.ts';
import type { DeliveryOutcome, Notification } from './notification.ts';

export type Channel = BinnacleFile['channels'][string];

/** Puts the values of `${NAME}` references into a text. Throws a UsageError naming one that is not set. */
export type ResolveSecret = (text: string) => string;

export interface Sending {
  readonly resolve: ResolveSecret;
  /** Of this try: receivers refuse what is signed too long ago. */
  readonly now: number;
}

const TIMEOUT_MS = 10_000;

/** Sends. Never throws: what went wrong is a value. */
export async function sendTo(
  channel: Channel,
  notification: Notification,
  { resolve, now }: Sending,
): Promise<DeliveryOutcome> {
  try {
    switch (channel.kind) {
      case 'webhook':
        return await sendWebhook(channel, notification, { resolve, now });
      case 'slack':
        return await post(
          resolve(channel.webhook_url),
          JSON.stringify(slackMessage(notification)),
          {},
          false,
        );
      case 'email':
        return await sendMail(channel, notification, resolve);
    }
  } catch (error) {
    // Configuration faults (a secret that is not set, an address that is not allowed) stay as they are until somebody changes them.
    const isRetryable = !(error instanceof BinnacleError);
    return { status: 'failed', reason: messageOf(error), isRetryable };
  }
}

async function sendWebhook(
  channel: Channel & { kind: 'webhook' },
  notification: Notification,
  { resolve, now }: Sending,
): Promise<DeliveryOutcome> {
  const body = JSON.stringify(notification);
  const timestamp = String(Math.floor(now / 1000));
  const headers: Record<string, string> = {
    'webhook-id': notification.id,
    'webhook-timestamp': timestamp,
    'idempotency-key': notification.id,
  };
  if (channel.secret !== undefined)
    headers['webhook-signature'] = webhookSignature(
      resolve(channel.secret),
      notification.id,
      timestamp,
      body,
    );
  for (const [name, value] of Object.entries(channel.headers)) headers[name.toLowerCase()] = resolve(value);
  return post(resolve(channel.url), body, headers, channel.allow_private);
}

/**
 * `v1,<base64 of HMAC-SHA-256 over "id.timestamp.body">`; a secret that begins with `whsec_` is base64, any other is taken as it stands.
 * Source: the Standard Webhooks specification 1.0.0.
 */
export function webhookSignature(secret: string, id: string, timestamp: string, body: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : secret;
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return `v1,${signature}`;
}

async function post(
  url: string,
  body: string,
  headers: Record<string, string>,
  allowPrivate: boolean,
): Promise<DeliveryOutcome> {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:')
    return { status: 'failed', reason: 'the address is no http or https URL', isRetryable: false };
  if (!allowPrivate) assertAllowedAddress(hostname);
  const dispatcher = new Agent({
    connect: { timeout: TIMEOUT_MS, ...(allowPrivate ? {} : { lookup: publicLookup }) },
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  });
  try {
    const answer = await request(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'user-agent': 'binnacle', ...headers },
      dispatcher,
    });
    // What it says is of no interest and may be endless.
    await answer.body.dump({ limit: 16_384 });
    if (answer.statusCode < 300) return { status: 'delivered' };
    const isRetryable = answer.statusCode === 429 || answer.statusCode === 408 || answer.statusCode >= 500;
    return { status: 'failed', reason: `the receiver answered ${answer.statusCode}`, isRetryable };
  } finally {
    await dispatcher.destroy();
  }
}

/** Text that Slack must not read as a mention or a link. */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function slackMessage({ title, text, severity }: Notification): unknown {
  return {
    text: slackText(title),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: `${severity}: ${title}`.slice(0, 150) } },
      { type: 'section', text: { type: 'mrkdwn', text: slackText(text).slice(0, 2_900) } },
    ],
  };
}

/** The address mail is sent to, checked unless private ones are allowed. */
async function mailHost(host: string, allowPrivate: boolean): Promise<string> {
  if (allowPrivate || isIP(host) !== 0) {
    if (!allowPrivate) assertAllowedAddress(host);
    return host;
  }
  const { address } = await lookup(host);
  assertAllowedAddress(address);
  return address;
}

async function sendMail(
  { to, from, smtp }: Channel & { kind: 'email' },
  notification: Notification,
  resolve: ResolveSecret,
): Promise<DeliveryOutcome> {
  const transport = createTransport({
    host: await mailHost(smtp.host, smtp.allow_private),
    port: smtp.port,
    secure: smtp.secure,
    ...(isIP(smtp.host) === 0 ? { tls: { servername: smtp.host } } : {}),
    ...(smtp.username === undefined
      ? {}
      : { auth: { user: resolve(smtp.username), pass: resolve(smtp.password ?? '') } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from,
      to,
      subject: `[${notification.severity}] ${notification.title}`.slice(0, 200),
      text: notification.text,
      messageId: `<${notification.id}@binnacle>`,
      headers: { 'X-Binnacle-Notification': notification.id },
    });
    return { status: 'delivered' };
  } catch (error) {
    const code = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0;
    return { status: 'failed', reason: messageOf(error), isRetryable: code < 500 };
  } finally {
    transport.close();
  }
}
