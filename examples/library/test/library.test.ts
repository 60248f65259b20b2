import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@kontor/rpc";
import { type RunningService, startService } from "@kontor/service";
import { eventually, freePort, type Nats, startNats, startPostgres, temporaryFolder } from "@kontor/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { libraryApp } from "../src/app.ts";
import { LibraryService } from "../src/gen/acme/library/v1/library_service_pb.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const postgres = await startPostgres();
let nats: Nats;
let service: RunningService;
let gateway: ReturnType<typeof spawn>;
let url: string;

beforeAll(async () => {
  const database = await postgres.createDatabase("library", { owner: true });
  nats = await startNats();
  service = await startService(libraryApp, {
    databaseUrl: database.runUrl,
    databaseOwnerUrl: database.url,
    natsUrl: [nats.url],
  });
  const descriptors = join(await temporaryFolder("library"), "library.binpb");
  execFileSync(join(root, "node_modules/.bin/buf"), ["build", "examples/library/proto", "-o", descriptors], {
    cwd: root,
  });
  const [port, metricsPort] = [await freePort(), await freePort()];
  url = `http://127.0.0.1:${port}`;
  gateway = spawn(process.execPath, [join(root, "apps/gateway/src/main.ts")], {
    env: {
      ...process.env,
      GATEWAY_PORT: String(port),
      METRICS_PORT: String(metricsPort),
      GATEWAY_DESCRIPTORS: descriptors,
      GATEWAY_UPSTREAMS: JSON.stringify({ "acme.library.v1.LibraryService": `127.0.0.1:${service.grpcPort}` }),
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  await eventually(async () => expect((await fetch(`http://127.0.0.1:${metricsPort}/readyz`)).status).toBe(200), {
    timeoutMs: 30_000,
  });
});
afterAll(async () => {
  gateway.kill();
  await once(gateway, "exit");
  await service.stop();
  await nats.stop();
  await postgres.stop();
});

const lend = (isbn: string, reader: string) =>
  fetch(`${url}/v1/loans`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ isbn, reader }),
  });

it("a service of another company lends a book over REST and counts the loan by its own event", async () => {
  const lent = await lend("978-3-16-148410-0", "ada");
  expect(lent.status).toBe(201);
  expect(await lent.json()).toEqual({ loanId: expect.any(String) });
  await eventually(async () =>
    expect(await (await fetch(`${url}/v1/books/978-3-16-148410-0/demand`)).json()).toMatchObject({ loans: 1 }),
  );
});

it("its errors have the status of its contract", async () => {
  await lend("978-0-13-110362-7", "ada");
  const refused = await lend("978-0-13-110362-7", "bob");
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ reason: "BOOK_LENT", domain: "library.acme" });
});

it("its rules are those of its contract, at the edge and in the service", async () => {
  const violations = [
    { code: "WRONG_CHARACTERS", params: { min: 10, max: 17, allowed: "0-9 -" } },
    { code: "WRONG_LENGTH", params: { min: 1, max: 200 } },
  ];
  const refused = await lend("abc", " ");
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ domain: "library.acme", errors: violations });
  using library = createClient(LibraryService, { address: `127.0.0.1:${service.grpcPort}` });
  await expect(library.lendBook({ isbn: "abc", reader: " " })).rejects.toMatchObject({
    domain: "library.acme",
    violations,
  });
});
