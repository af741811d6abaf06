#include "tests/simulation/sabotage.h"

#include <array>
#include <map>
#include <string>
#include <utility>

#include "tests/simulation/forwarding.h"
#include "tests/simulation/pod.h"

namespace tocsin::simulation {
namespace {

/// Puts a `Writer` around every writer.
template <class Writer>
class AroundWriters final : public Sabotage {
 public:
  static std::unique_ptr<Sabotage> make(const MemoryLog&) {
    return std::make_unique<AroundWriters>();
  }
  using Sabotage::around;
  std::unique_ptr<LogWriter> around(std::unique_ptr<LogWriter> writer) override {
    return std::make_unique<Writer>(std::move(writer));
  }
};

/// Puts a `Reader` around every reader.
template <class Reader>
class AroundReaders final : public Sabotage {
 public:
  explicit AroundReaders(const MemoryLog& log) : log_(log) {}
  static std::unique_ptr<Sabotage> make(const MemoryLog& log) {
    return std::make_unique<AroundReaders>(log);
  }
  using Sabotage::around;
  std::unique_ptr<LogReader> around(std::unique_ptr<LogReader> reader) override {
    return std::make_unique<Reader>(std::move(reader), log_);
  }

 private:
  const MemoryLog& log_;
};

class LyingCommit final : public ForwardingWriter {
 public:
  using ForwardingWriter::ForwardingWriter;
  WriteOutcome commit() override {
    if (++commits_ % 5 != 0) return ForwardingWriter::commit();
    return ForwardingWriter::abort();
  }

 private:
  int commits_ = 0;
};

class LostOffsets final : public ForwardingWriter {
 public:
  using ForwardingWriter::ForwardingWriter;
  WriteOutcome send_offsets(std::span<const OffsetToCommit> offsets,
                            const GenerationRef& generation) override {
    if (++sendings_ % 5 != 0) return ForwardingWriter::send_offsets(offsets, generation);
    return {};
  }

 private:
  int sendings_ = 0;
};

class UnsettledOutcome final : public ForwardingWriter {
 public:
  using ForwardingWriter::ForwardingWriter;
  WriteOutcome commit() override {
    WriteOutcome outcome = ForwardingWriter::commit();
    if (outcome.status != WriteStatus::reopen || open().status != WriteStatus::ok) return outcome;
    return {WriteStatus::resend, outcome.reason};
  }
};

class OtherBytesAgain final : public ForwardingWriter {
 public:
  using ForwardingWriter::ForwardingWriter;
  std::size_t produce(std::span<const WriteRecord> records) override {
    if (!std::exchange(is_again_, false) || records.size() < 2)
      return ForwardingWriter::produce(records);
    const std::size_t taken = ForwardingWriter::produce(records.first(records.size() - 1));
    return taken == records.size() - 1 ? records.size() : taken;
  }
  WriteOutcome abort() override {
    is_again_ = true;
    return ForwardingWriter::abort();
  }

 private:
  bool is_again_ = false;
};

class ForgottenOffset final : public ForwardingReader {
 public:
  ForgottenOffset(std::unique_ptr<LogReader> inner, const MemoryLog&)
      : ForwardingReader(std::move(inner)) {}
  Result<std::optional<CommittedOffset>> committed(PartitionHandle partition) override {
    auto found = ForwardingReader::committed(partition);
    if (!found) return found;
    return std::optional<CommittedOffset>();
  }
};

/// Knows which partition a handle is.
class NamingReader : public ForwardingReader {
 public:
  NamingReader(std::unique_ptr<LogReader> inner, const MemoryLog& log)
      : ForwardingReader(std::move(inner)), log_(log) {}

  Result<std::size_t> poll(ReadSink& sink, std::size_t records_max) override {
    Naming naming(sink, *this);
    return ForwardingReader::poll(naming, records_max);
  }

 protected:
  /// Whatever is open, and without asking anybody.
  std::optional<CommittedOffset> last_committed(PartitionHandle partition) const {
    const auto& [topic, number] = names_.at(partition);
    return log_.committed(kApp, topic, number);
  }
  virtual bool lets_through(const ReadRecord& /*record*/) { return true; }

 private:
  class Naming final : public ForwardingSink {
   public:
    Naming(ReadSink& inner, NamingReader& self) : ForwardingSink(inner), self_(self) {}
    void assigned(std::span<const Assignment> partitions, GenerationRef generation) override {
      for (const Assignment& a : partitions) self_.names_[a.handle] = {a.topic, a.partition};
      ForwardingSink::assigned(partitions, std::move(generation));
    }
    void record(const ReadRecord& record) override {
      if (self_.lets_through(record)) ForwardingSink::record(record);
    }

   private:
    NamingReader& self_;
  };

  const MemoryLog& log_;
  std::map<PartitionHandle, std::pair<std::string, std::int32_t>> names_;
};

class UnstableOffset final : public NamingReader {
 public:
  using NamingReader::NamingReader;
  Result<std::optional<CommittedOffset>> committed(PartitionHandle partition) override {
    return last_committed(partition);
  }
};

class ShortReplay final : public NamingReader {
 public:
  using NamingReader::NamingReader;

 private:
  bool lets_through(const ReadRecord& record) override {
    const auto committed = last_committed(record.partition);
    return !committed || record.offset != committed->offset - 1;
  }
};

/// Every epoch is bound to the generation that any member heard of last.
class AnyGeneration final : public Sabotage {
 public:
  static std::unique_ptr<Sabotage> make(const MemoryLog&) {
    return std::make_unique<AnyGeneration>();
  }
  std::unique_ptr<LogReader> around(std::unique_ptr<LogReader> reader) override {
    return std::make_unique<Reader>(std::move(reader), latest_);
  }
  std::unique_ptr<LogWriter> around(std::unique_ptr<LogWriter> writer) override {
    return std::make_unique<Writer>(std::move(writer), latest_);
  }

 private:
  class Sink final : public ForwardingSink {
   public:
    Sink(ReadSink& inner, GenerationRef& latest) : ForwardingSink(inner), latest_(latest) {}
    void assigned(std::span<const Assignment> partitions, GenerationRef generation) override {
      latest_ = generation;
      ForwardingSink::assigned(partitions, std::move(generation));
    }

   private:
    GenerationRef& latest_;
  };
  class Reader final : public ForwardingReader {
   public:
    Reader(std::unique_ptr<LogReader> inner, GenerationRef& latest)
        : ForwardingReader(std::move(inner)), latest_(latest) {}
    Result<std::size_t> poll(ReadSink& sink, std::size_t records_max) override {
      Sink listening(sink, latest_);
      return ForwardingReader::poll(listening, records_max);
    }

   private:
    GenerationRef& latest_;
  };
  class Writer final : public ForwardingWriter {
   public:
    Writer(std::unique_ptr<LogWriter> inner, const GenerationRef& latest)
        : ForwardingWriter(std::move(inner)), latest_(latest) {}
    WriteOutcome send_offsets(std::span<const OffsetToCommit> offsets,
                              const GenerationRef&) override {
      return ForwardingWriter::send_offsets(offsets, latest_);
    }

   private:
    const GenerationRef& latest_;
  };

  GenerationRef latest_;
};

constexpr std::array kSabotages{
    SabotageKind{.name = "lying commit",
                 .summary = "a commit is reported that did not happen",
                 .make = AroundWriters<LyingCommit>::make},
    SabotageKind{.name = "lost offsets",
                 .summary = "outputs are committed without their offsets",
                 .make = AroundWriters<LostOffsets>::make},
    SabotageKind{.name = "unsettled outcome",
                 .summary = "after an unknown outcome the epoch is sent again without asking",
                 .make = AroundWriters<UnsettledOutcome>::make},
    SabotageKind{.name = "other bytes again",
                 .summary = "what is sent again is not what was sent before",
                 .make = AroundWriters<OtherBytesAgain>::make},
    SabotageKind{.name = "forgotten offset",
                 .summary = "a replay writes what was written before",
                 .make = AroundReaders<ForgottenOffset>::make},
    SabotageKind{.name = "unstable offset",
                 .summary = "the committed offset is taken while a transaction is open",
                 .make = AroundReaders<UnstableOffset>::make},
    SabotageKind{.name = "short replay",
                 .summary = "a replay leaves the last record out",
                 .make = AroundReaders<ShortReplay>::make},
    SabotageKind{.name = "any generation",
                 .summary = "epochs are not bound to the generation they were read under",
                 .make = AnyGeneration::make},
};

}  // namespace

std::span<const SabotageKind> sabotages() { return kSabotages; }

}  // namespace tocsin::simulation
