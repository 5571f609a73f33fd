// The command line of a subcommand.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>

namespace nightjar::app {

// Nothing when the subcommand is to run, else its exit code: 0 after --help, 1 after a mistake, which was printed.
// `argv[0]` is the subcommand's name.
inline std::optional<int> ParseArguments(CLI::App& cli, int argc, char** argv) {
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : 1;
  }
  return std::nullopt;
}

}  // namespace nightjar::app
