extension PeakProbe {
  /// Prints the peaks of one core: `flops` with those of double fused and apart, and of float; then
  /// one `level` a working set with bytes a second read and of the triad.
  ///
  /// Every figure is the best of many short runs in two rounds: what disturbs a run lowers it.
  /// Vectors are as wide as the target's, so that no compiler has to find them.
  static let program = #"""
    #include <stdint.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <time.h>

    #if defined(__AVX512F__)
    #define WIDTH 64
    #elif defined(__AVX__)
    #define WIDTH 32
    #else
    #define WIDTH 16
    #endif
    #define FORGET() __asm__ volatile("" ::: "memory")
    #define KEPT __attribute__((noinline))

    typedef double v64 __attribute__((vector_size(WIDTH)));
    typedef float v32 __attribute__((vector_size(WIDTH)));
    typedef uint64_t vbits __attribute__((vector_size(WIDTH)));

    static volatile double sink;

    static double now(void) {
      struct timespec t;
      clock_gettime(CLOCK_MONOTONIC, &t);
      return t.tv_sec + 1e-9 * t.tv_nsec;
    }

    #define EACH6(X) X(0) X(1) X(2) X(3) X(4) X(5)
    #define EACH12(X) EACH6(X) X(6) X(7) X(8) X(9) X(10) X(11)
    #define START(k) V a##k = one + (S)k;
    #define FUSED(k) a##k = a##k * m + c;
    #define MULTIPLY(k) a##k = a##k * m;
    #define ADD(k) b##k = b##k + c;
    #define STARTB(k) V b##k = one - (S)k;
    #define SUM(k) + a##k
    #define SUMB(k) + b##k

    // Twelve chains hide the latency of two units; constants come from memory, so nothing folds.
    #define FLOPS(name, T, TV)                                     \
      KEPT static double fused_##name(long n, const T *in) {       \
        typedef T S; typedef TV V;                                 \
        V one = (V){0} + in[0], m = (V){0} + in[1], c = (V){0} + in[2]; \
        EACH12(START)                                              \
        for (long i = 0; i < n; i++) { EACH12(FUSED) }             \
        V sum = (V){0} EACH12(SUM);                                \
        return sum[0];                                             \
      }                                                            \
      KEPT static double apart_##name(long n, const T *in) {       \
        typedef T S; typedef TV V;                                 \
        V one = (V){0} + in[0], m = (V){0} + in[1], c = (V){0} + in[2]; \
        EACH6(START) EACH6(STARTB)                                 \
        for (long i = 0; i < n; i++) { EACH6(MULTIPLY) EACH6(ADD) } \
        V sum = (V){0} EACH6(SUM) EACH6(SUMB);                     \
        return sum[0];                                             \
      }
    FLOPS(double, double, v64)
    FLOPS(float, float, v32)

    KEPT static uint64_t read_all(const vbits *p, long n, long rounds) {
      vbits a0 = {0}, a1 = {0}, a2 = {0}, a3 = {0}, a4 = {0}, a5 = {0}, a6 = {0}, a7 = {0};
      for (long r = 0; r < rounds; r++) {
        for (long i = 0; i < n; i += 8) {
          a0 ^= p[i], a1 ^= p[i + 1], a2 ^= p[i + 2], a3 ^= p[i + 3];
          a4 ^= p[i + 4], a5 ^= p[i + 5], a6 ^= p[i + 6], a7 ^= p[i + 7];
        }
        FORGET();
      }
      vbits sum = a0 ^ a1 ^ a2 ^ a3 ^ a4 ^ a5 ^ a6 ^ a7;
      return sum[0];
    }

    KEPT static void triad(
      v64 *restrict a, const v64 *restrict b, const v64 *restrict c, double s, long n,
      long rounds) {
      for (long r = 0; r < rounds; r++) {
        for (long i = 0; i < n; i += 4) {
          a[i] = b[i] + s * c[i];
          a[i + 1] = b[i + 1] + s * c[i + 1];
          a[i + 2] = b[i + 2] + s * c[i + 2];
          a[i + 3] = b[i + 3] + s * c[i + 3];
        }
        FORGET();
      }
    }

    static double best(double had, double work, double seconds) {
      return seconds > 0 && work / seconds > had ? work / seconds : had;
    }

    #define MEASURE_FLOPS(function, T, lanes, per)                              \
      static double rate_##function(double budget) {                            \
        static const T in[3] = {1, (T)0.9999, (T)1e-6};                         \
        const T *volatile hidden = in;                                          \
        const long n = 4096;                                                    \
        double rate = 0, end = now() + budget;                                  \
        while (now() < end) {                                                   \
          double start = now();                                                 \
          sink = function(n, hidden);                                           \
          rate = best(rate, (double)n * (per) * (lanes), now() - start);        \
        }                                                                       \
        return rate;                                                            \
      }
    MEASURE_FLOPS(fused_double, double, WIDTH / 8, 24)
    MEASURE_FLOPS(apart_double, double, WIDTH / 8, 12)
    MEASURE_FLOPS(fused_float, float, WIDTH / 4, 24)
    MEASURE_FLOPS(apart_float, float, WIDTH / 4, 12)

    static double rate_read(char *memory, long bytes, double budget) {
      long n = bytes / WIDTH / 8 * 8, rounds = 1 + (1 << 20) / bytes;
      double rate = 0, end = now() + budget;
      do {
        double start = now();
        sink = (double)read_all((const vbits *)memory, n, rounds);
        rate = best(rate, (double)n * WIDTH * rounds, now() - start);
      } while (now() < end);
      return rate;
    }

    static double rate_triad(char *memory, long bytes, double budget) {
      // The three arrays stand a few lines apart so that they do not share the same sets.
      long n = (bytes / 3 - 512) / WIDTH / 4 * 4, rounds = 1 + (1 << 20) / bytes;
      if (n <= 0) return 0;
      char *b = memory + n * WIDTH + 192, *c = b + n * WIDTH + 192;
      double rate = 0, end = now() + budget;
      do {
        double start = now();
        triad((v64 *)memory, (const v64 *)b, (const v64 *)c, 0.5, n, rounds);
        rate = best(rate, 3.0 * n * WIDTH * rounds, now() - start);
      } while (now() < end);
      return rate;
    }

    // argv: milliseconds per figure, then the bytes of one working set per level.
    int main(int argc, char **argv) {
      double budget = argc > 1 ? atof(argv[1]) * 1e-3 : 0.03;
      long most = 0;
      for (int i = 2; i < argc; i++) if (atol(argv[i]) > most) most = atol(argv[i]);
      char *memory = NULL;
      if (posix_memalign((void **)&memory, 1 << 21, most + 4096) != 0) return 1;
      memset(memory, 0, most + 4096);
      double flops[4] = {0}, read[16] = {0}, add[16] = {0}, v;
      for (int round = 0; round < 2; round++) {
    #define KEEP(k, f) if ((v = f(budget)) > flops[k]) flops[k] = v;
        KEEP(0, rate_fused_double) KEEP(1, rate_apart_double)
        KEEP(2, rate_fused_float) KEEP(3, rate_apart_float)
        for (int i = 2; i < argc && i < 18; i++) {
          if ((v = rate_read(memory, atol(argv[i]), budget)) > read[i - 2]) read[i - 2] = v;
          if ((v = rate_triad(memory, atol(argv[i]), budget)) > add[i - 2]) add[i - 2] = v;
        }
      }
      printf("flops %.6g %.6g %.6g %.6g\n", flops[0], flops[1], flops[2], flops[3]);
      for (int i = 2; i < argc && i < 18; i++) printf("level %.6g %.6g\n", read[i - 2], add[i - 2]);
      return 0;
    }
    """#
}
