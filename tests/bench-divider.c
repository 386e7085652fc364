/* How many nanoseconds this processor's divider takes for one division of doubles, when nothing else is in its way: the
 * divisions do not wait for each other, the compiler makes vectors of them as of pi.c, and all numbers stay in the
 * first cache. tests/bench-run compiles it on a node with the options of pi.c. */

#include <stdio.h>
#include <time.h>

enum { MANY = 1024, ROUNDS = 2000000 };

static double from[MANY], to[MANY];

int main(void) {
    struct timespec start, end;
    for (int i = 0; i < MANY; i++) from[i] = 1.0 + i;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < MANY; i++) to[i] = 8.0 / from[i];
        /* As far as the compiler knows, somebody reads the results and changes the numbers. */
        __asm__ volatile("" : : "r"(from), "r"(to) : "memory");
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    double took = (double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec);
    printf("%.6f\n", took / MANY / ROUNDS);
    return 0;
}
