// `POST /v1/messages` as applications call it: see shape.ts.
import type { InboundShape } from '../shape.ts';
import { readRequest } from './read-request.ts';
import { AnthropicStreamWriter } from './stream-writer.ts';
import { writeError, writeResponse } from './write-response.ts';

export const anthropicMessagesInbound: InboundShape = {
  shape: 'anthropic-messages',
  readRequest,
  writeResponse,
  streamWriter: (facts) => new AnthropicStreamWriter(facts),
  writeError,
};
