import { HttpError, invalidRequest } from "@kontor/simulator";

export type Service = "standard" | "express";

export interface Rate {
  readonly service: Service;
  /** Minor units of `currency`. */
  readonly amount: number;
  readonly currency: "EUR";
  readonly days: number;
}

const HOME = "DE";
const HEAVIEST_GRAMS = 31_500;
const tariffs = [
  { service: "standard", base: 490, perKilogram: 60, abroad: 900, days: 3, daysAbroad: 6 },
  { service: "express", base: 1_190, perKilogram: 140, abroad: 1_900, days: 1, daysAbroad: 2 },
] as const;

/** The price of each service for one parcel, per begun kilogram. */
export function ratesFor(weightGrams: number, country: string): Rate[] {
  checkWeight(weightGrams);
  checkCountry(country);
  return tariffs.map(({ service, base, perKilogram, abroad, days, daysAbroad }) => ({
    service,
    amount: base + perKilogram * Math.ceil(weightGrams / 1_000) + (country === HOME ? 0 : abroad),
    currency: "EUR",
    days: country === HOME ? days : daysAbroad,
  }));
}

export function checkService(service: string): Service {
  if (service === "standard" || service === "express") return service;
  throw invalidRequest('"service" must be "standard" or "express".');
}

export function checkWeight(weightGrams: number): void {
  if (weightGrams <= HEAVIEST_GRAMS) return;
  throw new HttpError(422, "parcel_too_heavy", `A parcel may weigh ${HEAVIEST_GRAMS} g.`);
}

/** The country XX is where nothing can be delivered. */
export function checkCountry(country: string): void {
  if (!/^[A-Z]{2}$/.test(country)) throw invalidRequest('"country" must be an ISO 3166 code such as DE.');
  if (country === "XX") throw new HttpError(422, "undeliverable", "No carrier delivers to XX.");
}
