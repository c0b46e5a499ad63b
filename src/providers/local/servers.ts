// Servers that teams run themselves, as rows of data: where they listen by default, and what of chat completions they leave out.
import { COMPATIBLE_DIALECT, type ChatDialect } from '../../wire/openai-chat/write-request.ts';
import type { Lacks } from '../refusing-shape.ts';

export interface LocalServer {
  /** As option `server` names it. */
  readonly name: string;
  readonly baseUrl: string;
  readonly dialect: ChatDialect;
  readonly lacks: Lacks;
}

const NOTHING: Lacks = { fields: [], names: [] };

export const LOCAL_SERVERS: readonly LocalServer[] = [
  {
    name: 'vllm',
    baseUrl: 'http://127.0.0.1:8000/v1',
    dialect: { ...COMPATIBLE_DIALECT, name: 'vLLM' },
    lacks: NOTHING,
  },
  {
    // Reads top_k only through its own API; ignores what it does not know, so that is refused here.
    name: 'ollama',
    baseUrl: 'http://127.0.0.1:11434/v1',
    dialect: { ...COMPATIBLE_DIALECT, name: 'Ollama', topK: false },
    lacks: {
      fields: ['count', 'toolChoice', 'topK', 'parallelToolCalls'],
      names: ['logit_bias'],
    },
  },
  {
    name: 'llama.cpp',
    baseUrl: 'http://127.0.0.1:8080/v1',
    dialect: { ...COMPATIBLE_DIALECT, name: 'llama.cpp' },
    lacks: { fields: ['count'], names: [] },
  },
];

/** The row for a server that option `server` does not name: nothing is assumed, so its address must be given. */
export const OTHER_SERVER: LocalServer = {
  name: 'other',
  baseUrl: '',
  dialect: { ...COMPATIBLE_DIALECT, name: 'the local server', streamUsage: false },
  lacks: NOTHING,
};
