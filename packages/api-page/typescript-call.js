/**
 * Returns a request as a call of the typed client, or undefined if no operation of the document fits it. The document says in `x-client` how
 * the client calls each operation.
 */
export function typeScriptOf({ url, method, body }, document) {
  const { pathname, searchParams } = new URL(url, "http://origin");
  for (const item of Object.values(document.paths))
    for (const operation of Object.values(item)) {
      const client = operation["x-client"];
      const [httpMethod, template] = client?.http.split(" ") ?? [];
      if (httpMethod !== method.toUpperCase()) continue;
      const request = pathFields(template, pathname);
      if (request === undefined) continue;
      addQuery(request, searchParams, operation.parameters ?? []);
      addBody(request, client.body, body);
      return callText(client.call, request, operation);
    }
  return undefined;
}

/** Returns the fields in a path; undefined if the template does not fit. */
function pathFields(template, path) {
  const names = [];
  const source = template.replace(/\{([^}=]+)(?:=([^}]*))?\}|[.+^$()|[\]\\?*]/g, (found, name, pattern = "*") => {
    if (name === undefined) return `\\${found}`;
    names.push(name);
    return `(${pattern
      .replace(/\*\*/g, ".+")
      .replace(/(?<!\.)\*/g, "[^/:]+")
      .replace(/\.\+/g, ".+")})`;
  });
  const values = new RegExp(`^${source}$`).exec(path)?.slice(1);
  if (values === undefined) return undefined;
  const request = {};
  for (const [i, name] of names.entries()) set(request, name, decodeURIComponent(values[i]));
  return request;
}

function addQuery(request, query, parameters) {
  for (const name of new Set(query.keys())) {
    const { schema = {} } = parameters.find((each) => each.in === "query" && each.name === name) ?? {};
    const isList = schema.type === "array";
    const values = query.getAll(name).map((value) => typed(value, isList ? schema.items : schema));
    set(request, name, isList ? values : values[0]);
  }
}

function typed(value, { type } = {}) {
  if (type === "boolean") return value === "true";
  return (type === "integer" || type === "number") && value.trim() !== "" ? Number(value) : value;
}

function addBody(request, target, body) {
  if (target === undefined || body === undefined || body === "") return;
  let value = body;
  try {
    if (typeof body === "string") value = JSON.parse(body);
  } catch {
    // A body that is no JSON is shown as it is.
  }
  if (target !== "*") set(request, target, merged(request[target], value));
  else if (isFields(value)) Object.assign(request, value);
}

function merged(known, value) {
  return isFields(known) && isFields(value) ? { ...value, ...known } : value;
}

function callText(call, request, { responses }) {
  const isEmpty = Object.keys(request).length === 0;
  const argument = isEmpty ? "" : JSON.stringify(request, null, 2).replace(/"([A-Za-z_$][\w$]*)":/g, "$1:");
  const isStream = Object.values(responses).some(({ content }) => content?.["text/event-stream"] !== undefined);
  return isStream
    ? `for await (const message of client.${call}(${argument})) {\n  console.log(message);\n}`
    : `const response = await client.${call}(${argument});`;
}

function set(fields, name, value) {
  const [first, ...deeper] = name.split(".");
  if (deeper.length === 0) {
    fields[first] = value;
    return;
  }
  fields[first] ??= {};
  set(fields[first], deeper.join("."), value);
}

function isFields(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
