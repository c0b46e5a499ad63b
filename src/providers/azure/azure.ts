// Azure OpenAI: OpenAI's chat completions under a resource's own address, by the v1 path or by deployment, with a key or an Entra token.
import { openaiChatOutbound } from '../../wire/openai-chat/outbound.ts';
import { UsageError } from '../../kernel/errors.ts';
import { httpProvider, joinUrl, type HttpProviderParts } from '../http-provider.ts';
import type { Provider, Target } from '../provider.ts';

/** Dated versions belong to deployment URLs; the v1 path needs none, or `preview`. */
const DATED = /^\d{4}-\d{2}-\d{2}(?:-preview)?$/;

function resourceUrl(target: Target): string {
  if (target.baseUrl === '')
    throw new UsageError(
      `Provider ${target.provider} needs base_url: the address of the resource, https://NAME.openai.azure.com.`,
      'base_url',
    );
  return target.baseUrl.replace(/\/openai(?:\/v1)?\/?$/, '');
}

/** Where an operation (`chat/completions`) of a target is. */
function operationUrl(target: Target, operation: string): string {
  const version = target.options['api_version'];
  const base = resourceUrl(target);
  if (version !== undefined && (typeof version !== 'string' || !/^[\w-]{1,40}$/.test(version)))
    throw new UsageError(
      `Option api_version of provider ${target.provider} is no API version such as 2024-10-21.`,
      'options.api_version',
    );
  if (version === undefined) return joinUrl(base, `/openai/v1/${operation}`);
  if (!DATED.test(version)) return joinUrl(base, `/openai/v1/${operation}?api-version=${version}`);
  const deployment = encodeURIComponent(target.upstreamModel);
  return joinUrl(base, `/openai/deployments/${deployment}/${operation}?api-version=${version}`);
}

function headers(target: Target): Record<string, string> {
  const key = target.apiKey ?? '';
  if (key === '') return {};
  return target.options['auth'] === 'entra' ? { authorization: `Bearer ${key}` } : { 'api-key': key };
}

/**
 * `kind: azure`. `upstream_model` is the deployment. Options: `api_version` (a date: deployment URLs; absent: the v1 path) and
 * `auth: entra`, which sends `api_key` as a bearer token.
 */
export function azureProvider(parts: HttpProviderParts): Provider {
  return httpProvider(
    {
      kind: 'azure',
      shapeOf: () => openaiChatOutbound,
      chatUrl: (target) => operationUrl(target, 'chat/completions'),
      embeddingsUrl: (target) => operationUrl(target, 'embeddings'),
      headers,
    },
    parts,
  );
}
