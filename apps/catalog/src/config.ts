/** The catalog needs to be told nothing besides what every service is told. */
export const settings = {};
