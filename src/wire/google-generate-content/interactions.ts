// Google's Interactions API gives the same answers as a list of steps. Its bodies and events are read here, so that an answer recorded
// from it is understood; requests are never written in it.
import type { CanonicalEvent, CanonicalResponse, FinishReason, Part } from '../../contract/canonical.ts';
import type { JsonRecord } from '../read-json.ts';
import { isRecord, listOf, stringOf } from '../read-json.ts';
import { readGoogleUsage } from '../usage/google.ts';
import { badAnswer, errorInside } from './read-error.ts';
import { callId } from './read-parts.ts';

const SHAPE = 'google-generate-content';

const REASONS: Readonly<Record<string, FinishReason>> = {
  completed: 'stop',
  requires_action: 'tool-calls',
  incomplete: 'length',
  failed: 'error',
  cancelled: 'error',
};

/** Whether a body is an interaction. */
export function isInteraction(body: JsonRecord): boolean {
  return body['object'] === 'interaction' || Array.isArray(body['steps']);
}

function reasonOf(status: unknown, hasCalls: boolean): FinishReason {
  const reason = typeof status === 'string' && Object.hasOwn(REASONS, status) ? REASONS[status] : undefined;
  return reason === 'stop' && hasCalls ? 'tool-calls' : (reason ?? 'unknown');
}

/** Reads a complete interaction. */
export function readInteraction(body: JsonRecord, text: string): CanonicalResponse {
  const id = stringOf(body['id']) ?? '';
  let calls = 0;
  const parts = listOf(body['steps'])
    .filter(isRecord)
    .flatMap((step) => readStep(step, () => callId(id, 0, calls++)));
  const status = stringOf(body['status']);
  const hasCalls = parts.some((part) => part.type === 'tool-call');
  return {
    id,
    model: stringOf(body['model']) ?? '',
    created: 0,
    choices: [
      {
        index: 0,
        parts,
        finishReason: reasonOf(status, hasCalls),
        ...(status === undefined ? {} : { nativeFinishReason: status }),
      },
    ],
    usage: readGoogleUsage(body['usage']),
    native: { shape: SHAPE, value: body },
    nativeText: text,
  };
}

function readStep(step: JsonRecord, idOf: () => string): Part[] {
  switch (step['type']) {
    case 'model_output':
      return listOf(step['content'])
        .filter(isRecord)
        .map((block) =>
          block['type'] === 'text'
            ? { type: 'text', text: stringOf(block['text']) ?? '' }
            : { type: 'opaque', native: { shape: SHAPE, value: block } },
        );
    case 'thought': {
      const signature = stringOf(step['signature']);
      return [
        {
          type: 'reasoning',
          text: summaryText(step['summary']),
          ...(signature === undefined ? {} : { signature }),
        },
      ];
    }
    case 'function_call':
      return [
        {
          type: 'tool-call',
          id: stringOf(step['id']) ?? idOf(),
          name: stringOf(step['name']) ?? '',
          arguments: JSON.stringify(step['arguments'] ?? {}),
        },
      ];
    case 'user_input':
      return [];
    default:
      return [{ type: 'opaque', native: { shape: SHAPE, value: step } }];
  }
}

function summaryText(summary: unknown): string {
  return listOf(summary)
    .map((item) => (isRecord(item) ? (stringOf(item['text']) ?? '') : ''))
    .join('');
}

/** Reads the events of an interaction's stream. */
export class InteractionStream {
  readonly #provider: string;
  /** Step → the call it is, and whether its arguments have come. */
  readonly #calls = new Map<
    unknown,
    { readonly call: number; readonly start: JsonRecord; hasText: boolean }
  >();
  #callCount = 0;
  isEnded = false;

  constructor(provider: string) {
    this.#provider = provider;
  }

  read(value: JsonRecord): readonly CanonicalEvent[] {
    const interaction = isRecord(value['interaction']) ? value['interaction'] : {};
    switch (value['event_type']) {
      case 'interaction.created':
        return [
          {
            type: 'start',
            id: stringOf(interaction['id']) ?? '',
            model: stringOf(interaction['model']) ?? '',
            created: 0,
          },
        ];
      case 'step.start':
        return this.#stepStart(value);
      case 'step.delta':
        return this.#stepDelta(value);
      case 'step.stop':
        return this.#stepStop(value);
      case 'interaction.completed':
        return this.#completed(interaction);
      case 'error':
        throw isRecord(value['error'])
          ? errorInside(value['error'], this.#provider)
          : badAnswer(this.#provider, 'sent an error event that says no more.');
      default:
        return [];
    }
  }

  #stepStart(value: JsonRecord): readonly CanonicalEvent[] {
    const step = isRecord(value['step']) ? value['step'] : {};
    if (step['type'] === 'function_call') {
      const call = this.#callCount++;
      this.#calls.set(value['index'], { call, start: step, hasText: false });
      const id = stringOf(step['id']) ?? callId('', 0, call);
      return [{ type: 'tool-call-start', choice: 0, call, id, name: stringOf(step['name']) ?? '' }];
    }
    return readStep(step, () => '').flatMap((part): CanonicalEvent[] => {
      if (part.type === 'text' && part.text !== '')
        return [{ type: 'text-delta', choice: 0, text: part.text }];
      return part.type === 'opaque' ? [{ type: 'opaque' }] : [];
    });
  }

  #stepDelta(value: JsonRecord): readonly CanonicalEvent[] {
    const delta = isRecord(value['delta']) ? value['delta'] : {};
    const text = stringOf(delta['text']);
    switch (delta['type']) {
      case 'text':
        return text === undefined || text === '' ? [] : [{ type: 'text-delta', choice: 0, text }];
      case 'thought_signature':
        return [
          { type: 'reasoning-delta', choice: 0, text: '', signature: stringOf(delta['signature']) ?? '' },
        ];
      case 'thought_summary': {
        const content = isRecord(delta['content']) ? stringOf(delta['content']['text']) : text;
        return content === undefined ? [] : [{ type: 'reasoning-delta', choice: 0, text: content }];
      }
      case 'arguments_delta':
      case 'arguments': {
        const open = this.#calls.get(value['index']);
        const piece = stringOf(delta['arguments']) ?? stringOf(delta['partial_arguments']);
        if (open === undefined || piece === undefined || piece === '') return [];
        open.hasText = true;
        return [{ type: 'tool-call-delta', choice: 0, call: open.call, arguments: piece }];
      }
      default:
        return [{ type: 'opaque' }];
    }
  }

  #stepStop(value: JsonRecord): readonly CanonicalEvent[] {
    const open = this.#calls.get(value['index']);
    if (open === undefined || open.hasText) return [];
    open.hasText = true;
    const text = JSON.stringify(open.start['arguments'] ?? {});
    return [{ type: 'tool-call-delta', choice: 0, call: open.call, arguments: text }];
  }

  #completed(interaction: JsonRecord): readonly CanonicalEvent[] {
    this.isEnded = true;
    const status = stringOf(interaction['status']) ?? 'completed';
    const usage = readGoogleUsage(interaction['usage']);
    return [
      { type: 'finish', choice: 0, reason: reasonOf(status, this.#callCount > 0), nativeReason: status },
      ...(usage === null ? [] : [{ type: 'usage', usage } as const]),
    ];
  }
}
