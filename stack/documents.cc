#include "stack/documents.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace stack {
namespace {

constexpr std::uintmax_t kLoadBytesMax = 256U << 20;

// What is never cut in two, and how it joins what stands before it in the same chunk.
struct Piece {
  std::string_view text;
  std::string_view joint;
};

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

// Where a paragraph ends: before a line that is blank.
std::vector<std::string_view> Paragraphs(std::string_view text) {
  std::vector<std::string_view> paragraphs;
  std::size_t begin = 0;
  const auto end_at = [&](std::size_t end) {
    const std::string_view paragraph = Trim(text.substr(begin, end - begin));
    if (!paragraph.empty()) paragraphs.push_back(paragraph);
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t line_end = std::min(text.find('\n', at), text.size());
    if (Trim(text.substr(at, line_end - at)).empty()) {
      end_at(at);
      begin = line_end;
    }
    at = line_end + 1;
  }
  end_at(text.size());
  return paragraphs;
}

// The best place to cut within the first `bytes_max` bytes.
std::size_t CutAt(std::string_view text, std::size_t bytes_max) {
  for (std::size_t at = bytes_max; at > 0; --at) {
    const char before = text[at - 1];
    if (IsSpace(text[at]) && (before == '.' || before == '!' || before == '?')) return at;
  }
  for (std::size_t at = bytes_max; at > 0; --at) {
    if (IsSpace(text[at])) return at;
  }
  std::size_t at = bytes_max;
  while (at > 1 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) --at;
  return at;
}

std::vector<Piece> Pieces(std::string_view text, std::size_t bytes_max) {
  std::vector<Piece> pieces;
  for (std::string_view paragraph : Paragraphs(text)) {
    std::string_view joint = "\n\n";
    while (paragraph.size() > bytes_max) {
      const std::size_t at = CutAt(paragraph, bytes_max);
      pieces.push_back({Trim(paragraph.substr(0, at)), joint});
      paragraph = Trim(paragraph.substr(at));
      joint = " ";
    }
    pieces.push_back({paragraph, joint});
  }
  return pieces;
}

std::size_t SizeOf(const std::vector<Piece>& pieces) {
  std::size_t size = 0;
  for (const Piece& piece : pieces) size += piece.joint.size() + piece.text.size();
  return size;
}

std::string Join(const std::vector<Piece>& pieces) {
  std::string text;
  for (const Piece& piece : pieces) {
    if (!text.empty()) text += piece.joint;
    text += piece.text;
  }
  return text;
}

std::string Numbered(const std::string& id, std::size_t number) {
  char digits[24];
  std::snprintf(digits, sizeof(digits), "-%03zu", number);
  return id + digits;
}

std::string Read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::vector<Chunk> ChunkDocument(const Document& document, const ChunkingConfig& config) {
  std::vector<Chunk> chunks;
  std::vector<Piece> open;
  const auto close = [&] { chunks.push_back({Numbered(document.id, chunks.size() + 1), Join(open)}); };
  for (const Piece& piece : Pieces(document.text, config.bytes_max)) {
    const std::size_t size = piece.joint.size() + piece.text.size();
    if (!open.empty() && SizeOf(open) + size > config.bytes_max) {
      close();
      while (!open.empty() && (SizeOf(open) > config.overlap_bytes || SizeOf(open) + size > config.bytes_max)) {
        open.erase(open.begin());
      }
    }
    open.push_back(piece);
  }
  if (!open.empty()) close();
  return chunks;
}

std::vector<Document> LoadDocuments(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string ending = entry.path().extension().string();
    if (!entry.is_regular_file() || (ending != ".md" && ending != ".txt")) continue;
    bytes += entry.file_size();
    paths.push_back(entry.path());
  }
  if (paths.empty()) throw std::runtime_error("no .md or .txt file in " + folder.string());
  if (bytes > kLoadBytesMax) throw std::runtime_error("the files in " + folder.string() + " are over 256 MiB");
  std::ranges::sort(paths);
  std::vector<Document> documents;
  for (const std::filesystem::path& path : paths) {
    std::string id = std::filesystem::relative(path, folder).replace_extension().generic_string();
    std::ranges::replace(id, '/', '-');
    documents.push_back({std::move(id), Read(path)});
  }
  return documents;
}

std::vector<Chunk> ChunkDocuments(const std::vector<Document>& documents, const ChunkingConfig& config) {
  std::vector<Chunk> chunks;
  for (const Document& document : documents) {
    for (Chunk& chunk : ChunkDocument(document, config)) chunks.push_back(std::move(chunk));
  }
  return chunks;
}

}  // namespace stack
