import { create, type DescFile, type DescService, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import {
  ServerReflection,
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
} from "@kontor/contracts/grpc/reflection/v1/reflection";
import type { Conversation } from "../server/port/port.ts";
import { decode, encode } from "../wire.ts";
import { encodeWithImports, indexSymbols, type Symbols } from "./symbols.ts";

type Request = MessageShape<typeof ServerReflectionRequestSchema>;
type Answer = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]>;

/**
 * Returns the reflection service, under the names of v1 and v1alpha: tools use either, and the messages are the same
 * (https://grpc.io/docs/guides/reflection/). Nothing is indexed before the first request.
 */
export function createReflection(services: readonly DescService[], further: Iterable<DescFile>): Conversation[] {
  const names = [...services, ServerReflection].map(({ typeName }) => ({ name: typeName }));
  let index: Symbols | undefined;
  const symbols = () => {
    index ??= indexSymbols([...services.map(({ file }) => file), ServerReflection.file, ...further]);
    return index;
  };
  const respond = (bytes: Buffer): Buffer => {
    const request = decode(ServerReflectionRequestSchema, bytes) as Request;
    const messageResponse = answer(request.messageRequest, names, symbols);
    const response = { validHost: request.host, originalRequest: request, messageResponse };
    return encode(ServerReflectionResponseSchema, create(ServerReflectionResponseSchema, response));
  };
  return ["v1", "v1alpha"].map((version) => ({
    path: `/grpc.reflection.${version}.ServerReflection/${ServerReflection.method.serverReflectionInfo.name}`,
    respond,
  }));
}

function answer(
  request: Request["messageRequest"],
  names: readonly { readonly name: string }[],
  symbols: () => Symbols,
): Answer {
  switch (request.case) {
    case "listServices":
      return { case: "listServicesResponse", value: { service: [...names] } };
    case "fileByFilename":
      return files(symbols().fileNamed(request.value));
    case "fileContainingSymbol":
      return files(symbols().fileOfSymbol(request.value));
    case "fileContainingExtension":
      return files(symbols().fileOfExtension(request.value.containingType, request.value.extensionNumber));
    case "allExtensionNumbersOfType": {
      const extensionNumber = symbols().extensionNumbers(request.value);
      if (!extensionNumber) return notFound;
      return { case: "allExtensionNumbersResponse", value: { baseTypeName: request.value, extensionNumber } };
    }
    case undefined:
      return {
        case: "errorResponse",
        value: { errorCode: status.INVALID_ARGUMENT, errorMessage: "The request is empty. Set one of its fields." },
      };
  }
}

const notFound: Answer = { case: "errorResponse", value: { errorCode: status.NOT_FOUND, errorMessage: "Not found." } };

function files(file: DescFile | undefined): Answer {
  if (!file) return notFound;
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto: encodeWithImports(file) } };
}
