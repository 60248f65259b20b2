import type { DescMessage, DescMethod, DescService, MessageShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";

/** An update RPC with a field mask, over a resource that exists. */
export interface RoundTrip<D extends DescMessage> {
  readonly method: DescMethod;
  /** The subject of the read, for the name of the test: "a product as shoppers read it". */
  readonly of: string;
  readonly schema: D;
  read(): Promise<MessageShape<D> | undefined>;
  /** Calls the RPC with a resource and the paths of a mask, or without one. */
  send(resource: MessageShape<D>, paths: string[] | undefined): Promise<unknown>;
  /** A field that the RPC changes, with another value than the stored one. */
  readonly change: Partial<MessageShape<D>>;
  /** Fields that the RPC does not change, with other values than the stored ones. Absent: it changes all but the id. */
  readonly refused?: Partial<MessageShape<D>>;
}

/** Returns the RPCs of a service whose request has a field mask. */
export function updateMethods({ methods }: DescService): readonly DescMethod[] {
  return methods.filter(({ input }) =>
    input.fields.some(({ message }) => message?.typeName === "google.protobuf.FieldMask"),
  );
}

/** Tests that a client can read a resource, change a field and send back the whole. */
export function testRoundTrip<D extends DescMessage>(options: RoundTrip<D>): void {
  const { method, of, schema, change, refused = {} } = options;
  const read = async () => {
    const resource = await options.read();
    if (resource === undefined) throw new Error(`There is no resource to send to ${method.name}.`);
    return resource;
  };
  const all = schema.fields.map(({ name }) => name);
  const jsonNames = (fields: object) =>
    schema.fields.filter(({ localName }) => localName in fields).map(({ jsonName }) => jsonName);

  describe(`${method.name} of ${of}`, () => {
    it.each([undefined, [], ["*"], all])(
      "changes nothing if it is sent back as it was read, mask %j",
      async (paths) => {
        const before = await read();
        await options.send(before, paths);
        expect(await read()).toEqual(before);
      },
    );

    if (options.refused !== undefined)
      it.each([undefined, [], ["*"], all])(
        "is refused with another value of a field that it does not change, mask %j",
        async (paths) => {
          const before = await read();
          const violations = jsonNames(refused).map((name) => {
            return expect.objectContaining({
              field: expect.stringMatching(`^\\w+\\.${name}$`),
              code: "NOT_CHANGEABLE",
            });
          });
          await expect(options.send({ ...before, ...refused, ...change }, paths)).rejects.toMatchObject({ violations });
          expect(await read()).toEqual(before);
        },
      );

    it("is refused with a mask that names no field", async () => {
      const violations = [{ field: "updateMask", code: "NOT_A_FIELD" }];
      await expect(options.send(await read(), ["nonsense"])).rejects.toMatchObject({ violations });
    });

    it("changes a field of a resource that is sent back otherwise as it was read", async () => {
      const before = await read();
      await options.send({ ...before, ...change }, undefined);
      expect(await read()).toMatchObject(change);
    });
  });
}
