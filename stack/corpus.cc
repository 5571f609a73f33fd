// The bundled corpus. A paragraph is one line, since a chunk's text is shown as it stands here.
#include "stack/documents.h"

namespace stack {
namespace {

constexpr std::size_t kNoteBytesMax = 200;  // each paragraph is a chunk

constexpr const char* kPostgres =
    R"(PostgreSQL runs as a server. Many clients write at the same time: each row version is kept until no transaction needs it, so readers and writers do not wait for each other.

PostgreSQL has rich types and indexes: JSONB, arrays, ranges, full-text search and GIN indexes. Django reaches them through django.contrib.postgres.

A PostgreSQL connection is a process on the server. Beyond a few hundred, put a pooler such as PgBouncer in front.)";

constexpr const char* kSqlite =
    R"(SQLite is a library inside the program; the database is one file. There is nothing to install or run, but only one writer at a time.

In SQLite, write-ahead logging (PRAGMA journal_mode=WAL) lets readers go on while one transaction writes. A busy timeout makes the next writer wait instead of failing.

SQLite checks column types loosely unless a table is STRICT, and ALTER TABLE can do little; Django rebuilds the table in a migration instead.)";

constexpr const char* kDjango =
    R"(Postgres vs SQLite for Django: a new Django project starts on SQLite, which is fine for development and small sites. Move to Postgres once several workers write at once.

Django's ATOMIC_REQUESTS wraps each view in a transaction. On SQLite this holds the write lock for the length of the request.

CONN_MAX_AGE keeps Django's database connections open between requests; with PostgreSQL this saves a handshake each time.

Run Django's tests on the database that production uses: case sensitivity, constraint checks and transactions differ between engines.)";

constexpr const char* kOperations =
    R"(Backing up PostgreSQL: pg_dump for small databases, base backups with archived WAL for recovery to any point in time.

Backing up SQLite: copy the file with the online backup API or VACUUM INTO, never with cp while the program writes.)";

}  // namespace

std::vector<Chunk> DemoCorpus() {
  return ChunkDocuments({{"pg", kPostgres}, {"sq", kSqlite}, {"dj", kDjango}, {"op", kOperations}},
                        {.bytes_max = kNoteBytesMax});
}

}  // namespace stack
