#include "pipeline/input/batch.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace tocsin {
namespace {

TEST(Batch, GivesBackTheHeadersOfARow) {
  Batch batch;
  batch.reset(Batch::Kind::rows, 1, 2, 0);
  const std::string binary("\0\xff", 2);
  const std::array<HeaderView, 3> headers{HeaderView{"trace", "1"}, HeaderView{"", std::nullopt},
                                          HeaderView{"empty", binary}};
  batch.add_text("before");
  const std::size_t row = batch.add_row();

  batch.rows[row].headers = batch.add_headers(headers);
  batch.add_text("behind");

  std::vector<HeaderView> found;
  batch.headers_of(row, found);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].name, "trace");
  EXPECT_EQ(found[0].value, "1");
  EXPECT_EQ(found[1].name, "");
  EXPECT_FALSE(found[1].value.has_value());
  EXPECT_EQ(found[2].value, binary);
}

TEST(Batch, HasNoHeadersWhereNoneWereKept) {
  Batch batch;
  batch.reset(Batch::Kind::rows, 1, 1, 0);
  batch.add_row();

  std::vector<HeaderView> found;
  batch.headers_of(0, found);

  EXPECT_TRUE(found.empty());
}

TEST(Batch, NewRowsHaveNoValuesThoughTheBatchIsRecycled) {
  Batch batch;
  batch.reset(Batch::Kind::rows, 1, 3, 1);
  batch.add_row();
  batch.values_of(0)[2] = 7;
  batch.groups_of(0)[0] = batch.add_text("group");
  batch.rows[0].present = 7;

  batch.reset(Batch::Kind::rows, 2, 2, 1);
  const std::size_t row = batch.add_row();

  EXPECT_EQ(batch.rows.size(), 1U);
  EXPECT_EQ(batch.rows[row].present, 0U);
  EXPECT_EQ(batch.values_of(row).size(), 2U);
  EXPECT_EQ(batch.values_of(row)[1], 0.0);
  EXPECT_EQ(batch.groups_of(row)[0].length, 0U);
  EXPECT_TRUE(batch.text.empty());
}

TEST(Batch, IsFullByRowsOrByText) {
  Batch batch;
  batch.reset(Batch::Kind::rows, 1, 1, 0);
  for (std::size_t i = 0; i + 1 < Batch::kRowsMax; ++i) batch.add_row();
  EXPECT_FALSE(batch.full());
  batch.add_row();
  EXPECT_TRUE(batch.full());

  batch.reset(Batch::Kind::rows, 1, 1, 0);
  batch.add_text(std::string(Batch::kTextSoftMaxBytes, 'x'));
  EXPECT_TRUE(batch.full());
}

TEST(Batch, RecyclingKeepsItsMemory) {
  Batch batch;
  batch.reset(Batch::Kind::rows, 1, 4, 1);
  for (int i = 0; i < 100; ++i) {
    batch.add_row();
    batch.add_text("some text");
  }
  const std::size_t rows = batch.rows.capacity();
  const std::size_t text = batch.text.capacity();

  batch.reset(Batch::Kind::rows, 1, 4, 1);

  EXPECT_EQ(batch.rows.capacity(), rows);
  EXPECT_EQ(batch.text.capacity(), text);
}

}  // namespace
}  // namespace tocsin
