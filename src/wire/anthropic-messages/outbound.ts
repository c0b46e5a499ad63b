// The Messages API as Anthropic (and whoever speaks its format) is called: see shape.ts.
import type { OutboundShape } from '../shape.ts';
import { readError } from './read-error.ts';
import { readResponse } from './read-response.ts';
import { AnthropicStreamReader } from './stream-reader.ts';
import { writeRequest } from './write-request.ts';

export const anthropicMessagesOutbound: OutboundShape = {
  shape: 'anthropic-messages',
  writeRequest,
  readResponse,
  streamReader: (provider) => new AnthropicStreamReader(provider),
  readError,
};
