#include "engine/internal/chdb.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

#include "base/check.h"

namespace nightjar::engine {

// Handles are opaque: chdb_connection* (connect, close), chdb_connection (statements), chdb_result*,
// chdb_insert_stream. Texts are a pointer and a length; parameter names and values are parallel arrays of both.
struct ChdbFunctions {
  struct Analysis {
    std::uint32_t struct_size = sizeof(Analysis);
    std::uint32_t statement_count = 0;
    std::uint32_t flags = 0;
    std::uint32_t query_class = 0;  // 0 read, 1 write, 3 control, 4 not parsed
  };
  using Texts = const char* const*;
  using Lengths = const std::size_t*;
  using RunStatement = void* (*)(void*, const char*, std::size_t, const char*, std::size_t, Texts, Lengths, Texts,
                                 Lengths, std::size_t);

  void** (*connect)(int, char**);
  void (*close)(void**);
  RunStatement query;
  RunStatement stream;
  void* (*stream_fetch)(void*, void*);
  void (*stream_cancel)(void*, void*);
  void (*result_destroy)(void*);
  char* (*result_buffer)(void*);
  std::size_t (*result_length)(void*);
  const char* (*result_error)(void*);
  void* (*insert_open)(void*, const char*, std::size_t, const char*, std::size_t);
  int (*insert_append)(void*, const void*, std::size_t);
  void* (*insert_done)(void*);
  void (*insert_cancel)(void*);
  const char* (*insert_error)(void*);
  void (*insert_destroy)(void*);
  int (*classify)(void*, const char*, std::size_t, const char*, std::size_t, Analysis*);
  void (*set_signal_handlers_enabled)(int);
  const char* (*version)();
};

namespace {

std::string TextOrEmpty(const char* text) { return text == nullptr ? std::string() : std::string(text); }

template <typename Function>
bool Bind(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

// Name of the first function that the library does not have; nullptr when it has all.
const char* BindAll(void* library, ChdbFunctions& f) {
  const char* missing = nullptr;
  const auto bind = [&](const char* name, auto& function) {
    if (missing == nullptr && !Bind(library, name, function)) missing = name;
  };
  bind("chdb_connect", f.connect);
  bind("chdb_close_conn", f.close);
  bind("chdb_query_with_params_n", f.query);
  bind("chdb_stream_query_with_params_n", f.stream);
  bind("chdb_stream_fetch_result", f.stream_fetch);
  bind("chdb_stream_cancel_query", f.stream_cancel);
  bind("chdb_destroy_query_result", f.result_destroy);
  bind("chdb_result_buffer", f.result_buffer);
  bind("chdb_result_length", f.result_length);
  bind("chdb_result_error", f.result_error);
  bind("chdb_stream_insert_n", f.insert_open);
  bind("chdb_stream_append", f.insert_append);
  bind("chdb_stream_done", f.insert_done);
  bind("chdb_stream_cancel_insert", f.insert_cancel);
  bind("chdb_stream_insert_error", f.insert_error);
  bind("chdb_destroy_insert_stream", f.insert_destroy);
  bind("chdb_classify_query_n", f.classify);
  bind("chdb_set_signal_handlers_enabled", f.set_signal_handlers_enabled);
  bind("chdb_version", f.version);
  return missing;
}

void* Start(ChdbFunctions::RunStatement run, void* connection, const Statement& statement) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  std::vector<std::size_t> name_lengths;
  std::vector<std::size_t> value_lengths;
  for (const auto& [name, value] : statement.parameters) {
    names.push_back(name.data());
    name_lengths.push_back(name.size());
    values.push_back(value.data());
    value_lengths.push_back(value.size());
  }
  return run(connection, statement.sql.data(), statement.sql.size(), statement.format.data(), statement.format.size(),
             names.data(), name_lengths.data(), values.data(), value_lengths.data(), names.size());
}

void* StatementHandle(void* connection) { return *static_cast<void**>(connection); }

}  // namespace

Output::Output(Output&& other) noexcept
    : functions_(other.functions_), handle_(std::exchange(other.handle_, nullptr)) {}

Output::~Output() {
  if (handle_ != nullptr) functions_->result_destroy(handle_);
}

std::string Output::error() const {
  if (handle_ == nullptr) return "Code: 1002. DB::Exception: the engine gave no result";
  return TextOrEmpty(functions_->result_error(handle_));
}

std::string_view Output::bytes() const {
  const std::size_t length = handle_ == nullptr ? 0 : functions_->result_length(handle_);
  return length == 0 ? std::string_view() : std::string_view(functions_->result_buffer(handle_), length);
}

Stream::Stream(const ChdbFunctions& functions, void* connection, Output head)
    : functions_(&functions), connection_(connection), head_(std::move(head)), running_(head_.error().empty()) {}

Stream::~Stream() {
  if (running_) functions_->stream_cancel(connection_, head_.handle_);
}

Output Stream::Next() {
  if (!running_) return std::move(head_);
  Output chunk(*functions_, functions_->stream_fetch(connection_, head_.handle_));
  running_ = chunk.error().empty() && !chunk.bytes().empty();
  return chunk;
}

Insert::Insert(const ChdbFunctions& functions, void* handle) : functions_(&functions), handle_(handle) {}

Insert::~Insert() {
  if (handle_ == nullptr) return;
  if (!committed_) functions_->insert_cancel(handle_);
  functions_->insert_destroy(handle_);
}

std::string Insert::error() const {
  if (handle_ == nullptr) return "Code: 1002. DB::Exception: the engine opened no insert";
  return TextOrEmpty(functions_->insert_error(handle_));
}

std::string Insert::Append(std::string_view bytes) {
  if (functions_->insert_append(handle_, bytes.data(), bytes.size()) == 0) return {};
  const std::string text = error();
  return text.empty() ? "Code: 1002. DB::Exception: the engine took no more data" : text;
}

std::string Insert::Commit() {
  CHECK(!committed_);
  committed_ = true;
  return Output(*functions_, functions_->insert_done(handle_)).error();
}

Connection::Connection(const ChdbFunctions& functions, void* handle, std::vector<NamedText> settings)
    : functions_(&functions), handle_(handle), settings_(std::move(settings)) {}

Connection::~Connection() { functions_->close(static_cast<void**>(handle_)); }

Output Connection::Query(const Statement& statement) {
  return {*functions_, Start(functions_->query, StatementHandle(handle_), statement)};
}

std::unique_ptr<Stream> Connection::OpenStream(const Statement& statement) {
  void* connection = StatementHandle(handle_);
  return std::make_unique<Stream>(*functions_, connection,
                                  Output(*functions_, Start(functions_->stream, connection, statement)));
}

std::unique_ptr<Insert> Connection::OpenInsert(std::string_view statement, std::string_view format) {
  return std::make_unique<Insert>(*functions_, functions_->insert_open(StatementHandle(handle_), statement.data(),
                                                                       statement.size(), format.data(), format.size()));
}

Classification Connection::Classify(std::string_view sql) {
  ChdbFunctions::Analysis analysis;
  if (functions_->classify(StatementHandle(handle_), sql.data(), sql.size(), nullptr, 0, &analysis) != 0) return {};
  switch (analysis.query_class) {
    case 0: return {analysis.statement_count, StatementClass::kRead};
    case 1: return {analysis.statement_count, StatementClass::kWrite};
    case 4: return {analysis.statement_count, StatementClass::kUnparsed};
    default: return {analysis.statement_count, StatementClass::kControl};
  }
}

std::string Connection::Run(std::string_view sql) { return Query({sql, "Null", {}}).error(); }

std::optional<std::string> Connection::OwnSetting(std::string_view name) const {
  for (const auto& [own, value] : settings_) {
    if (own == name) return value;
  }
  return std::nullopt;
}

Library::Library(std::unique_ptr<ChdbFunctions> functions, void* handle)
    : handle_(handle), functions_(std::move(functions)) {}
Library::~Library() = default;

Result<std::unique_ptr<Library>> Library::Load(const std::filesystem::path& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return Fail(ErrorCode::kNotFound, std::string("cannot load the engine: ") + dlerror());
  auto functions = std::make_unique<ChdbFunctions>();
  if (const char* missing = BindAll(library, *functions); missing != nullptr) {
    return Fail(ErrorCode::kFailedPrecondition,
                path.string() + " is another version of the engine: it has no " + missing);
  }
  functions->set_signal_handlers_enabled(0);
  return std::unique_ptr<Library>(new Library(std::move(functions), library));
}

Result<std::unique_ptr<Connection>> Library::Connect(const std::filesystem::path& data_path,
                                                     std::span<const NamedText> server,
                                                     std::span<const NamedText> settings) const {
  CHECK(data_path.is_absolute());
  std::vector<std::string> arguments{"clickhouse", "--path=" + data_path.string()};
  for (const auto& list : {server, settings}) {
    for (const auto& [name, value] : list) arguments.push_back("--" + name + "=" + value);
  }
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  void** handle = functions_->connect(static_cast<int>(pointers.size()), pointers.data());
  if (handle == nullptr) return Fail(ErrorCode::kFailedPrecondition, "the engine cannot open " + data_path.string());
  return std::make_unique<Connection>(*functions_, handle, std::vector<NamedText>(settings.begin(), settings.end()));
}

// Segments that may be written hold what the loader and the program put there: those stay.
void Library::ReleasePages() const {
  link_map* map = nullptr;
  CHECK(dlinfo(handle_, RTLD_DI_LINKMAP, static_cast<void*>(&map)) == 0);
  dl_iterate_phdr(
      [](dl_phdr_info* object, std::size_t, void* wanted) {
        const auto* map = static_cast<link_map*>(wanted);
        if (object->dlpi_addr != map->l_addr) return 0;
        auto* inside = reinterpret_cast<char*>(map->l_ld);  // the loader tells the other addresses as numbers
        const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
        for (const ElfW(Phdr) & segment : std::span(object->dlpi_phdr, object->dlpi_phnum)) {
          if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
          const std::uintptr_t begin = (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
          const std::uintptr_t end = (object->dlpi_addr + segment.p_vaddr + segment.p_filesz) & ~(page - 1);
          madvise(inside + (begin - reinterpret_cast<std::uintptr_t>(inside)), end - begin, MADV_DONTNEED);
        }
        return 1;
      },
      map);
}

std::string Library::version() const { return functions_->version(); }

}  // namespace nightjar::engine
