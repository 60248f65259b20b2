import type { DescEnum } from "@bufbuild/protobuf";
import type { ValuePlan } from "./plans.ts";
import { unusual } from "./unusual.ts";

/** How values of an enum are read and written: by name, or by number where nobody knows it. */
export function enumPlan(desc: DescEnum): ValuePlan {
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
