/** A refusal of the edge: its HTTP status, and its meaning as the pages of errors explain it. */
export interface EdgeErrorDefinition {
  readonly status: number;
  readonly en: string;
  readonly de: string;
}

/**
 * The catalogue of the edge's own refusals, before or without any service. The key is the public reason. `docs/errors` is generated
 * from it.
 */
export const EDGE_ERRORS = {
  BAD_REQUEST: {
    status: 400,
    en: "The HTTP request is malformed.",
    de: "Die HTTP-Anfrage ist fehlerhaft.",
  },
  BAD_URL: {
    status: 400,
    en: "The URL is malformed.",
    de: "Die URL ist fehlerhaft.",
  },
  BODY_NOT_ALLOWED: {
    status: 400,
    en: "The route takes no body, and one was sent.",
    de: "Die Route nimmt keinen Inhalt, aber es wurde einer gesendet.",
  },
  BODY_TOO_LARGE: {
    status: 413,
    en: "The body has more bytes than BODY_LIMIT, before or after decompression.",
    de: "Der Inhalt hat vor oder nach dem Entpacken mehr Bytes als BODY_LIMIT.",
  },
  EXPECTATION_FAILED: {
    status: 417,
    en: "The Expect header asks for something other than 100-continue.",
    de: "Der Header Expect verlangt etwas anderes als 100-continue.",
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    en: "The headers of the request are larger than the edge reads.",
    de: "Die Kopfzeilen der Anfrage sind größer als erlaubt.",
  },
  INVALID_BODY: {
    status: 400,
    en: "The body does not fit the contract; `errors` points at the place.",
    de: "Der Inhalt passt nicht zum Vertrag; `errors` zeigt auf die Stelle.",
  },
  INVALID_ENCODING: {
    status: 400,
    en: "The body is not what its Content-Encoding says.",
    de: "Der Inhalt ist nicht, was sein Content-Encoding angibt.",
  },
  INVALID_HEADER: {
    status: 400,
    en: "A header is missing, repeated, malformed, or contradicts the body; `errors` names it.",
    de: "Ein Header fehlt, ist doppelt, fehlerhaft oder widerspricht dem Inhalt; `errors` nennt ihn.",
  },
  INVALID_JSON: {
    status: 400,
    en: "The body is not JSON: malformed, not UTF-8, nested too deeply, or with too many keys.",
    de: "Der Inhalt ist kein JSON: fehlerhaft, nicht UTF-8, zu tief verschachtelt oder mit zu vielen Schlüsseln.",
  },
  INVALID_PATH: {
    status: 400,
    en: "A part of the path cannot be decoded, or is not what the contract wants there.",
    de: "Ein Teil des Pfads ist nicht lesbar oder nicht, was der Vertrag dort verlangt.",
  },
  INVALID_QUERY: {
    status: 400,
    en: "A query parameter is unknown, repeated, or not what the contract wants; `errors` names it.",
    de: "Ein Parameter ist unbekannt, doppelt oder nicht, was der Vertrag verlangt; `errors` nennt ihn.",
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    en: "The path exists, but not with this method. `Allow` lists those it takes.",
    de: "Den Pfad gibt es, aber nicht mit dieser Methode. `Allow` nennt die erlaubten.",
  },
  REQUEST_TIMEOUT: {
    status: 408,
    en: "The headers or the body of the request were not received in time.",
    de: "Kopfzeilen oder Inhalt der Anfrage kamen nicht rechtzeitig an.",
  },
  ROUTE_NOT_FOUND: {
    status: 404,
    en: "There is nothing at this path.",
    de: "Unter diesem Pfad gibt es nichts.",
  },
  UNSUPPORTED_ENCODING: {
    status: 415,
    en: "The Content-Encoding is not supported. `Accept-Encoding` lists those that are.",
    de: "Das Content-Encoding wird nicht unterstützt. `Accept-Encoding` nennt die unterstützten.",
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    en: "The Content-Type is not one that the route takes; JSON is.",
    de: "Die Route nimmt diesen Content-Type nicht, aber JSON.",
  },
  UPGRADE_REQUIRED: {
    status: 426,
    en: "The RPC talks both ways: open a WebSocket on this route.",
    de: "Der Aufruf geht in beide Richtungen: Öffnen Sie auf dieser Route einen WebSocket.",
  },
  URL_TOO_LONG: {
    status: 414,
    en: "The URL is longer than the edge reads.",
    de: "Die URL ist länger als erlaubt.",
  },
} as const satisfies Record<string, EdgeErrorDefinition>;

/** A reason of {@link EDGE_ERRORS}. */
export type EdgeReason = keyof typeof EDGE_ERRORS;
