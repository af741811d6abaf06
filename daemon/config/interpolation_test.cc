#include "daemon/config/interpolation.h"

#include <gtest/gtest.h>

#include "daemon/config/config_for_test.h"

namespace tocsin {
namespace {

const TestSurroundings kWorld{
    .variables = {{"APP", "watch"},
                  {"EMPTY", ""},
                  {"WORKERS", "3"},
                  {"YES", "true"},
                  {"HOSTILE", "x\n  evil: [1, 2]\nkafka: *a # {"},
                  {"BYTES", "\xFF"}},
    .files = {{"/secret", "hunter2\n"}, {"/two", "a\n\n"}, {"/zero", std::string("a\0b", 3)}}};

std::string resolved(const std::string& text) {
  const Surroundings surroundings = kWorld.make();
  const Interpolation result = interpolate(text, surroundings);
  if (const auto* mistake = std::get_if<InterpolationMistake>(&result)) {
    return "MISTAKE " + mistake->message;
  }
  return std::get_if<Interpolated>(&result)->text;
}

TEST(Interpolation, ReplacesVariablesAndFiles) {
  EXPECT_EQ(resolved("${env:APP}"), "watch");
  EXPECT_EQ(resolved("a-${env:APP}-${env:WORKERS}"), "a-watch-3");
  EXPECT_EQ(resolved("${env:EMPTY}"), "");
  EXPECT_EQ(resolved("${env:EMPTY:-other}"), "other");
  EXPECT_EQ(resolved("${env:NONE:-}"), "");
  EXPECT_EQ(resolved("${env:NONE:-a:b c}"), "a:b c");
  EXPECT_EQ(resolved("${env:APP:?not set}"), "watch");
  EXPECT_EQ(resolved("${file:/secret}"), "hunter2");
  EXPECT_EQ(resolved("${file:/two}"), "a\n");
}

TEST(Interpolation, LeavesDollarsThatBeginNoReference) {
  EXPECT_EQ(resolved("^a$"), "^a$");
  EXPECT_EQ(resolved("$key"), "$key");
  EXPECT_EQ(resolved("$${env:APP}"), "${env:APP}");
  EXPECT_EQ(resolved("a$$b"), "a$b");
}

TEST(Interpolation, DoesNotLookIntoWhatItBrought) {
  TestSurroundings world{.variables = {{"A", "${env:B}"}, {"B", "b"}}};
  const Interpolation result = interpolate("${env:A}", world.make());

  EXPECT_EQ(std::get_if<Interpolated>(&result)->text, "${env:B}");
}

TEST(Interpolation, SaysWhatIsWrongWithAReference) {
  EXPECT_EQ(resolved("${env:NONE}"), "MISTAKE the environment variable `NONE` is not set");
  EXPECT_EQ(resolved("${env:NONE:?give me one}"),
            "MISTAKE the environment variable `NONE` is not set: give me one");
  EXPECT_EQ(resolved("${env:9}"),
            "MISTAKE `${env:9}` does not name a variable: a name has letters, digits and `_`");
  EXPECT_EQ(
      resolved("${env:APP:+x}"),
      "MISTAKE after the name in `${env:APP:+x}` only `:-default` or `:?message` is possible");
  EXPECT_EQ(resolved("${APP}"),
            "MISTAKE `${` begins no reference: it must be `${env:NAME}`, `${env:NAME:-default}` or "
            "`${file:/path}`");
  EXPECT_EQ(resolved("x${env:APP"), "MISTAKE `${` has no `}` after it");
  EXPECT_EQ(resolved("${env:NONE:-${env:APP}}"),
            "MISTAKE `${env:NONE:-${env:APP}` has another `${` inside, but references do not nest");
  EXPECT_EQ(resolved("${file:secret}"),
            "MISTAKE `${file:secret}` does not name a file by its whole path");
  EXPECT_EQ(resolved("${file:/none}"),
            "MISTAKE the file `/none` cannot be read: No such file or directory");
  EXPECT_EQ(resolved("${env:BYTES}"),
            "MISTAKE `${env:BYTES}` brings bytes that are not text in UTF-8");
  EXPECT_EQ(resolved("${file:/zero}"),
            "MISTAKE `${file:/zero}` brings bytes that are not text in UTF-8");
}

TEST(Interpolation, IsTypedByTheFieldAndNotByTheQuotes) {
  const Compiled result =
      compiled(valid() + "pipeline: {workers: \"${env:WORKERS}\"}\n" +
                   "outputs: {scores: {include_event: '${env:YES}'}}\napp: ${env:WORKERS}\n",
               kWorld);

  ASSERT_TRUE(result.config) << render(result.diagnostics, Colour::never);
  EXPECT_EQ(result.config->flow.workers, 3);
  EXPECT_TRUE(result.config->outputs.include_event);
  EXPECT_EQ(result.config->app, "3");
}

TEST(Interpolation, CannotBreakYamlOrReachOtherFields) {
  EXPECT_EQ(
      said(valid() + "app: ${env:HOSTILE}\npipeline: {workers: '${env:APP}'}\n", kWorld),
      R"(t.yaml:3:6: error: app: is `${env:HOSTILE}`, which stands for `x·  evil: [1, 2]·kafka: *a # {`, but must be a name of at most 200 letters, digits, `.`, `_` and `-`
  3 | app: ${env:HOSTILE}
    |      ^
  hint: `·` is not allowed in it.
t.yaml:4:21: error: pipeline.workers: is the text `"${env:APP}"`, which stands for `watch`, but must be a whole number from 1 to 256, or `auto`
  4 | pipeline: {workers: '${env:APP}'}
    |                     ^
  hint: Threads that score. More use more cores, up to one a partition; no result depends on it.
)");
}

TEST(Interpolation, NeverShowsWhatAFileHolds) {
  EXPECT_EQ(
      said(valid() + "log: {level: '${file:/secret}'}\n", kWorld),
      R"(t.yaml:3:14: error: log.level: is the text `"${file:/secret}"`, and what the file holds does not fit, but must be one of `debug`, `info`, `warning` or `error`
  3 | log: {level: '${file:/secret}'}
    |              ^
  hint: The least important lines that are written.
)");
}

TEST(Interpolation, LeavesKeysAlone) {
  EXPECT_EQ(said(valid() + "'${env:APP}': x\n", kWorld),
            R"(t.yaml:3:1: error: ${env:APP}: unknown option
  3 | '${env:APP}': x
    | ^
  hint: allowed: `app`, `kafka`, `streams`, `outputs`, `pipeline`, `state`, `memory`, `delivery`, `http` and `log`
)");
}

TEST(Interpolation, PointsAtTheScalarThatHasTheReference) {
  EXPECT_EQ(
      said("kafka: {brokers: [a:1, \"${env:HOST}:9092\"]}\nstreams: [{topics: [x]}]\n", kWorld),
      R"(t.yaml:1:24: error: kafka.brokers[1]: the environment variable `HOST` is not set
  1 | kafka: {brokers: [a:1, "${env:HOST}:9092"]}
    |                        ^
  hint: Set it, or give a default: `${env:HOST:-default}`.
)");
}

}  // namespace
}  // namespace tocsin
