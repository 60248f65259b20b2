import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { Client, credentials, Metadata, type ServiceError, type StatusObject } from "@grpc/grpc-js";
import { KontorError } from "@kontor/errors";
import { createCallerVerifier, type MethodPolicy, methodPolicy } from "@kontor/policy";
import { createServer, fromStatus, HEADER, implement, type RpcServer } from "@kontor/rpc";
import { createLogger } from "@kontor/telemetry";
import { createServiceIdentities } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { registry } from "../src/registry.ts";

const services = [...registry].filter((each): each is DescService => each.kind === "service");
const methods = services.flatMap((service) =>
  service.methods.map((method) => ({ method, policy: methodPolicy(method) })),
);
/** Every service of the contracts and the gateway. */
const names = [...new Set([...services.map(({ typeName }) => typeName.split(".").at(-3) ?? ""), "gateway"])];
const [stranger] = names;

const identities = createServiceIdentities(names);
const unpublished = createServiceIdentities(names);
const now = Math.floor(Date.now() / 1000);

type Credential = (callee: string) => Record<string, string>;
const token =
  (made: (callee: string) => string): Credential =>
  (callee) => ({ [HEADER.serviceToken]: made(callee) });
const withoutSignature = (header: object) => (callee: string) => {
  const [, claims] = identities.tokenOf("orders", callee).split(".");
  return `${Buffer.from(JSON.stringify({ kid: "orders-1", ...header })).toString("base64url")}.${claims}.`;
};

/** Forged callers: each claims to be orders, which most internal RPCs admit. */
const bad: Record<string, Credential> = {
  none: () => ({}),
  "a name alone": () => ({ [HEADER.caller]: "orders" }),
  "a name and a shared token": () => ({ [HEADER.caller]: "orders", [HEADER.callerToken]: "secret" }),
  "a token of an unpublished key": token((callee) => unpublished.tokenOf("orders", callee)),
  "a token of another service's key": token((callee) => identities.tokenOf(stranger ?? "", callee, { sub: "orders" })),
  "an expired token": token((callee) => identities.tokenOf("orders", callee, { iat: now - 700, exp: now - 100 })),
  "a token for another callee": token(() => identities.tokenOf("orders", "kontor.other.v1.OtherService")),
  "a token of another issuer": token((callee) => identities.tokenOf("orders", callee, { iss: "https://kontor.local" })),
  "a token without a signature": token(withoutSignature({ alg: "none" })),
  "a token whose signature was cut off": token(withoutSignature({ alg: "EdDSA" })),
  "a token that names another algorithm": token((callee) => identities.tokenOf("orders", callee, {}, { alg: "HS256" })),
  nonsense: token(() => "nonsense"),
};

const REFUSED = new Set(["CALLER_NOT_ALLOWED", "SERVICE_TOKEN_INVALID", "SERVICE_TOKEN_EXPIRED"]);

let server: RpcServer;
let client: Client;
beforeAll(async () => {
  const reached = () => {
    throw new KontorError({ code: "ABORTED", reason: "REACHED", domain: "test", message: "The handler was reached." });
  };
  server = createServer({
    services: services.map((service) =>
      implement(service, Object.fromEntries(service.methods.map(({ localName }) => [localName, reached])) as never),
    ),
    policy: {
      verifyToken: () => Promise.reject(new Error("No user token is sent.")),
      verifyCaller: createCallerVerifier({ keys: { load: identities.load } }),
    },
    log: createLogger({ service: "test", level: "silent" }),
  });
  const port = await server.listen("127.0.0.1", 0);
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await server.drain(0);
});

/** The reason with which a call without a message of its own ends. */
function reasonOf(method: DescMethod, entries: Record<string, string>): Promise<string> {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  const path = `/${method.parent.typeName}/${method.name}`;
  const bytes = (value: Buffer) => value;
  const empty = Buffer.alloc(0);
  return new Promise((resolve) => {
    const end = (error: ServiceError | StatusObject | null) =>
      resolve(error ? fromStatus(error as StatusObject).reason : "OK");
    if (method.methodKind === "unary") client.makeUnaryRequest(path, bytes, bytes, empty, metadata, end);
    else client.makeServerStreamRequest(path, bytes, bytes, empty, metadata).on("error", end).resume();
  });
}

/** Whether the call passed the check of its caller. */
const passed = (reason: string) => !REFUSED.has(reason);

describe("each service credential at each RPC", () => {
  const internal = methods.filter(({ policy }) => policy.auth.kind === "internal");
  const others = methods.filter(({ policy }) => policy.auth.kind !== "internal");
  const nameOf = ({ path }: MethodPolicy) => path.slice(1);

  it("covers every RPC of the contracts, of which some are internal", () => {
    expect(internal.length).toBeGreaterThan(10);
    expect(others.length).toBeGreaterThan(30);
    expect(names).toContain("orders");
  });

  it.each(internal.map(({ method, policy }) => ({ name: nameOf(policy), method, policy })))(
    "$name admits the callers that its contract names, and no others",
    async ({ method, policy }) => {
      const callee = method.parent.typeName;
      const admitted: string[] = [];
      for (const name of names)
        if (passed(await reasonOf(method, { [HEADER.serviceToken]: identities.tokenOf(name, callee) })))
          admitted.push(name);
      expect(admitted.sort()).toEqual([...policy.auth.callers].sort());
      const through: string[] = [];
      for (const [name, credential] of Object.entries(bad))
        if (passed(await reasonOf(method, credential(callee)))) through.push(name);
      expect(through).toEqual([]);
    },
  );

  it.each(others.map(({ method, policy }) => ({ name: nameOf(policy), method, policy })))(
    "$name checks only users, for any calling service",
    async ({ method, policy }) => {
      const callee = method.parent.typeName;
      const all = [...names.map((name) => token(() => identities.tokenOf(name, callee))), ...Object.values(bad)];
      const reasons = await Promise.all(all.map((credential) => reasonOf(method, credential(callee))));
      if (policy.auth.kind === "user" && !policy.auth.guests)
        expect(new Set(reasons)).toEqual(new Set(["TOKEN_MISSING"]));
      else expect(reasons.filter((reason) => !["REACHED", "INVALID_REQUEST"].includes(reason))).toEqual([]);
    },
  );
});
