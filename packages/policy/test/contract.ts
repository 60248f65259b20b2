import { create, createFileRegistry, type DescMethod, type MessageInitShape, setExtension } from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  MethodOptionsSchema,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { http } from "@kontor/contracts/google/api/annotations";
import { HttpRuleSchema } from "@kontor/contracts/google/api/http";
import {
  AuthSchema,
  auth,
  EntityTagSchema,
  ErrorStatusSchema,
  entity_tag,
  error_statuses,
  file_kontor_options_v1_options,
  IdempotencySchema,
  idempotency,
  location,
  success_status,
} from "@kontor/contracts/options/v1/options";

/** The contract of the one RPC. */
export interface Declared {
  readonly auth?: MessageInitShape<typeof AuthSchema>;
  readonly idempotency?: MessageInitShape<typeof IdempotencySchema>;
  readonly get?: string;
  /** Whether the RPC is a server stream. */
  readonly streams?: boolean;
  readonly successStatus?: number;
  readonly location?: string;
  readonly entityTag?: MessageInitShape<typeof EntityTagSchema>;
  readonly errorStatuses?: readonly MessageInitShape<typeof ErrorStatusSchema>[];
}

/** Returns the RPC `kontor.test.v1.CartsService/GetCart` with the given options. Its request has `id`, `count` and `cart.user_id`. */
export function aMethod(declared: Declared): DescMethod {
  const options = create(MethodOptionsSchema);
  if (declared.auth) setExtension(options, auth, create(AuthSchema, declared.auth));
  if (declared.idempotency) setExtension(options, idempotency, create(IdempotencySchema, declared.idempotency));
  if (declared.get)
    setExtension(options, http, create(HttpRuleSchema, { pattern: { case: "get", value: declared.get } }));
  if (declared.successStatus !== undefined) setExtension(options, success_status, declared.successStatus);
  if (declared.location !== undefined) setExtension(options, location, declared.location);
  if (declared.entityTag) setExtension(options, entity_tag, create(EntityTagSchema, declared.entityTag));
  const statuses = declared.errorStatuses?.map((status) => create(ErrorStatusSchema, status));
  if (statuses) setExtension(options, error_statuses, statuses);
  const field = (name: string, number: number, type: Type, typeName = "") => ({
    name,
    number,
    type,
    typeName,
    label: Label.OPTIONAL,
  });
  const knows = statuses ?? declared.successStatus ?? declared.location ?? declared.entityTag;
  const file = create(FileDescriptorProtoSchema, {
    name: "kontor/test/v1/carts_service.proto",
    package: "kontor.test.v1",
    // These count only in a contract that knows our options.
    dependency: knows !== undefined ? [file_kontor_options_v1_options.proto.name] : [],
    syntax: "proto3",
    messageType: [
      {
        name: "GetCartRequest",
        field: [
          field("id", 1, Type.STRING),
          field("count", 2, Type.INT32),
          field("cart", 3, Type.MESSAGE, ".kontor.test.v1.Cart"),
        ],
      },
      { name: "Cart", field: [field("user_id", 1, Type.STRING)] },
      { name: "GetCartResponse", field: [field("tag", 1, Type.STRING), field("version", 2, Type.INT64)] },
    ],
    service: [
      {
        name: "CartsService",
        method: [
          {
            name: "GetCart",
            inputType: ".kontor.test.v1.GetCartRequest",
            outputType: ".kontor.test.v1.GetCartResponse",
            serverStreaming: declared.streams ?? false,
            options,
          },
        ],
      },
    ],
  });
  const method = createFileRegistry(file, (name) =>
    name === file_kontor_options_v1_options.proto.name ? file_kontor_options_v1_options : undefined,
  ).getService("kontor.test.v1.CartsService")?.methods[0];
  if (!method) throw new Error("The contract has no RPC.");
  return method;
}
