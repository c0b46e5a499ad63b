// How far something that follows the ledger has read, kept in the state store.
import type { DocumentStore } from '../storage/state/state.ts';
import { notAhead, type Cursor } from './queries/cursor.ts';

/**
 * Where a reader goes on that may read until `to`; the first time ever at `first`. A place that lies ahead of `to` is set back for good: the
 * clock has been, and what comes now must not wait until that time comes again.
 */
export async function readingPosition(
  documents: Pick<DocumentStore, 'get' | 'put'>,
  place: { readonly collection: string; readonly id: string },
  to: number,
  first = to,
): Promise<Cursor> {
  const kept = (await documents.get(place.collection, place.id))?.body as Cursor | undefined;
  const cursor = notAhead(kept ?? { at: first, id: '' }, to);
  if (cursor !== kept) await documents.put(place.collection, place.id, cursor);
  return cursor;
}
