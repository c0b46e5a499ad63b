// Secrets by their form: tokens that vendors give a recognisable beginning, private keys, signed tokens, and values with much entropy
// that are assigned to a name such as `password` or `api_key`.
import { secret, type StructuredFinding } from './finding.ts';

interface TokenRule {
  readonly type: string;
  /** The token as a whole, anchored; tried on tokens of 16 characters and more. */
  readonly shape: RegExp;
}

const RULES: readonly TokenRule[] = [
  { type: 'AWS_ACCESS_KEY', shape: /^(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}$/ },
  { type: 'ANTHROPIC_KEY', shape: /^sk-ant-[A-Za-z0-9_-]{16,}$/ },
  { type: 'OPENROUTER_KEY', shape: /^sk-or-[A-Za-z0-9_-]{16,}$/ },
  { type: 'OPENAI_KEY', shape: /^sk-(?:proj-|svcacct-|admin-|None-)?[A-Za-z0-9_-]{20,}$/ },
  { type: 'GITHUB_TOKEN', shape: /^(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})$/ },
  { type: 'GITLAB_TOKEN', shape: /^gl(?:pat|dt|rt|cbt|ptt)-[A-Za-z0-9_-]{20,}$/ },
  { type: 'SLACK_TOKEN', shape: /^xox[abeoprs]-[A-Za-z0-9-]{10,}$/ },
  { type: 'SLACK_TOKEN', shape: /^xapp-\d-[A-Za-z0-9-]{10,}$/ },
  { type: 'STRIPE_KEY', shape: /^(?:[sr]k_(?:live|test)_|whsec_)[A-Za-z0-9]{16,}$/ },
  { type: 'GOOGLE_API_KEY', shape: /^AIza[A-Za-z0-9_-]{35}$/ },
  { type: 'GOOGLE_OAUTH_SECRET', shape: /^GOCSPX-[A-Za-z0-9_-]{28}$/ },
  { type: 'HUGGING_FACE_TOKEN', shape: /^hf_[A-Za-z0-9]{30,}$/ },
  { type: 'NPM_TOKEN', shape: /^npm_[A-Za-z0-9]{36}$/ },
  { type: 'PYPI_TOKEN', shape: /^pypi-[A-Za-z0-9_-]{50,}$/ },
  { type: 'GROQ_KEY', shape: /^gsk_[A-Za-z0-9]{40,}$/ },
  { type: 'XAI_KEY', shape: /^xai-[A-Za-z0-9]{40,}$/ },
  { type: 'DIGITALOCEAN_TOKEN', shape: /^do[opr]_v1_[a-f0-9]{64}$/ },
  { type: 'SHOPIFY_TOKEN', shape: /^shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}$/ },
  { type: 'DATABRICKS_TOKEN', shape: /^dapi[a-f0-9]{32}(?:-\d)?$/ },
  { type: 'SENDGRID_KEY', shape: /^SG\.[A-Za-z0-9_-]{16,}$/ },
  { type: 'TWILIO_KEY', shape: /^SK[a-f0-9]{32}$/ },
  { type: 'BINNACLE_KEY', shape: /^bk_[A-Za-z0-9_-]{24,}$/ },
];

/** First characters that any rule's token can have; a cheap test before the expressions. */
const FIRST =
  /^(?:A[KSBC]|sk[-_]|rk_|gh[pousr]_|github_pat_|gl[a-z]{2,3}-|x[oa][xpi]|wh|AIza|GOCSPX|hf_|npm_|pypi-|gsk_|do[opr]_|shp|dapi|SG|SK|bk_|eyJ|[13]|bc1|-----BEGIN)/;
const LONGEST = 512;

/** Looks at the token of letters, digits, `_` and `-` between `start` and `end`. */
export function secretToken(text: string, start: number, end: number, findings: StructuredFinding[]): void {
  const head = text.slice(start, start + 12);
  if (head.startsWith('-----')) return pemBlock(text, start, findings);
  if (!FIRST.test(head)) return;
  if (head.startsWith('eyJ')) return signedToken(text, start, end, findings);
  const token = text.slice(start, Math.min(end, start + LONGEST)).replace(/-+$/, '');
  const rule = RULES.find((candidate) => candidate.shape.test(token));
  if (rule !== undefined && hasVariety(token)) {
    findings.push(secret(rule.type, start, end - start > LONGEST ? end : start + token.length, 0.98));
    return;
  }
  if (
    /^(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|bc1[ac-hj-np-z02-9]{25,60})$/.test(token) &&
    /[A-Za-z]/.test(token.slice(3))
  )
    if (/[A-Z]/.test(token) !== token.startsWith('bc1') && /\d/.test(token))
      findings.push({ family: 'pii', type: 'CRYPTO', start, end: start + token.length, score: 0.7 });
}

/** A placeholder such as `sk-xxxxxxxxxxxxxxxxxxxx` is no secret. */
function hasVariety(token: string): boolean {
  return new Set(token.slice(4)).size >= 8;
}

const SIGNED_REST = /\.[A-Za-z0-9_-]{4,4096}\.[A-Za-z0-9_-]{0,1024}/y;

/** A JSON Web Token: three base64url parts, the first of which begins `{"`. */
function signedToken(text: string, start: number, end: number, findings: StructuredFinding[]): void {
  SIGNED_REST.lastIndex = end;
  const rest = SIGNED_REST.exec(text)?.[0];
  if (rest !== undefined) findings.push(secret('JWT', start, end + rest.length, 0.95));
}

const PEM_BEGIN = /-----BEGIN (?:[A-Z0-9]{1,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----/y;
const PEM_LIMIT = 16_384;

/** A private key in PEM, to its end mark, or as far as it goes within 16 KiB. */
function pemBlock(text: string, start: number, findings: StructuredFinding[]): void {
  PEM_BEGIN.lastIndex = start;
  const begin = PEM_BEGIN.exec(text)?.[0];
  if (begin === undefined) return;
  const from = start + begin.length;
  const body = /^[\sA-Za-z0-9+/=:,-]*?-----END [A-Z0-9 ]{1,40}-----/.exec(text.slice(from, from + PEM_LIMIT));
  const end = body === null ? from + unfinishedLength(text, from) : from + body[0].length;
  findings.push(secret('PRIVATE_KEY', start, end, 1));
}

function unfinishedLength(text: string, from: number): number {
  return (/^[\sA-Za-z0-9+/=]*/.exec(text.slice(from, from + PEM_LIMIT)) as RegExpExecArray)[0].length;
}

const NAME_BEFORE =
  /(?:password|passwd|pwd|passphrase|secret|token|api[_ -]?key|apikey|access[_ -]?key|private[_ -]?key|client[_ -]?secret|auth[_ -]?key|credential|connection[_ -]?string)s?["'`]?\s{0,3}$/i;
const VALUE = /\s{0,3}(?:Bearer )?["'`]?([^\s"'`,;<>(){}[\]]{8,256})/y;

/** A value of much entropy after `name =` or `name:`, where the name speaks of a secret. `mark` is the = or the colon. */
export function assignedSecretAt(text: string, mark: number, findings: StructuredFinding[]): void {
  const name = NAME_BEFORE.exec(text.slice(Math.max(0, mark - 24), mark));
  if (name === null) return;
  const from = text[mark + 1] === '=' || text[mark + 1] === '>' ? mark + 2 : mark + 1;
  VALUE.lastIndex = from;
  const value = VALUE.exec(text);
  const token = value?.[1]?.replace(/[.!?]+$/, '');
  if (value === null || token === undefined || token.length < 8 || /^[$%{<]|\*{3}|x{4}/.test(token)) return;
  const isPassword = /pass|pwd/i.test(name[0]);
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((one) => one.test(token)).length;
  if (entropyOf(token) < (isPassword ? 2.5 : 3) || classes < 2 || (classes === 2 && !/\d/.test(token)))
    return;
  const start = from + value[0].indexOf(value[1] as string);
  findings.push(secret(isPassword ? 'PASSWORD' : 'GENERIC_SECRET', start, start + token.length, 0.7));
}

/** Shannon entropy of the characters, bits a character. */
function entropyOf(token: string): number {
  const counts = new Map<string, number>();
  for (const character of token) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / token.length) * Math.log2(count / token.length);
  return bits;
}
