-- Copied verbatim into a migration of each service that runs sagas.

CREATE TABLE sagas (
  name         text        NOT NULL,
  id           text        NOT NULL,
  state        jsonb       NOT NULL,
  phase        text        NOT NULL DEFAULT 'running' CHECK (phase IN ('running', 'compensating', 'completed', 'compensated', 'parked')),
  resume_phase text        CHECK (resume_phase IN ('running', 'compensating')), -- Where a parked saga continues.
  step         integer     NOT NULL DEFAULT 0,  -- Running: the step whose intent is stored. Compensating: the step to undo next.
  attempts     integer     NOT NULL DEFAULT 0,  -- Failed attempts of this step or undo.
  version      bigint      NOT NULL DEFAULT 0,  -- The fencing token: grows with each claim, guards each write.
  owner        uuid,                            -- The engine that holds the lease.
  lease_until  timestamptz,
  wake_at      timestamptz NOT NULL DEFAULT now(), -- When somebody should look at it next; the end of the lease while there is one.
  woken        boolean     NOT NULL DEFAULT false, -- A wake arrived while a step was running.
  wait_until   timestamptz,
  wait_reason  text,
  deadline_at  timestamptz,
  abort_reason text,
  failure      jsonb,
  last_error   text,
  traceparent  text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (name, id)
) WITH (fillfactor = 70);

CREATE INDEX sagas_due_idx ON sagas (wake_at) WHERE phase IN ('running', 'compensating');
CREATE INDEX sagas_parked_idx ON sagas (id) WHERE phase = 'parked';

-- The history of each saga, written by the statement that changes it.
CREATE TABLE saga_log (
  name    text        NOT NULL,
  id      text        NOT NULL,
  seq     bigint      GENERATED ALWAYS AS IDENTITY,
  step    text        NOT NULL,
  action  text        NOT NULL CHECK (action IN ('run', 'undo')),
  outcome text        NOT NULL,
  error   text,
  at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (name, id, seq)
);
