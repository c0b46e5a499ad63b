// The Responses API towards vendors.
import { openaiChatOutbound } from '../openai-chat/outbound.ts';
import type { OutboundShape } from '../shape.ts';
import { readResponse } from './read-response.ts';
import { ResponsesStreamReader } from './read-stream.ts';
import { writeResponsesRequest } from './write-request.ts';

export const openaiResponsesOutbound: OutboundShape = {
  shape: 'openai-responses',
  writeRequest: writeResponsesRequest,
  readResponse,
  streamReader: (provider) => new ResponsesStreamReader(provider),
  readError: (text) => openaiChatOutbound.readError(text),
};
