import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Database, openDatabase } from "@kontor/postgres";
import { startPostgres, type TestDatabase } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collectStatements, typeStatements } from "./index.ts";

const collector = collectStatements();
const { ADD, CLEAR, FIND, FIRST, list, TEXTS, WITH_PARENT } = await import("../test/notes/statements.ts");
const folder = new URL("../test/notes/", import.meta.url);
const notes = { owner: "notes", source: folder, schemas: [new URL("schema.prisma", folder)] };

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await (await startPostgres()).createDatabase("notes");
  db = openDatabase({ url: database.url, service: "test" });
  await db.query(await readFile(new URL("migration.sql", folder), "utf8"));
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

/** Returns why a statement gets no types, with the schema of the notes or another one. */
async function refusal(text: string, { schema, columns }: { schema?: string; columns?: Record<string, string> } = {}) {
  const temporary = await mkdtemp(join(fileURLToPath(folder), "temporary-"));
  try {
    const file = join(temporary, "schema.prisma");
    await writeFile(file, schema ?? (await readFile(new URL("schema.prisma", folder), "utf8")));
    const statement = { owner: "x", name: "x.y", samples: [{ text }], columns: columns ?? {} };
    const one = { statementsOf: async () => [statement] };
    const schemas = [new URL(`file://${file}`)];
    return await typeStatements({ owner: "x", source: folder, schemas }, database.url, one).then(
      () => "none",
      (error: Error) => error.message,
    );
  } finally {
    await rm(temporary, { recursive: true });
  }
}

describe("the types of statements", () => {
  it("are those of the committed file", async () => {
    const { text, file } = await typeStatements(notes, database.url, collector);
    if (process.env.KONTOR_UPDATE === "1") await writeFile(file, text);
    expect(text).toBe(await readFile(file, "utf8"));
  });

  it.each([
    ["a column that does not exist", "SELECT nothing FROM notes", /x: x\.y: column "nothing" does not exist/],
    ["a parameter of the wrong type", "SELECT id FROM notes WHERE id = $1::bytea", /operator does not exist/],
    ["JSON of unknown type", "SELECT json_agg(stage) AS stages FROM notes", /The type of stages is not known/],
    ["a type that the driver has no value for", "SELECT now() - now() AS age", /has the type interval\. Cast it/],
  ])("are refused for %s", async (_, text, message) => {
    expect(await refusal(text)).toMatch(message);
  });

  it("are refused for a declared column of another type, and for one that is not returned", async () => {
    const columns = { stage: "notes.id" };
    expect(await refusal("SELECT stage FROM notes", { columns })).toMatch(/another type than notes\.id/);
    expect(await refusal("SELECT stage FROM notes", { columns: { other: "not null" } })).toMatch(/names other/);
  });

  it("are refused if schema.prisma narrows a text otherwise than its CHECK", async () => {
    const schema = (await readFile(new URL("schema.prisma", folder), "utf8")).replace('"published"', '"gone"');
    expect(await refusal("SELECT 1 AS one", { schema })).toMatch(/to draft, gone, but its CHECK has: draft, published/);
  });

  it("are checked by the compiler", () => {
    const wrong = async () => {
      // @ts-expect-error: a note has a number.
      await db.query(FIND, ["1"]);
      // @ts-expect-error: a parameter is missing.
      await db.query(FIND, []);
      // @ts-expect-error: an array would become a PostgreSQL array.
      await db.query(ADD, [1, "draft", ["text"], null, null, [], null, null, null]);
      const [note] = await db.query(WITH_PARENT);
      // @ts-expect-error: a note without parent has none.
      note?.parentStage.length;
      const [first] = await db.query(list("draft", 1));
      // @ts-expect-error: not a column of the list.
      first?.body;
    };
    expect(wrong).toBeTypeOf("function");
  });
});

describe("values at run time", () => {
  const big = 2n ** 63n - 1n;
  it.each([
    { id: 2n ** 53n + 1n, weight: "0.10", day: "2026-11-30", tags: [], body: { text: "" } },
    { id: big, weight: `1${"0".repeat(40)}`, day: "0001-01-01", tags: ["a", 'a,"b{}', "NULL"], body: { text: "x" } },
    { id: -big, weight: null, day: null, tags: ["ä"], body: { text: '"' } },
  ])("have the generated types: $id", async ({ id, weight, day, tags, body }) => {
    const seen = new Date("2026-11-30T10:00:00.123Z");
    const checksum = Buffer.from([0, 255]);
    const [added] = await db.query(ADD, [id, "draft", body, id, seen, tags, weight, checksum, day]);
    expect(added).toEqual({ id, stage: "draft", body, parent: id, seen, tags, weight, checksum, day });
    expect(await db.query(FIND, [id])).toEqual([{ id, stage: "draft", body }]);
    expect(await db.query(FIRST)).toEqual([added]);
    expect(await db.query(TEXTS)).toEqual([{ bodies: [body] }]);
    expect(await db.query(list(undefined, 5))).toEqual([{ id, stage: "draft" }]);
    expect(await db.query(list("published", 5))).toEqual([]);
    const self = { parentStage: "draft", either: "draft", total: 1n, public: null, age: "old" };
    expect(await db.query(WITH_PARENT)).toEqual([{ id, ...self }]);
    await db.query(CLEAR);
  });
});
