// What the commands that ask a server make of its answers.
#pragma once

#include "base/result.h"
#include "client/http_client.h"

namespace nightjar::app {

// Of an answer that is not 200: its error in its own words.
Error RefusalOf(const client::HttpAnswer& answer);

}  // namespace nightjar::app
