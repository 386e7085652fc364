/* Computes pi by Leibniz's series, 4 * (1 - 1/3 + 1/5 - ...), in slices that the ranks take one after another.
 *
 *     mpicc.openmpi -O3 -march=native -fopenmp-simd -o pi pi.c && mpirun -n 8 ./pi --slices 64 --slice-size 1000000
 *
 * Slices, scheme and lines are those of pi.py and pictl_slices.py; see there. */

#include <mpi.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Seconds between two looks for messages by rank 0, and between two lines that only say how far a slice is. */
static const double PIECE = 0.01, NEWS = 0.25;

/* Terms in a piece at most: in a longer sum from the first term on, the last ones would be lost to rounding. */
static const double MOST_TERMS = 1e7;

/* Slices that a worker has been sent and not answered; what it is sent when there are no more. */
enum { AHEAD = 2, NO_MORE = -1 };

static int rank, size;

/* Prints one event, `@pictl JSON CRC`, by one write; see pictl_progress.py. */
static void say(const char *format, ...) {
    char json[480];
    va_list values;
    va_start(values, format);
    vsnprintf(json, sizeof json, format, values);
    va_end(values);
    unsigned crc = 0xffff; /* CRC-16/CCITT-FALSE */
    for (const char *c = json; *c; c++) {
        crc ^= (unsigned)(unsigned char)*c << 8;
        for (int bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1) & 0xffff;
    }
    printf("@pictl %s %04x\n", json, crc);
    fflush(stdout);
}

static double term(int64_t k) {
    return (k % 2 ? -4.0 : 4.0) / (2.0 * (double)k + 1.0);
}

/* The sum of the terms first to last - 1. Two at a time: 4/d - 4/(d + 2) = 8 / (d * (d + 2)), one division for both. */
static double leibniz(int64_t first, int64_t last) {
    double total = 0.0;
    if (first < last && first % 2) total += term(first++);
    if (first < last && (last - first) % 2) total += term(--last);
    double d = 2.0 * (double)first + 1.0;
    int pairs = (int)((last - first) / 2);
#pragma omp simd reduction(+ : total)
    for (int i = 0; i < pairs; i++) {
        double at = d + 4.0 * i;
        total += 8.0 / (at * (at + 2.0));
    }
    return total;
}

struct slice {
    int number;
    int64_t length, done;
    double value, seconds, reported;
};

static struct slice take(int number, int64_t length) {
    say("{\"e\":\"assign\",\"r\":%d,\"slice\":%d}", rank, number);
    return (struct slice){.number = number, .length = length, .reported = MPI_Wtime()};
}

/* Computes one piece; true when that was the last. */
static bool work_on(struct slice *s) {
    static double terms_per_second = 1e6; /* a low guess for the first piece, measured from then on */
    double wished = terms_per_second * PIECE;
    int64_t terms = (int64_t)(wished < 1000 ? 1000 : wished > MOST_TERMS ? MOST_TERMS : wished);
    if (terms > s->length - s->done) terms = s->length - s->done;
    int64_t first = s->number * s->length + s->done;
    double start = MPI_Wtime();
    s->value += leibniz(first, first + terms);
    double end = MPI_Wtime();
    s->done += terms;
    s->seconds += end - start;
    terms_per_second = (double)terms / (end - start > 1e-9 ? end - start : 1e-9);
    if (s->done == s->length) {
        say("{\"e\":\"slice\",\"r\":%d,\"slice\":%d,\"s\":%.6f,\"v\":%.17g}", rank, s->number, s->seconds, s->value);
        return true;
    }
    if (end - s->reported >= NEWS) {
        s->reported = end;
        say("{\"e\":\"part\",\"r\":%d,\"slice\":%d,\"f\":%.3f}", rank, s->number, (double)s->done / (double)s->length);
    }
    return false;
}

static void give_to(int worker, int *given, int slices) {
    int number = *given < slices ? (*given)++ : NO_MORE;
    MPI_Send(&number, 1, MPI_INT, worker, 0, MPI_COMM_WORLD);
}

/* Rank 0: gives out slices, works, adds up. */
static double control(int slices, int64_t length) {
    int given = 0, finished = 0;
    double total = 0.0;
    bool working = false;
    struct slice mine;
    for (int round = 0; round < AHEAD; round++)
        for (int worker = 1; worker < size; worker++) give_to(worker, &given, slices);
    while (finished < slices) {
        if (!working && given < slices) {
            mine = take(given++, length);
            working = true;
        }
        int answered = !working;
        if (working) MPI_Iprobe(MPI_ANY_SOURCE, 0, MPI_COMM_WORLD, &answered, MPI_STATUS_IGNORE);
        if (answered) {
            MPI_Status status;
            double value;
            MPI_Recv(&value, 1, MPI_DOUBLE, MPI_ANY_SOURCE, 0, MPI_COMM_WORLD, &status);
            total += value;
            finished++;
            give_to(status.MPI_SOURCE, &given, slices);
        } else if (work_on(&mine)) {
            total += mine.value;
            finished++;
            working = false;
        }
    }
    return total;
}

/* Every other rank: computes its slices. It gets AHEAD messages at first and then one for each answer, so after AHEAD times
 * NO_MORE there is nothing left. */
static void work(int64_t length) {
    for (int left = AHEAD; left > 0;) {
        int number;
        MPI_Recv(&number, 1, MPI_INT, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        if (number == NO_MORE) {
            left--;
            continue;
        }
        struct slice s = take(number, length);
        while (!work_on(&s)) {
        }
        MPI_Send(&s.value, 1, MPI_DOUBLE, 0, 0, MPI_COMM_WORLD);
    }
}

static long long positive(const char *text) {
    char *end;
    long long number = strtoll(text, &end, 10);
    return *text && !*end && number > 0 ? number : -1;
}

int main(int argc, char **argv) {
    long long slices = 64, length = 1000000;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    for (int i = 1; i < argc; i += 2) {
        long long number = i + 1 < argc ? positive(argv[i + 1]) : -1;
        if (!strcmp(argv[i], "--slices") && number > 0 && number <= INT32_MAX) {
            slices = number;
        } else if (!strcmp(argv[i], "--slice-size") && number > 0) {
            length = number;
        } else {
            fprintf(stderr, "usage: pi [--slices N] [--slice-size N]\n");
            MPI_Abort(MPI_COMM_WORLD, 2);
        }
    }
    if (length > (1LL << 53) / slices) { /* beyond, the terms' numbers are no exact doubles */
        fprintf(stderr, "pi: too many terms\n");
        MPI_Abort(MPI_COMM_WORLD, 2);
    }
    char host[MPI_MAX_PROCESSOR_NAME];
    int host_length;
    MPI_Get_processor_name(host, &host_length);
    if (rank == 0)
        say("{\"e\":\"begin\",\"size\":%d,\"slices\":%lld,\"slice_size\":%lld,\"program\":\"pi-c\",\"v\":1}", size, slices,
            length);
    say("{\"e\":\"host\",\"r\":%d,\"host\":\"%s\"}", rank, host);
    /* Ranks connect when they first speak to each other, which is no part of the work. */
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    if (rank == 0) {
        double value = control((int)slices, length);
        say("{\"e\":\"result\",\"value\":%.17g,\"s\":%.6f}", value, MPI_Wtime() - start);
    } else {
        work(length);
    }
    say("{\"e\":\"done\",\"r\":%d}", rank);
    /* All ranks end together: with MPICH over UCX a rank that ends alone can wait for ever for one that ended before. */
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
