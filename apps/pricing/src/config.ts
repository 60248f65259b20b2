/** Settings of pricing, next to those of every service. */
export const settings = {};
