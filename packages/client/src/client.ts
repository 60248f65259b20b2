import { ClientError } from "./errors.ts";
import type { Api, CallOptions, ClientOptions, Operation } from "./operation.ts";
import { send } from "./send.ts";
import { stream } from "./stream.ts";

type Request = Readonly<Record<string, unknown>>;

/** Returns a client of an API: `client.orders.placeOrder(request, options)`. Generated code gives `T`, the types of its calls. */
export function createClient<T>(api: Api, options: ClientOptions = {}): T {
  const services = Object.entries(api).map(([service, operations]) => {
    const calls = Object.entries(operations).map(([rpc, operation]) => [rpc, callOf(operation, options)]);
    return [service, Object.fromEntries(calls)];
  });
  return Object.fromEntries(services);
}

function callOf(operation: Operation, client: ClientOptions) {
  if (operation.stream)
    return (request: Request = {}, options: CallOptions = {}) => stream(client, operation, request, options);
  return (request: Request = {}, options: CallOptions = {}) => call(client, operation, request, options);
}

async function call(client: ClientOptions, operation: Operation, request: Request, options: CallOptions) {
  const timeoutMs = options.timeoutMs ?? client.timeoutMs ?? 30_000;
  const accept = operation.bytes ? "*/*" : "application/json";
  return send({ client, operation, request, options, accept, timeoutMs }, async (response) => {
    const value = operation.bytes ? await response.blob() : await jsonOf(operation, response);
    options.onResponse?.(response);
    return value;
  });
}

async function jsonOf({ http }: Operation, response: Response): Promise<unknown> {
  const text = await response.text();
  if (text.trim() === "") return {}; // A message without fields, or a status without content.
  try {
    return JSON.parse(text);
  } catch (cause) {
    const facts = { reason: "UNKNOWN", status: response.status, headers: response.headers };
    throw new ClientError(`${http}: the response is not JSON.`, facts, { cause });
  }
}
