export { Refusal } from "@kontor/config";
