// What an entity has already shown: the records of a detector's scores, and how new a higher one
// is.

#pragma once

#include <cstdint>

namespace tocsin {

/// Judges by how much a score exceeds everything that one detector has said of one entity.
///
/// In a series without change the next value is a record with probability 1/n, so a record alone is
/// little news after a few events, and more after thousands; where records have come oftener than
/// that (the share of events that were news, decayed over 2,000) their own rate counts instead. A
/// record that exceeds the last one by the share e of the distance from the typical score to it
/// has, under an exponential tail, the probability (1/n)^(1+e); tails are heavier than that, so e
/// counts by its logarithm:
///
///     news = -log10 rate + 2 ln(1 + 3 e) log10 n
///
/// A score must exceed the record by a fifth to be news; the margin grows by half of that with
/// every record that did and comes back within some thousand events, so that a series that climbs
/// is not reported at each step. Scores are compared by their logarithm. A record fades towards the
/// typical score with a half-life of 10,000 scored events. What a detector calls a breach
/// (`scores_breaches`) is taken for e as it is.
///
/// Where a detector judges stretches, n counts stretches (`points_to_judge` events are one).
///
/// News says how much an event adds to what is known. It is no probability yet: series with heavy
/// tails have more of it. `Ensemble` corrects it by how often the partition's entities have news.
///
/// Memory: 24 bytes an entity and detector.
///
/// Source: records of independent observations: A. Rényi, "Théorie des éléments saillants d'une
/// suite d'observations" (1962); a rate of what was never seen: I. J. Good, Biometrika 40 (1953).
class RecordMemory {
 public:
  /// Flat; zero bytes are an entity that has seen nothing.
  struct Block {
    float highest;         ///< The record, log1p of a score; fades.
    float typical;         ///< Mean of log1p of the scores.
    float growth;          ///< Of the margin.
    float news;            ///< Events that were news, decayed.
    std::uint32_t events;  ///< In which the detector took part.
    std::uint32_t scored;  ///< Of those, with a score.
  };

  /// What a score means, and what a record of it is worth.
  struct Meaning {
    bool is_breach = false;  ///< It is e itself.
    int points = 1;          ///< Scores overlap: so many events are one observation.
  };

  /// An event in which the detector has no score yet.
  static void skip(Block& block);
  /// The news in a score >= 0, by what was remembered; 0: none. Then remembers it.
  static double judge(Block& block, double score, Meaning meaning);

 private:
  static double excess(Block& block, double score);
};

}  // namespace tocsin
