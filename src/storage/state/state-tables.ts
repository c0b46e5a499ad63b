// The state store's tables as Kysely sees them. Lists and documents are JSON text; times are UTC milliseconds; booleans 0 or 1.

export interface StateTables {
  keys: {
    id: string;
    name: string;
    owner: string;
    hash: string;
    created_at: number;
    expires_at: number | null;
    revoked_at: number | null;
    prompts: string;
    models: string;
    routes: string;
    roles: string;
  };
  ingested_segments: {
    gateway: string;
    segment: string;
    done: number;
    pending_to: number | null;
    sealed: number;
  };
  audit: {
    seq: number;
    at: number;
    actor: string;
    act: string;
    subject: string;
    details: string;
    previous: string;
    hash: string;
  };
  documents: {
    collection: string;
    id: string;
    status: string;
    body: string;
    revision: number;
    created_at: number;
    updated_at: number;
  };
  jobs: {
    id: string;
    kind: string;
    payload: string;
    status: string;
    run_at: number;
    tries: number;
    leased_until: number | null;
    result: string | null;
    error: string | null;
    created_at: number;
    updated_at: number;
  };
}
