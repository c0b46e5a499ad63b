// Google's Gemini API, and Vertex AI, which speaks the same under another address with an OAuth token.
import type { CanonicalRequest } from '../../contract/canonical.ts';
import { readEmbeddings, writeEmbeddings } from '../../wire/google-generate-content/embeddings.ts';
import { googleGenerateContentOutbound } from '../../wire/google-generate-content/outbound.ts';
import { baseUrlOf, httpProvider, joinUrl, type HttpProviderParts } from '../http-provider.ts';
import type { Provider, Target } from '../provider.ts';

const VENDOR_URL = 'https://generativelanguage.googleapis.com/v1beta';

/** The model is part of the path; a name with slashes (`tunedModels/x`) is the path from the version on. */
function modelUrl(target: Target, method: string): string {
  const name = target.upstreamModel.split('/').map(encodeURIComponent).join('/');
  const path = name.includes('/') ? `/${name}` : `/models/${name}`;
  return joinUrl(baseUrlOf(target, VENDOR_URL), `${path}:${method}`);
}

function chatUrl(target: Target, request: CanonicalRequest): string {
  return modelUrl(target, request.stream ? 'streamGenerateContent?alt=sse' : 'generateContent');
}

function headers(target: Target): Record<string, string> {
  const key = target.apiKey ?? '';
  if (key === '') return {};
  return target.options['auth'] === 'bearer' ? { authorization: `Bearer ${key}` } : { 'x-goog-api-key': key };
}

/** `kind: google`. The base URL ends with the version. Option `auth: bearer` for Vertex AI's access tokens. */
export function googleProvider(parts: HttpProviderParts): Provider {
  return httpProvider(
    {
      kind: 'google',
      shapeOf: () => googleGenerateContentOutbound,
      chatUrl,
      headers,
      embeddingsUrl: (target) => modelUrl(target, 'batchEmbedContents'),
      embeddingsFormat: { write: writeEmbeddings, read: readEmbeddings },
    },
    parts,
  );
}
