// The kinds of value that several workspace files share: names, durations, money, secrets, shares.
import { z } from 'zod';
import { isLabel, isVersion } from '../../contract/prompt-id.ts';
import { parseDuration } from '../../kernel/duration.ts';
import { compileTemplate, isTemplateFault } from '../../kernel/template.ts';

/** Text that a person reads. */
export const sentence = z.string().min(1).max(10_000);

/** A name that other files refer to: also file names without `.yaml`. */
export const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,127}$/,
    'a name of letters, digits and . _ - / : @ that begins with a letter or digit',
  );

/** `15m`, `1h`, `30d`; read as milliseconds. */
export const duration = z
  .string('a duration such as "15m", "1h" or "30d"')
  .refine((text) => parseDuration(text) !== undefined, 'a duration such as "15m", "1h" or "30d"')
  .transform((text) => parseDuration(text) as number);

const AMOUNT = /^\d{1,12}(\.\d{1,12})?$/;

/** Exact US$; a plain YAML number is taken by its shortest decimal, which is what was written up to 15 digits. Read as a decimal string. */
export const amount = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((text) => AMOUNT.test(text), 'an amount in US$ such as "0.075": at most 12 decimals, no exponent')
  .refine(
    (text) => text.replace('.', '').length <= 15 || !/e/i.test(text),
    'write an amount of more than 15 digits in quotes',
  );

/** A reference to a secret of the environment, `${NAME}`, kept as it stands. */
export const secret = z
  .string()
  .regex(
    /^\$\{[A-Z][A-Z0-9_]{0,99}\}$/,
    'write a secret as a reference to the environment, such as "${OPENAI_API_KEY}", never the secret itself',
  );

/** Text that may hold `${NAME}` references, such as a header's value. */
export const withSecrets = z
  .string()
  .max(4000)
  .refine(
    (text) => text.replaceAll(/\$\{[A-Z][A-Z0-9_]{0,99}\}/g, '').search(/\$\{/) === -1,
    '"${" begins a reference to the environment: write "${NAME}" in capitals',
  )
  .refine(
    (text) => !looksSecret(text),
    'this looks like a secret: put it into the environment and write "${NAME}"',
  );

const SECRET_SHAPES =
  /\b(sk-[A-Za-z0-9_-]{16,}|sk-ant-|AKIA[0-9A-Z]{12,}|AIza[0-9A-Za-z_-]{30,}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abp]-|gsk_[A-Za-z0-9]{20,}|Bearer\s+[A-Za-z0-9._-]{16,})/;

/** Whether a literal text has the shape of a credential. */
export function looksSecret(text: string): boolean {
  return SECRET_SHAPES.test(text);
}

export const url = z
  .url({ protocol: /^https?$/, error: 'an http or https address' })
  .refine((text) => !text.includes('${'), '"${…}" references are for secrets only; write the address itself');

export const share = z.number().min(0).max(1);
export const percentage = z.number().min(0).max(100);
export const count = z.number().int().positive().max(1_000_000_000);
export const tags = z.array(z.string().min(1).max(100)).max(100);

export const version = z
  .string('a version in quotes, such as "3.1"')
  .refine(isVersion, 'a version such as "3.1"');
export const label = z
  .string()
  .refine(
    isLabel,
    'a label: lower-case letters, digits and "-", beginning with a letter (a version is not a label)',
  );
/** A version ("3.2") or a label ("staging"). */
export const versionOrLabel = z
  .string('a version in quotes, such as "3.1", or a label')
  .refine((text) => isVersion(text) || isLabel(text), 'a version such as "3.1" or a label such as "staging"');

/** A logic-less template: `{name}` for variables, doubled braces for literal ones. */
export const template = z
  .string()
  .max(500_000)
  .superRefine((text, context) => {
    const compiled = compileTemplate(text);
    if (isTemplateFault(compiled)) context.addIssue({ code: 'custom', message: compiled.fault });
  });

/** A path inside the workspace. */
export const workspacePath = z
  .string()
  .min(1)
  .max(500)
  .refine(
    (path) =>
      !path.startsWith('/') &&
      !/^[A-Za-z]:/.test(path) &&
      !path.includes('\\') &&
      !path.split('/').includes('..') &&
      !path.includes('\0'),
    'a path inside the workspace, with forward slashes and without ".."',
  );

export const timeZone = z.string().refine((zone) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}, 'a time zone such as "Europe/Berlin" or "UTC"');

/** An ISO date or date-time (UTC). */
export const moment = z
  .string('a date in quotes or plain, such as 2026-01-31')
  .regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z?)?$/, 'a date such as 2026-01-31')
  .refine((text) => !Number.isNaN(Date.parse(text)), 'a date that exists');

/** Values of scorers' and guardrails' own settings, checked by whoever owns them. */
export const options = z.record(z.string(), z.unknown());
