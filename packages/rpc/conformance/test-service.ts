import { createFileRegistry, type DescService, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { buildContract } from "@kontor/testing";

const SOURCE = `
syntax = "proto3";
package grpc.testing;

message Empty {}
message Payload {
  int32 type = 1;
  bytes body = 2;
}
message EchoStatus {
  int32 code = 1;
  string message = 2;
}
message SimpleRequest {
  int32 response_type = 1;
  int32 response_size = 2;
  Payload payload = 3;
  EchoStatus response_status = 7;
}
message SimpleResponse {
  Payload payload = 1;
}
message ResponseParameters {
  int32 size = 1;
}
message StreamingOutputCallRequest {
  repeated ResponseParameters response_parameters = 2;
}
message StreamingOutputCallResponse {
  Payload payload = 1;
}

service TestService {
  rpc EmptyCall(Empty) returns (Empty);
  rpc UnaryCall(SimpleRequest) returns (SimpleResponse);
  rpc StreamingOutputCall(StreamingOutputCallRequest) returns (stream StreamingOutputCallResponse);
}
service UnimplementedService {
  rpc UnimplementedCall(Empty) returns (Empty);
}
`;

/** Returns the services of gRPC's interoperability tests, as far as our servers serve them. */
export async function interopServices(): Promise<{ test: DescService; unimplemented: DescService }> {
  const bytes = await buildContract({ "grpc/testing/test.proto": SOURCE });
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
  const service = (name: string) => {
    const found = registry.getService(`grpc.testing.${name}`);
    if (found === undefined) throw new TypeError(`The contract has no service ${name}.`);
    return found;
  };
  return { test: service("TestService"), unimplemented: service("UnimplementedService") };
}
