import { randomUUID } from "node:crypto";
import type { Database, RowOf, Tx } from "@kontor/postgres";
import { nextActivation, published, type RotationPolicy } from "../domain/signing-keys.ts";
import { statement } from "../gen/statements.ts";
import type { KeySeal } from "./key-seal.ts";
import { generateSigningKey, importSigningKey, type SigningKey } from "./signing-key.ts";

const LOCK = statement("signing_keys.lock", "SELECT pg_advisory_xact_lock(hashtextextended('users.signing-keys', 0))", {
  prepared: false,
});
const LIST = statement(
  "signing_keys.list",
  "SELECT kid, public_jwk, private_jwk, sealed, active_from FROM signing_keys",
  { prepared: false },
);
const ADD = statement(
  "signing_keys.add",
  "INSERT INTO signing_keys (kid, public_jwk, private_jwk, sealed, active_from) VALUES ($1, $2, $3, $4, $5)",
  { prepared: false },
);
const DROP = statement("signing_keys.drop", "DELETE FROM signing_keys WHERE NOT kid = ANY($1::text[])", {
  prepared: false,
});

/** Where all replicas find the same keys. */
export interface KeyStore {
  load(): Promise<readonly SigningKey[]>;
  /** Makes the next key if it is time, also the first one, and drops those no token needs. One replica at a time does. */
  rotate(at: Date): Promise<void>;
}

export function createKeyStore(db: Database, seal: KeySeal, policy: RotationPolicy): KeyStore {
  return {
    async load() {
      const rows = await db.query(LIST);
      return Promise.all(rows.map((row) => signingKeyOf(row, seal)));
    },
    rotate: (at) =>
      db.transaction(async (tx) => {
        await tx.query(LOCK);
        const rows = await tx.query(LIST);
        const keys = rows.map(({ kid, active_from }) => ({ kid, activeFrom: active_from }));
        const activeFrom = nextActivation(keys, at, policy);
        if (activeFrom) keys.push({ kid: await add(tx, activeFrom, seal), activeFrom });
        await tx.query(DROP, [published(keys, at, policy).map(({ kid }) => kid)]);
      }),
  };
}

async function add(tx: Tx, activeFrom: Date, seal: KeySeal): Promise<string> {
  const kid = randomUUID();
  const { publicJwk, privateJwk } = await generateSigningKey(kid);
  const { bytes, sealed } = seal.seal(kid, JSON.stringify(privateJwk));
  await tx.query(ADD, [kid, JSON.stringify(publicJwk), bytes, sealed, activeFrom]);
  return kid;
}

async function signingKeyOf(row: RowOf<typeof LIST>, seal: KeySeal): Promise<SigningKey> {
  const { kid, public_jwk: publicJwk, private_jwk: bytes, sealed, active_from: activeFrom } = row;
  const key = await importSigningKey(JSON.parse(seal.open(kid, { bytes, sealed })));
  return { kid, publicJwk, key, activeFrom };
}
