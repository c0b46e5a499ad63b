// Models that a team hosts itself, behind a server that speaks chat completions. Servers that report no usage give none: it stays null.
import { UsageError } from '../../kernel/errors.ts';
import { openaiChatOutboundOf } from '../../wire/openai-chat/outbound.ts';
import type { OutboundShape } from '../../wire/shape.ts';
import { baseUrlOf, httpProvider, joinUrl, type HttpProviderParts } from '../http-provider.ts';
import type { Provider, Target } from '../provider.ts';
import { refusingShape } from '../refusing-shape.ts';
import { LOCAL_SERVERS, OTHER_SERVER, type LocalServer } from './servers.ts';

const SHAPES: ReadonlyMap<LocalServer, OutboundShape> = new Map(
  [...LOCAL_SERVERS, OTHER_SERVER].map((server) => [
    server,
    refusingShape(openaiChatOutboundOf(server.dialect), server.dialect.name, server.lacks),
  ]),
);

function serverOf(target: Target): LocalServer {
  const name = target.options['server'];
  if (name === undefined) return OTHER_SERVER;
  const server = LOCAL_SERVERS.find((each) => each.name === name);
  if (server !== undefined) return server;
  throw new UsageError(
    `Option server of provider ${target.provider} must be one of ${LOCAL_SERVERS.map((each) => each.name).join(', ')}, or absent.`,
    'options.server',
  );
}

function urlOf(target: Target, path: string): string {
  return joinUrl(baseUrlOf(target, serverOf(target).baseUrl), path);
}

/** `kind: local`. Option `server`: `vllm`, `ollama` or `llama.cpp`; absent: any server of that API at `base_url`. */
export function localProvider(parts: HttpProviderParts): Provider {
  return httpProvider(
    {
      kind: 'local',
      shapeOf: (target) => SHAPES.get(serverOf(target)) as OutboundShape,
      chatUrl: (target) => urlOf(target, '/chat/completions'),
      embeddingsUrl: (target) => urlOf(target, '/embeddings'),
      headers: (target) =>
        target.apiKey === undefined || target.apiKey === ''
          ? {}
          : { authorization: `Bearer ${target.apiKey}` },
    },
    parts,
  );
}
