/* Field sum and particle push, compiled once per instruction set (see setup.py): VECTOR is the number of doubles per vector.
 *
 * Vectors run across particles, so each wave's seven numbers are broadcast, no horizontal sum is needed, and the result for a
 * particle does not depend on its neighbours. The NumPy twin in src/fieldwalk/kernels/reference.py is the specification. */
#include "plane_waves.h"

#if defined(KERNELS_AVX512)
#define VECTOR 8
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

#define CHUNK (2 * VECTOR) /* particles in registers at once: two vectors hide the latency of the chain of multiply-adds */

typedef double vector __attribute__((vector_size(8 * VECTOR), aligned(64), may_alias));
typedef long long integers __attribute__((vector_size(8 * VECTOR), aligned(64), may_alias));
typedef double block[BLOCK] __attribute__((aligned(64)));

static inline vector splat(double value) { return value - (vector){0}; }

/* cos(2 pi u) for |u| < 2^51 turns. Adding and taking away 1.5 * 2^52 rounds to the nearest integer on every instruction set, so
 * the remainder is exact. With w = |u - rint u| - 1/4 in [-1/4, 1/4] the cosine is -sin(2 pi w): an odd minimax polynomial (Remez,
 * weight w) whose own error is 8.9e-17. */
static inline vector cosine_of_turns(vector u)
{
    const vector shifter = splat(6755399441055744.0);
    vector remainder = u - ((u + shifter) - shifter);
    vector magnitude = (vector)((integers)remainder & 0x7fffffffffffffffLL);
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

/* Total field, mean field along z included, at the BLOCK positions. */
static inline void field_of_block(const double *waves, long n_waves, double mean_field, const block position[3], block field[3])
{
    for (int c = 0; c < BLOCK; c += CHUNK) {
        const vector *x = (const vector *)(position[0] + c), *y = (const vector *)(position[1] + c), *z = (const vector *)(position[2] + c);
        vector x0 = x[0], x1 = x[1], y0 = y[0], y1 = y[1], z0 = z[0], z1 = z[1];
        vector bx0 = splat(0), bx1 = bx0, by0 = bx0, by1 = bx0, bz0 = splat(mean_field), bz1 = bz0;
        for (const double *w = waves; w != waves + n_waves * WAVE_COLUMNS; w += WAVE_COLUMNS) {
            vector c0 = cosine_of_turns(w[0] * x0 + (w[1] * y0 + (w[2] * z0 + w[3])));
            vector c1 = cosine_of_turns(w[0] * x1 + (w[1] * y1 + (w[2] * z1 + w[3])));
            bx0 += w[4] * c0;
            bx1 += w[4] * c1;
            by0 += w[5] * c0;
            by1 += w[5] * c1;
            bz0 += w[6] * c0;
            bz1 += w[6] * c1;
        }
        ((vector *)(field[0] + c))[0] = bx0;
        ((vector *)(field[0] + c))[1] = bx1;
        ((vector *)(field[1] + c))[0] = by0;
        ((vector *)(field[1] + c))[1] = by1;
        ((vector *)(field[2] + c))[0] = bz0;
        ((vector *)(field[2] + c))[1] = bz1;
    }
}

static inline void drift(block position[3], const block velocity[3], double length)
{
    for (int a = 0; a < 3; a++)
        for (int c = 0; c < BLOCK; c += VECTOR)
            *(vector *)(position[a] + c) += length * *(const vector *)(velocity[a] + c);
}

/* Rotates each velocity about its field by the exact angle 2 alpha, alpha = half_angle |B|. Boris's two cross products with
 * t = tan(alpha) b and s = 2/(1 + t^2) keep |v| to rounding whatever t is, as long as s is that of the rounded t: in a uniform
 * field the same rounding error would add up step by step. tan(alpha)/alpha is Lambert's continued fraction cut at order
 * (4, 6) in alpha, exact to rounding for alpha < 0.3. */
static inline void rotate(block velocity[3], const block field[3], double half_angle)
{
    for (int c = 0; c < BLOCK; c += VECTOR) {
        vector *vx = (vector *)(velocity[0] + c), *vy = (vector *)(velocity[1] + c), *vz = (vector *)(velocity[2] + c);
        vector tx = half_angle * *(const vector *)(field[0] + c);
        vector ty = half_angle * *(const vector *)(field[1] + c);
        vector tz = half_angle * *(const vector *)(field[2] + c);
        vector y = tx * tx + ty * ty + tz * tz;
        vector tangent = (10395.0 + y * (-1260.0 + y * 21.0)) / (10395.0 + y * (-4725.0 + y * (210.0 - y)));
        tx *= tangent;
        ty *= tangent;
        tz *= tangent;
        vector s = 2.0 / (1.0 + (tx * tx + ty * ty + tz * tz));
        vector ux = *vx + (*vy * tz - *vz * ty);
        vector uy = *vy + (*vz * tx - *vx * tz);
        vector uz = *vz + (*vx * ty - *vy * tx);
        *vx += s * (uy * tz - uz * ty);
        *vy += s * (uz * tx - ux * tz);
        *vz += s * (ux * ty - uy * tx);
    }
}

/* One drift-kick-drift step of length `step` gyroradii: r_g = rigidity, so the path is step * rigidity and the field, in units of
 * B_tot, turns the velocity by step * |B|. */
static inline void one_step(const double *waves, long n_waves, double mean_field, double rigidity, double step, block position[3],
                            block velocity[3])
{
    block field[3];
    drift(position, (const block *)velocity, 0.5 * step * rigidity);
    field_of_block(waves, n_waves, mean_field, (const block *)position, field);
    rotate(velocity, (const block *)field, 0.5 * step);
    drift(position, (const block *)velocity, 0.5 * step * rigidity);
}

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

static void evaluate_field(const double *waves, long n_waves, double mean_field, const double *position, long count, double *field)
{
    for (long first = 0; first < count; first += BLOCK) {
        block r[3], b[3];
        long filled = load(r, position, count, first);
        field_of_block(waves, n_waves, mean_field, (const block *)r, b);
        store(field, (const block *)b, count, first, filled);
    }
}

/* Pushes `count` particles by n_steps. Sample i is taken sample_fraction[i] of a step after sample_step[i] full steps, on a copy, so
 * that the path itself never depends on what is sampled. */
static void push_particles(const double *waves, long n_waves, double mean_field, double rigidity, double step, long n_steps,
                           double *position, double *velocity, long count, const long *sample_step, const double *sample_fraction,
                           long n_samples, double *sampled_position, double *sampled_velocity)
{
    for (long first = 0; first < count; first += BLOCK) {
        block r[3], v[3];
        long filled = load(r, position, count, first), sample = 0;
        load(v, velocity, count, first);
        for (long n = 0; n <= n_steps; n++) {
            for (; sample < n_samples && sample_step[sample] == n; sample++) {
                block sampled_r[3], sampled_v[3];
                __builtin_memcpy(sampled_r, r, sizeof r);
                __builtin_memcpy(sampled_v, v, sizeof v);
                if (sample_fraction[sample] > 0)
                    one_step(waves, n_waves, mean_field, rigidity, sample_fraction[sample] * step, sampled_r, sampled_v);
                store(sampled_position + sample * 3 * count, (const block *)sampled_r, count, first, filled);
                store(sampled_velocity + sample * 3 * count, (const block *)sampled_v, count, first, filled);
            }
            if (n < n_steps)
                one_step(waves, n_waves, mean_field, rigidity, step, r, v);
        }
        store(position, (const block *)r, count, first, filled);
        store(velocity, (const block *)v, count, first, filled);
    }
}

const kernel_table TABLE = {NAME, evaluate_field, push_particles};
