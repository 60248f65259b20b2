import type { DescMessage, DescOneof } from "@bufbuild/protobuf";
import { type JsonForm, PerForm } from "../json-form.ts";
import { fieldPlan } from "./field-plan.ts";
import type { FieldPlan, WriteValue } from "./plans.ts";
import { wellKnownPlan } from "./well-known-plan.ts";
import { unusual } from "./wire-cursor.ts";

const plans = new PerForm<WriteValue>();
const [OPEN, CLOSE] = [123, 125];

/** Deeper messages are left to the library, which has a limit. */
const DEEPEST = 64;
let depth = 0;

/** Plans how the content of a message is read and written, once for each type. */
export function messagePlan(desc: DescMessage, form: JsonForm): WriteValue {
  const known = plans.of(form);
  const found = known.get(desc);
  if (found !== undefined) return found;
  let fields: readonly FieldPlan[] | undefined;
  const plan =
    wellKnownPlan(desc) ??
    ((from, end, to) => {
      fields ??= fieldsOf(desc, form); // Not before: a type may contain itself.
      if (++depth > DEEPEST) throw unusual;
      const start = to.at;
      let oneofs = 0;
      let tag = from.tag(end);
      for (const field of fields) {
        if (tag !== field.tag) {
          field.absent(to);
          continue;
        }
        if ((oneofs & field.oneof) !== 0) throw unusual;
        oneofs |= field.oneof;
        tag = field.present(from, end, to);
      }
      if (tag !== 0 || from.at !== end) throw unusual;
      to.enclose(start, OPEN, CLOSE);
      depth--;
    });
  known.set(desc, plan);
  return plan;
}

/** Resets the depth before a whole message is written: the last one may not have been written to its end. */
export function beginAtTop(): void {
  depth = 0;
}

/** A name that JavaScript would put first, or that takes more than one byte for a character. */
const oddName = /^\d+$|[^ -~]/;

/** Returns the fields in the order of their numbers: that of encoders on the wire, and of the library in JSON. */
function fieldsOf(desc: DescMessage, form: JsonForm): readonly FieldPlan[] {
  const names = desc.fields.map((field) => field.jsonName);
  const odd = new Set(names).size < names.length || names.some((name) => oddName.test(name)) || desc.oneofs.length > 31;
  if (odd) throw unusual;
  const bits = new Map<DescOneof, number>(desc.oneofs.map((oneof, index) => [oneof, 1 << index]));
  const byNumber = desc.fields.toSorted((a, b) => a.number - b.number);
  return byNumber.map((field) => fieldPlan(field, (field.oneof && bits.get(field.oneof)) ?? 0, form, messagePlan));
}
