import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { conformanceContract } from "./contract.ts";
import { createTestee, type Task } from "./testee.ts";

/** Implements the runner's protocol: messages with four bytes of length before them, requests on stdin, responses on stdout. */
const contract = conformanceContract();
const testee = await createTestee(contract, process.argv[2] === "wire" ? "wire" : "messages");
let bytes = Buffer.alloc(0);
for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
  bytes = Buffer.concat([bytes, chunk]);
  while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32LE()) {
    const end = 4 + bytes.readUInt32LE();
    const task = fromBinary(contract.request, bytes.subarray(4, end)) as unknown as Task;
    bytes = bytes.subarray(end);
    const result = await testee(task);
    const answer = toBinary(contract.response, create(contract.response, { result } as Record<string, unknown>));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(answer.length);
    process.stdout.write(Buffer.concat([length, answer]));
  }
}
process.exit(0); // The plugin's server would go on.
