// Providers of the workspace: is the key there, does the endpoint answer, does it take the key. Keys are never shown.
import { messageOf } from '../../kernel/errors.ts';
import { COMPATIBLE_VENDORS } from '../../providers/compatible/vendors.ts';
import { LOCAL_SERVERS } from '../../providers/local/servers.ts';
import { resolveSecrets, secretNames, type Environment } from '../../workspace/environment.ts';
import type { ProviderFile } from '../../workspace/schemas/models.ts';
import { fault, ok, warning, type Finding } from './finding.ts';

const VENDOR_URLS: ReadonlyMap<string, string> = new Map([
  ['openai', 'https://api.openai.com/v1'],
  ['anthropic', 'https://api.anthropic.com'],
  ['google', 'https://generativelanguage.googleapis.com/v1beta'],
  ...COMPATIBLE_VENDORS.map(({ kind, baseUrl }) => [kind, baseUrl] as const),
]);

/** Where a provider is called when it names no address of its own; undefined where it must name one. */
function usualUrl({ kind, options }: ProviderFile): string | undefined {
  if (kind !== 'local') return VENDOR_URLS.get(kind);
  return LOCAL_SERVERS.find(({ name }) => name === options['server'])?.baseUrl;
}

interface Probe {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A request that costs nothing and needs the key: the list of models. */
function probeOf(provider: ProviderFile, baseUrl: string, key: string): Probe {
  const base = baseUrl.replace(/\/+$/, '');
  const bearer: Record<string, string> = key === '' ? {} : { authorization: `Bearer ${key}` };
  switch (provider.kind) {
    case 'anthropic':
      return {
        url: `${base.replace(/\/v1$/, '')}/v1/models`,
        headers: { 'anthropic-version': '2023-06-01', ...(key === '' ? {} : { 'x-api-key': key }) },
      };
    case 'google':
      return { url: `${base}/models`, headers: key === '' ? {} : { 'x-goog-api-key': key } };
    case 'azure': {
      const isEntra = provider.options['auth'] === 'entra';
      return { url: `${base}/openai/v1/models`, headers: isEntra ? bearer : { 'api-key': key } };
    }
    default:
      return { url: `${base}/models`, headers: bearer };
  }
}

export interface ProviderReport {
  readonly finding: Finding;
  /** The answer's `Date`, for the clock's check. */
  readonly date: string | null;
}

const nothing = (finding: Finding): ProviderReport => ({ finding, date: null });

function verdict(check: string, provider: ProviderFile, host: string, status: number): Finding {
  const named = secretNames(provider.api_key ?? '').join(', ');
  if (status === 401 || status === 403)
    return named === ''
      ? fault(check, `${host} wants a key`, 'Give the provider an api_key: "${NAME}" in models.yaml.')
      : fault(check, `${host} refuses the key in ${named} (${status})`, `Put a valid key into ${named}.`);
  if (status >= 500)
    return warning(
      check,
      `${host} answers ${status}`,
      "Look at the provider's status page; fallbacks go on serving.",
    );
  return status === 200
    ? ok(check, `${host} answers${named === '' ? '' : ` and takes the key in ${named}`}`)
    : ok(check, `${host} answers (${status} to a list of models, so the key is not proven)`);
}

/** Checks one provider. `fetch` is handed in. */
export async function checkProvider(
  name: string,
  provider: ProviderFile,
  environment: Environment,
  send: typeof fetch,
): Promise<ProviderReport> {
  const check = `provider ${name}`;
  if (provider.kind === 'replay')
    return nothing(ok(check, 'replays recorded answers: simulated, needs no key'));
  const missing = [provider.api_key ?? '', ...Object.values(provider.headers)]
    .flatMap(secretNames)
    .filter((secret) => (environment[secret] ?? '') === '');
  if (missing.length > 0)
    return nothing(
      fault(
        check,
        `${missing.join(', ')} is not set`,
        `Set ${missing.join(', ')} in the environment of "binnacle up".`,
      ),
    );
  const baseUrl = provider.base_url ?? usualUrl(provider);
  if (baseUrl === undefined)
    return nothing(
      fault(
        check,
        'it has no base_url',
        `Give it a base_url in models.yaml: kind "${provider.kind}" has none of its own.`,
      ),
    );
  const probe = probeOf(provider, baseUrl, resolveSecrets(provider.api_key ?? '', environment));
  const { host } = new URL(probe.url);
  const own = Object.entries(provider.headers).map(([header, value]) => [
    header,
    resolveSecrets(value, environment),
  ]);
  try {
    const answer = await send(probe.url, {
      headers: { ...probe.headers, ...(Object.fromEntries(own) as Record<string, string>) },
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000),
    });
    await answer.body?.cancel();
    return { finding: verdict(check, provider, host, answer.status), date: answer.headers.get('date') };
  } catch (error) {
    const cause =
      error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
    return nothing(
      fault(
        check,
        `${host} can not be reached (${cause})`,
        'Check base_url, the network and its proxy or firewall.',
      ),
    );
  }
}
