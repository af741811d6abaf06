#include "pipeline/flow/stream_matcher.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

StreamSettings stream(std::vector<std::string> topics) {
  StreamSettings settings;
  settings.topics = std::move(topics);
  return settings;
}

TEST(StreamMatcher, PrefersAnExactNameToAnEarlierExpression) {
  const StreamMatcher matcher(std::vector{stream({"^metrics[.]"}), stream({"metrics.api"})});

  EXPECT_EQ(matcher.match("metrics.api"), 1U);
  EXPECT_EQ(matcher.match("metrics.db"), 0U);
}

// std::regex would throw here; what the configuration compiler took is taken.
TEST(StreamMatcher, TakesEveryExpressionThatTheCLibraryTakes) {
  const StreamMatcher matcher(std::vector{stream({"^\\w+$"})});

  EXPECT_EQ(matcher.match("orders"), 0U);
}

TEST(StreamMatcher, KnowsWhatBelongsToNoStream) {
  const StreamMatcher matcher(std::vector{stream({"a", "^b+$"})});

  EXPECT_EQ(matcher.match("a"), 0U);
  EXPECT_EQ(matcher.match("bb"), 0U);
  EXPECT_EQ(matcher.match("abb"), std::nullopt);
  EXPECT_EQ(matcher.match("bbc"), std::nullopt);
}

}  // namespace
}  // namespace tocsin
