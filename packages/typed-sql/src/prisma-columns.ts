import prisma from "@prisma/prisma-schema-wasm";

/** A column whose type a schema narrows by `/// @type …`. */
export interface NarrowedColumn {
  readonly table: string;
  readonly column: string;
  /** Name of the generated type: model and field. */
  readonly alias: string;
  /** The TypeScript type, without null. */
  readonly type: string;
}

interface Field {
  readonly name: string;
  readonly dbName?: string;
  readonly documentation?: string;
}
interface Model {
  readonly name: string;
  readonly dbName: string | null;
  readonly fields: readonly Field[];
}

// Models of packages have none: they are part of the database of a service.
const DATASOURCE = 'datasource db {\n  provider = "postgresql"\n}\n';

/**
 * Returns the columns that `schema`, the text of a schema.prisma, narrows: a text column to some texts, a JSON column to the type of its
 * values. The comment above the field ends with `@type` and a TypeScript type.
 */
export function narrowedColumns(schema: string): readonly NarrowedColumn[] {
  const prismaSchema = /^datasource\b/m.test(schema) ? schema : `${DATASOURCE}${schema}`;
  const { datamodel } = JSON.parse(prisma.get_dmmf(JSON.stringify({ prismaSchema })));
  return (datamodel.models as readonly Model[]).flatMap((model) =>
    model.fields.flatMap(({ name, dbName, documentation = "" }) => {
      const type = /@type\s+([\s\S]+)$/.exec(documentation)?.[1]?.replace(/\s+/g, " ").trim();
      if (type === undefined) return [];
      const alias = `${model.name}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      return [{ table: model.dbName ?? model.name, column: dbName ?? name, alias, type }];
    }),
  );
}
