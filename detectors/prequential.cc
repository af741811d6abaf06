// How well a detector ranks labelled rows, and how fast.
//
// Reads CSV from standard input: a header, then rows of numbers, the last of which is the label
// (0: normal). Each row is scored, then learned, in order, with no other preparation; labels are
// used only to judge the scores. Rows without a score yet count as the least strange.
//
//   zcat set.csv.gz | tocsin_prequential half_space_trees [SEEDS]

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <limits>
#include <numeric>
#include <string>

#include "detectors/catalog.h"
#include "detectors/model_for_test.h"

namespace tocsin {
namespace {

/// Rows of features, and which of them are labelled.
struct Table {
  int columns = 0;
  std::vector<double> values;  // [rows][columns]
  std::vector<bool> odd;       // [rows]
};

Table read_table(std::istream& input) {
  Table table;
  std::string line;
  std::getline(input, line);
  table.columns = static_cast<int>(std::count(line.begin(), line.end(), ','));
  while (std::getline(input, line)) {
    const char* at = line.data();
    const char* const end = at + line.size();
    double value = 0;
    for (int i = 0; i < table.columns; ++i) {
      at = std::from_chars(at, end, value).ptr + 1;
      table.values.push_back(value);
    }
    std::from_chars(at, end, value);
    table.odd.push_back(value != 0);
  }
  return table;
}

/// How well scores separate odd rows from others.
struct Quality {
  double roc_auc = 0;
  double average_precision = 0;
};

Quality judge(const std::vector<double>& scores, const std::vector<bool>& odd) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  double positives = 0;
  double negatives = 0;
  double area = 0;
  double precision = 0;
  for (std::size_t i = 0; i < order.size();) {
    double positives_here = 0;  // rows of equal scores count half against each other
    double negatives_here = 0;
    const double score = scores[order[i]];
    for (; i < order.size() && scores[order[i]] == score; ++i) {
      (odd[order[i]] ? positives_here : negatives_here) += 1;
    }
    area += negatives_here * (positives + positives_here / 2);
    positives += positives_here;
    negatives += negatives_here;
    precision += positives_here * positives / (positives + negatives);
  }
  return {area / (positives * negatives), precision / positives};
}

/// Prints one line for one seed; returns the quality.
Quality run(const DetectorKind& kind, const Table& table, std::uint64_t seed) {
  Model model(std::move(*kind.make(Settings(kind.parameters), table.columns, seed)));
  const auto columns = static_cast<std::size_t>(table.columns);
  std::vector<double> scores;
  scores.reserve(table.odd.size());
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t row = 0; row < table.odd.size(); ++row) {
    const Point point = whole(std::span(table.values).subspan(row * columns, columns));
    scores.push_back(model.score(point).value_or(-std::numeric_limits<double>::infinity()));
    model.learn(point);
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  const Quality quality = judge(scores, table.odd);
  std::printf("seed %2d: ROC-AUC %.4f, average precision %.4f, %.0f rows/s\n",
              static_cast<int>(seed), quality.roc_auc, quality.average_precision,
              static_cast<double>(scores.size()) / seconds.count());
  return quality;
}

int run_all(std::span<char* const> arguments) {
  const DetectorKind* kind = arguments.size() < 2 ? nullptr : find_detector(arguments[1]);
  if (kind == nullptr) {
    std::fputs("usage: tocsin_prequential DETECTOR [SEEDS] <rows.csv\n", stderr);
    return 64;
  }
  const int seeds = arguments.size() < 3 ? 5 : std::stoi(arguments[2]);
  const Table table = read_table(std::cin);
  Quality mean;
  for (int seed = 1; seed <= seeds; ++seed) {
    const Quality quality = run(*kind, table, static_cast<std::uint64_t>(seed));
    mean.roc_auc += quality.roc_auc / seeds;
    mean.average_precision += quality.average_precision / seeds;
  }
  std::printf("mean:    ROC-AUC %.4f, average precision %.4f of %zu rows, %d columns\n",
              mean.roc_auc, mean.average_precision, table.odd.size(), table.columns);
  return 0;
}

}  // namespace
}  // namespace tocsin

int main(int count, char** arguments) {
  return tocsin::run_all({arguments, static_cast<std::size_t>(count)});
}
