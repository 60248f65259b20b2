import type { DescEnum } from "@bufbuild/protobuf";
import type { EnumNames } from "../enum-names.ts";
import type { ValuePlan } from "./plans.ts";
import { unusual } from "./wire-cursor.ts";

/** Plans how values of an enum are read and written: by name, or by number where the contract has none. */
export function enumPlan(desc: DescEnum, short?: EnumNames): ValuePlan {
  if (short !== undefined) return shortPlan(desc, short);
  const isNull = desc.typeName === "google.protobuf.NullValue";
  const textOf = (name: string) => (isNull ? "null" : JSON.stringify(name));
  const names = new Map(
    desc.values.map(({ number }) => [number, Buffer.from(textOf(desc.value[number]?.jsonName ?? ""))]),
  );
  const [first] = desc.values;
  return {
    wireType: 0,
    zero: textOf(first?.jsonName ?? ""),
    write(from, _, to) {
      from.varint();
      const name = names.get(from.low);
      if (name !== undefined) to.ready(name);
      else if (desc.open && !isNull) to.integer(from.low);
      else throw unusual;
    },
  };
}

/** Plans an enum with short names. A zero value that is written though nothing is set is left to the library. */
function shortPlan(desc: DescEnum, { ofNumber, unset }: EnumNames): ValuePlan {
  const names = new Map([...ofNumber].map(([number, name]) => [number, Buffer.from(JSON.stringify(name))]));
  return {
    wireType: 0,
    zero: unset === undefined ? JSON.stringify(ofNumber.get(desc.values[0]?.number ?? 0)) : "",
    write(from, _, to) {
      from.varint();
      const name = names.get(from.low);
      if (name !== undefined) to.ready(name);
      else if (desc.open && from.low !== unset) to.integer(from.low);
      else throw unusual;
    },
  };
}
