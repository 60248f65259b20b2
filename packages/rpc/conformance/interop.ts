import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { KontorError } from "@kontor/errors";
import { createLogger } from "@kontor/telemetry";
import { freePort } from "@kontor/testing";
import { codeName, createClient, createServer, implement, type ServerTransport, type Transport } from "../src/index.ts";
import { programs } from "./programs.ts";
import { interopServices } from "./test-service.ts";

/** Tests of grpc-go's client whose RPCs our servers serve. */
export const CASES = [
  ...["empty_unary", "large_unary", "server_streaming", "special_status_message"],
  ...["unimplemented_method", "unimplemented_service"],
] as const;

type Payload = { body: Uint8Array };
type Simple = { responseSize: number; responseStatus?: { code: number; message: string } };
type Streaming = { responseParameters: { size: number }[] };

/** Runs tests of grpc-go's client against our server. @throws Error when one fails */
export async function goCallsUs(transport: ServerTransport, cases: readonly string[] = CASES): Promise<void> {
  const { test } = await interopServices();
  const payload = (size: number) => ({ payload: { body: Buffer.alloc(size) } });
  const handlers = {
    emptyCall: async () => ({}),
    async unaryCall({ responseSize, responseStatus }: Simple) {
      if (responseStatus === undefined) return payload(responseSize);
      const { code, message } = responseStatus;
      throw new KontorError({ code: codeName(code), reason: "ECHO", domain: "grpc.testing", message });
    },
    async *streamingOutputCall({ responseParameters }: Streaming) {
      for (const { size } of responseParameters) yield payload(size);
    },
  };
  const refuse = () => Promise.reject(new Error("No call has a credential."));
  const server = createServer({
    services: [implement(test, handlers as never)],
    policy: { verifyToken: refuse, verifyCaller: refuse },
    log: createLogger({ service: "interop", level: "silent" }),
    transport,
  });
  const port = await server.listen("127.0.0.1", 0);
  try {
    for (const name of cases)
      await promisify(execFile)(programs.client, [
        `-server_port=${port}`,
        "-server_host=127.0.0.1",
        `-test_case=${name}`,
      ]);
  } finally {
    await server.drain(0);
  }
}

/** Makes calls to grpc-go's server by our client. Returns the outcomes. */
export async function weCallGo(transport: Transport) {
  const { test, unimplemented } = await interopServices();
  const port = await freePort();
  const server = spawn(programs.server, [`-port=${port}`], { stdio: "ignore" });
  const options = { address: `127.0.0.1:${port}`, transport, timeoutMs: 10_000 };
  using client = createClient(test, options);
  using other = createClient(unimplemented, options);
  type Call = (request: object, options?: object) => Promise<{ payload?: Payload }>;
  const { emptyCall, unaryCall } = client as unknown as Record<"emptyCall" | "unaryCall", Call>;
  const { unimplementedCall } = other as unknown as Record<"unimplementedCall", Call>;
  const failure = (error: KontorError) => ({ code: error.code, message: error.message });
  try {
    const empty = await emptyCall({}, { idempotent: true, untilDeadline: true });
    const sizes = [];
    for (const size of [0, 1, 16_384, 314_159, 3_000_000]) {
      const { payload } = await unaryCall({ responseSize: size, payload: { body: Buffer.alloc(271_828) } });
      sizes.push(payload?.body.length ?? 0);
    }
    const message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
    const status = await unaryCall({ responseStatus: { code: 2, message } }).catch(failure);
    const missing = await unimplementedCall({}).catch(failure);
    return { empty, sizes, status, message, missing };
  } finally {
    server.kill();
    await once(server, "exit");
  }
}
