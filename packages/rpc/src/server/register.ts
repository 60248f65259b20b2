import type { DescMethod } from "@bufbuild/protobuf";
import type { MethodDefinition, Server, ServerUnaryCall, ServerWritableStream, sendUnaryData } from "@grpc/grpc-js";
import { methodPolicy } from "@kontor/policy";
import { rpcErrors } from "../rpc-errors.ts";
import { toStatus } from "../status.ts";
import { untouched } from "../wire.ts";
import { answer } from "./answer.ts";
import type { Implementation } from "./implement.ts";
import { compose, type Interceptor, type Step } from "./interceptor.ts";
import type { ServedMethod } from "./served-method.ts";
import { ServerCall } from "./server-call.ts";

/** The layers around our own services, and around the standard ones, which have no policy. */
export interface Pipelines {
  readonly contract: readonly Interceptor[];
  readonly standard: readonly Interceptor[];
}

/** Adds services to a server of grpc-js. Returns what ends all running streams. */
export function register(server: Server, implementations: readonly Implementation[], pipelines: Pipelines) {
  const running = new Set<ServerCall>();
  for (const { service, handlerOf } of implementations) {
    const methods = service.methods.map((desc) => serve(desc, handlerOf(desc)));
    server.addService(
      Object.fromEntries(methods.map((method) => [method.desc.name, definition(method.desc)])),
      Object.fromEntries(methods.map((method) => [method.desc.name, handle(method, pipelines, running)])),
    );
  }
  return {
    end(): void {
      for (const call of running) call.abort(rpcErrors.SHUTTING_DOWN());
    },
  };
}

function serve(desc: DescMethod, handler: ServedMethod["handler"]): ServedMethod {
  const fullName = `${desc.parent.typeName}/${desc.name}`;
  if (desc.methodKind !== "unary" && desc.methodKind !== "server_streaming")
    throw new TypeError(`${fullName} streams requests, which this server does not do.`);
  const policy = desc.parent.typeName.startsWith("grpc.") ? undefined : methodPolicy(desc);
  const timeoutMs = policy?.timeoutMs ?? Number.POSITIVE_INFINITY;
  return {
    desc,
    handler,
    fullName,
    streams: desc.methodKind === "server_streaming",
    timeoutMs,
    ...(policy && { policy }),
  };
}

/** A method as grpc-js defines it, with the bytes left as they are. */
export function definition(desc: DescMethod): MethodDefinition<Buffer, Buffer> {
  return {
    path: `/${desc.parent.typeName}/${desc.name}`,
    requestStream: desc.methodKind === "client_streaming" || desc.methodKind === "bidi_streaming",
    responseStream: desc.methodKind === "server_streaming" || desc.methodKind === "bidi_streaming",
    requestSerialize: untouched,
    requestDeserialize: untouched,
    responseSerialize: untouched,
    responseDeserialize: untouched,
  };
}

function handle(method: ServedMethod, pipelines: Pipelines, running: Set<ServerCall>) {
  const run = compose(method.policy ? pipelines.contract : pipelines.standard, method, answer(method));
  return method.streams ? handleStream(method, run, running) : handleUnary(method, run);
}

function handleUnary(method: ServedMethod, run: Step) {
  return (raw: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
    const call = new ServerCall(method, raw);
    void run(call).then(() => {
      call.finished = true;
      call.sendHeaders();
      if (call.error) callback(toStatus(call.error));
      else callback(null, call.response);
    });
  };
}

function handleStream(method: ServedMethod, run: Step, running: Set<ServerCall>) {
  return (raw: ServerWritableStream<Buffer, Buffer>): void => {
    const call = new ServerCall(method, raw);
    running.add(call);
    void run(call).then(() => {
      running.delete(call);
      call.finished = true;
      call.sendHeaders();
      if (call.error) raw.emit("error", toStatus(call.error));
      else raw.end();
    });
  };
}
