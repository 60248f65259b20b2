import {
  clone,
  create,
  type DescField,
  type DescMessage,
  type DescMethod,
  getOption,
  hasOption,
  type Registry,
} from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { lookup } from "@kontor/contracts/options/v1/options";
import { type FieldReader, readField } from "@kontor/policy";
import { type Call, changedCall, RouteError } from "@kontor/transcoder";
import type { Upstreams } from "../ports.ts";

interface FieldLookup {
  readonly field: DescField;
  readonly sentIn: FieldReader;
  readonly method: DescMethod;
  readonly requestField: string;
  readonly foundIn: FieldReader;
  readonly unless: RegExp;
}

/** Replaces names that clients use for a resource by its id, as fields of contracts declare by `lookup`. */
export interface Lookups {
  /** @throws RouteError when a field of the request names an RPC or a field that is not there */
  check(method: DescMethod): void;
  /** Returns upstreams that receive ids only. */
  around(upstreams: Upstreams): Upstreams;
}

/** Creates the lookups of contracts. `authorise` throws if the caller may not make the call of a lookup. */
export function createLookups(contracts: Registry, authorise: (call: Call) => void): Lookups {
  const known = new WeakMap<DescMessage, readonly FieldLookup[]>();
  const lookupsOf = (method: DescMethod) => {
    const found = known.get(method.input) ?? read(contracts, method);
    known.set(method.input, found);
    return found;
  };
  async function resolved(upstreams: Upstreams, call: Call): Promise<Call> {
    const lookups = lookupsOf(call.method);
    if (lookups.length === 0) return call;
    const wanted = lookups.filter(({ sentIn, unless }) => {
      const value = sentIn(call.encoded ?? call.message);
      return value !== "" && !unless.test(value);
    });
    if (wanted.length === 0) return call;
    const message = clone(call.method.input, call.message);
    for (const { field, sentIn, method, requestField, foundIn } of wanted) {
      const request = create(method.input, { [requestField]: sentIn(message) });
      const asked = changedCall(call, { method, message: request });
      authorise(asked);
      const response = await upstreams.call(asked);
      reflect(call.method.input, message).set(field, foundIn(response.message) || sentIn(message));
    }
    return changedCall(call, { message });
  }
  return {
    check: lookupsOf,
    around: (upstreams) => ({
      ...upstreams,
      call: async (call) => upstreams.call(await resolved(upstreams, call)),
      async *stream(call) {
        yield* upstreams.stream("message" in call ? await resolved(upstreams, call) : call);
      },
    }),
  };
}

function read(contracts: Registry, method: DescMethod): readonly FieldLookup[] {
  return method.input.fields
    .filter((field) => hasOption(field, lookup))
    .map((field) => {
      const { rpc, requestField, responseField, unless } = getOption(field, lookup);
      const [service = "", name] = rpc.split("/");
      const target = contracts.getService(service)?.methods.find((each) => each.name === name);
      if (target?.methodKind !== "unary") throw new RouteError(method, `lookup: "${rpc}" is no unary RPC.`);
      try {
        readField(target.input, requestField);
        return {
          field,
          sentIn: readField(method.input, field.name),
          method: target,
          requestField: target.input.fields.find((each) => each.name === requestField)?.localName ?? requestField,
          foundIn: readField(target.output, responseField),
          unless: new RegExp(unless, "u"),
        };
      } catch (cause) {
        throw new RouteError(method, `lookup: ${cause instanceof Error ? cause.message : String(cause)}`);
      }
    });
}
