#include "pipeline/log/topic_expression.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

TEST(TopicExpression, MatchesAsLibrdkafkaDoes) {
  const auto expression = TopicExpression::make("^api-[a-z]+");

  ASSERT_TRUE(expression);
  EXPECT_TRUE(expression->matches("api-metrics"));
  EXPECT_TRUE(expression->matches("api-metrics.2"));
  EXPECT_FALSE(expression->matches("api-2"));
  EXPECT_FALSE(expression->matches("my-api-metrics"));
}

// std::regex refuses some of these, by throwing.
TEST(TopicExpression, KnowsWhatTheCLibraryKnows) {
  const auto expression = TopicExpression::make("^\\w+(\\.[0-9]{1,2})?$");

  ASSERT_TRUE(expression);
  EXPECT_TRUE(expression->matches("orders.12"));
  EXPECT_FALSE(expression->matches("orders.123"));
}

TEST(TopicExpression, SaysWhatIsWrong) {
  EXPECT_EQ(TopicExpression::make("^(a").error().message, "Unmatched ( or \\(");
  EXPECT_EQ(TopicExpression::make("^[a").error().message, "Unmatched [, [^, [:, [., or [=");
  EXPECT_EQ(TopicExpression::make(std::string(2000, 'a')).error().message, "it is too long");
}

}  // namespace
}  // namespace tocsin
