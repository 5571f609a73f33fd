// The real engine in a real child process. This program is also the child ("engine") and a parent to be killed
// ("hold").
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <list>
#include <thread>

#include "base/json.h"
#include "engine/child.h"
#include "engine/internal/testing.h"
#include "engine/supervisor.h"

namespace nightjar::engine {
namespace {

using namespace std::chrono_literals;

class EngineTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(fs::exists(LibraryPath())) << "the engine library is missing at " << LibraryPath() << ": run ./x setup";
    ASSERT_NO_FATAL_FAILURE(StartAgain());
    ASSERT_EQ(Post(engine_, "/", "CREATE DATABASE nightjar").status(), 200);
    ASSERT_EQ(Post(engine_, "/",
                   "CREATE TABLE nightjar.t (a UInt64) ENGINE = MergeTree ORDER BY a "
                   "SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1")
                  .status(),
              200);
  }

  void StartAgain() {
    auto started = Supervisor::Start(engine_);
    ASSERT_TRUE(started) << started.error().message;
    supervisor_ = std::move(*started);
  }

  // Of the only table that remembers tokens.
  [[nodiscard]] fs::path TableFolder() const {
    for (const auto& entry : fs::recursive_directory_iterator(engine_.data_path / "store"))
      if (entry.path().filename() == "deduplication_logs") return entry.path().parent_path();
    return {};
  }

  TemporaryFolder folder_;
  EngineOptions engine_ = OptionsIn(folder_.path);
  std::unique_ptr<Supervisor> supervisor_;
};

TEST_F(EngineTest, AnswersPingAndStatusOnAPrivateSocket) {
  EXPECT_EQ(Ask(engine_, "/ping").body, "Ok.\n");
  const auto status = ParseJson(Ask(engine_, "/_stat").body);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->at("pid").as_int64(), supervisor_->state().pid);
  EXPECT_TRUE(status->at("sandboxed").as_bool()) << status->at("sandbox_error").as_string();
  EXPECT_TRUE(supervisor_->state().sandboxed);
  struct stat socket_status{};
  ASSERT_EQ(stat(engine_.socket_path.c_str(), &socket_status), 0);
  EXPECT_EQ(socket_status.st_mode & 0777, 0600u);
  EXPECT_EQ(Ask(engine_, "/nothing").status(), 404);
}

TEST_F(EngineTest, GivesBackTheNativeBytesThatWereInserted) {
  const Reply inserted = Post(engine_, InsertTarget("one"), TwoRowBlock());
  ASSERT_EQ(inserted.status(), 200) << inserted.body;
  EXPECT_EQ(Post(engine_, "/", "SELECT a FROM nightjar.t ORDER BY a").body, TwoRowBlock());
  EXPECT_EQ(Post(engine_, "/", "SELECT a FROM nightjar.t WHERE a = 1").body, "");
}

TEST_F(EngineTest, StoresATokenOnce) {
  EXPECT_EQ(Post(engine_, InsertTarget("same"), TwoRowBlock()).status(), 200);
  EXPECT_EQ(Post(engine_, InsertTarget("same"), TwoRowBlock()).status(), 200);
  EXPECT_EQ(Rows(engine_, "SELECT count() AS n FROM nightjar.t"), "{\"n\":2}\n");
  EXPECT_EQ(Post(engine_, InsertTarget("other"), TwoRowBlock()).status(), 200);
  EXPECT_EQ(Rows(engine_, "SELECT count() AS n FROM nightjar.t"), "{\"n\":4}\n");
}

TEST_F(EngineTest, StoresNothingOfABadOrCutBody) {
  const Reply bad = Post(engine_, InsertTarget("bad"), TwoRowBlock().substr(0, 20));
  EXPECT_EQ(bad.status(), 400) << bad.body;
  {
    const std::string head = "POST " + InsertTarget("cut") + " HTTP/1.1\r\nHost: engine\r\nContent-Length: 54\r\n\r\n";
    const Exchange cut(engine_.socket_path, head + TwoRowBlock());  // half of its length, but a whole block
  }
  const Reply unknown = Post(engine_, "/?query=" + Hex("INSERT INTO nightjar.x FORMAT Native"), TwoRowBlock());
  EXPECT_EQ(unknown.status(), 404);
  EXPECT_EQ(Post(engine_, InsertTarget("good"), TwoRowBlock()).status(), 200);
  EXPECT_EQ(Rows(engine_, "SELECT count() AS n FROM nightjar.t"), "{\"n\":2}\n");
}

TEST_F(EngineTest, SaysWhatIsWrongWithAStatement) {
  const Reply syntax = Post(engine_, "/", "SELEKT 1");
  EXPECT_EQ(syntax.status(), 400);
  EXPECT_NE(syntax.head.find("X-ClickHouse-Exception-Code: 62\r\n"), std::string::npos) << syntax.head;
  EXPECT_TRUE(syntax.body.starts_with("Code: 62. DB::Exception: Syntax error")) << syntax.body;
  EXPECT_EQ(Post(engine_, "/", "SELECT 1; SELECT 2").status(), 400);
  EXPECT_EQ(Post(engine_, "/", "").status(), 400);
  EXPECT_EQ(Post(engine_, "/", "SELECT * FROM nightjar.nowhere").status(), 404);
  EXPECT_EQ(Post(engine_, "/?no_such_setting=1", "SELECT 1").status(), 404);
  EXPECT_EQ(Post(engine_, "/", "INSERT INTO nightjar.t FORMAT Native\n\x01").status(), 501);
  const Reply long_statement = Post(engine_, "/", std::string((16 << 20) + 1, ' '));
  EXPECT_EQ(long_statement.status(), 400);
  EXPECT_TRUE(long_statement.body.starts_with("Code: 36. DB::Exception: a statement has at most 16777216 bytes"))
      << long_statement.body;
  EXPECT_EQ(Ask(engine_, "/ping?" + std::string(1'000'000, 'x')).status(), 200);
  EXPECT_EQ(Ask(engine_, "/ping?" + std::string(1 << 20, 'x')).status(), 0);  // closed without an answer
}

TEST_F(EngineTest, BindsParametersAndScopesSettings) {
  const std::string target =
      "/?default_format=JSONEachRow&param_x=" + Hex("it's \\t\\\\ \xC3\xA4") + "&param_y=" + Hex("['a','b']");
  EXPECT_EQ(Post(engine_, target, "SELECT {x:String} AS x, {y:Array(String)} AS y").body,
            "{\"x\":\"it's \\t\\\\ \xC3\xA4\",\"y\":[\"a\",\"b\"]}\n");
  const std::string sql = "SELECT getSetting('max_threads') AS n, getSetting('max_block_size') AS m";
  EXPECT_EQ(Post(engine_, "/?default_format=JSONEachRow&max_threads=1&max_block_size=100", sql).body,
            "{\"n\":1,\"m\":100}\n");
  for (int i = 0; i < 8; ++i) EXPECT_EQ(Rows(engine_, sql), "{\"n\":2,\"m\":65409}\n");
}

TEST_F(EngineTest, TakesAForm) {
  std::string ids = "[";
  for (int i = 0; i < 100'000; ++i) ids += "'00000000000000000000000000000001',";
  ids.back() = ']';
  const auto post = [&](const std::string& form) {
    const std::string head =
        "POST / HTTP/1.1\r\nHost: engine\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    return Exchange(engine_.socket_path, fmt::format("{}Content-Length: {}\r\n\r\n{}", head, form.size(), form))
        .ReadToEnd();
  };
  EXPECT_EQ(post("default_format=CSV&param_ids=" + ids + "&query=" + Hex("SELECT length({ids:Array(String)})")).body,
            "100000\n");
  EXPECT_EQ(post("query=SELECT+1&role=admin").status(), 400);
}

TEST_F(EngineTest, AnswersOtherFormatsAndStatements) {
  EXPECT_EQ(Post(engine_, "/?default_format=CSVWithNames", "SELECT number AS a FROM numbers(2)").body, "\"a\"\n0\n1\n");
  EXPECT_EQ(Post(engine_, "/", "SELECT number AS a FROM numbers(2) FORMAT CSVWithNames").body, "\"a\"\n0\n1\n");
  EXPECT_EQ(Rows(engine_, "SHOW TABLES FROM nightjar"), "{\"name\":\"t\"}\n");
}

TEST_F(EngineTest, StreamsALargeResultWhole) {
  const Reply reply = Post(engine_, "/?default_format=RowBinary", "SELECT number FROM numbers(200000)");
  EXPECT_NE(reply.head.find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_TRUE(reply.whole);
  ASSERT_EQ(reply.body.size(), 1'600'000u);
  EXPECT_EQ(reply.body.substr(1'599'992), std::string("\x3F\x0D\x03\0\0\0\0\0", 8));  // 199999
}

TEST_F(EngineTest, CutsAResultThatFailsInTheMiddle) {
  const Reply reply =
      Post(engine_, "/?max_threads=1", "SELECT throwIf(number = 15000000, 'enough') FROM numbers(20000000)");
  EXPECT_EQ(reply.status(), 200);
  EXPECT_FALSE(reply.whole);
  EXPECT_NE(reply.body.find("__exception__\nCode: 395."), std::string::npos);
  EXPECT_EQ(Rows(engine_,
                 "SELECT count() AS n FROM system.processes WHERE query LIKE '%throwIf%'"
                 " AND query NOT LIKE '%processes%'"),
            "{\"n\":0}\n");
}

TEST_F(EngineTest, LetsUsersReadOnly) {
  EXPECT_EQ(Post(engine_, "/?role=ro&default_format=JSONEachRow", "SELECT count() AS n FROM nightjar.t").body,
            "{\"n\":\"0\"}\n");
  EXPECT_EQ(Post(engine_, "/?role=ro&default_format=CSV", "SELECT getSetting('max_execution_time')").body, "10\n");
  EXPECT_EQ(Post(engine_, "/?role=ro", "SELEKT 1").status(), 400);
  EXPECT_EQ(Post(engine_, "/?role=ro&max_threads=8", "SELECT 1").status(), 403);
  for (const char* sql :
       {"INSERT INTO nightjar.t VALUES (1)", "DROP TABLE nightjar.t", "SET max_threads = 8", "USE system",
        "KILL QUERY WHERE 1", "SELECT 1 INTO OUTFILE 'x'", "EXPLAIN SELECT 1", "SELECT 1 SETTINGS max_threads = 8",
        "SELECT * FROM url('http://127.0.0.1:9/', 'CSV', 'a String')"}) {
    const Reply reply = Post(engine_, "/?role=ro", sql);
    EXPECT_EQ(reply.status(), 403) << sql << ": " << reply.body;
  }
  EXPECT_EQ(Post(engine_, "/?role=ro&query=" + Hex("INSERT INTO nightjar.t FORMAT Native"), TwoRowBlock()).status(),
            403);
}

TEST_F(EngineTest, FiltersTheRowsOfAUsersStatement) {
  EXPECT_EQ(Post(engine_, "/", "INSERT INTO nightjar.t SELECT number FROM numbers(5)").status(), 200);
  const std::string filtered = "/?role=ro&default_format=CSV&row_filters=" + Hex("{'nightjar.t': 'a > 2'}");
  EXPECT_EQ(Post(engine_, filtered, "SELECT count() FROM nightjar.t").body, "2\n");
  EXPECT_EQ(Post(engine_, filtered, "SELECT count() FROM nightjar.t AS x, nightjar.t AS y").body, "4\n");
  EXPECT_EQ(Post(engine_, filtered, "SELECT 1 SETTINGS additional_table_filters = {}").status(), 403);
  EXPECT_EQ(Post(engine_, filtered, "SELECT getSetting('readonly'), getSetting('max_execution_time')").body, "1,10\n");
  EXPECT_EQ(Post(engine_, "/?role=ro&default_format=CSV", "SELECT count() FROM nightjar.t").body, "5\n");
  EXPECT_EQ(Post(engine_, "/?row_filters=" + Hex("{'nightjar.t': 'a > 2'}"), "SELECT 1").status(), 400);
  for (const char* broken : {"{'nightjar.t': 'colour > 2'}", "{'nightjar.t': 'a >'}", "{'nightjar.t", "7"})
    EXPECT_GE(Post(engine_, "/?role=ro&row_filters=" + Hex(broken), "SELECT count() FROM nightjar.t").status(), 400)
        << broken;
}

TEST_F(EngineTest, CannotLeaveItsSandbox) {
  for (const char* sql : {"SELECT file('/etc/hostname')", "SELECT * FROM file('/etc/hostname', 'LineAsString')",
                          "SELECT * FROM url('http://127.0.0.1:9/', 'CSV', 'a String')",
                          "SELECT * FROM executable('/bin/id', 'TSV', 'a String')"}) {
    const Reply reply = Post(engine_, "/", sql);
    EXPECT_GE(reply.status(), 400) << sql << ": " << reply.body;
  }
  const Reply environment = Post(engine_, "/?default_format=RowBinary", "SELECT file('/proc/self/environ')");
  EXPECT_EQ(environment.body.find("PATH="), std::string::npos);
  EXPECT_EQ(environment.body.find("HOME="), std::string::npos);
}

TEST_F(EngineTest, FiltersSystemCallsInEveryThread) {
  const fs::path tasks = fs::path("/proc") / std::to_string(supervisor_->state().pid) / "task";
  int seen = 0;
  for (const auto& task : fs::directory_iterator(tasks)) {
    std::ifstream file(task.path() / "status");
    const std::string status(std::istreambuf_iterator<char>(file), {});
    if (status.empty()) continue;  // the thread has ended since
    ++seen;
    EXPECT_NE(status.find("\nSeccomp:\t2\n"), std::string::npos) << status;
  }
  EXPECT_GT(seen, 1);
}

TEST_F(EngineTest, EndsTheStatementOfAClientThatHangsUp) {
  const std::string running =
      "SELECT count() AS n FROM system.processes WHERE query LIKE '%sipHash64(number)%'"
      " AND query NOT LIKE '%processes%'";
  {
    const std::string sql = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = ";
    const Exchange impatient(engine_.socket_path, PostText("/", sql + "1"));
    const Exchange with_parameter(engine_.socket_path, PostText("/?param_x=1", sql + "{x:UInt64}"));
    ASSERT_TRUE(Eventually([&] { return Rows(engine_, running) == "{\"n\":2}\n"; }));
  }
  EXPECT_TRUE(Eventually([&] { return Rows(engine_, running) == "{\"n\":0}\n"; }));
}

TEST_F(EngineTest, ComesBackAfterAKillWithItsData) {
  ASSERT_EQ(Post(engine_, InsertTarget("kept"), TwoRowBlock()).status(), 200);
  const auto before = supervisor_->state();
  ASSERT_EQ(kill(static_cast<pid_t>(before.pid), SIGKILL), 0);
  ASSERT_TRUE(Eventually([&] {
    const auto state = supervisor_->state();
    return state.ready && state.pid != before.pid;
  }));
  EXPECT_EQ(supervisor_->state().restarts, 1u);
  EXPECT_EQ(supervisor_->state().last_exit, "signal 9");
  EXPECT_EQ(Post(engine_, InsertTarget("kept"), TwoRowBlock()).status(), 200);
  EXPECT_EQ(Rows(engine_, "SELECT count() AS n FROM nightjar.t"), "{\"n\":2}\n");
}

TEST_F(EngineTest, TakesAnInsertAgainWhosePartIsLost) {
  ASSERT_EQ(Post(engine_, InsertTarget("kept"), TwoRowBlock()).status(), 200);
  ASSERT_EQ(Post(engine_, InsertTarget("lost"), TwoRowBlock()).status(), 200);
  supervisor_.reset();
  ASSERT_GT(fs::remove_all(TableFolder() / "all_2_2_0"), 0u);
  StartAgain();
  EXPECT_EQ(Rows(engine_, "SELECT count() AS n FROM nightjar.t"), "{\"n\":2}\n");
  ASSERT_EQ(Post(engine_, InsertTarget("kept"), TwoRowBlock()).status(), 200);
  ASSERT_EQ(Post(engine_, InsertTarget("lost"), TwoRowBlock()).status(), 200);
  EXPECT_EQ(Rows(engine_, "SELECT count() AS n FROM nightjar.t"), "{\"n\":4}\n");
}

TEST_F(EngineTest, KnowsAnInsertAgainWhosePartWasMerged) {
  for (const char* token : {"one", "two", "three"})
    ASSERT_EQ(Post(engine_, InsertTarget(token), TwoRowBlock()).status(), 200);
  ASSERT_EQ(Post(engine_, "/", "OPTIMIZE TABLE nightjar.t FINAL").status(), 200);
  supervisor_.reset();
  for (const char* part : {"all_1_1_0", "all_2_2_0", "all_3_3_0"}) fs::remove_all(TableFolder() / part);
  StartAgain();
  for (const char* token : {"one", "two", "three"})
    ASSERT_EQ(Post(engine_, InsertTarget(token), TwoRowBlock()).status(), 200);
  EXPECT_EQ(Rows(engine_, "SELECT count() AS n FROM nightjar.t"), "{\"n\":6}\n");
}

TEST_F(EngineTest, ReplacesAnEngineThatHangs) {
  ASSERT_EQ(Post(engine_, InsertTarget("kept"), TwoRowBlock()).status(), 200);
  const auto before = supervisor_->state();
  ASSERT_EQ(kill(static_cast<pid_t>(before.pid), SIGSTOP), 0);
  ASSERT_TRUE(Eventually([&] { return !supervisor_->state().ready; }));
  EXPECT_EQ(supervisor_->state().pid, before.pid);
  ASSERT_TRUE(Eventually([&] { return supervisor_->state().ready; }));
  const auto after = supervisor_->state();
  EXPECT_NE(after.pid, before.pid);
  EXPECT_EQ(after.restarts, 1u);
  EXPECT_EQ(after.last_exit, "killed: it did not answer for 10 s");
  EXPECT_EQ(Rows(engine_, "SELECT count() AS n FROM nightjar.t"), "{\"n\":2}\n");
}

TEST_F(EngineTest, KeepsAnEngineThatAnswersAgain) {
  const auto before = supervisor_->state();
  ASSERT_EQ(kill(static_cast<pid_t>(before.pid), SIGSTOP), 0);
  ASSERT_TRUE(Eventually([&] { return !supervisor_->state().ready; }));
  ASSERT_EQ(kill(static_cast<pid_t>(before.pid), SIGCONT), 0);
  ASSERT_TRUE(Eventually([&] { return supervisor_->state().ready; }));
  EXPECT_EQ(supervisor_->state().pid, before.pid);
  EXPECT_EQ(supervisor_->state().restarts, 0u);
}

TEST_F(EngineTest, StopsAnEngineThatHangs) {
  ASSERT_EQ(Post(engine_, InsertTarget("kept"), TwoRowBlock()).status(), 200);
  const auto pid = static_cast<pid_t>(supervisor_->state().pid);
  ASSERT_EQ(kill(pid, SIGSTOP), 0);
  supervisor_.reset();
  EXPECT_EQ(kill(pid, 0), -1);
  auto again = Supervisor::Start(engine_);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(Rows(engine_, "SELECT count() AS n FROM nightjar.t"), "{\"n\":2}\n");
}

TEST_F(EngineTest, AnswersPingWhenEveryClientIsTaken) {
  std::list<Exchange> idle;
  for (int i = 0; i < 130; ++i) idle.emplace_back(engine_.socket_path, "");
  EXPECT_EQ(Ask(engine_, "/ping").body, "Ok.\n");
  EXPECT_EQ(Post(engine_, "/", "SELECT 1").status(), 503);
  idle.clear();
  EXPECT_TRUE(Eventually([&] { return Post(engine_, "/", "SELECT 1").status() == 200; }));
}

TEST_F(EngineTest, RefusesASecondEngineOnTheSameFolder) {
  EngineOptions second = engine_;
  second.socket_path = folder_.path / "second.sock";
  const auto started = Supervisor::Start(second);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(started.error().message.starts_with("cannot lock " + engine_.data_path.string()))
      << started.error().message;
  EXPECT_EQ(Ask(engine_, "/ping").body, "Ok.\n");
}

TEST_F(EngineTest, WaitsForTheLockOfAnEngineThatIsEnding) {
  supervisor_.reset();
  const int folder = open(engine_.data_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_EQ(flock(folder, LOCK_EX), 0);
  std::jthread ending([folder] {
    std::this_thread::sleep_for(2s);
    close(folder);
  });
  StartAgain();
  EXPECT_EQ(supervisor_->state().restarts, 0u);
}

TEST_F(EngineTest, StopsWithItsSupervisor) {
  const auto pid = static_cast<pid_t>(supervisor_->state().pid);
  const Exchange busy(engine_.socket_path, PostText("/", "SELECT sleepEachRow(0.1) FROM numbers(1000)"));
  supervisor_.reset();
  EXPECT_EQ(kill(pid, 0), -1);
  auto again = Supervisor::Start(engine_);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(Rows(engine_, "SELECT count() AS n FROM nightjar.t"), "{\"n\":0}\n");
}

TEST_F(EngineTest, DiesWithItsParent) {
  const TemporaryFolder folder;
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const std::string self = fs::read_symlink("/proc/self/exe").string();
  const pid_t holder = fork();
  if (holder == 0) {
    dup2(pipe_ends[1], STDOUT_FILENO);
    execl(self.c_str(), self.c_str(), "hold", folder.path.c_str(), nullptr);
    _exit(127);
  }
  pid_t child = 0;
  ASSERT_EQ(read(pipe_ends[0], &child, sizeof(child)), static_cast<ssize_t>(sizeof(child)));
  ASSERT_GT(child, 0);
  ASSERT_EQ(kill(holder, SIGKILL), 0);
  waitpid(holder, nullptr, 0);
  EXPECT_TRUE(Ends(child));
  EXPECT_TRUE(Supervisor::Start(OptionsIn(folder.path)));
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

TEST(Supervisor, NamesAMissingLibraryAndTheFix) {
  const TemporaryFolder folder;
  EngineOptions options = OptionsIn(folder.path);
  options.library = "/nowhere/libchdb.so";
  const auto started = Supervisor::Start(options);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(started.error().message,
            "there is no engine library at /nowhere/libchdb.so: run ./x setup or set --engine-library");
}

TEST(Supervisor, NamesAFileThatIsNoLibrary) {
  const TemporaryFolder folder;
  EngineOptions options = OptionsIn(folder.path);
  options.library = folder.path / "libchdb.so";
  std::ofstream(options.library) << "not a library";
  const auto started = Supervisor::Start(options);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(started.error().message,
            options.library.string() + " is not the engine library of this version: run ./x setup");
}

TEST(Supervisor, NamesAFolderItCannotWrite) {
  const TemporaryFolder folder;
  EngineOptions options = OptionsIn(folder.path);
  std::ofstream(folder.path / "file") << "a file where a folder is wanted";
  options.data_path = folder.path / "file" / "engine";
  std::ofstream(options.library = folder.path / "libchdb.so") << "never loaded";
  const auto started = Supervisor::Start(options);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(started.error().message.starts_with("the engine cannot write to " + options.data_path.string()));
}

int RunAsChild(int argc, char** argv) {
  ChildOptions options;
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string_view flag = argv[i];
    if (flag == "--library") options.library = argv[i + 1];
    if (flag == "--data-path") options.data_path = argv[i + 1];
    if (flag == "--socket") options.socket_path = argv[i + 1];
    if (flag == "--memory-bytes") options.memory_bytes_max = std::stoull(argv[i + 1]);
    if (flag == "--parent-pid") options.parent = std::stoi(argv[i + 1]);
  }
  return RunChild(options);
}

// Starts an engine, writes its process id to stdout and waits to be killed.
int HoldAnEngine(const fs::path& folder) {
  const auto supervisor = Supervisor::Start(OptionsIn(folder));
  const pid_t pid = supervisor ? static_cast<pid_t>((*supervisor)->state().pid) : 0;
  if (write(STDOUT_FILENO, &pid, sizeof(pid)) != sizeof(pid)) return 1;
  pause();
  return 0;
}

}  // namespace
}  // namespace nightjar::engine

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode == "engine") return nightjar::engine::RunAsChild(argc, argv);
  if (mode == "hold" && argc == 3) return nightjar::engine::HoldAnEngine(argv[2]);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
