#include "app/config.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <ranges>
#include <string_view>

#include "engine/child.h"
#include "journal/journal.h"

namespace nightjar::app {
namespace {

// What a value is not, when it cannot be one: "is not a port from 0 to 65535".
std::unexpected<Error> IsNot(std::string what) {
  return Fail(ErrorCode::kInvalidArgument, "is not " + std::move(what));
}

Result<std::string> ToText(std::string_view text) { return std::string(text); }

// A whole number followed by a unit.
struct Unit {
  std::string_view name;
  std::uint64_t value;
};

template <std::size_t kCount>
std::optional<std::uint64_t> ReadNumber(std::string_view text, const std::array<Unit, kCount>& units) {
  std::uint64_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto unit = std::ranges::find(units, text.substr(static_cast<std::size_t>(stop - text.data())), &Unit::name);
  if (error != std::errc() || unit == units.end() || number > UINT64_MAX / unit->value) return std::nullopt;
  return number * unit->value;
}

constexpr std::array kPlain = {Unit{"", 1}};
constexpr std::array kByteUnits = {Unit{"", 1}, Unit{"KiB", 1U << 10}, Unit{"MiB", 1U << 20}, Unit{"GiB", 1U << 30},
                                   Unit{"TiB", 1ULL << 40}};
constexpr std::array kTimeUnits = {Unit{"ms", 1}, Unit{"s", 1000}, Unit{"min", 60'000}, Unit{"h", 3'600'000}};

template <std::uint64_t kMin, std::uint64_t kMax>
Result<std::uint64_t> ToCount(std::string_view text) {
  const auto number = ReadNumber(text, kPlain);
  if (!number || *number < kMin || *number > kMax) return IsNot(fmt::format("a number from {} to {}", kMin, kMax));
  return *number;
}

Result<std::uint16_t> ToPort(std::string_view text) {
  const auto number = ReadNumber(text, kPlain);
  if (!number || *number > 65535) return IsNot("a port from 0 to 65535");
  return static_cast<std::uint16_t>(*number);
}

std::string BytesText(std::uint64_t bytes) {
  const auto unit = std::ranges::find_if(kByteUnits | std::views::reverse,
                                         [&](const Unit& each) { return bytes != 0 && bytes % each.value == 0; });
  return bytes == 0 ? "0" : fmt::format("{}{}", bytes / unit->value, unit->name);
}

template <std::uint64_t kMin, std::uint64_t kMax>
Result<std::uint64_t> ToBytes(std::string_view text) {
  const auto bytes = ReadNumber(text, kByteUnits);
  if (!bytes || *bytes < kMin || *bytes > kMax)
    return IsNot(
        fmt::format("a size from {} to {}, in bytes or as 64KiB, 64MiB, 64GiB", BytesText(kMin), BytesText(kMax)));
  return *bytes;
}

Result<std::chrono::milliseconds> ToTime(std::string_view text) {
  constexpr std::uint64_t kDay = 24ULL * 3'600'000;
  const auto milliseconds = ReadNumber(text, kTimeUnits);
  if (!milliseconds || *milliseconds == 0 || *milliseconds > kDay)
    return IsNot("a time from 1ms to 24h, such as 500ms, 30s, 2min");
  return std::chrono::milliseconds(*milliseconds);
}

Result<bool> ToBool(std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return IsNot("true or false");
}

Result<std::string> ToLevel(std::string_view text) {
  constexpr std::array<std::string_view, 5> kLevels = {"trace", "debug", "info", "warn", "error"};
  if (std::ranges::find(kLevels, text) == kLevels.end()) return IsNot("trace, debug, info, warn or error");
  return std::string(text);
}

// What browsers send as Origin (RFC 6454 section 6.2), which is compared as text.
bool IsOrigin(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    text.remove_prefix(scheme.size());
    return !text.empty() &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-:[]") == std::string_view::npos;
  }
  return false;
}

Result<std::vector<std::string>> ToOrigins(std::string_view text) {
  std::vector<std::string> origins;
  for (const auto part : std::views::split(text, ',')) {
    std::string_view origin(part.begin(), part.end());
    while (origin.starts_with(' ')) origin.remove_prefix(1);
    while (origin.ends_with(' ')) origin.remove_suffix(1);
    if (origin.empty()) continue;
    if (origin != "*" && !IsOrigin(origin))
      return IsNot(
          "a list of origins such as https://app.example or http://localhost:3000, in lower case and without a path, "
          "or *");
    origins.emplace_back(origin);
  }
  return origins;
}

// Puts what kTo reads into the field of the configuration that the member pointers lead to.
template <auto kTo, auto... kField>
Result<void> Set(std::string_view text, ServeConfig& config) {
  ASSIGN_OR_RETURN((config.*....*kField), kTo(text));
  return {};
}

struct Setting {
  const char* name;  // --name, NIGHTJAR_NAME, name = … in the file ('-' is '_' in the latter two)
  const char* value_name;
  const char* default_text;  // read as a given value would be; "" is none
  const char* help;
  Result<void> (*set)(std::string_view text, ServeConfig& config);
};

constexpr std::uint64_t kKiB = 1 << 10;
constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kGiB = 1 << 30;
constexpr std::uint64_t kTiB = 1ULL << 40;
// A body is one entry of the journal, with its project's name.
constexpr std::uint64_t kBodyBytesMax = journal::kPayloadBytesMax - kMiB;

using Config = ServeConfig;
using Http = server::HttpLimits;
constexpr std::array kSettings = {
    Setting{"host", "ADDRESS", "127.0.0.1", "address to listen on", Set<ToText, &Config::host>},
    Setting{"port", "PORT", "6006", "web UI, API and OTLP/HTTP; 0 takes a free port", Set<ToPort, &Config::port>},
    Setting{"otlp-http-port", "PORT", "4318", "OTLP/HTTP on its standard port; 0 takes a free port",
            Set<ToPort, &Config::otlp_http_port>},
    Setting{"grpc-port", "PORT", "4317", "OTLP/gRPC; 0 takes a free port", Set<ToPort, &Config::grpc_port>},
    Setting{"data-dir", "DIR", "", "where everything is stored; without it, nightjar in the XDG data folder",
            Set<ToText, &Config::data_dir>},
    Setting{"engine-library", "FILE", "", "libchdb.so, the telemetry engine; without it, the one of ./x setup",
            Set<ToText, &Config::engine_library>},
    Setting{"log-level", "LEVEL", "info", "trace, debug, info, warn or error; logs go to standard error",
            Set<ToLevel, &Config::log_level>},
    Setting{"insecure-no-auth", "BOOL", "false", "allow an address other machines can reach, without any key",
            Set<ToBool, &Config::insecure_no_auth>},
    Setting{"cors-allowed-origins", "LIST", "", "web pages that may send OTLP from a browser: origins, or *",
            Set<ToOrigins, &Config::cors_allowed_origins>},
    Setting{"max-body-bytes", "SIZE", "64MiB", "of one request's body, as sent and decompressed",
            Set<ToBytes<kKiB, kBodyBytesMax>, &Config::http, &Http::body_bytes_max>},
    Setting{"max-header-bytes", "SIZE", "32KiB", "of a request's line and headers",
            Set<ToBytes<kKiB, kMiB>, &Config::http, &Http::header_bytes_max>},
    Setting{"max-buffered-bytes", "SIZE", "512MiB", "of all requests' bodies in memory at one time",
            Set<ToBytes<kMiB, kTiB>, &Config::http, &Http::buffered_bytes_max>},
    Setting{"max-waiting-requests", "NUMBER", "256", "requests that wait for a worker",
            Set<ToCount<1, 1'000'000>, &Config::http, &Http::worker_queue_max>},
    Setting{"max-connections", "NUMBER", "1024", "HTTP connections served at one time",
            Set<ToCount<1, 1'000'000>, &Config::http, &Http::connections_max>},
    Setting{"header-timeout", "TIME", "10s", "for a request's line and headers to arrive",
            Set<ToTime, &Config::http, &Http::header_timeout>},
    Setting{"body-timeout", "TIME", "30s", "for a request's body to arrive",
            Set<ToTime, &Config::http, &Http::body_timeout>},
    Setting{"idle-timeout", "TIME", "75s", "of a connection without a request",
            Set<ToTime, &Config::http, &Http::idle_timeout>},
    Setting{"write-timeout", "TIME", "30s", "for a client to take 1 MiB of an answer",
            Set<ToTime, &Config::http, &Http::write_timeout>},
    Setting{"journal-max-bytes", "SIZE", "8GiB", "on disk, of requests that wait for the engine",
            Set<ToBytes<kMiB, 1024 * kTiB>, &Config::journal_bytes_max>},
    Setting{"disk-reserve-bytes", "SIZE", "2GiB", "of free disk space at which nothing more is received",
            Set<ToBytes<0, 1024 * kTiB>, &Config::disk_reserve_bytes>},
    Setting{"engine-memory-bytes", "SIZE", "2GiB", "that the engine may use; more make large questions possible",
            Set<ToBytes<engine::kMemoryBytesMin, kTiB>, &Config::engine_memory_bytes>},
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

// A string, or a list of strings with commas between them.
std::optional<std::string> TextOf(const toml::node& node) {
  const toml::array* list = node.as_array();
  if (list == nullptr) return node.value<std::string>();
  std::string text;
  for (const toml::node& entry : *list) {
    const auto part = entry.value<std::string>();
    if (!part) return std::nullopt;
    text += (text.empty() ? "" : ",") + *part;
  }
  return text;
}

Result<void> ReadFile(const std::string& path, GivenSettings& given) {
  ASSIGN_OR_RETURN(const toml::table table, ParseToml(path));
  for (const auto& [key, node] : table) {
    const auto known = std::ranges::find_if(
        kSettings, [&, name = key.str()](const Setting& setting) { return KeyOf(setting.name) == name; });
    if (known == kSettings.end())
      return Fail(ErrorCode::kInvalidArgument, fmt::format("--config {}: unknown key \"{}\"", path, key.str()));
    Given value{"", fmt::format("{} in {}", key.str(), path)};
    if (const auto text = TextOf(node)) {
      value.text = *text;
    } else if (const auto number = node.value_exact<std::int64_t>()) {
      value.text = std::to_string(*number);
    } else if (const auto flag = node.value_exact<bool>()) {
      value.text = *flag ? "true" : "false";
    } else {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} must be a string, a list of strings, a whole number or true or false", value.source));
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

// A body that can never be taken would be refused with "try again" for ever.
Result<void> CheckBodyFits(const ServeConfig& config) {
  const auto too_large = [&](std::string_view setting, std::uint64_t bytes) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("max-body-bytes is {}, too much beside {} of {}: lower the one or raise the other",
                            BytesText(config.http.body_bytes_max), setting, BytesText(bytes)));
  };
  if (config.http.body_bytes_max > config.http.buffered_bytes_max / 2)
    return too_large("max-buffered-bytes", config.http.buffered_bytes_max);
  if (config.http.body_bytes_max > config.journal_bytes_max / 2)
    return too_large("journal-max-bytes", config.journal_bytes_max);
  return {};
}

Result<ServeConfig> ToConfig(const GivenSettings& given) {
  ServeConfig config;
  config.data_dir = HomeFolder("XDG_DATA_HOME", ".local/share") / "nightjar";
  config.engine_library = HomeFolder("XDG_CACHE_HOME", ".cache") / NIGHTJAR_ENGINE_CACHE / "libchdb.so";
  for (const Setting& setting : kSettings) {
    if (const std::string_view text = setting.default_text; !text.empty()) RETURN_IF_ERROR(setting.set(text, config));
    const auto found = given.find(setting.name);
    if (found == given.end()) continue;
    const Given& value = found->second;
    if (const Result<void> set = setting.set(value.text, config); !set)
      return Fail(set.error().code, fmt::format("{}: \"{}\" {}", value.source, value.text, set.error().message));
  }
  const bool local = config.host == "127.0.0.1" || config.host == "::1" || config.host == "localhost";
  if (!local && !config.insecure_no_auth)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("--host {} lets other machines read every prompt; there are no keys yet, so say "
                            "--insecure-no-auth if that is meant",
                            config.host));
  RETURN_IF_ERROR(CheckBodyFits(config));
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
    const std::string default_text = setting.default_text;
    const std::string help = setting.help + (default_text.empty() ? "" : " [" + default_text + "]");
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
