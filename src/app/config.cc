#include "app/config.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <iostream>

namespace nightjar::app {
namespace {

struct Setting {
  const char* name;  // --name, NIGHTJAR_NAME, name = … in the file ('-' is '_' in the latter two)
  const char* value_name;
  const char* default_text;
  const char* help;
};

constexpr std::array kSettings = {
    Setting{"host", "ADDRESS", "127.0.0.1", "address to listen on"},
    Setting{"port", "PORT", "6006", "web UI, API and OTLP/HTTP; 0 takes a free port"},
    Setting{"otlp-http-port", "PORT", "4318", "OTLP/HTTP on its standard port; 0 takes a free port"},
    Setting{"grpc-port", "PORT", "4317", "OTLP/gRPC; 0 takes a free port"},
    Setting{"data-dir", "DIR", "the XDG data folder", "where everything is stored"},
    Setting{"engine-library", "FILE", "the cache of ./x setup", "libchdb.so, the telemetry engine"},
    Setting{"log-level", "LEVEL", "info", "trace, debug, info, warn or error; logs go to standard error"},
    Setting{"insecure-no-auth", "BOOL", "false", "allow an address other machines can reach, without any key"},
};

// "otlp-http-port" → "otlp_http_port"
std::string KeyOf(std::string_view name) {
  std::string key(name);
  std::ranges::replace(key, '-', '_');
  return key;
}

std::string EnvironmentName(std::string_view name) {
  std::string upper = "NIGHTJAR_" + KeyOf(name);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

// A setting as text, and where it came from for error messages.
struct Given {
  std::string text;
  std::string source;
};
using GivenSettings = std::map<std::string, Given, std::less<>>;

std::filesystem::path HomeFolder(const char* xdg_variable, const char* below_home) {
  if (const char* xdg = std::getenv(xdg_variable); xdg != nullptr && *xdg == '/') return xdg;
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : "/") / below_home;
}

Result<toml::table> ParseToml(const std::string& path) {
  try {
    return toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("--config {}: {} (line {})", path, error.description(), error.source().begin.line));
  }
}

Result<void> ReadFile(const std::string& path, GivenSettings& given) {
  ASSIGN_OR_RETURN(const toml::table table, ParseToml(path));
  for (const auto& [key, node] : table) {
    const auto known = std::ranges::find_if(
        kSettings, [&, name = key.str()](const Setting& setting) { return KeyOf(setting.name) == name; });
    if (known == kSettings.end())
      return Fail(ErrorCode::kInvalidArgument, fmt::format("--config {}: unknown key \"{}\"", path, key.str()));
    Given value{"", fmt::format("{} in {}", key.str(), path)};
    if (const auto text = node.value<std::string>()) {
      value.text = *text;
    } else if (const auto number = node.value_exact<std::int64_t>()) {
      value.text = std::to_string(*number);
    } else if (const auto flag = node.value_exact<bool>()) {
      value.text = *flag ? "true" : "false";
    } else {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} must be a string, a whole number or true or false", value.source));
    }
    given.insert_or_assign(known->name, std::move(value));
  }
  return {};
}

void ReadEnvironment(GivenSettings& given) {
  for (const Setting& setting : kSettings) {
    const std::string variable = EnvironmentName(setting.name);
    if (const char* text = std::getenv(variable.c_str()); text != nullptr && *text != '\0')
      given.insert_or_assign(setting.name, Given{text, variable});
  }
}

Result<std::uint16_t> ToPort(const Given& given) {
  std::uint16_t port = 0;
  const char* end = given.text.data() + given.text.size();
  const auto [stop, error] = std::from_chars(given.text.data(), end, port);
  if (error != std::errc() || stop != end)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: \"{}\" is not a port from 0 to 65535", given.source, given.text));
  return port;
}

Result<bool> ToBool(const Given& given) {
  if (given.text == "true" || given.text == "1") return true;
  if (given.text == "false" || given.text == "0") return false;
  return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: \"{}\" is not true or false", given.source, given.text));
}

Result<ServeConfig> ToConfig(const GivenSettings& given) {
  ServeConfig config;
  config.data_dir = HomeFolder("XDG_DATA_HOME", ".local/share") / "nightjar";
  config.engine_library = HomeFolder("XDG_CACHE_HOME", ".cache") / NIGHTJAR_ENGINE_CACHE / "libchdb.so";
  for (const auto& [name, value] : given) {
    if (name == "host") config.host = value.text;
    if (name == "port") {
      ASSIGN_OR_RETURN(config.port, ToPort(value));
    }
    if (name == "otlp-http-port") {
      ASSIGN_OR_RETURN(config.otlp_http_port, ToPort(value));
    }
    if (name == "grpc-port") {
      ASSIGN_OR_RETURN(config.grpc_port, ToPort(value));
    }
    if (name == "data-dir") config.data_dir = value.text;
    if (name == "engine-library") config.engine_library = value.text;
    if (name == "log-level") {
      constexpr std::array kLevels = {"trace", "debug", "info", "warn", "error"};
      if (std::ranges::find(kLevels, value.text) == kLevels.end())
        return Fail(ErrorCode::kInvalidArgument,
                    fmt::format("{}: \"{}\" is not trace, debug, info, warn or error", value.source, value.text));
      config.log_level = value.text;
    }
    if (name == "insecure-no-auth") {
      ASSIGN_OR_RETURN(config.insecure_no_auth, ToBool(value));
    }
  }
  const bool local = config.host == "127.0.0.1" || config.host == "::1" || config.host == "localhost";
  if (!local && !config.insecure_no_auth)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("--host {} lets other machines read every prompt; there are no keys yet, so say "
                            "--insecure-no-auth if that is meant",
                            config.host));
  return config;
}

}  // namespace

Result<ServeArguments> ReadServeConfig(const std::vector<std::string>& arguments) {
  CLI::App cli("Receives traces and serves the web UI and the API until SIGTERM or Ctrl-C.", "nightjar serve");
  cli.footer(
      "Each setting is also an environment variable (--data-dir is NIGHTJAR_DATA_DIR) and a key of the TOML file\n"
      "(data_dir). A flag goes before the environment, that before the file, that before the default.");
  std::string file;
  cli.add_option("--config", file, "TOML file with these settings")->type_name("FILE");
  std::map<std::string, std::string> flags;
  for (const Setting& setting : kSettings) {
    const std::string flag = std::string("--") + setting.name;
    const std::string help = fmt::format("{} [{}]", setting.help, setting.default_text);
    if (std::string_view(setting.value_name) == "BOOL") {
      cli.add_flag_callback(flag, [&flags, &setting] { flags[setting.name] = "true"; }, help);
    } else {
      cli.add_option_function<std::string>(
             flag, [&flags, &setting](const std::string& text) { flags[setting.name] = text; }, help)
          ->type_name(setting.value_name);
    }
  }
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // CLI11 takes them last first
    cli.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    std::cout << cli.help();
    return ServeArguments{};
  } catch (const CLI::ParseError& error) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{}; see nightjar serve --help", error.what()));
  }

  GivenSettings given;
  if (file.empty())
    if (const char* named = std::getenv("NIGHTJAR_CONFIG"); named != nullptr) file = named;
  if (!file.empty()) RETURN_IF_ERROR(ReadFile(file, given));
  ReadEnvironment(given);
  for (const auto& [name, text] : flags) given.insert_or_assign(name, Given{text, "--" + name});
  ASSIGN_OR_RETURN(ServeConfig config, ToConfig(given));
  return ServeArguments{.config = std::move(config)};
}

}  // namespace nightjar::app
