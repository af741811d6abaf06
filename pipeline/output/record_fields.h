// The fields of proto/tocsin.proto, as the writers know them.

#pragma once

#include <cstdint>
#include <string_view>

namespace tocsin {

/// One field: its number in protobuf, and what stands before its value in JSON.
///
/// Every key begins with a comma; the first one of an object is turned into a brace
/// (json_format.h).
struct RecordField {
  std::uint32_t number = 0;
  std::string_view key;

  /// The name alone.
  constexpr std::string_view name() const { return key.substr(2, key.size() - 4); }
};

/// Of ScoredRecord and Alert.
namespace record_field {
inline constexpr RecordField kId{1, ",\"id\":"};
inline constexpr RecordField kRevision{2, ",\"revision\":"};
inline constexpr RecordField kStream{3, ",\"stream\":"};
inline constexpr RecordField kEntity{4, ",\"entity\":"};
inline constexpr RecordField kTime{5, ",\"time\":"};
inline constexpr RecordField kStatus{6, ",\"status\":"};
inline constexpr RecordField kScore{7, ",\"score\":"};
inline constexpr RecordField kPValue{8, ",\"p_value\":"};
inline constexpr RecordField kAlertScore{9, ",\"alert_score\":"};
inline constexpr RecordField kIsAnomaly{10, ",\"is_anomaly\":"};
inline constexpr RecordField kSeverity{11, ",\"severity\":"};
inline constexpr RecordField kConfidence{12, ",\"confidence\":"};
inline constexpr RecordField kFeatures{13, ",\"features\":"};
inline constexpr RecordField kDetectors{14, ",\"detectors\":"};
inline constexpr RecordField kLearning{15, ",\"learning\":"};
inline constexpr RecordField kModel{16, ",\"model\":"};
inline constexpr RecordField kSource{17, ",\"source\":"};
inline constexpr RecordField kEvent{18, ",\"event\":"};
inline constexpr RecordField kSubstitute{19, ",\"substitute\":"};
}  // namespace record_field

/// Of Alert alone.
namespace alert_field {
inline constexpr RecordField kState{30, ",\"state\":"};
inline constexpr RecordField kIncident{31, ",\"incident\":"};
inline constexpr RecordField kOpened{32, ",\"opened\":"};
inline constexpr RecordField kClosed{33, ",\"closed\":"};
inline constexpr RecordField kCloseReason{34, ",\"close_reason\":"};
inline constexpr RecordField kCount{35, ",\"count\":"};
inline constexpr RecordField kWorstScore{36, ",\"worst_score\":"};
inline constexpr RecordField kWorstId{37, ",\"worst_id\":"};
inline constexpr RecordField kTitle{38, ",\"title\":"};
inline constexpr RecordField kKind{39, ",\"kind\":"};
inline constexpr RecordField kSuggestion{40, ",\"suggestion\":"};
inline constexpr RecordField kRelated{41, ",\"related\":"};
inline constexpr RecordField kExplanation{42, ",\"explanation\":"};
}  // namespace alert_field

/// Of Feature.
namespace feature_field {
inline constexpr RecordField kName{1, ",\"name\":"};
inline constexpr RecordField kValue{2, ",\"value\":"};
inline constexpr RecordField kExpected{3, ",\"expected\":"};
inline constexpr RecordField kLower{4, ",\"lower\":"};
inline constexpr RecordField kUpper{5, ",\"upper\":"};
inline constexpr RecordField kShare{6, ",\"share\":"};
}  // namespace feature_field

/// Of Detector.
namespace detector_field {
inline constexpr RecordField kType{1, ",\"type\":"};
inline constexpr RecordField kScore{2, ",\"score\":"};
inline constexpr RecordField kPValue{3, ",\"p_value\":"};
}  // namespace detector_field

/// Of Model.
namespace model_field {
inline constexpr RecordField kConfig{1, ",\"config\":"};
inline constexpr RecordField kVersion{2, ",\"version\":"};
}  // namespace model_field

/// Of Source.
namespace source_field {
inline constexpr RecordField kTopic{1, ",\"topic\":"};
inline constexpr RecordField kPartition{2, ",\"partition\":"};
inline constexpr RecordField kOffset{3, ",\"offset\":"};
}  // namespace source_field

/// Of Substitute.
namespace substitute_field {
inline constexpr RecordField kReason{1, ",\"reason\":"};
inline constexpr RecordField kLength{2, ",\"length\":"};
inline constexpr RecordField kSha256{3, ",\"sha256\":"};
}  // namespace substitute_field

}  // namespace tocsin
