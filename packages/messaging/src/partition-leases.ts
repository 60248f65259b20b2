import { type Database, pipelined } from "@kontor/postgres";
import { statement } from "./gen/statements.ts";

/** A replica that shares a consumer. */
export interface Member {
  readonly consumer: string;
  /** Unique for each start of a process. */
  readonly member: string;
  /** The number of partitions that it is configured for. */
  readonly partitions: number;
}

/** A partition and its owner. */
interface PartitionState {
  readonly partition: number;
  readonly epoch: bigint;
  readonly owner: string | null;
}

/** How a consumer is divided. */
export interface Generation {
  /** Counts the changes of the number of partitions. */
  readonly generation: number;
  readonly partitions: number;
}

/** The members of a consumer, and its number of partitions. */
export interface GroupState {
  /** Undefined: the consumer was never divided. */
  readonly generation: Generation | undefined;
  /** Those that renewed their membership in time, in the order of their ids. */
  readonly members: readonly Omit<Member, "consumer">[];
  readonly partitions: readonly PartitionState[];
}

const RENEW = statement(
  "partitions.renew",
  `INSERT INTO consumer_members (consumer, member, partitions, expires_at)
   VALUES ($1, $2, $3, clock_timestamp() + $4::float8 * interval '1 ms')
   ON CONFLICT (consumer, member) DO UPDATE SET expires_at = excluded.expires_at`,
);
const GENERATION = statement(
  "partitions.generation",
  "SELECT generation, partitions FROM consumer_generations WHERE consumer = $1",
);
const MEMBERS = statement(
  "partitions.members",
  "SELECT member, partitions FROM consumer_members WHERE consumer = $1 AND expires_at > clock_timestamp() ORDER BY member",
);
const OWNERS = statement(
  "partitions.owners",
  "SELECT partition, epoch, owner FROM consumer_partitions WHERE consumer = $1 ORDER BY partition",
);

/** Renews a membership for `leaseMs`, and with it the right to all its partitions. Returns the state of the group. */
export function renew(db: Database, member: Member, leaseMs: number): Promise<GroupState> {
  const { consumer } = member;
  return db.transaction(async (tx) => {
    const [, [generation], members, partitions] = await pipelined([
      tx.query(RENEW, [consumer, member.member, member.partitions, leaseMs]),
      tx.query(GENERATION, [consumer]),
      tx.query(MEMBERS, [consumer]),
      tx.query(OWNERS, [consumer]),
    ]);
    return { generation, members, partitions };
  });
}

/** Returns how a consumer is divided now; undefined if it never was. */
export async function currentGeneration(db: Database, consumer: string): Promise<Generation | undefined> {
  const [row] = await db.query(GENERATION, [consumer]);
  return row;
}

// The row lock waits for the transactions of the former owner.
const TAKE = statement(
  "partitions.take",
  `UPDATE consumer_partitions AS p SET owner = $3, epoch = epoch + 1
   WHERE consumer = $1 AND partition = $2
     AND EXISTS (SELECT FROM consumer_generations g WHERE g.consumer = $1 AND g.generation = $4)
     AND NOT EXISTS (SELECT FROM consumer_members m WHERE m.consumer = $1 AND m.member = p.owner AND m.expires_at > clock_timestamp())
   RETURNING epoch`,
);

/** Takes a partition that no live member of this generation has. Returns the epoch of the new owner; undefined if it is taken. */
export async function take(
  db: Database,
  { consumer, member }: Member,
  partition: number,
  generation: number,
): Promise<bigint | undefined> {
  const [row] = await db.query(TAKE, [consumer, partition, member, generation]);
  return row?.epoch;
}

const RELEASE = statement(
  "partitions.release",
  "UPDATE consumer_partitions SET owner = NULL WHERE consumer = $1 AND partition = $2 AND owner = $3",
);

/** Gives up a partition. */
export async function release(db: Database, { consumer, member }: Member, partition: number): Promise<void> {
  await db.query(RELEASE, [consumer, partition, member]);
}

const LEAVE = statement(
  "partitions.leave",
  `WITH released AS (UPDATE consumer_partitions SET owner = NULL WHERE consumer = $1 AND owner = $2)
   DELETE FROM consumer_members WHERE consumer = $1 AND (member = $2 OR expires_at < clock_timestamp() - interval '1 day')`,
  { prepared: false },
);

/** Ends a membership and gives up all its partitions. */
export async function leave(db: Database, { consumer, member }: Member): Promise<void> {
  await db.query(LEAVE, [consumer, member]);
}

const SWITCH = statement(
  "partitions.switch",
  `WITH switched AS (
     INSERT INTO consumer_generations AS g (consumer, generation, partitions) VALUES ($1::text, $2::int, $3::int)
     ON CONFLICT (consumer) DO UPDATE SET generation = excluded.generation, partitions = excluded.partitions
       WHERE g.generation = excluded.generation - 1
         AND NOT EXISTS (SELECT FROM consumer_members m
           WHERE m.consumer = $1 AND m.partitions = g.partitions AND m.expires_at > clock_timestamp())
     RETURNING g.generation),
   fenced AS (UPDATE consumer_partitions SET epoch = epoch + 1, owner = NULL WHERE consumer = $1 AND EXISTS (SELECT FROM switched)),
   added AS (
     INSERT INTO consumer_partitions (consumer, partition, epoch)
     SELECT $1, place, 1 FROM generate_series(0, $3 - 1) AS place WHERE EXISTS (SELECT FROM switched)
     ON CONFLICT DO NOTHING)
   SELECT generation FROM switched`,
  { prepared: false },
);

/** Makes a generation the current one and ends all ownerships of the one before. Returns false if that has live members. */
export async function switchTo(db: Database, consumer: string, next: Generation): Promise<boolean> {
  return (await db.query(SWITCH, [consumer, next.generation, next.partitions])).length > 0;
}

/** Returns how many partitions a member should have: all members the same, the first ones one more. */
export function quotaOf(members: readonly string[], member: string, partitions: number): number {
  const place = members.indexOf(member);
  if (place < 0) return 0;
  return Math.floor(partitions / members.length) + (place < partitions % members.length ? 1 : 0);
}
