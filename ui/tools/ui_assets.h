// The built web UI, inside the program: what `vite build` made, each file also compressed. Made by embed.mjs.
#pragma once

#include <span>
#include <string_view>

namespace nightjar::ui {

struct Asset {
  std::string_view path;  // as in the URL: "/index.html", "/assets/index-HASH.js"
  std::string_view content_type;
  std::string_view etag;      // quoted, strong, of the identity bytes
  std::string_view identity;  // the file itself
  std::string_view gzip;      // empty where compressing does not pay
  std::string_view brotli;    // empty where compressing does not pay
};

// Every file, ordered by path. The bytes live as long as the program.
std::span<const Asset> Assets();

// nullptr when there is no such file. "/" is not a file; the page is "/index.html".
const Asset* FindAsset(std::string_view path);

}  // namespace nightjar::ui
