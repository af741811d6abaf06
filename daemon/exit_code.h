// What the process says when it ends.

#pragma once

namespace tocsin {

inline constexpr int kExitOk = 0;
inline constexpr int kExitRuntime = 1;  ///< Something outside failed: a broker, a disk, a file.
inline constexpr int kExitUsage = 64;   ///< The command line is wrong (EX_USAGE).
inline constexpr int kExitConfiguration = 78;  ///< The configuration is wrong (EX_CONFIG).

}  // namespace tocsin
