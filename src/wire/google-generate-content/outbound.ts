// Google's generateContent as its models are called: see shape.ts.
import type { OutboundShape } from '../shape.ts';
import { readError } from './read-error.ts';
import { readResponse } from './read-response.ts';
import { GoogleStreamReader } from './stream-reader.ts';
import { writeRequest } from './write-request.ts';

export const googleGenerateContentOutbound: OutboundShape = {
  shape: 'google-generate-content',
  writeRequest,
  readResponse,
  streamReader: (provider) => new GoogleStreamReader(provider),
  readError,
};
