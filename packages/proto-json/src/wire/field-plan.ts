import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence as Presence } from "@bufbuild/protobuf/wkt";
import type { JsonForm } from "../json-form.ts";
import { enumPlan } from "./enum-plan.ts";
import { writeMap } from "./map-plan.ts";
import type { FieldPlan, ValuePlan, WriteValue } from "./plans.ts";
import { scalarPlan } from "./scalar-plan.ts";
import { unusual } from "./wire-cursor.ts";

const BYTES = 2;
const [COMMA, OPEN, CLOSE] = [44, 91, 93];

/** How the content of a message type is written. */
export type PlanOf = (desc: DescMessage, form: JsonForm) => WriteValue;

/** Plans a field. */
export function fieldPlan(field: DescField, oneof: number, form: JsonForm, planOf: PlanOf): FieldPlan {
  const plan = shownPlan(field, oneof, form, planOf);
  return form.isWireOnly(field) ? hidden(plan) : plan;
}

/** Reads the field, and takes back what was written of it. */
function hidden(plan: FieldPlan): FieldPlan {
  return {
    ...plan,
    absent: () => {},
    present(from, end, to) {
      const { at } = to;
      const next = plan.present(from, end, to);
      to.at = at;
      return next;
    },
  };
}

function shownPlan(field: DescField, oneof: number, form: JsonForm, planOf: PlanOf): FieldPlan {
  const key = Buffer.from(`,${JSON.stringify(field.jsonName)}:`);
  const tagOf = (wireType: number) => field.number * 8 + wireType;
  switch (field.fieldKind) {
    case "list": {
      const { wireType, write } = valuePlan(field, form, planOf);
      const absent = defaultOf(key, "[]");
      if (field.packed) return { tag: tagOf(BYTES), oneof, absent, present: packed(key, write) };
      const tag = tagOf(wireType);
      return { tag, oneof, absent, present: repeated(key, tag, write) };
    }
    case "map": {
      const tag = tagOf(BYTES);
      const present = writeMap(key, tag, field, valuePlan(field, form, planOf));
      return { tag, oneof, absent: defaultOf(key, "{}"), present };
    }
    default: {
      const { wireType, write, zero } = valuePlan(field, form, planOf);
      return { tag: tagOf(wireType), oneof, absent: absentOf(field, key, zero), present: singular(key, write) };
    }
  }
}

/** A group, a deprecated wire type. */
const group: ValuePlan = {
  wireType: 3,
  zero: "",
  write() {
    throw unusual;
  },
};

function valuePlan(field: DescField, form: JsonForm, planOf: PlanOf): ValuePlan {
  if ("delimitedEncoding" in field && field.delimitedEncoding) return group;
  if (field.message !== undefined) return inLength(planOf(field.message, form));
  if (field.enum !== undefined) return enumPlan(field.enum, form.namesOf(field.enum));
  return scalarPlan(field.scalar, form.isNumber(field));
}

function inLength(content: WriteValue): ValuePlan {
  return {
    wireType: BYTES,
    zero: "",
    write(from, limit, to) {
      content(from, from.end(limit), to);
    },
  };
}

function absentOf(field: DescField, key: Uint8Array, zero: string): FieldPlan["absent"] {
  if (field.presence === Presence.IMPLICIT && zero !== "") return defaultOf(key, zero);
  if (field.presence !== Presence.LEGACY_REQUIRED) return () => {};
  return () => {
    throw unusual;
  };
}

function defaultOf(key: Uint8Array, text: string): FieldPlan["absent"] {
  const bytes = Buffer.concat([key, Buffer.from(text)]);
  return (to) => to.ready(bytes);
}

function singular(key: Uint8Array, write: ValuePlan["write"]): FieldPlan["present"] {
  return (from, end, to) => {
    to.ready(key);
    write(from, end, to);
    return from.tag(end);
  };
}

function repeated(key: Uint8Array, tag: number, write: ValuePlan["write"]): FieldPlan["present"] {
  return (from, end, to) => {
    to.ready(key);
    const start = to.at;
    let next = tag;
    while (next === tag) {
      to.byte(COMMA);
      write(from, end, to);
      next = from.tag(end);
    }
    to.enclose(start, OPEN, CLOSE);
    return next;
  };
}

function packed(key: Uint8Array, write: ValuePlan["write"]): FieldPlan["present"] {
  return (from, end, to) => {
    to.ready(key);
    const start = to.at;
    const last = from.end(end);
    while (from.at < last) {
      to.byte(COMMA);
      write(from, last, to);
    }
    if (from.at !== last) throw unusual;
    to.enclose(start, OPEN, CLOSE);
    return from.tag(end);
  };
}
