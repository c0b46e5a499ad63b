// What the shared scan over a text yields: personal data and secrets that have a recognisable form.

export interface StructuredFinding {
  readonly family: 'pii' | 'secrets';
  /** Presidio's name for personal data (`EMAIL_ADDRESS`), the rule's name for a secret (`AWS_ACCESS_KEY`). */
  readonly type: string;
  /** UTF-16 offsets, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** 0..1: checksums 1, clear forms 0.9 and above, forms that need luck 0.5. */
  readonly score: number;
}

/** The finding as guardrails tell it. */
export function withoutFamily({
  type,
  start,
  end,
  score,
}: StructuredFinding): Omit<StructuredFinding, 'family'> {
  return { type, start, end, score };
}

/** A finding of personal data. */
export function personal(type: string, start: number, end: number, score: number): StructuredFinding {
  return { family: 'pii', type, start, end, score };
}

/** A finding of a secret. */
export function secret(type: string, start: number, end: number, score: number): StructuredFinding {
  return { family: 'secrets', type, start, end, score };
}
