// policies/*.yaml: content policies, texts that are put into system prompts by name and versioned with them.
import { z } from 'zod';
import { sentence } from './values.ts';

export const policySchema = z.strictObject({
  description: sentence.optional(),
  owner: sentence.optional(),
  /** Put in as it stands; braces have no meaning in it. */
  text: z.string().min(1).max(100_000),
});
export type PolicyFile = z.output<typeof policySchema>;
