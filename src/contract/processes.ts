// What the supervisor and its processes tell each other: settings as one JSON argument at the start, messages over the IPC channel.
// Secrets never travel this way: tokens are files in the data folder (mode 0600), provider keys are in the environment.
import { z } from 'zod';

const port = z.number().int().min(0).max(65_535);

/** First argument of the gateway process, as JSON. */
export const gatewayProcessSchema = z.object({
  /** Where spool, kept snapshot and token files live. */
  data_folder: z.string(),
  /** For relative paths of the snapshot (a replay provider's recording). */
  workspace_folder: z.string(),
  host: z.string(),
  port,
  /** `http://127.0.0.1:7071`; `/internal/*` hangs under it. */
  console_url: z.string(),
});
export type GatewayProcess = z.infer<typeof gatewayProcessSchema>;

/** First argument of the console process, as JSON. */
export const consoleProcessSchema = z.object({
  data_folder: z.string(),
  workspace_folder: z.string(),
  host: z.string(),
  port,
  gateway_url: z.string(),
});
export type ConsoleProcess = z.infer<typeof consoleProcessSchema>;

/** What a process tells the supervisor. */
export const processMessageSchema = z.discriminatedUnion('type', [
  /** It answers requests at `url`; `notes` are shown to the user once (`no keys defined: answers without one`). */
  z.object({ type: z.literal('ready'), url: z.string(), notes: z.array(z.string()) }),
  /** It cannot run as configured: one line that says what to do. It is not started again; the program ends with exit code 2. */
  z.object({ type: z.literal('refused'), message: z.string() }),
]);
export type ProcessMessage = z.infer<typeof processMessageSchema>;

/** Name of the file in the data folder that holds the console API's admin token (mode 0600, one line). */
export const ADMIN_TOKEN_FILE = 'admin-token';

/** Name of the file in the data folder that says where the running console answers: `{"url": "http://127.0.0.1:7071", "gateway": "http://127.0.0.1:7070"}`. */
export const CONSOLE_ADDRESS_FILE = 'console.json';
