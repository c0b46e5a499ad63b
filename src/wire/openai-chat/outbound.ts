// Chat completions towards vendors: one translator, many dialects.
import type { OutboundShape } from '../shape.ts';
import { parseOrUndefined } from '../read-json.ts';
import { readErrorObject, readChatResponse } from './read-response.ts';
import { ChatStreamReader } from './read-stream.ts';
import { OPENAI_DIALECT, writeChatRequest, type ChatDialect } from './write-request.ts';

/** The shape as one vendor speaks it. */
export function openaiChatOutboundOf(dialect: ChatDialect): OutboundShape {
  return {
    shape: 'openai-chat',
    writeRequest: (request, upstreamModel) => writeChatRequest(request, upstreamModel, dialect),
    readResponse: readChatResponse,
    streamReader: (provider) => new ChatStreamReader(provider),
    readError: (text) => {
      const { message, code, type, param } = readErrorObject(parseOrUndefined(text));
      const word = code ?? type;
      return {
        ...(message === undefined ? {} : { message }),
        ...(word === undefined ? {} : { code: word }),
        ...(param === undefined ? {} : { param }),
      };
    },
  };
}

export const openaiChatOutbound: OutboundShape = openaiChatOutboundOf(OPENAI_DIALECT);
