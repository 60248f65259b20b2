export { type Database, type DatabaseOptions, openDatabase } from "./database.ts";
export { isCheckViolation, isForeignKeyViolation, isUniqueViolation, postgresErrors } from "./errors.ts";
export type { Lease } from "./lease.ts";
export { type MigrateOptions, MigrationError, migrate } from "./migrate.ts";
export { type AppliedMigration, readHistory } from "./migration-history.ts";
export { pipelined } from "./pipelined.ts";
export { createRetention, type Pruned, prune, type RetentionOptions, type RetentionRule } from "./retention.ts";
export type { QueryOptions, Row, Sql } from "./sql.ts";
export type { Isolation, TransactionOptions, Tx } from "./transaction.ts";
