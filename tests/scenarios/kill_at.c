/* Preloaded into a program: kills it at the KILL_AT-th of its steps that change files, with that one left
   undone; of a writing, half is done. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int is_the_step(void) {
  static int steps;
  const char* at = getenv("KILL_AT");
  return at != NULL && ++steps == atoi(at);
}

static void die(void) { kill(getpid(), SIGKILL); }

#define REAL(name)        \
  __typeof__(&name) real; \
  *(void**)&real = dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void* data, size_t size) {
  REAL(write);
  if (fd > STDERR_FILENO && is_the_step()) {
    (void)!real(fd, data, size / 2);
    die();
  }
  return real(fd, data, size);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  REAL(pwrite);
  if (is_the_step()) {
    (void)!real(fd, data, size / 2, at);
    die();
  }
  return real(fd, data, size, at);
}

int ftruncate(int fd, off_t size) {
  REAL(ftruncate);
  if (is_the_step()) die();
  return real(fd, size);
}

int rename(const char* from, const char* to) {
  REAL(rename);
  if (is_the_step()) die();
  return real(from, to);
}

int link(const char* from, const char* to) {
  REAL(link);
  if (is_the_step()) die();
  return real(from, to);
}

int unlink(const char* path) {
  REAL(unlink);
  if (is_the_step()) die();
  return real(path);
}

int mkdir(const char* path, mode_t mode) {
  REAL(mkdir);
  if (is_the_step()) die();
  return real(path, mode);
}
