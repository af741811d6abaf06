#include "daemon/health_command.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "daemon/exit_code.h"
#include "daemon/http_server.h"

namespace tocsin {
namespace {

/// A server whose probes answer these codes, and a configuration that names its address.
class HealthCommand : public testing::Test {
 protected:
  void SetUp() override {
    HttpServer::Routes routes;
    routes["/livez"] = [] { return HttpReply{.status = 200, .body = "lives\n"}; };
    routes["/readyz"] = [] { return HttpReply{.status = 503, .body = "waits\n"}; };
    auto server = HttpServer::start({.host = "127.0.0.1", .port = 0}, std::move(routes));
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }
  void TearDown() override { std::filesystem::remove(path_); }

  int ask(const std::string& listen, const std::string& probe) {
    std::ofstream(path_) << "kafka: {brokers: [localhost:9092]}\nstreams: [{topics: [in]}]\n"
                         << "http: {listen: \"" << listen << "\"}\n";
    testing::internal::CaptureStdout();
    const int exit_code = health_command({.config = path_, .probe = probe});
    out_ = testing::internal::GetCapturedStdout();
    return exit_code;
  }
  std::string port() const { return std::to_string(server_->port()); }
  void stop_server() { server_.reset(); }

  std::string out_;

 private:
  std::unique_ptr<HttpServer> server_;
  std::string path_ = testing::TempDir() + "tocsin-health-" + std::to_string(getpid()) + ".yaml";
};

TEST_F(HealthCommand, PassesAndFailsAsTheProbeDoes) {
  EXPECT_EQ(ask("127.0.0.1:" + port(), "livez"), kExitOk);
  EXPECT_EQ(out_, "lives\n");
  EXPECT_EQ(ask("127.0.0.1:" + port(), "readyz"), kExitRuntime);
  EXPECT_EQ(out_, "waits\n");
}

TEST_F(HealthCommand, AsksThisMachineWhereTheDaemonListensEverywhere) {
  EXPECT_EQ(ask("0.0.0.0:" + port(), "livez"), kExitOk);
}

TEST_F(HealthCommand, FailsWhereNobodyAnswers) {
  const std::string before = port();
  stop_server();

  EXPECT_EQ(ask("127.0.0.1:" + before, "livez"), kExitRuntime);
  EXPECT_EQ(ask("127.0.0.1:0", "livez"), kExitRuntime);
  EXPECT_EQ(ask("nowhere", "livez"), kExitConfiguration);
}

}  // namespace
}  // namespace tocsin
