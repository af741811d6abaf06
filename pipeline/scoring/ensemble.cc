#include "pipeline/scoring/ensemble.h"

#include <algorithm>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "detectors/elementary.h"
#include "pipeline/scoring/block_view.h"
#include "pipeline/scoring/scaled_score.h"

namespace tocsin {

namespace {

/// An entity is young for so many events.
constexpr std::uint32_t kGrown = CombinedPools::kFrom.back();
/// Scores of overlapping stretches are alike: so many stretches must lie behind a probability, and
/// none is believed that is rarer than one in so many times the stretches seen.
constexpr double kStretches = 10;
/// An entity's own probability weighs as many events as that against the last calibration; a young
/// one's rests on little.
constexpr double kTrusted = 20'000;
constexpr double kTrustedYoung = 3000;
/// What theory says of news weighs as many events as that; a young entity's records come fast.
constexpr double kTheory = 100'000;
constexpr double kTheoryYoung = 30'000;
/// Until so many are known, what younger entities say stands for the others too.
constexpr std::uint64_t kEnough = 256;

/// p of a score among those of its pool, which learns it where it `learns`.
std::optional<double> pooled_probability(PooledCalibrator::Block& pool, double score,
                                         double shape_prior, bool learns) {
  PooledCalibrator calibrator(pool, shape_prior);
  return learns ? calibrator.observe(score) : calibrator.judge(score);
}

/// p of a score by its pool and the entity's own calibration; empty while the pool warms up.
std::optional<double> calibrated(PooledCalibrator::Block& pool, EntityCalibrator::Block& own,
                                 double score, double shape_prior, bool learns) {
  const std::optional<double> pooled = pooled_probability(pool, score, shape_prior, learns);
  if (!pooled) return std::nullopt;
  EntityCalibrator::Block scratch = own;
  const double p = EntityCalibrator::observe(learns ? own : scratch, *pooled, pool.reach);
  return std::clamp(p, pool.floor, 1.0);
}

/// Where entities that are older are not known yet, what those of an age say stands for theirs.
void teach_older(CombinedPools::ByAge& pools, std::size_t age, double score, double shape_prior) {
  for (std::size_t older = age + 1; older < pools.size(); ++older) {
    if (pools[older].seen < kEnough) pooled_probability(pools[older], score, shape_prior, true);
  }
}

/// Half for the pool's evidence and half for the entity's own; 100 scores are half of either.
double confidence_by(const PooledCalibrator::Block& pool, const EntityCalibrator::Block& own) {
  constexpr double kHalfway = 100;
  const double scores = EntityCalibrator::evidence(own);
  return (pool.weight / (pool.weight + kHalfway) + scores / (scores + kHalfway)) / 2;
}

}  // namespace

Ensemble::Ensemble(const StreamPlan::Inside& plan, State shared, RefitRunner& refits)
    : plan_(plan),
      shared_(shared),
      opinions_(plan.detectors.size()),
      rehearsed_(plan.detectors.size()),
      parts_(plan.detectors.size()),
      narrow_shares_(plan.dimensions()),
      nanoseconds_(plan.detectors.size()) {
  for (const DetectorPlan& detector : plan.detectors) {
    const bool is_group = detector.scope == Scope::group;
    refits_.emplace_back(detector.scope == Scope::entity ? nullptr : detector.detector->refit(),
                         is_group ? plan.group_tables[detector.group].models_max : 1, refits);
    narrowed_.emplace_back(detector.features.size());
    foreseen_.emplace_back(detector.features.size());
  }
  for (const auto& table : plan.group_tables) {
    groups_.push_back(std::make_unique<SlotTable>(table.payload_bytes, table.bytes_max));
  }
}

void Ensemble::start() {
  for (const DetectorPlan& detector : plan_.detectors) {
    if (detector.scope != Scope::stream) continue;
    detector.detector->start(
        shared_.subspan(detector.block_offset, detector.detector->state_bytes()));
  }
}

void Ensemble::start_entity(State payload) const {
  for (const DetectorPlan& detector : plan_.detectors) {
    if (detector.scope != Scope::entity) continue;
    detector.detector->start(
        payload.subspan(detector.block_offset, detector.detector->state_bytes()));
  }
}

/// Adds what `work` takes to the time of a detector, where this event is timed.
template <class Work>
void Ensemble::timed(std::size_t index, Work work) {
  const std::uint64_t began = stopwatch_ != nullptr ? stopwatch_() : 0;
  work();
  if (stopwatch_ != nullptr) nanoseconds_[index] += stopwatch_() - began;
}

Verdict Ensemble::judge(const SightedEvent& event) {
  for (std::size_t i = 0; i < plan_.detectors.size(); ++i) {
    nanoseconds_[i] = 0;
    timed(i, [&] { seat(i, event); });
  }
  const std::uint64_t all = event.point.present;
  const std::uint64_t admitted = plan_.limits.is_empty() ? all : this->admitted(event);
  if (admitted == all) return judge_columns(event, all, Pass::real);

  Verdict limited = judge_columns(event, admitted, Pass::rehearsal);
  rehearsed_ = opinions_;
  const Verdict whole = judge_columns(event, all, Pass::real);
  opinions_ = rehearsed_;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    parts_[i].judged.present = narrowed(i, admitted);
  }
  if (!limited.has_p && whole.has_p) {  // Nothing that may be strange: certainly normal.
    limited.has_p = true;
    limited.confidence = whole.confidence;
  }
  return limited;
}

/// Gives a detector its part in the event.
void Ensemble::seat(std::size_t index, const SightedEvent& event) {
  Part& part = parts_[index];
  part.block = block_of(index, event);
  part.point = part.judged = narrowed(index, event.point);
  if (part.point.present == 0) part.block = {};
}

/// The columns that may be strange in this event.
std::uint64_t Ensemble::admitted(const SightedEvent& event) const {
  std::uint64_t admitted = 0;
  for (std::size_t column = 0; column < plan_.dimensions(); ++column) {
    if (!event.point.has(static_cast<int>(column))) continue;
    const bool is_raw = plan_.transforms.is_invertible(column);
    const double value =
        is_raw ? event.batch->values_of(event.row)[column] : event.point.values[column];
    std::optional<double> expected;
    if (const auto known = expectation(event.point, column)) {
      expected = plan_.transforms.shown(column, known->expected);
    }
    if (plan_.limits.admits(column, value, expected)) admitted |= std::uint64_t{1} << column;
  }
  return admitted;
}

/// What all say of an event that has only these columns.
Verdict Ensemble::judge_columns(const SightedEvent& event, std::uint64_t columns, Pass pass) {
  for (std::size_t i = 0; i < plan_.detectors.size(); ++i) {
    parts_[i].judged.present = narrowed(i, columns);
    timed(i, [&] { judge_one(i, event, pass); });
  }
  return verdict(event, pass);
}

void Ensemble::judge_one(std::size_t index, const SightedEvent& event, Pass pass) {
  const DetectorPlan& plan = plan_.detectors[index];
  Opinion& opinion = opinions_[index];
  const Part& part = parts_[index];
  opinion = {};
  if (part.block.empty() || part.judged.present == 0) return;

  const bool learns = pass == Pass::real;
  const bool calibrates = learns && event.calibrates;
  const auto score = scaled_score({plan, part.block, part.judged, shared_}, calibrates);
  auto& memory = view<DetectorMemory>(event.payload, plan.memory_offset);
  RecordMemory::Block scratch = memory.records;
  RecordMemory::Block& records = learns ? memory.records : scratch;
  if (!score) return RecordMemory::skip(records);
  opinion.has_score = true;
  opinion.is_of_stretch = plan.kind->points_to_judge > 1;
  opinion.score = score->score;
  opinion.news = RecordMemory::judge(
      records, score->standing.excess,
      {.is_breach = plan.kind->scores_breaches, .points = plan.kind->points_to_judge});
  auto& pool = view<PooledCalibrator::Block>(shared_, plan.pool_offset);
  const auto p = calibrated(pool, memory.calibrator, score->standing.rank,
                            PooledCalibrator::kShapeOfScores, calibrates);
  if (!p) return;
  const double stretch = plan.kind->points_to_judge;
  if (stretch > 1 && pool.weight < kStretches * stretch) return;
  opinion.has_p = true;
  opinion.p = stretch > 1 ? std::max(*p, stretch / (kStretches * pool.weight)) : *p;
  opinion.surprise = -decimal_log(opinion.p);
}

Verdict Ensemble::verdict(const SightedEvent& event, Pass pass) {
  Verdict verdict;
  for (std::size_t i = 0; i < opinions_.size(); ++i) {
    if (opinions_[i].news > verdict.news && !is_ordinary(opinions_[i], plan_.dimensions())) {
      verdict.news = opinions_[i].news;
      verdict.herald = i;
    }
    if (!opinions_[i].has_p) continue;
    const bool is_first = !verdict.has_p;
    verdict.has_p = true;
    if (is_first || opinions_[i].surprise > opinions_[verdict.leader].surprise) verdict.leader = i;
  }
  verdict.surprise = surprise_of_one_event(opinions_);
  verdict.excess = verdict.news;
  verdict.news = rarity_of(verdict.news, view<EntityBlock>(event.payload).events,
                           pass == Pass::real && event.calibrates);
  if (!verdict.has_p) return verdict;

  if (plan_.is_combined()) return combined(event, verdict, pass);
  const DetectorPlan& only = plan_.detectors.front();
  verdict.p = opinions_.front().p;
  verdict.score = opinions_.front().surprise;
  verdict.confidence =
      confidence_by(view<PooledCalibrator::Block>(shared_, only.pool_offset),
                    view<EntityCalibrator::Block>(event.payload, only.memory_offset));
  return verdict;
}

/// What theory says of news, corrected by how often entities of that age had as much.
double Ensemble::rarity_of(double news, std::uint32_t events, bool learns) {
  auto& pool = view<NewsPools>(shared_, plan_.news_offset).by_age[age_of(NewsPools::kFrom, events)];
  const double weight = pool.weight;
  const std::optional<double> p =
      pooled_probability(pool, news, PooledCalibrator::kShapeOfSurprises, learns);
  if (!(news > 0) || !p) return news;
  const double by_theory = power(10, -news);
  const double theory = events < kGrown ? kTheoryYoung : kTheory;
  return -decimal_log((theory * by_theory + weight * *p) / (theory + weight));
}

/// The statistic made of all opinions is calibrated among those of all entities, then by the
/// entity's own, and then once more among all entities of its age: the first makes it usable at
/// once, the second the entity's, and the last keeps the promise for all together.
Verdict Ensemble::combined(const SightedEvent& event, Verdict verdict, Pass pass) {
  constexpr double kShape = PooledCalibrator::kShapeOfSurprises;
  const bool learns = pass == Pass::real && event.calibrates;
  auto& pools = view<CombinedPools>(shared_, plan_.combined_pools_offset);
  auto& own = view<EntityCalibrator::Block>(event.payload, plan_.combined_calibrator_offset);
  const std::uint32_t events = view<EntityBlock>(event.payload).events;
  const std::size_t age = age_of(CombinedPools::kFrom, events);
  const double statistic = combine(opinions_);
  const std::optional<double> p = calibrated(pools.statistic[age], own, statistic, kShape, learns);
  if (learns) teach_older(pools.statistic, age, statistic, kShape);
  verdict.has_p = false;
  if (!p) return verdict;

  const double surprise = -decimal_log(*p);
  const std::optional<double> last = pooled_probability(pools.last[age], surprise, kShape, learns);
  if (learns) teach_older(pools.last, age, surprise, kShape);
  if (!last) return verdict;
  verdict.has_p = true;
  const double trusted = events < kGrown ? kTrustedYoung : kTrusted;
  const double weight = pools.last[age].weight;
  verdict.p = (trusted * *p + weight * *last) / (trusted + weight);
  verdict.score = -decimal_log(verdict.p);
  verdict.confidence = confidence_by(pools.statistic[age], own);
  return verdict;
}

void Ensemble::learn(double weight) {
  for (std::size_t i = 0; i < plan_.detectors.size(); ++i) {
    const DetectorPlan& plan = plan_.detectors[i];
    if (parts_[i].block.empty()) continue;
    const bool is_lessened = plan.scope == Scope::entity && !plan.kind->learns_everything;
    const double least = plan.kind->counts_events ? LearningPolicy::kAnomalyWeight : 0;
    timed(i, [&] {
      plan.detector->learn(parts_[i].block, parts_[i].point,
                           is_lessened ? std::max(weight, least) : 1);
    });
    if (stopwatch_ != nullptr)
      counters_->detector_seconds[i].observe(static_cast<double>(nanoseconds_[i]) * 1e-9);
  }
}

State Ensemble::block_of(std::size_t index, const SightedEvent& event) {
  const DetectorPlan& plan = plan_.detectors[index];
  if (plan.scope == Scope::group) return group_block(index, event);
  const State home = plan.scope == Scope::entity ? event.payload : shared_;
  const State block = home.subspan(plan.block_offset, plan.detector->state_bytes());
  if (plan.scope == Scope::stream) {
    settle(index, 0, block);
  } else if (plan.detector->refit() != nullptr) {
    settle_own(*plan.detector, block);
  }
  return block;
}

State Ensemble::group_block(std::size_t index, const SightedEvent& event) {
  const DetectorPlan& plan = plan_.detectors[index];
  const TextRange range = event.batch->groups_of(event.row)[plan.group];
  if (range.length == 0) return {};
  const std::string_view group = event.batch->view(range).substr(0, kEntityMaxBytes);
  SlotTable& table = *groups_[plan.group];
  SilentEviction farewell;  // What is known of groups is in no incident.
  const SlotTable::Touched touched =
      table.touch(group, XXH3_64bits(group.data(), group.size()), event.sequence, farewell);
  const State block = table.write(touched.slot).first(plan.detector->state_bytes());
  if (touched.is_new) {
    refits_[index].forget(touched.slot);
    plan.detector->start(block);
  }
  settle(index, touched.slot, block);
  return block;
}

void Ensemble::settle(std::size_t index, std::size_t model, State block) {
  const std::optional<RefitAdopted> adopted = refits_[index].settle(model, block);
  if (!adopted) return;
  counters_->refits.add();
  counters_->refit_seconds.observe(adopted->seconds);
  if (adopted->waited) counters_->refit_waits.add();
}

/// An entity's own model is small: its refit is computed when it is due.
void Ensemble::settle_own(const Detector& detector, State block) {
  const Refit& refit = *detector.refit();
  if (refit.phase(block) != Refit::Phase::due) return;
  std::vector<std::byte> result(refit.result_bytes());
  refit.run(block, result);
  refit.adopt(block, result);
  counters_->refits.add();
}

Point Ensemble::narrowed(std::size_t index, const Point& point) {
  const DetectorPlan& plan = plan_.detectors[index];
  if (plan.sees_all_features) return point;
  for (std::size_t i = 0; i < plan.features.size(); ++i) {
    narrowed_[index][i] = point.values[plan.features[i]];
    if (!point.forecasts.empty()) foreseen_[index][i] = point.forecasts[plan.features[i]];
  }
  Point narrow{.values = narrowed_[index],
               .present = narrowed(index, point.present),
               .time_ms = point.time_ms,
               .known_since_ms = point.known_since_ms};
  if (!point.forecasts.empty()) narrow.forecasts = foreseen_[index];
  return narrow;
}

/// Bits of the stream's columns as a detector numbers them.
std::uint64_t Ensemble::narrowed(std::size_t index, std::uint64_t columns) const {
  const DetectorPlan& plan = plan_.detectors[index];
  if (plan.sees_all_features) return columns;
  std::uint64_t own = 0;
  for (std::size_t i = 0; i < plan.features.size(); ++i) {
    own |= (columns >> plan.features[i] & 1U) << i;
  }
  return own;
}

void Ensemble::explain(std::size_t leader, std::span<double> shares) {
  const DetectorPlan& plan = plan_.detectors[leader];
  const Part& part = parts_[leader];
  const DetectorView sight{plan, part.block, part.judged, shared_};
  if (plan.sees_all_features) return explain_scaled(sight, shares);
  const auto narrow = std::span(narrow_shares_).first(plan.features.size());
  explain_scaled(sight, narrow);
  std::fill(shares.begin(), shares.end(), 0);
  for (std::size_t i = 0; i < narrow.size(); ++i) shares[plan.features[i]] = narrow[i];
}

std::optional<Expectation> Ensemble::expectation(const Point& point, std::size_t column) const {
  if (!(point.scale_of(column) > 0)) return expectation(column);
  const Forecast& made = point.forecasts[column];
  return Expectation{.expected = made.expected, .lower = made.lower, .upper = made.upper};
}

std::optional<Expectation> Ensemble::expectation(std::size_t column) const {
  for (std::size_t i = 0; i < plan_.detectors.size(); ++i) {
    const DetectorPlan& plan = plan_.detectors[i];
    if (parts_[i].block.empty()) continue;
    for (int dimension = 0; dimension < plan.detector->dimensions(); ++dimension) {
      if (plan.column_of(static_cast<std::size_t>(dimension)) != column) continue;
      if (const auto known = plan.detector->expectation(parts_[i].block, dimension)) return known;
    }
  }
  return std::nullopt;
}

std::size_t Ensemble::models() const {
  std::size_t models = 0;
  for (const DetectorPlan& plan : plan_.detectors) models += plan.scope == Scope::stream ? 1 : 0;
  for (const auto& table : groups_) models += table->size();
  return models;
}

std::size_t Ensemble::group_bytes() const {
  std::size_t bytes = 0;
  for (const auto& table : groups_) bytes += table->bytes();
  return bytes;
}

}  // namespace tocsin
