#include "daemon/state_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <variant>

#include "daemon/json_text.h"
#include "daemon/memory_plan.h"
#include "daemon/text_table.h"
#include "pipeline/input/base64.h"
#include "pipeline/input/json_text.h"
#include "pipeline/output/timestamp.h"

namespace tocsin {
namespace {

/// Of the words beside an offset, `tocsin1`, and of state records.
constexpr int kFormat = 1;

std::string owner_text(std::uint64_t owner) { return fmt::format("{:016x}", owner); }

std::string time_text(std::int64_t time_ms) {
  std::string text(kTimestampLength, ' ');
  write_timestamp(text.data(), time_ms);
  return text;
}

void add_mark(JsonObject& line, const PartitionMark& mark) {
  line.add("format", kFormat)
      .add("sequence", mark.sequence)
      .add("definition", mark.definition)
      .add("configuration", mark.configuration)
      .add("owner", owner_text(mark.owner))
      .add("lineage_offset", mark.lineage_offset)
      .add("last_record", mark.last.number)
      .add("records_since", mark.since.count);
  if (mark.resumed) line.add("resumed_offset", *mark.resumed);
  if (!mark.snapshot) return;
  JsonObject snapshot;
  snapshot.add("id", mark.snapshot->id)
      .add("owner", owner_text(mark.snapshot->owner))
      .add("start_offset", mark.snapshot->start_offset)
      .add("oldest_offset", mark.snapshot->oldest_offset)
      .add("input_offset", mark.snapshot->input_offset);
  line.add_raw("snapshot", snapshot.text());
}

void add_start(JsonObject& line, const SnapshotStart& start) {
  line.add("input_offset", start.input_offset)
      .add("sequence", start.sequence)
      .add("entities", start.entities)
      .add("definition", start.definition)
      .add("whole", start.is_whole);
  if (start.written_ms > 0) line.add("written", time_text(start.written_ms));
}

struct ContentWriter {
  JsonObject& line;

  void operator()(const SnapshotStart& start) const {
    line.add("content", "snapshot_start");
    add_start(line, start);
  }
  void operator()(const SnapshotPiece& piece) const {
    const bool is_head = piece.kind == SnapshotPiece::Kind::head;
    line.add("content", is_head ? "head" : "chunks").add("raw_bytes", piece.raw_bytes);
  }
  void operator()(const SnapshotEnd& end) const {
    line.add("content", "snapshot_end")
        .add("pieces", end.pieces)
        .add("raw_bytes", end.raw_bytes)
        .add("zstd_bytes", end.zstd_bytes);
  }
  void operator()(const JournalEntry& entry) const {
    constexpr std::array<const char*, 3> kKinds{"lineage_began", "configuration", "gap"};
    line.add("content", kKinds[static_cast<std::size_t>(entry.kind)])
        .add("input_offset", entry.input_offset);
    if (entry.kind == JournalEntry::Kind::gap) line.add("gap_end", entry.gap_end);
    if (!entry.configuration.empty()) line.add("configuration", entry.configuration);
    if (!entry.definition.empty()) line.add("definition", entry.definition);
  }
};

std::string note_of(const StateLine& line, const StateDigest& digest) {
  const SurveyedPartition& place = line.place;
  if (!digest.trouble().empty()) return digest.trouble();
  if (!place.committed)
    return line.records > 0 ? "state, but no committed offset" : "nothing is committed yet";
  if (place.committed->metadata == kNewLineageWords) return "reset: begins anew at its next start";
  if (place.committed->metadata.empty()) return "an offset without state";
  if (!line.mark) return "the offset's words are not ours";
  if (line.mark->snapshot && !line.named) return "the snapshot is not there";
  if (line.named && !line.named->is_complete) return "the snapshot is not whole";
  if (!line.is_same_definition) return "of another configuration";
  return line.mark->snapshot ? "" : "no snapshot yet";
}

/// Offset, sequence, records since the snapshot.
void add_mark_cells(std::vector<std::string>& row, const StateLine& line) {
  const auto& committed = line.place.committed;
  row.push_back(committed ? count_text(static_cast<std::uint64_t>(committed->offset)) : "-");
  row.push_back(line.mark ? count_text(line.mark->sequence) : "-");
  row.push_back(line.mark ? count_text(line.mark->since.count) : "-");
}

/// Its number, age, entities and chunks.
void add_snapshot_cells(std::vector<std::string>& row, const StateLine& line, std::int64_t now_ms) {
  if (!line.named || !line.named->start) {
    row.insert(row.end(), 4, "-");
    return;
  }
  const SnapshotStart& start = *line.named->start;
  row.push_back(std::to_string(line.named->id));
  row.push_back(start.written_ms > 0 ? age_text(now_ms - start.written_ms) : "-");
  row.push_back(count_text(start.entities));
  row.push_back(count_text(line.chunks));
}

std::string held_json(const SnapshotDigest& held, std::size_t chunks, std::int64_t now_ms) {
  JsonObject object;
  if (held.start) {
    add_start(object, *held.start);
    if (held.start->written_ms > 0)
      object.add("age_seconds", static_cast<double>(now_ms - held.start->written_ms) / 1000);
  }
  return object.add("complete", held.is_complete)
      .add("pieces", held.pieces)
      .add("chunks", chunks)
      .add("raw_bytes", held.raw_bytes)
      .add("zstd_bytes", held.zstd_bytes)
      .text();
}

std::string line_json(const StateLine& line, std::int64_t now_ms) {
  JsonObject object;
  object.add("stream", line.stream)
      .add("topic", line.place.input.topic)
      .add("partition", line.place.input.partition);
  if (line.place.committed) object.add("offset", line.place.committed->offset);
  if (line.mark) {
    add_mark(object, *line.mark);
    object.add("same_definition", line.is_same_definition);
  }
  if (line.named) object.add_raw("held", held_json(*line.named, line.chunks, now_ms));
  JsonObject topic;
  topic.add("name", line.place.state.topic)
      .add("exists", line.place.has_state)
      .add("first_offset", line.place.state_marks.low)
      .add("end_offset", line.place.state_marks.high)
      .add("records", line.records)
      .add("bytes", line.bytes)
      .add("snapshots", line.snapshots)
      .add("journal", line.journal);
  object.add_raw("state_topic", topic.text());
  if (!line.note.empty()) object.add("note", line.note);
  return object.text();
}

}  // namespace

std::string age_text(std::int64_t age_ms) {
  const std::int64_t seconds = std::max<std::int64_t>(age_ms, 0) / 1000;
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 7'200) return fmt::format("{} min", seconds / 60);
  if (seconds < 172'800) return fmt::format("{} h", seconds / 3'600);
  return fmt::format("{} d", seconds / 86'400);
}

StateLine state_line(const StreamPlanRef& plan, const SurveyedPartition& place,
                     const StateDigest& digest) {
  StateLine line{.stream = plan->settings().name,
                 .place = place,
                 .records = digest.records(),
                 .bytes = digest.bytes(),
                 .journal = digest.journal(),
                 .snapshots = digest.snapshots().size(),
                 .chunks = digest.chunks()};
  if (place.committed) line.mark = PartitionMark::parse(place.committed->metadata);
  if (const SnapshotDigest* named = digest.named()) line.named = *named;
  if (line.mark) line.is_same_definition = line.mark->definition == plan->definition_hash();
  line.note = note_of(line, digest);
  return line;
}

std::string state_lines_table(std::span<const StateLine> lines, std::int64_t now_ms) {
  TextTable table({{.name = "PARTITION"},
                   {.name = "OFFSET", .is_right = true},
                   {.name = "SEQUENCE", .is_right = true},
                   {.name = "SINCE", .is_right = true},
                   {.name = "SNAPSHOT", .is_right = true},
                   {.name = "AGE", .is_right = true},
                   {.name = "ENTITIES", .is_right = true},
                   {.name = "CHUNKS", .is_right = true},
                   {.name = "BYTES", .is_right = true},
                   {.name = "FORMAT", .is_right = true},
                   {.name = "NOTE"}});
  for (const StateLine& line : lines) {
    std::vector<std::string> row{line.place.name()};
    add_mark_cells(row, line);
    add_snapshot_cells(row, line, now_ms);
    row.insert(row.end(),
               {bytes_text(line.bytes), line.mark ? std::to_string(kFormat) : "-", line.note});
    table.add(std::move(row));
  }
  return table.text();
}

std::string state_lines_json(const std::string& app, std::span<const StateLine> lines,
                             std::int64_t now_ms) {
  std::string all;
  for (const StateLine& line : lines) {
    all += all.empty() ? "" : ",";
    all += line_json(line, now_ms);
  }
  JsonObject document;
  document.add("app", app).add_raw("partitions", "[" + all + "]");
  return document.text() + "\n";
}

std::string partition_line(std::string_view stream, const SurveyedPartition& place,
                           const std::optional<PartitionMark>& mark) {
  JsonObject line;
  line.add("kind", "partition")
      .add("stream", stream)
      .add("topic", place.input.topic)
      .add("partition", place.input.partition);
  if (place.committed) {
    line.add("offset", place.committed->offset).add("metadata", place.committed->metadata);
  }
  if (mark) add_mark(line, *mark);
  return line.text();
}

std::string record_line(const SurveyedPartition& place, std::int64_t offset,
                        std::string_view bytes) {
  JsonObject line;
  line.add("kind", "record")
      .add("state_topic", place.state.topic)
      .add("partition", place.state.partition)
      .add("offset", offset);
  if (const Result<StateRecord> record = StateRecord::decode(bytes)) {
    line.add("format", kFormat)
        .add("number", record->number)
        .add("owner", owner_text(record->owner));
    if (record->snapshot > 0) line.add("snapshot", record->snapshot);
    std::visit(ContentWriter{line}, record->content);
  } else {
    line.add("unreadable", record.error().message);
  }
  std::string text;
  append_base64(text, bytes);
  line.add("value_base64", text);
  return line.text();
}

std::string entity_line(std::string_view stream, const SurveyedPartition& place,
                        const Partition::EntityView& entity) {
  JsonObject line;
  line.add("kind", "entity")
      .add("stream", stream)
      .add("topic", place.input.topic)
      .add("partition", place.input.partition);
  if (is_utf8(entity.key)) {
    line.add("entity", entity.key);
  } else {
    std::string text;
    append_base64(text, entity.key);
    line.add("entity_base64", text);
  }
  line.add("last_sequence", entity.last_seen)
      .add("warm", entity.is_warm)
      .add("open_incident", entity.has_incident);
  return line.text();
}

}  // namespace tocsin
