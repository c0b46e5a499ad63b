// Chat completions towards the application.
import type { InboundShape } from '../shape.ts';
import { readChatRequest } from './read-request.ts';
import { writeChatError, writeChatResponse } from './write-response.ts';
import { ChatStreamWriter } from './write-stream.ts';

export const openaiChatInbound: InboundShape = {
  shape: 'openai-chat',
  readRequest: readChatRequest,
  writeResponse: writeChatResponse,
  streamWriter: (facts) => new ChatStreamWriter(facts),
  writeError: writeChatError,
};
