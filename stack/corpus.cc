#include "stack/corpus.h"

namespace stack {

std::vector<Chunk> DemoCorpus() {
  return {
      {"pg-001",
       "PostgreSQL runs as a server. Many clients write at the same time: each row version is kept until no "
       "transaction needs it, so readers and writers do not wait for each other."},
      {"pg-002",
       "PostgreSQL has rich types and indexes: JSONB, arrays, ranges, full-text search and GIN indexes. Django "
       "reaches them through django.contrib.postgres."},
      {"pg-003",
       "A PostgreSQL connection is a process on the server. Beyond a few hundred, put a pooler such as PgBouncer "
       "in front."},
      {"sq-001",
       "SQLite is a library inside the program; the database is one file. There is nothing to install or run, but "
       "only one writer at a time."},
      {"sq-002",
       "In SQLite, write-ahead logging (PRAGMA journal_mode=WAL) lets readers go on while one transaction writes. "
       "A busy timeout makes the next writer wait instead of failing."},
      {"sq-003",
       "SQLite checks column types loosely unless a table is STRICT, and ALTER TABLE can do little; Django rebuilds "
       "the table in a migration instead."},
      {"dj-001",
       "Postgres vs SQLite for Django: a new Django project starts on SQLite, which is fine for development and "
       "small sites. Move to Postgres once several workers write at once."},
      {"dj-002",
       "Django's ATOMIC_REQUESTS wraps each view in a transaction. On SQLite this holds the write lock for the "
       "length of the request."},
      {"dj-003",
       "CONN_MAX_AGE keeps Django's database connections open between requests; with PostgreSQL this saves a "
       "handshake each time."},
      {"dj-004",
       "Run Django's tests on the database that production uses: case sensitivity, constraint checks and "
       "transactions differ between engines."},
      {"op-001",
       "Backing up PostgreSQL: pg_dump for small databases, base backups with archived WAL for recovery to any "
       "point in time."},
      {"op-002",
       "Backing up SQLite: copy the file with the online backup API or VACUUM INTO, never with cp while the "
       "program writes."},
  };
}

}  // namespace stack
