#include "daemon/alert_display.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

constexpr std::string_view kAlert =
    R"({"id":"demo/vital-signs/0/77/a0","revision":0,"stream":"demo","entity":"cpu0",)"
    R"("time":"2026-11-21T08:40:00.125Z","score":5.1,"severity":"critical","state":"open",)"
    R"("features":[{"name":"system_percent","value":1,"share":0.04},)"
    R"({"name":"busy_percent","value":99.25,"expected":3,"lower":0,"upper":12.5,"share":0.96}],)"
    R"("source":{"topic":"vital-signs","partition":0,"offset":77},"incident":"demo/vital-signs/0/77",)"
    R"("title":"cpu0: busy_percent 99.25, expected 0 to 12.5",)"
    R"("explanation":"About 1 in 12,000 events is as strange as this.",)"
    R"("suggestion":"Look at it.","related":["cpu"],"later_field":1})";

TEST(AlertDisplay, SaysWhatWasSeenWhatWasExpectedAndWhy) {
  const auto alert = display_alert(kAlert, Ink::plain);

  ASSERT_TRUE(alert) << alert.error().message;
  EXPECT_EQ(alert->entity, "cpu0");
  EXPECT_EQ(alert->state, "open");
  EXPECT_EQ(alert->time_ms, 1'795'250'400'125);
  const std::string& block = alert->block;
  EXPECT_EQ(block.find("ALERT "), 0U);
  EXPECT_NE(block.find("critical  cpu0: busy_percent 99.25, expected 0 to 12.5\n"),
            std::string::npos);
  EXPECT_NE(block.find("  seen      busy_percent 99.25\n"
                       "  expected  0 to 12.5, usually about 3\n"
                       "  why       About 1 in 12,000 events is as strange as this.\n"
                       "  next      Look at it.\n"
                       "  also      cpu\n"
                       "  from      vital-signs/0 offset 77, incident demo/vital-signs/0/77\n"),
            std::string::npos)
      << block;
}

TEST(AlertDisplay, ColoursOnlyWhenAsked) {
  EXPECT_EQ(display_alert(kAlert, Ink::plain)->block.find('\x1b'), std::string::npos);
  EXPECT_NE(display_alert(kAlert, Ink::colour)->block.find('\x1b'), std::string::npos);
}

TEST(AlertDisplay, SaysWhatItCannotRead) {
  const auto alert = display_alert("{", Ink::plain);

  ASSERT_FALSE(alert);
  EXPECT_EQ(alert.error().message.find("an alert record cannot be read: "), 0U);
}

}  // namespace
}  // namespace tocsin
