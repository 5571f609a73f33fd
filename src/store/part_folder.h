// Where a part of a table lies, as errors of the engine name it.
#pragma once

#include <string>
#include <string_view>

namespace nightjar::store {

// The last folders of a path in `text`, "/store/abc/UUID/PART/"; empty: it names no part. The file of a skip index
// counts as none: nothing is lost with it.
std::string PartFolderIn(std::string_view text);

// The same, of a text that says that bytes of the part are not what was written.
std::string DamagedPartIn(std::string_view text);

}  // namespace nightjar::store
