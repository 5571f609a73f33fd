// Ownership of what libcurl hands out.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

#include "base/check.h"

namespace nightjar::client::internal {

struct CurlClose {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, CurlClose>;

inline Easy NewEasy() {
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  CHECK(initialized == CURLE_OK);
  Easy easy(curl_easy_init());
  CHECK(easy != nullptr);
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  return easy;
}

class HeaderList {
 public:
  HeaderList() { Append("expect:"); }  // no 100-continue: large bodies are sent at once

  void Append(const std::string& line) {
    curl_slist* longer = curl_slist_append(list_.get(), line.c_str());
    CHECK(longer != nullptr);
    if (list_ == nullptr) list_.reset(longer);  // else it is the same list, longer at its end
  }
  [[nodiscard]] curl_slist* get() const { return list_.get(); }

 private:
  struct Free {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  std::unique_ptr<curl_slist, Free> list_;
};

}  // namespace nightjar::client::internal
