import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Notes, startNotes } from "./notes.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

let proxy: TcpProxy;
let notes: Notes;
beforeAll(async () => {
  proxy = await startTcpProxy();
  notes = await startNotes({ upstreams: JSON.stringify({ "kontor.test.v1.NotesService": proxy.address }) });
  proxy.forwardTo(notes.servicesPort);
});
beforeEach(() => {
  notes.script = async () => ({ id: "n" });
});
afterAll(async () => {
  await notes.stop();
  await proxy.cut();
});

const status = async () => (await notes.ask("GET", "/notes/a")).status;
const told = () => notes.logged.filter(({ circuit }) => circuit !== undefined);
async function shown(): Promise<string | undefined> {
  const page = await (await fetch(`http://127.0.0.1:${notes.metricsPort}/metrics`)).text();
  return new RegExp(`^kontor_gateway_circuit_state\\{endpoint="${proxy.address}"\\} (\\d)$`, "m").exec(page)?.[1];
}

describe("the breaker of an endpoint", () => {
  it("shows each of its states in the log and in the metrics", async () => {
    expect(await status()).toBe(200);
    expect([told(), await shown()]).toEqual([[], "0"]);
    await proxy.cut();
    await expect.poll(async () => [await status(), await shown()], { timeout: 20_000 }).toEqual([503, "2"]);
    expect(told()).toMatchObject([{ level: "warn", endpoint: proxy.address, circuit: "OPEN" }]);
    await proxy.restore();
    await expect.poll(status, { timeout: 20_000 }).toBe(200);
    await expect.poll(shown).toBe("0");
    const states = told().map(({ circuit }) => circuit);
    expect(states.slice(-2)).toEqual(["HALF_OPEN", "CLOSED"]);
    expect(new Set(told().map(({ endpoint }) => endpoint))).toEqual(new Set([proxy.address]));
  });
});
