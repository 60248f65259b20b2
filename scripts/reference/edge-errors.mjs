import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CODES } from "../../packages/errors/src/index.ts";
import { codeOf } from "../../packages/transcoder/src/index.ts";

/** What the edge refuses by itself, before or without any service. */
const meanings = {
  BODY_NOT_ALLOWED: {
    en: "The route takes no body, and one was sent.",
    de: "Die Route nimmt keinen Inhalt, aber es wurde einer gesendet.",
  },
  BODY_TOO_LARGE: {
    en: "The body has more bytes than BODY_LIMIT, before or after decompression.",
    de: "Der Inhalt hat vor oder nach dem Entpacken mehr Bytes als BODY_LIMIT.",
  },
  EXPECTATION_FAILED: {
    en: "The Expect header asks for something other than 100-continue.",
    de: "Der Header Expect verlangt etwas anderes als 100-continue.",
  },
  INVALID_BODY: {
    en: "The body does not fit the contract; `errors` points at the place.",
    de: "Der Inhalt passt nicht zum Vertrag; `errors` zeigt auf die Stelle.",
  },
  INVALID_ENCODING: {
    en: "The body is not what its Content-Encoding says.",
    de: "Der Inhalt ist nicht, was sein Content-Encoding angibt.",
  },
  INVALID_HEADER: {
    en: "A header is missing, repeated, malformed, or contradicts the body; `errors` names it.",
    de: "Ein Header fehlt, ist doppelt, fehlerhaft oder widerspricht dem Inhalt; `errors` nennt ihn.",
  },
  INVALID_JSON: {
    en: "The body is not JSON: malformed, not UTF-8, nested too deeply, or with too many keys.",
    de: "Der Inhalt ist kein JSON: fehlerhaft, nicht UTF-8, zu tief verschachtelt oder mit zu vielen Schlüsseln.",
  },
  INVALID_PATH: {
    en: "A part of the path cannot be decoded, or is not what the contract wants there.",
    de: "Ein Teil des Pfads ist nicht lesbar oder nicht, was der Vertrag dort verlangt.",
  },
  INVALID_QUERY: {
    en: "A query parameter is unknown, repeated, or not what the contract wants; `errors` names it.",
    de: "Ein Parameter ist unbekannt, doppelt oder nicht, was der Vertrag verlangt; `errors` nennt ihn.",
  },
  METHOD_NOT_ALLOWED: {
    en: "The path exists, but not with this method. `Allow` lists those it takes.",
    de: "Den Pfad gibt es, aber nicht mit dieser Methode. `Allow` nennt die erlaubten.",
  },
  ROUTE_NOT_FOUND: {
    en: "There is nothing at this path.",
    de: "Unter diesem Pfad gibt es nichts.",
  },
  UNSUPPORTED_ENCODING: {
    en: "The Content-Encoding is not supported. `Accept-Encoding` lists those that are.",
    de: "Das Content-Encoding wird nicht unterstützt. `Accept-Encoding` nennt die unterstützten.",
  },
  UNSUPPORTED_MEDIA_TYPE: {
    en: "The Content-Type is not one that the route takes; JSON is.",
    de: "Die Route nimmt diesen Content-Type nicht, aber JSON.",
  },
  UPGRADE_REQUIRED: {
    en: "The RPC talks both ways: open a WebSocket on this route.",
    de: "Der Aufruf geht in beide Richtungen: Öffnen Sie auf dieser Route einen WebSocket.",
  },
  URL_TOO_LONG: {
    en: "The URL is longer than the edge reads.",
    de: "Die URL ist länger als erlaubt.",
  },
};

const codes = {
  400: "INVALID_ARGUMENT",
  404: "NOT_FOUND",
  405: "INVALID_ARGUMENT",
  413: "INVALID_ARGUMENT",
  414: "INVALID_ARGUMENT",
  415: "INVALID_ARGUMENT",
  417: "INVALID_ARGUMENT",
  426: "FAILED_PRECONDITION",
};

/** What a code means where the service gives no other reason. */
const codeMeanings = {
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

const fixed = [
  ...Object.entries(codeMeanings).map(([name, message]) => {
    return { reason: name, domain: "any service", grpc: name, http: codeOf(CODES.indexOf(name) + 1).http, message };
  }),
  {
    ...{ reason: "BAD_REQUEST", domain: "gateway", grpc: "INVALID_ARGUMENT", http: 400 },
    message: { en: "The HTTP request is malformed.", de: "Die HTTP-Anfrage ist fehlerhaft." },
  },
  {
    ...{ reason: "BAD_URL", domain: "gateway", grpc: "INVALID_ARGUMENT", http: 400 },
    message: { en: "The URL is malformed.", de: "Die URL ist fehlerhaft." },
  },
  {
    ...{ reason: "HEADERS_TOO_LARGE", domain: "gateway", grpc: "INVALID_ARGUMENT", http: 431 },
    message: {
      en: "The headers of the request are larger than the edge reads.",
      de: "Die Kopfzeilen der Anfrage sind größer als erlaubt.",
    },
  },
  {
    ...{ reason: "REQUEST_TIMEOUT", domain: "gateway", grpc: "INVALID_ARGUMENT", http: 408 },
    message: {
      en: "The headers or the body of the request were not received in time.",
      de: "Kopfzeilen oder Inhalt der Anfrage kamen nicht rechtzeitig an.",
    },
  },
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

/** The refusals found in the transcoder's source, each with its explanation. */
export function edgeErrors(root) {
  const sources = globSync("packages/transcoder/src/**/*.ts", { cwd: root, exclude: ["**/*.test.ts"] });
  const text = sources.map((file) => readFileSync(join(root, file), "utf8")).join("\n");
  const found = [...text.matchAll(/new HttpError\(\s*(\d{3}),\s*"([A-Z_]+)"/g)];
  const statuses = new Map(found.map(([, status, reason]) => [reason, Number(status)]));
  for (const reason of new Set([...statuses.keys(), ...Object.keys(meanings)])) {
    if (!statuses.has(reason))
      throw new Error(`scripts/reference/edge-errors.mjs explains ${reason}, which no code uses.`);
    if (!(reason in meanings)) throw new Error(`scripts/reference/edge-errors.mjs does not explain ${reason}.`);
  }
  const own = [...statuses].map(([reason, http]) => {
    return { reason, domain: "gateway", grpc: codes[http], http, message: meanings[reason] };
  });
  return [...own, ...fixed];
}
