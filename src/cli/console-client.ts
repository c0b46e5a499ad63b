// How commands talk to a running installation: through its console API, never through its files. Where it answers and the admin token are
// read from the data folder (only its owner can), or given by BINNACLE_CONSOLE and BINNACLE_TOKEN for one elsewhere.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ADMIN_TOKEN_FILE, CONSOLE_ADDRESS_FILE } from '../contract/processes.ts';
import { apiErrorSchema } from '../contract/api.ts';
import { BinnacleError, messageOf, UsageError } from '../kernel/errors.ts';

export interface ConsoleClient {
  readonly url: string;
  /** Answers the parsed body. Throws a BinnacleError with the console's own code and message. */
  get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>>;
  /** A GET whose body is read as it comes. */
  stream(path: string): Promise<ReadableStream<Uint8Array>>;
  send<Schema extends z.ZodType>(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    body: { readonly type: string; readonly content: string | Uint8Array<ArrayBuffer> },
    schema: Schema,
  ): Promise<z.output<Schema>>;
}

export interface ConsoleLocation {
  readonly url: string;
  readonly token: string;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

const addressesSchema = z.object({ url: z.string(), gateway: z.string() });

/** Where the console (`url`) and the gateway of a data folder answer; null where nothing runs on it. */
export function runningAddresses(dataFolder: string): z.output<typeof addressesSchema> | null {
  const text = readOrNull(join(dataFolder, CONSOLE_ADDRESS_FILE));
  return text === null ? null : addressesSchema.parse(JSON.parse(text));
}

/** Where the installation of a data folder answers. Throws a UsageError where none is running. */
export function locateConsole(
  dataFolder: () => string,
  environment: Readonly<Record<string, string | undefined>>,
): ConsoleLocation {
  const given = environment['BINNACLE_CONSOLE'];
  const token = environment['BINNACLE_TOKEN'];
  if (given !== undefined && given !== '')
    return {
      url: given.replace(/\/+$/, ''),
      token: token ?? readOrNull(join(dataFolder(), ADMIN_TOKEN_FILE)) ?? '',
    };
  const folder = dataFolder();
  const running = runningAddresses(folder);
  if (running === null)
    throw new UsageError(
      `No installation is running on ${folder}. Start one with "binnacle up", or set BINNACLE_CONSOLE (and BINNACLE_TOKEN) to one elsewhere.`,
    );
  return { url: running.url, token: token ?? readOrNull(join(folder, ADMIN_TOKEN_FILE)) ?? '' };
}

async function failure(answer: Response): Promise<BinnacleError> {
  const parsed = apiErrorSchema.safeParse(await answer.json().catch(() => null));
  const error = parsed.success ? parsed.data.error : null;
  return new BinnacleError({
    code: error?.code ?? 'console_error',
    message: error?.message ?? `The console answered ${answer.status}.`,
    httpStatus: answer.status,
    ...(error?.param == null ? {} : { param: error.param }),
  });
}

interface Call {
  readonly method?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

export function consoleClient({ url, token }: ConsoleLocation): ConsoleClient {
  const call = async (path: string, init: Call): Promise<Response> => {
    const headers = { ...(token === '' ? {} : { authorization: `Bearer ${token}` }), ...init.headers };
    let answer: Response;
    try {
      answer = await fetch(`${url}${path}`, { ...init, headers });
    } catch (error) {
      const cause =
        error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
      throw new UsageError(
        `The console at ${url} does not answer (${cause}). Start it with "binnacle up", or see "binnacle doctor".`,
      );
    }
    if (!answer.ok) throw await failure(answer);
    return answer;
  };
  return {
    url,
    get: async (path, schema) => schema.parse(await (await call(path, {})).json()),
    stream: async (path) => {
      const { body } = await call(path, {});
      if (body === null)
        throw new BinnacleError({ code: 'console_error', message: 'The console answered nothing.' });
      return body as ReadableStream<Uint8Array>;
    },
    send: async (method, path, { type, content }, schema) =>
      schema.parse(
        await (await call(path, { method, body: content, headers: { 'content-type': type } })).json(),
      ),
  };
}
