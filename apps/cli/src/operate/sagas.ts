import { ClientError } from "@kontor/client";
import { Refusal, readFlags } from "@kontor/config";
import type { Database } from "@kontor/postgres";
import { statement } from "../gen/statements.ts";
import { placeArguments, readAction, required } from "./action.ts";
import { openPlace, placeFlags, placeHelp } from "./place.ts";

const help = `Shows checkouts and cancellations that do not end, and continues or ends them.

  npm run kontor -- sagas [list]                            those that are parked, fail, or have not ended for half an hour
  npm run kontor -- sagas show   --id ORDER                 what they did, step by step
  npm run kontor -- sagas resume --id ORDER                 the parked ones of an order continue where they stopped
  npm run kontor -- sagas end    --id ORDER --reason TEXT   end a parked checkout: a cancellation refunds the money and takes the stock back

  --id ORDER         the order, as the list shows it
  --reason TEXT      why it is ended; stored in the order's history
${placeHelp}

Repair the cause of the last error first. Steps are idempotent: resuming too early does no harm. Ending cannot be reverted. A parked
cancellation cannot be ended: do the work of its step by hand, then resume it. docs/runbooks/saga-parked.md`;

const flags = { id: { type: "string" }, reason: { type: "string" }, ...placeFlags } as const;

const CHECKOUT = "orders.checkout.v1";

/** `kontor sagas`: returns the exit code. */
export async function sagas(args: readonly string[]): Promise<number> {
  const { action, rest } = readAction(args, ["list", "show", "resume", "end"], help);
  const options = readFlags(rest, flags, help);
  if (options === undefined) return 0;
  if (action === "list") {
    const place = await openPlace(options);
    console.log(await place.withDatabase("orders", (db) => list(db, placeArguments(options))));
    return 0;
  }
  const id = required("--id", options.id, help);
  const reason = action === "end" ? required("--reason", options.reason, help) : "";
  const place = await openPlace(options);
  if (action === "show") {
    console.log(await place.withDatabase("orders", (db) => show(db, id)));
    return 0;
  }
  const parked = await place.withDatabase("orders", (db) => parkedOf(db, id));
  if (parked.length === 0)
    throw new Refusal(`No saga of ${id} is parked. See: npm run kontor -- sagas show --id ${id}`);
  if (action === "end" && !parked.includes(CHECKOUT))
    throw new Refusal(
      `${parked.join(" and ")} of ${id} cannot be ended, only resumed. See docs/runbooks/saga-parked.md.`,
    );
  await place.asStaff(async (staff) => {
    const names = action === "end" ? [CHECKOUT] : parked;
    for (const name of names) {
      const saga = { name, sagaId: id };
      await (action === "end" ? staff.orders.endSaga({ ...saga, reason }) : staff.orders.resumeSaga(saga)).catch(
        refuse,
      );
      console.log(
        action === "end" ? `${name} of ${id} is ended; a cancellation undoes it.` : `${name} of ${id} continues.`,
      );
    }
  });
  return 0;
}

function refuse(error: unknown): never {
  if (error instanceof ClientError) throw new Refusal(error.message, { cause: error });
  throw error;
}

const PARKED = statement("sagas.parked", "SELECT name FROM sagas WHERE id = $1 AND phase = 'parked'", {
  prepared: false,
});
const OPEN = statement(
  "sagas.open",
  `SELECT name, id, phase, attempts, last_error AS error, created_at AS created, updated_at AS changed,
    (SELECT step FROM saga_log l WHERE l.name = s.name AND l.id = s.id ORDER BY seq DESC LIMIT 1) AS step
  FROM sagas s
  WHERE phase = 'parked' OR (phase IN ('running', 'compensating') AND (attempts > 0 OR created_at < now() - interval '30 min'))
  ORDER BY phase <> 'parked', created_at LIMIT 50`,
  { prepared: false },
);
const LOG = statement(
  "sagas.log",
  "SELECT at, name, step, action, outcome, error FROM saga_log WHERE id = $1 ORDER BY at, seq",
  { prepared: false },
);
const STATES = statement(
  "sagas.states",
  `SELECT concat_ws(' ', name, 'is', phase, 'wait: ' || wait_reason, 'failure: ' || failure::text) AS line
  FROM sagas WHERE id = $1 ORDER BY created_at`,
  { prepared: false, columns: { line: "not null" } },
);

async function parkedOf(db: Database, id: string): Promise<string[]> {
  const rows = await db.query(PARKED, [id]);
  return rows.map(({ name }) => name);
}

async function list(db: Database, where: string): Promise<string> {
  const rows = await db.query(OPEN);
  if (rows.length === 0) return "No saga is parked, fails, or has not ended for half an hour.";
  const blocks = rows.map(
    ({ name, id, phase, step, attempts, error, created, changed }) => `${phase}  ${name} --id ${id}
  at ${step ?? "its first step"}, ${attempts} failed attempts, begun ${created.toISOString()}, changed ${changed.toISOString()}
  ${error ?? "no error"}`,
  );
  return `${blocks.join("\n\n")}

npm run kontor -- sagas show${where} --id ORDER
npm run kontor -- sagas resume${where} --id ORDER
npm run kontor -- sagas end${where} --id ORDER --reason TEXT`;
}

async function show(db: Database, id: string): Promise<string> {
  const rows = await db.query(LOG, [id]);
  const states = await db.query(STATES, [id]);
  if (rows.length + states.length === 0) throw new Refusal(`There is no saga of ${id}.`);
  const lines = rows.map(({ at, name, step, action, outcome, error }) =>
    [at.toISOString(), name, step, action, outcome, error].filter((part) => part !== null).join("  "),
  );
  return [...lines, ...states.map(({ line }) => line)].join("\n");
}
