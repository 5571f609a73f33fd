// What the commands that ask a server make of its answers.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "client/http_client.h"

namespace nightjar::app {

// Of an answer that is not 200: its error in its own words.
Error RefusalOf(const client::HttpAnswer& answer);

// Says on standard error how many acknowledged requests what is shown lacks; nothing of none.
void TellPending(std::uint64_t requests);

}  // namespace nightjar::app
