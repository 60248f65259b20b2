import { invalidRequest, type Route } from "@kontor/simulator";
import { ratesFor } from "../domain/rates.ts";

export function rateRoutes(): Route[] {
  return [
    {
      method: "GET",
      path: "/v1/rates",
      handle({ query }) {
        const weightGrams = Number(query.get("weightGrams"));
        if (!Number.isSafeInteger(weightGrams) || weightGrams <= 0)
          throw invalidRequest('"weightGrams" must be a positive whole number.');
        return { status: 200, body: { rates: ratesFor(weightGrams, query.get("country") ?? "") } };
      },
    },
  ];
}
