// What Phoenix's filters call the fields of Nightjar's queries.
#pragma once

#include <optional>
#include <string>

#include "query/internal/phoenix_parts.h"

namespace nightjar::query::internal {

// A name as it is written: metadata['topic'], annotations['relevance'].score, llm.model_name.
struct WrittenName {
  std::string name;    // with dots
  std::string key;     // what stands in square brackets, with dots between several
  std::string member;  // what stands behind the brackets
  TextRange range;
};

// What the name is of such an element; nothing after a mistake.
std::optional<Piece> MeaningOf(const WrittenName& written, Element element, Mistakes& mistakes);

}  // namespace nightjar::query::internal
