// A backup of the running installation, into a folder of this machine that its administrator names.
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { AuditStore } from '../../storage/state/state.ts';
import { defineRoute, type Route } from '../route.ts';

export const backupRequestSchema = z.strictObject({
  directory: z
    .string()
    .min(1)
    .max(4096)
    .refine(isAbsolute, 'an absolute path of a new or empty folder on the machine of the console'),
  secrets: z.boolean().default(false),
});

export const backupAnswerSchema = z.object({
  taken_at: z.string(),
  secrets: z.boolean(),
  tables: z.array(z.object({ table: z.string(), rows: z.number().int(), cost_usd: z.string().nullable() })),
});

export interface BackupServices {
  readonly audit: Pick<AuditStore, 'append'>;
  readonly take: (directory: string, secrets: boolean) => Promise<z.output<typeof backupAnswerSchema>>;
}

export function backupRoutes({ audit, take }: BackupServices): Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/api/backup',
      access: 'write',
      summary: 'Copies state, ledger and spools of one moment into a folder; serving goes on',
      body: backupRequestSchema,
      response: backupAnswerSchema,
      handle: async ({ body }) => {
        await audit.append({
          actor: 'admin',
          act: 'backup.take',
          subject: body.directory,
          details: { secrets: body.secrets },
        });
        const { taken_at, secrets, tables } = await take(body.directory, body.secrets);
        return { taken_at, secrets, tables };
      },
    }),
  ];
}
