import pg from "pg";

const { builtins } = pg.types;
const INT8_ARRAY = 1016;
const TEXT_ARRAY: number = 1009;

/** The conversion of column types to values. It applies to these pools only; pg's global parsers remain unchanged. */
export const types: pg.CustomTypesConfig = {
  // pg's own signature returns `any`.
  getTypeParser(oid: number, format?: "text" | "binary") {
    switch (oid) {
      case builtins.INT8:
        return BigInt;
      case INT8_ARRAY:
        return bigintArray;
      case builtins.DATE:
        return String; // A calendar day has no time zone; pg would make it local midnight.
      case builtins.TIMESTAMP:
        return utc;
      default:
        return format === "binary" ? pg.types.getTypeParser(oid, "binary") : pg.types.getTypeParser(oid, "text");
    }
  },
};

const strings = pg.types.getTypeParser(TEXT_ARRAY, "text") as (text: string) => (string | null)[];

function bigintArray(text: string): (bigint | null)[] {
  return strings(text).map((item) => (item === null ? null : BigInt(item)));
}

function utc(text: string): Date {
  return new Date(`${text.replace(" ", "T")}Z`);
}
