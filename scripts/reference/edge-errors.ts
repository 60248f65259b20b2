import { CODES, type Code } from "../../packages/errors/src/index.ts";
import { codeOf, EDGE_ERRORS, type EdgeReason, refusal } from "../../packages/transcoder/src/index.ts";
import type { Text } from "./advice.ts";

/** What a reason means in one domain. */
export interface Meaning {
  readonly reason: string;
  readonly domain: string;
  readonly grpc: Code;
  readonly http: number;
  readonly message: Text;
}

/** What a code means where the service gives no other reason. */
const codeMeanings: Readonly<Partial<Record<Code, Text>>> = {
  UNKNOWN: { en: "The service failed unexpectedly.", de: "Der Dienst hat unerwartet versagt." },
  INVALID_ARGUMENT: { en: "The request breaks a rule.", de: "Die Anfrage verletzt eine Regel." },
  NOT_FOUND: { en: "What the request names does not exist.", de: "Was die Anfrage nennt, gibt es nicht." },
  ALREADY_EXISTS: { en: "What the request creates exists.", de: "Was die Anfrage anlegt, gibt es schon." },
  PERMISSION_DENIED: { en: "The caller lacks the right.", de: "Dem Aufrufer fehlt die Berechtigung." },
  RESOURCE_EXHAUSTED: {
    en: "A limit is reached: of requests, or of what the service can do at a time.",
    de: "Eine Grenze ist erreicht: der Anfragen oder dessen, was der Dienst zugleich leisten kann.",
  },
  FAILED_PRECONDITION: {
    en: "The present state does not allow the request.",
    de: "Der aktuelle Zustand lässt die Anfrage nicht zu.",
  },
  ABORTED: { en: "The request collided with another one.", de: "Die Anfrage traf mit einer anderen zusammen." },
  OUT_OF_RANGE: { en: "A value is beyond what exists.", de: "Ein Wert liegt außerhalb dessen, was es gibt." },
  DATA_LOSS: { en: "Data of the service is damaged.", de: "Daten des Dienstes sind beschädigt." },
  UNAUTHENTICATED: { en: "The request proves no identity.", de: "Die Anfrage weist keine Identität nach." },
};

const fixed: readonly Meaning[] = [
  ...CODES.flatMap((name, index): Meaning[] => {
    const message = codeMeanings[name];
    const { http } = codeOf(index + 1);
    return message === undefined ? [] : [{ reason: name, domain: "any service", grpc: name, http, message }];
  }),
  {
    ...{ reason: "INVALID_REQUEST", domain: "any service", grpc: "INVALID_ARGUMENT", http: 400 },
    message: {
      en: "Fields of the request break the rules; `errors` names each, with what is wrong.",
      de: "Felder der Anfrage verletzen Regeln; `errors` nennt jedes und was daran falsch ist.",
    },
  },
  {
    ...{ reason: "UNAVAILABLE", domain: "gateway", grpc: "UNAVAILABLE", http: 503 },
    message: {
      en: "The service behind the route cannot be reached now.",
      de: "Der Dienst hinter der Route ist jetzt nicht erreichbar.",
    },
  },
  {
    ...{ reason: "UNIMPLEMENTED", domain: "gateway", grpc: "UNIMPLEMENTED", http: 501 },
    message: {
      en: "The service does not serve this call, or not over HTTP.",
      de: "Der Dienst bietet diesen Aufruf nicht an oder nicht über HTTP.",
    },
  },
];

/** Returns the refusals of the edge: its catalogue, and what it says for services. */
export function edgeErrors(): readonly Meaning[] {
  const own = (Object.keys(EDGE_ERRORS) as EdgeReason[]).map((reason): Meaning => {
    const { status, en, de } = EDGE_ERRORS[reason];
    const grpc = CODES[refusal(reason, en).code - 1] ?? "UNKNOWN";
    return { reason, domain: "gateway", grpc, http: status, message: { en, de } };
  });
  return [...own, ...fixed];
}
