// The Responses API towards the application.
import { writeChatError } from '../openai-chat/write-response.ts';
import type { InboundShape } from '../shape.ts';
import { readResponsesRequest } from './read-request.ts';
import { writeResponse } from './write-response.ts';
import { ResponsesStreamWriter } from './write-stream.ts';

export const openaiResponsesInbound: InboundShape = {
  shape: 'openai-responses',
  readRequest: readResponsesRequest,
  writeResponse,
  streamWriter: (facts) => new ResponsesStreamWriter(facts),
  writeError: writeChatError,
};
