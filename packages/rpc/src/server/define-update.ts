import {
  clone,
  create,
  type DescField,
  type DescMessage,
  equals,
  getOption,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { FieldMask } from "@bufbuild/protobuf/wkt";
import { FieldBehavior, field_behavior } from "@kontor/contracts/google/api/field_behavior";
import { type FieldViolation, invalid, violation } from "@kontor/errors";

type FieldPath = readonly [DescField, ...DescField[]];
type FieldName<D extends DescMessage> = Exclude<keyof MessageShape<D>, "$typeName" | "$unknown"> & string;

/** The fields whose value differs from the stored one, with their new values; undefined for an optional field that is cleared. */
export type Changes<D extends DescMessage, F extends FieldName<D>> = {
  readonly [K in F]?: MessageShape<D>[K];
};

/** An update RPC with a field mask. */
export interface Update<D extends DescMessage, F extends FieldName<D>> {
  /**
   * Reads the changes of a request. A request without a mask, or with an empty one, changes the fields that its resource sets; `*`
   * stands for all changeable fields.
   *
   * @param resource the resource of the request, with its texts as they are stored
   * @returns a function that compares the request with the stored resource. It takes each form in which reads show the resource, the
   * complete one first, and throws NOT_CHANGEABLE for each field that the request would change and the RPC does not.
   * @throws KontorError INVALID_REQUEST that names `updateMask` for each path that is no field of the resource
   */
  read(
    resource: MessageInitShape<D> | undefined,
    mask: FieldMask | undefined,
  ): (stored: MessageInitShape<D>, ...otherForms: MessageInitShape<D>[]) => Changes<D, F>;
}

/**
 * Defines which fields of a resource an RPC updates, by AIP-134 (field masks) and AIP-203 (field behavior). Fields that the contract
 * marks OUTPUT_ONLY are ignored. Other fields keep their stored value: naming or setting them is refused only if the value differs,
 * so that a client can send back a resource as it was read.
 *
 * ```ts
 * import { type Product, ProductSchema, type UpdateProductRequest } from "@kontor/sample";
 * const update = defineUpdate(ProductSchema, { resource: "product", domain: "catalog.shop", changeable: ["title", "mediaUrls"] });
 * function updated(stored: Product, request: UpdateProductRequest) {
 *   const changesOf = update.read(request.product, request.updateMask);
 *   return { ...stored, ...changesOf(stored) };
 * }
 * ```
 *
 * @param options.resource the field of the request that holds the resource
 * @param options.domain the domain of the errors
 * @param options.changeable the fields that the RPC changes
 * @param options.preconditions fields that bind the update to a version; the caller compares them
 */
export function defineUpdate<D extends DescMessage, const F extends FieldName<D>>(
  schema: D,
  options: {
    readonly resource: string;
    readonly domain: string;
    readonly changeable: readonly F[];
    readonly preconditions?: readonly FieldName<D>[];
  },
): Update<D, F> {
  const changeable = new Set<string>(options.changeable);
  const ignored = new Set<string>(options.preconditions);
  for (const field of schema.fields)
    if (getOption(field, field_behavior).includes(FieldBehavior.OUTPUT_ONLY)) ignored.add(field.localName);

  return {
    read(resource, mask) {
      const given = create(schema, resource);
      const paths = pathsOf(given, mask?.paths ?? []);

      return (stored, ...otherForms) => {
        const before = create(schema, stored);
        const others = otherForms.map((form) => create(schema, form));
        const changes: Record<string, unknown> = {};
        const refused: string[] = [];
        for (const [field, chosen] of paths) {
          const result = (form: MessageShape<D>) => merged(form, given, chosen);
          const isSame = (form: MessageShape<D>) => equals(schema, form, result(form));
          if (ignored.has(field.localName) || isSame(before)) continue;
          if (changeable.has(field.localName)) changes[field.localName] = Reflect.get(result(before), field.localName);
          else if (!others.some(isSame)) refused.push(field.jsonName);
        }
        refuse(refused.map((path) => violation(`${options.resource}.${path}`, "NOT_CHANGEABLE", { path })));
        return changes as Changes<D, F>;
      };
    },
  };

  /** Returns the paths that the update writes, by the field of the resource that they begin with. */
  function pathsOf(given: MessageShape<D>, mask: readonly string[]): ReadonlyMap<DescField, readonly FieldPath[]> {
    const isSet = (field: DescField) => reflect(schema, given).isSet(field);
    const isChangeable = (field: DescField) => changeable.has(field.localName);
    const values = schema.fields.filter(isChangeable).map(({ jsonName }) => jsonName);
    const violations: FieldViolation[] = [];
    const paths: FieldPath[] = [];
    for (const path of mask.filter((path) => path !== "*")) {
      const found = resolve(schema, path);
      if (found) paths.push(found);
      else violations.push(violation("updateMask", "NOT_A_FIELD", { path: jsonPath(path), values }));
    }
    refuse(violations);
    const implied = (field: DescField) => isSet(field) || (mask.includes("*") && isChangeable(field));
    if (mask.length === 0 || mask.includes("*"))
      paths.push(...schema.fields.filter(implied).map((field): FieldPath => [field]));
    return Map.groupBy(paths, ([field]) => field);
  }

  function refuse(violations: readonly FieldViolation[]): void {
    if (violations.length > 0) throw invalid(violations, options.domain);
  }

  function merged(before: MessageShape<D>, given: MessageShape<D>, paths: readonly FieldPath[]): MessageShape<D> {
    const after = clone(schema, before);
    for (const path of paths) copy(reflect(schema, given), reflect(schema, after), path);
    return after;
  }
}

/** Returns the fields that a path leads through, named as in proto or in JSON; undefined if there is no such path. */
function resolve(schema: DescMessage, path: string): FieldPath | undefined {
  const [name = "", ...rest] = path.split(".");
  const field = schema.fields.find((one) => one.name === name || one.jsonName === name);
  if (field === undefined) return undefined;
  if (rest.length === 0) return [field];
  if (field.fieldKind !== "message" || field.message.file.proto.package === "google.protobuf") return undefined;
  const below = resolve(field.message, rest.join("."));
  return below && [field, ...below];
}

function copy(from: ReflectMessage, to: ReflectMessage, [field, next, ...rest]: FieldPath): void {
  if (next !== undefined && field.fieldKind === "message") {
    const inner = to.get(field);
    copy(from.get(field), inner, [next, ...rest]);
    if (to.isSet(field) || from.isSet(field)) to.set(field, inner);
  } else if (from.isSet(field)) to.set(field, from.get(field));
  else to.clear(field);
}

/** Returns a path as `FieldMask` has it in JSON. */
function jsonPath(path: string): string {
  return path.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
