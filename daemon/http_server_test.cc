#include "daemon/http_server.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <stdexcept>

#include "daemon/endpoints.h"

namespace tocsin {
namespace {

std::unique_ptr<HttpServer> serve(HttpServer::Routes routes) {
  auto server = HttpServer::start({.host = "127.0.0.1", .port = 0}, std::move(routes));
  EXPECT_TRUE(server) << server.error().message;
  return std::move(*server);
}

httplib::Client client_of(const HttpServer& server) {
  return httplib::Client("127.0.0.1", server.port());
}

TEST(HttpServer, AnswersItsRoutesAndListsThemWhereThereIsNone) {
  const auto server = serve({{"/a", [] { return HttpReply{.body = "{}"}; }}});
  auto client = client_of(*server);

  const auto found = client.Get("/a?verbose=1");
  const auto missing = client.Get("/b");

  ASSERT_TRUE(found);
  EXPECT_EQ(found->status, 200);
  EXPECT_EQ(found->body, "{}");
  EXPECT_EQ(found->get_header_value("Content-Type"), "application/json");
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->status, 404);
  EXPECT_EQ(missing->body, "not found; there are: /a\n");
}

TEST(HttpServer, OnlyReads) {
  const auto server = serve({{"/a", [] { return HttpReply{.body = "{}"}; }}});
  auto client = client_of(*server);

  const auto head = client.Head("/a");
  const auto post = client.Post("/a", std::string(100'000, 'x'), "text/plain");

  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  EXPECT_TRUE(head->body.empty());
  // The body is not read, so the connection may be gone before the client has sent it.
  if (post) {
    EXPECT_EQ(post->status, 405);
  }
}

TEST(HttpServer, SurvivesAHandlerThatThrows) {
  const auto server = serve({{"/a", []() -> HttpReply { throw std::runtime_error("a secret"); }}});

  const auto reply = client_of(*server).Get("/a");

  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 500);
  EXPECT_FALSE(reply->has_header("EXCEPTION_WHAT"));
}

TEST(HttpServer, RefusesAPortThatIsTaken) {
  const auto first = serve({});

  const auto second = HttpServer::start({.host = "127.0.0.1", .port = first->port()}, {});

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "cannot listen on 127.0.0.1:" + std::to_string(first->port()) +
                                        ": Address already in use");
}

TEST(HttpServer, StopsAndFreesItsPort) {
  auto server = serve({{"/a", [] { return HttpReply{}; }}});
  const int port = server->port();
  ASSERT_TRUE(client_of(*server).Get("/a"));

  server.reset();

  const auto again = HttpServer::start({.host = "127.0.0.1", .port = port}, {});
  EXPECT_TRUE(again);
}

TEST(Endpoints, AreNotReadyUntilEveryCheckPasses) {
  Health health;
  const Metrics metrics(MetricsSubject{});
  const auto server = serve(endpoints(health, metrics));
  auto client = client_of(*server);

  const auto before = client.Get("/livez");
  health.live.pass("pipeline");
  health.live.pass("kafka_client");
  const auto after = client.Get("/livez");

  ASSERT_TRUE(before && after);
  EXPECT_EQ(before->status, 503);
  EXPECT_EQ(before->body,
            "{\"status\":\"failing\",\"checks\":["
            "{\"name\":\"kafka_client\",\"passes\":false,\"detail\":\"not checked yet\"},"
            "{\"name\":\"pipeline\",\"passes\":false,\"detail\":\"not checked yet\"}]}\n");
  EXPECT_EQ(after->status, 200);
}

TEST(Endpoints, ServeMetricsAndVersion) {
  const Health health;
  const Metrics metrics(MetricsSubject{});
  const auto server = serve(endpoints(health, metrics));
  auto client = client_of(*server);

  const auto scraped = client.Get("/metrics");
  const auto version = client.Get("/version");

  ASSERT_TRUE(scraped && version);
  EXPECT_NE(scraped->body.find("tocsin_build_info{"), std::string::npos);
  EXPECT_EQ(version->body.find("{\"name\":\"tocsin\",\"version\":\""), 0U);
}

}  // namespace
}  // namespace tocsin
