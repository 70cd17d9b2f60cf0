/* Vectors across particles, as wide as the instruction set that this unit is compiled for (see setup.py).
 *
 * A block of BLOCK particles is carried together, so each wave's numbers are broadcast, no horizontal sum is needed, and the result
 * for a particle does not depend on its neighbours. */
#ifndef FIELDWALK_VECTORS_H
#define FIELDWALK_VECTORS_H

#include "plane_waves.h"

#if defined(KERNELS_AVX512)
#include <immintrin.h>
#endif

#if defined(KERNELS_AVX512)
#define VECTOR 8 /* doubles per vector */
#define TABLE kernels_avx512
#define NAME "avx512"
#elif defined(KERNELS_AVX2)
#define VECTOR 4
#define TABLE kernels_avx2
#define NAME "avx2"
#else
#define VECTOR 2
#define TABLE kernels_baseline
#define NAME "baseline"
#endif
#define FLOATS (2 * VECTOR) /* floats per vector */

typedef double vector __attribute__((vector_size(8 * VECTOR), may_alias));
typedef long long integers __attribute__((vector_size(8 * VECTOR), may_alias));
typedef float floats __attribute__((vector_size(4 * FLOATS), may_alias));
typedef int float_bits __attribute__((vector_size(4 * FLOATS), may_alias));
typedef double block[BLOCK] __attribute__((aligned(64)));
typedef float float_block[BLOCK] __attribute__((aligned(64)));

#define INLINE static inline __attribute__((always_inline))

INLINE vector splat(double value) { return value - (vector){0}; }
INLINE floats splat_float(float value) { return value - (floats){0}; }

/* What is left of u when the nearest integer is taken away: exact for |u| < 2^51 (doubles) and 2^22 (floats). AVX-512 has an
 * instruction for it; elsewhere adding and taking away 1.5 * 2^52 (2^23) rounds. */
INLINE vector remainder_of_turns(vector u)
{
#if defined(KERNELS_AVX512)
    return (vector)_mm512_reduce_pd((__m512d)u, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
    const vector shifter = splat(6755399441055744.0);
    return u - ((u + shifter) - shifter);
#endif
}

INLINE floats remainder_of_float_turns(floats u)
{
#if defined(KERNELS_AVX512)
    return (floats)_mm512_reduce_ps((__m512)u, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
    const floats shifter = splat_float(12582912.0f);
    return u - ((u + shifter) - shifter);
#endif
}

/* cos(2 pi u). With w = |u - rint u| - 1/4 in [-1/4, 1/4] the cosine is -sin(2 pi w): an odd minimax polynomial (Remez, weight w)
 * whose own error is 8.9e-17. */
INLINE vector cosine_of_turns(vector u)
{
    vector magnitude = (vector)((integers)remainder_of_turns(u) & 0x7fffffffffffffffLL);
    vector w = magnitude - 0.25;
    vector y = w * w;
    vector p = splat(0x1.61c24b8fdb6d7p-1);
    p = p * y - 0x1.e8935e5524a2ep+1;
    p = p * y + 0x1.e305e951ae64ep+3;
    p = p * y - 0x1.50783192f0e5ap+5;
    p = p * y + 0x1.32d2ccdf158a2p+6;
    p = p * y - 0x1.466bc67748a8ap+6;
    p = p * y + 0x1.4abbce625bbc0p+5;
    p = p * y - 0x1.921fb54442d11p+2;
    return w * p;
}

/* cos(2 pi r) and sin(2 pi r) in floats for |r| <= 1/2: minimax polynomials with errors of 1.2e-6 and 6e-6, rounding included. */
INLINE floats float_cosine(floats r)
{
    floats y = r * r;
    floats p = 58.79417037963867f - 21.07697296142578f * y;
    p = p * y - 85.27243041992188f;
    p = p * y + 64.9287338256836f;
    p = p * y - 19.738983154296875f;
    return p * y + 0.9999992251396179f;
}

INLINE floats float_sine(floats r)
{
    floats y = r * r;
    floats p = 32.781402587890625f * y - 74.4780044555664f;
    p = p * y + 81.36681365966797f;
    p = p * y - 41.331214904785156f;
    return r * (p * y + 6.283055782318115f);
}

/* Two vectors of doubles as one of floats, and back. */
#if VECTOR == 8
#define FIRST_HALF 0, 1, 2, 3, 4, 5, 6, 7
#define SECOND_HALF 8, 9, 10, 11, 12, 13, 14, 15
#elif VECTOR == 4
#define FIRST_HALF 0, 1, 2, 3
#define SECOND_HALF 4, 5, 6, 7
#else
#define FIRST_HALF 0, 1
#define SECOND_HALF 2, 3
#endif
typedef float half __attribute__((vector_size(4 * VECTOR)));

INLINE floats narrowed(vector first, vector second)
{
    return __builtin_shufflevector(__builtin_convertvector(first, half), __builtin_convertvector(second, half), FIRST_HALF, SECOND_HALF);
}

INLINE vector first_widened(floats x) { return __builtin_convertvector(__builtin_shufflevector(x, x, FIRST_HALF), vector); }
INLINE vector second_widened(floats x) { return __builtin_convertvector(__builtin_shufflevector(x, x, SECOND_HALF), vector); }

INLINE vector doubles_at(const block b, int c) { return *(const vector *)(b + c); }
INLINE floats floats_at(const float *b, int c) { return *(const floats *)(b + c); }

/* Copies particles first, first + 1, ... into a block and back; spare lanes repeat the last particle. */
static long load(block to[3], const double *from, long count, long first)
{
    long filled = count - first < BLOCK ? count - first : BLOCK;
    for (int a = 0; a < 3; a++)
        for (long p = 0; p < BLOCK; p++)
            to[a][p] = from[a * count + first + (p < filled ? p : filled - 1)];
    return filled;
}

static void store(double *to, const block from[3], long count, long first, long filled)
{
    for (int a = 0; a < 3; a++)
        for (long p = 0; p < filled; p++)
            to[a * count + first + p] = from[a][p];
}

#endif
