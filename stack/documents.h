// Documents cut into chunks that a retriever finds and a model reads.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "stack/retrieve.h"

namespace stack {

struct Document {
  std::string id;
  std::string text;  // UTF-8; a blank line ends a paragraph
};

struct ChunkingConfig {
  std::size_t bytes_max = 1'200;  // of a chunk; REQUIRES: at least 4
  std::size_t overlap_bytes = 0;  // of a chunk's end that the next one begins with, in whole paragraphs or sentences
};

// Paragraphs packed together up to bytes_max. A longer paragraph is cut between sentences, a longer sentence between
// words, a longer word between characters. Ids count from 001: "guide-001".
std::vector<Chunk> ChunkDocument(const Document& document, const ChunkingConfig& config = {});

// Every .md and .txt file of the folder and those in it, by path. The id is the path without its ending, "a/b.md" is
// "a-b". Throws std::runtime_error when there is none, one cannot be read, or they are over 256 MiB together.
std::vector<Document> LoadDocuments(const std::filesystem::path& folder);

// All chunks of all documents.
std::vector<Chunk> ChunkDocuments(const std::vector<Document>& documents, const ChunkingConfig& config = {});

// Short notes on PostgreSQL, SQLite and Django: what the demo agent reads.
std::vector<Chunk> DemoCorpus();

}  // namespace stack
