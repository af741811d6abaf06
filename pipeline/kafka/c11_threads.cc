#include "pipeline/kafka/c11_threads.h"

// librdkafka is built on C11's <threads.h>, which the thread sanitizer of GCC 12 does not know: a
// thread that began there crashes in its first intercepted call. So under the sanitizer, and only
// there, the program brings its own <threads.h> made of the pthread calls that the sanitizer knows;
// in glibc their types are the same. Every other build uses the C library's.
#if defined(__SANITIZE_THREAD__)

#include <pthread.h>
#include <threads.h>

#include <memory>

static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t) && sizeof(cnd_t) == sizeof(pthread_cond_t) &&
              sizeof(thrd_t) == sizeof(pthread_t));

namespace {

pthread_mutex_t* mutex_of(mtx_t* mutex) { return reinterpret_cast<pthread_mutex_t*>(mutex); }
pthread_cond_t* condition_of(cnd_t* condition) {
  return reinterpret_cast<pthread_cond_t*>(condition);
}
int answer(int error) {
  if (error == 0) return thrd_success;
  if (error == ETIMEDOUT) return thrd_timedout;
  return error == EBUSY ? thrd_busy : thrd_error;
}

struct Start {
  thrd_start_t call;
  void* argument;
};

void* begin(void* argument) {
  const std::unique_ptr<Start> start(static_cast<Start*>(argument));
  start->call(start->argument);
  return nullptr;
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming, misc-definitions-in-headers): C11's
// and the sanitizer's names.
extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t call, void* argument) {
  auto start = std::make_unique<Start>(Start{call, argument});
  const int error = pthread_create(thread, nullptr, begin, start.get());
  if (error == 0) static_cast<void>(start.release());  // The thread's.
  return answer(error);
}
int thrd_join(thrd_t thread, int* result) {
  if (result != nullptr) *result = 0;
  return answer(pthread_join(thread, nullptr));
}
int thrd_detach(thrd_t thread) { return answer(pthread_detach(thread)); }

int mtx_init(mtx_t* mutex, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  const bool is_recursive = (type & mtx_recursive) != 0;
  pthread_mutexattr_settype(&attributes,
                            is_recursive ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
  const int error = pthread_mutex_init(mutex_of(mutex), &attributes);
  pthread_mutexattr_destroy(&attributes);
  return answer(error);
}
int mtx_lock(mtx_t* mutex) { return answer(pthread_mutex_lock(mutex_of(mutex))); }
int mtx_trylock(mtx_t* mutex) { return answer(pthread_mutex_trylock(mutex_of(mutex))); }
int mtx_unlock(mtx_t* mutex) { return answer(pthread_mutex_unlock(mutex_of(mutex))); }
void mtx_destroy(mtx_t* mutex) { pthread_mutex_destroy(mutex_of(mutex)); }

int cnd_init(cnd_t* condition) {
  return answer(pthread_cond_init(condition_of(condition), nullptr));
}
int cnd_signal(cnd_t* condition) { return answer(pthread_cond_signal(condition_of(condition))); }
int cnd_broadcast(cnd_t* condition) {
  return answer(pthread_cond_broadcast(condition_of(condition)));
}
int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return answer(pthread_cond_wait(condition_of(condition), mutex_of(mutex)));
}
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  return answer(pthread_cond_timedwait(condition_of(condition), mutex_of(mutex), until));
}
void cnd_destroy(cnd_t* condition) { pthread_cond_destroy(condition_of(condition)); }

// What librdkafka does by itself is not ours to judge: it orders its memory by atomic operations
// that were not instrumented. Its mutexes are seen, because they are the ones above, but not how
// they came to where they are used.
const char* __tsan_default_suppressions() {
  return "called_from_lib:librdkafka.so\nrace:mtx_\nrace:cnd_\n";
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming, misc-definitions-in-headers)

#endif

namespace tocsin {

void link_c11_threads() {}

}  // namespace tocsin
