import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { getOption, hasOption } from "@bufbuild/protobuf";
import { cache } from "@kontor/contracts/options/v1/options";
import { natsUsers, serverUsers } from "@kontor/nats";
import { topology } from "@kontor/shop";
import { SessionEndedSchema } from "@kontor/shop/contracts/users/v1/events";
import { eventually, type Nats, startNats, temporaryFolder } from "@kontor/testing";
import { connect, headers } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadContracts } from "../src/contracts.ts";
import { type Notes, startNotes } from "./notes.ts";

const NOTE_CHANGED = "kontor.test.v1.NoteChanged";
const tester = { name: "tester", publish: [">"], subscribe: [">"] };
const edges = topology.edges.map((edge) => ({ ...edge, listens: [...edge.listens, NOTE_CHANGED] }));

let nats: Nats;
let notes: Notes;
beforeAll(async () => {
  const config = join(await temporaryFolder("rights"), "nats.conf");
  writeFileSync(
    config,
    serverUsers([...natsUsers({ ...topology, edges }), tester], (user) => user),
  );
  nats = await startNats({ more: ["--config", config] });
  notes = await startNotes({ natsUrl: [nats.url.replace("//", "//gateway:gateway@")] });
  await eventually(() => expect(notes.logged.some(({ up }) => up === true)).toBe(true));
});
afterAll(async () => {
  await notes.stop();
  await nats.stop();
});

describe("the gateway with its own user of NATS", () => {
  it("stores idempotency keys, counts requests, and drops responses that events change", async () => {
    let made = 0;
    notes.script = async () => ({ id: `n${++made}`, text: "x" });
    const add = () => notes.ask("POST", "/notes", { body: { text: "x" }, headers: { "Idempotency-Key": "one" } });
    expect(await (await add()).json()).toEqual(await (await add()).json());

    const read = async () => ((await (await notes.ask("GET", "/notes/n")).json()) as { id: string }).id;
    const readTwice = async () => new Set([await read(), await read()]).size;
    await expect.poll(readTwice, { timeout: 10_000 }).toBe(1);
    const kept = await read();
    const publisher = await connect({ servers: nats.url, user: "tester", pass: "tester" });
    const event = headers();
    event.set("ce-partitionkey", "n");
    publisher.publish(NOTE_CHANGED, "", { headers: event });
    await publisher.flush();
    await expect.poll(read).not.toBe(kept);
    await publisher.close();
    expect(notes.logged.filter(({ msg }) => /refused|not shared/.test(String(msg)))).toEqual([]);
  });

  it("may listen to exactly the events that drop its cached responses or end streams", async () => {
    const contracts = await loadContracts(undefined);
    const events = [...contracts]
      .filter((one) => one.kind === "service")
      .flatMap(({ methods }) => methods.filter((method) => hasOption(method, cache)))
      .flatMap((method) => getOption(method, cache).invalidatedBy);
    expect([...topology.edges[0].listens].sort()).toEqual(
      [...new Set([...events, SessionEndedSchema.typeName])].sort(),
    );
  });
});

it("a NATS that refuses the gateway is logged", async () => {
  const refused = await startNotes({ natsUrl: [nats.url] });
  const logged = () => refused.logged.find(({ msg }) => msg === "NATS connection failed; retrying");
  await expect.poll(logged, { timeout: 10_000 }).toBeDefined();
  expect(JSON.stringify(logged())).toContain("Authorization Violation");
  await refused.stop();
});
