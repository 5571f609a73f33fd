#include "doctor/print.h"

#include <gtest/gtest.h>

namespace nightjar::doctor {
namespace {

Report OneFinding() {
  Finding finding{Severity::kWarning, "code", "three words here", "do this", {"t1", "t2", "t3", "t4"}};
  return {{{"Title\x1b", {finding}}}};
}

TEST(ToText, OneLineForEachPart) {
  EXPECT_EQ(ToText(OneFinding(), {}),
            "Title\\x1b\n"
            "  warning three words here\n"
            "          -> do this\n"
            "          traces t1 t2 t3\n"
            "\n"
            "0 errors, 1 warning\n");
}

TEST(ToText, BreaksLinesAndColorsForATerminal) {
  EXPECT_EQ(ToText(OneFinding(), {.color = true, .width = 22}),
            "\033[1mTitle\\x1b\033[0m\n"
            "  \033[33mwarning\033[0m three words\n"
            "          here\n"
            "          -> do this\n"
            "          traces t1 t2\n"
            "          t3\n"
            "\n"
            "\033[33m0 errors, 1 warning\033[0m\n");
}

TEST(ToJsonObject, HasEveryFinding) {
  EXPECT_EQ(ToJson(ToJsonObject(OneFinding())),
            R"({"ok":true,"errors":0,"warnings":1,"sections":[{"title":"Title\u001b","findings":[)"
            R"({"severity":"warning","code":"code","message":"three words here","remedy":"do this",)"
            R"("trace_ids":["t1","t2","t3","t4"]}]}]})");
}

}  // namespace
}  // namespace nightjar::doctor
