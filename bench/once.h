/* A process that signs once: what both programs have in common. */
#ifndef JPKI_BENCH_ONCE_H
#define JPKI_BENCH_ONCE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The PKCS #1 DigestInfo of SHA-256 with some digest. */
static const unsigned char digest_info_head[19] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                                   0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
enum { digest_info_size = 51 };

static void fill_digest_info(unsigned char* block) {
  memset(block, 0x5a, digest_info_size);
  memcpy(block, digest_info_head, sizeof digest_info_head);
}

/* Exits with a reason on standard output, where jpki-bench reads. */
static void expect(int good, const char* what) {
  if (good) return;
  puts(what);
  exit(1);
}

/* The process's peak of memory, in KiB. getrusage would tell that of the process which started it. */
static void print_peak(void) {
  char line[256];
  FILE* status = fopen("/proc/self/status", "r");
  expect(status != NULL, "/proc/self/status");
  while (fgets(line, sizeof line, status) != NULL) {
    if (strncmp(line, "VmHWM:", 6) == 0) printf("%ld\n", strtol(line + 6, NULL, 10));
  }
  fclose(status);
}

#endif
