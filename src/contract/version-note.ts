// What is measured of a prompt version and kept as a Git note on its commit (ref refs/notes/binnacle), one JSON object a line, one a prompt.
// Whoever measures writes it; `prompt log`, `prompt docs` and plain `git log --notes` show it.
import { z } from 'zod';

export const NOTES_REF = 'refs/notes/binnacle';

export const versionNoteSchema = z.object({
  prompt_id: z.string(),
  quality: z
    .object({
      /** Weighted mean of the suite's scorers, 0..1. */
      score: z.number().min(0).max(1),
      /** At 95 %. */
      interval: z.tuple([z.number(), z.number()]),
      cases: z.number().int().nonnegative(),
      suite: z.string(),
    })
    .optional(),
  /** Decimal string of US$ a request. */
  cost_per_request_usd: z.string().optional(),
  /** Against the version before at its traffic of a month; decimal string of US$ with its sign. */
  monthly_cost_change_usd: z.string().optional(),
  /** ISO date-time. */
  measured_at: z.string().optional(),
  /** Whether what was measured were simulated answers. */
  simulated: z.boolean().optional(),
});
export type VersionNote = z.infer<typeof versionNoteSchema>;

/** The notes in a note's text; lines that are none of ours are left out. The last of a prompt_id counts. */
export function parseVersionNotes(text: string): Map<string, VersionNote> {
  const notes = new Map<string, VersionNote>();
  for (const line of text.split('\n')) {
    if (!line.startsWith('{')) continue;
    try {
      const parsed = versionNoteSchema.safeParse(JSON.parse(line));
      if (parsed.success) notes.set(parsed.data.prompt_id, parsed.data);
    } catch {
      // not ours: somebody's own remark
    }
  }
  return notes;
}
