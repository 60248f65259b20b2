// The page at /docs: Swagger UI with responses shown as they came, and calls as TypeScript. Everything comes from this origin.
import { indented } from "./exact-json.js";
import { typeScriptOf } from "./typescript-call.js";

const { SwaggerUIBundle } = globalThis;
const status = document.querySelector("#login");

const dark = matchMedia("(prefers-color-scheme: dark)");
const showTheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", showTheme);
showTheme();

/** Shows responses as text: Swagger UI prints JSON again, which rounds numbers beyond 2^53. */
const exactResponses = ({ React }) => ({
  wrapComponents: {
    responseBody: (Original) => (props) =>
      React.createElement(
        Original,
        /json/i.test(props.contentType ?? "") && typeof props.content === "string"
          ? { ...props, content: indented(props.content), contentType: "text/plain" }
          : props,
      ),
  },
});

/** Writes a call that was made as TypeScript, for the client of `npm run kontor -- client`. */
const typeScriptCalls = () => ({
  fn: {
    requestSnippetGenerator_typescript: (request) =>
      typeScriptOf(request.toJS(), ui.specSelectors.specJson().toJS()) ?? "// This call has no form in the client.",
  },
});

const ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [exactResponses, typeScriptCalls],
  layout: "BaseLayout",
  queryConfigEnabled: false,
  validatorUrl: null,
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: -1,
  filter: true,
  tryItOutEnabled: true,
  persistAuthorization: false,
  requestSnippetsEnabled: true,
  requestSnippets: {
    generators: {
      curl_bash: { title: "curl", syntax: "bash" },
      typescript: { title: "TypeScript", syntax: "javascript" },
    },
    defaultExpanded: true,
    languages: ["curl_bash", "typescript"],
  },
  responseInterceptor(response) {
    logIn(response);
    return response;
  },
});

/** Uses the access token of a response, such as that of Login, for the next calls. */
function logIn({ ok, text, url }) {
  if (!ok || typeof text !== "string" || new URL(url, location.href).pathname === "/openapi.json") return;
  const token = tokenIn(text);
  if (token === undefined) return;
  ui.preauthorizeApiKey("bearer", token);
  status.textContent = "Logged in: calls carry the token of the last login.";
}

function tokenIn(text) {
  try {
    const { accessToken } = JSON.parse(text);
    return typeof accessToken === "string" ? accessToken : undefined;
  } catch {
    return undefined;
  }
}
