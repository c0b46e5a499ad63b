// What a judge is: a rubric, a scale, a prompt and one model or several. The workspace's judge files have this shape.

export interface Judge {
  readonly mode: 'pointwise' | 'pairwise';
  readonly rubric: string;
  readonly dimensions: readonly { readonly name: string; readonly description: string }[];
  readonly scale: {
    readonly minimum: number;
    readonly maximum: number;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly model?: string | undefined;
  readonly jury?: readonly string[] | undefined;
  readonly prompt_template: string;
  readonly temperature: number;
  readonly max_tokens: number;
  readonly length_control: boolean;
}

/** The models that grade. */
export function jurorsOf(judge: Judge): readonly string[] {
  return judge.jury ?? (judge.model === undefined ? [] : [judge.model]);
}

/** What a judge grades. For a pair, `response` is the first and `other` the second. */
export interface JudgedAnswer {
  readonly question: string;
  readonly response: string;
  readonly other?: string;
  readonly context?: string | undefined;
  readonly reference?: string | undefined;
}

/** One call of a juror, and what came of it. */
export type AskJuror = (call: {
  readonly model: string;
  readonly text: string;
}) => Promise<
  | { readonly text: string; readonly costUsd: string | null; readonly interaction: string }
  | { readonly failed: string; readonly costUsd: string | null }
>;
