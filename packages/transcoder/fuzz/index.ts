export { type MadeTalk, makeTalk } from "./make-frames.ts";
export { type MadeRequest, makeRequest } from "./make-request.ts";
export { mutate } from "./mutate.ts";
export { type Random, randomOf } from "./random.ts";
export { routesOf } from "./routes-of.ts";
