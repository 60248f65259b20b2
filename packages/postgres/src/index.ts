export { type ClockOptions, type DatabaseClock, followClock } from "./clock.ts";
export { type Conditions, type CreatedPage, conditions } from "./conditions.ts";
export { type Database, type DatabaseOptions, openDatabase } from "./database.ts";
export { DatabaseUrlError, userOf } from "./database-url.ts";
export { isCheckViolation, isForeignKeyViolation, isUniqueViolation, postgresErrors } from "./errors.ts";
export { indexStatements } from "./index-migration.ts";
export type { Lease, LockOptions } from "./lease.ts";
export { type MigrateOptions, MigrationError, migrate } from "./migrate.ts";
export { type Migration, readMigrations } from "./migration-folder.ts";
export { type AppliedMigration, readHistory } from "./migration-history.ts";
export { behindLock, pipelined } from "./pipelined.ts";
export { createRetention, type Pruned, prune, type RetentionOptions, type RetentionRule } from "./retention.ts";
export { createRowQueue, type RowQueue } from "./row-queue.ts";
export { type RunRole, RunRoleError } from "./run-role.ts";
export type { QueryOptions, Row, Sql } from "./sql.ts";
export {
  type BoundStatement,
  type DefinedStatement,
  type DefineStatement,
  type JsonParameter,
  type RowOf,
  STATEMENT_CHANNEL,
  type Statement,
  type StatementOptions,
  type StatementParts,
  type StatementTypes,
  statementsOf,
} from "./statement.ts";
export type { Isolation, TransactionOptions, Tx } from "./transaction.ts";
