// releases.yaml: which version each label of each prompt points to.
import { z } from 'zod';
import { label, name, version } from './values.ts';

export const releasesSchema = z.record(name, z.record(label, version));
export type ReleasesFile = z.output<typeof releasesSchema>;
