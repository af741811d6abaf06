// C11 threads for the thread sanitizer. Internal to this folder.

#pragma once

namespace tocsin {

/// Does nothing, but makes the linker take c11_threads.cc: call it before the first client.
void link_c11_threads();

}  // namespace tocsin
