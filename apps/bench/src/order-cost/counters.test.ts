import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Counters, grown, readCounters } from "./counters.ts";

let calls = 2;
const server = createServer((_, response) =>
  response.end(`# TYPE calls_total counter
calls_total{service="a.B",method="Get"} ${calls}
calls_total{service="a.C",method="Get"} 1
calls_total{service="a.C",method="List"} 7
calls_total_of_others{method="Get"} 9
published_total ${calls}
`),
);
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => server.close());

async function read(): Promise<Counters> {
  return readCounters({ orders: `127.0.0.1:${(server.address() as AddressInfo).port}` });
}

describe("the growth of counters", () => {
  it("is summed by process and labels, without counters that did not grow", async () => {
    const before = await read();
    calls += 3;
    const after = await read();
    expect(grown(before, after, "calls_total", ["method"])).toEqual({ "orders Get": 3 });
    expect(grown(before, after, "published_total", [])).toEqual({ orders: 3 });
    expect(grown(new Map(), after, "calls_total", ["method"])).toEqual({ "orders Get": 6, "orders List": 7 });
  });
});
