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

// The C library takes `\d` for a `d`, and nothing would ever match.
TEST(TopicExpression, RefusesEscapesThatMeanNothing) {
  EXPECT_EQ(TopicExpression::make("^a-\\d+$").error().message, "POSIX knows no \\d; write [0-9]");
  EXPECT_EQ(TopicExpression::make("^(a\\.b|\\\\x[]\\d]|\\D)").error().message,
            "POSIX knows no \\D");
  EXPECT_TRUE(TopicExpression::make("^\\.\\w\\b[^]\\d]$"));
}

}  // namespace
}  // namespace tocsin
