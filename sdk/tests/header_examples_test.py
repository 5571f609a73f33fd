#!/usr/bin/python3
"""The check of the public headers refuses what it is there to refuse."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).with_name("header_examples.py")
GOOD = """// Counts.
//
// Threads: all may call everything here.
// ABI: none is kept.
#pragma once

//   const int sum = Add(1, 2);
int Add(int a, int b) noexcept;

// One thread at a time.
//   Counter counter;
//   counter.Count();
//   counter.Reset();
class Counter {
 public:
  void Count();  // throws std::bad_alloc
  void Reset(std::vector<int> from = {},
             int first = 0) noexcept;

 private:
  void Hidden();
};
"""


class HeaderExamplesTest(unittest.TestCase):
    def check(self, header):
        """(what it complains of, the program that it makes)"""
        with tempfile.TemporaryDirectory() as folder:
            place, out = pathlib.Path(folder, "count.h"), pathlib.Path(folder, "out.inc")
            place.write_text(header)
            ended = subprocess.run([sys.executable, CHECK, place, out], capture_output=True, text=True)
            self.assertEqual(ended.returncode == 0, ended.stderr == "")
            return ended.stderr, out.read_text() if out.exists() else None

    def test_a_header_that_says_all(self):
        complaint, program = self.check(GOOD)
        self.assertEqual(complaint, "")
        self.assertIn("const int sum = Add(1, 2);", program)
        self.assertIn("counter.Count();", program)

    def test_a_function_without_an_example(self):
        added = GOOD.replace("int b) noexcept;", "int b) noexcept;\nint Subtract(int a, int b) noexcept;")
        self.assertEqual(self.check(added), ("in no example:\n  count.h: Subtract\n", None))
        member = GOOD.replace(" private:", "  [[nodiscard]] int Now(\n      int unit) const noexcept;\n\n private:")
        self.assertEqual(self.check(member), ("in no example:\n  count.h: Now\n", None))

    def test_a_function_that_may_throw_unsaid(self):
        self.assertEqual(self.check(GOOD.replace("int b) noexcept;", "int b);"))[0],
                         "neither noexcept nor said to throw:\n  count.h: Add\n")
        self.assertEqual(self.check(GOOD.replace("  // throws std::bad_alloc", ""))[0],
                         "neither noexcept nor said to throw:\n  count.h: Count\n")

    def test_threads_unsaid(self):
        expected = "does not say which threads may use it:\n  count.h"
        self.assertEqual(self.check(GOOD.replace("// Threads: ", "// "))[0], expected + "\n")
        self.assertEqual(self.check(GOOD.replace("// One thread at a time.\n", ""))[0], expected + ": Counter\n")

    def test_abi_unsaid(self):
        self.assertEqual(self.check(GOOD.replace("// ABI: ", "// "))[0], "no header says what of the ABI is kept:\n  count.h\n")


if __name__ == "__main__":
    unittest.main()
