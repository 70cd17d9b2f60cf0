/* The fast field: every wave is summed as often as it changes.
 *
 * Waves are sorted from fast to slow. The fast ones are summed at every step in single precision, with phases relative to an anchor
 * at which they were reduced in double precision. The others form levels: level l is expanded to second order about a centre on the
 * path ahead, once every FIRST_INTERVAL << l steps. The expansion of a level carries those of all slower levels, moved to its own
 * centre (exactly, for they are polynomials), so that one polynomial is evaluated per step.
 *
 * docs/kernels.md has the theory, src/fieldwalk/kernels/schedule.py the choice of levels, and src/fieldwalk/kernels/reference.py
 * the same in NumPy. */
#ifndef FIELDWALK_MULTIRATE_FIELD_H
#define FIELDWALK_MULTIRATE_FIELD_H

#include "vectors.h"

typedef struct {
    float_block term[3][TERMS]; /* by component of the field */
    block centre[3];
} expansion;

typedef struct {
    const multirate_waves *waves;
    double mean_field;
    double step, rigidity;
    long whole_steps; /* 1 where the field is wanted from one end of a step to the other, 0 in its middle alone */
    block anchor[3];
    expansion levels[MOST_LEVELS];
} multirate_field;

INLINE void distance(const block to[3], const block from[3], float_block d[3])
{
    for (int a = 0; a < 3; a++)
        for (int c = 0; c < BLOCK; c += FLOATS)
            *(floats *)(d[a] + c) = narrowed(doubles_at(to[a], c) - doubles_at(from[a], c),
                                             doubles_at(to[a], c + VECTOR) - doubles_at(from[a], c + VECTOR));
}

/* Phases of waves first to last at a point, in turns between -1/2 and 1/2: reduced in doubles, stored in floats. */
static void reduce_phases(const multirate_waves *waves, long first, long last, const block point[3], float *phase)
{
    const double *w = waves->phases + 4 * first;
    for (long i = first; i < last; i++, w += 4, phase += BLOCK)
        for (int c = 0; c < BLOCK; c += FLOATS) {
            vector u[2];
            for (int h = 0; h < 2; h++)
                u[h] = remainder_of_turns(w[0] * doubles_at(point[0], c + h * VECTOR) +
                                          (w[1] * doubles_at(point[1], c + h * VECTOR) + (w[2] * doubles_at(point[2], c + h * VECTOR) + w[3])));
            *(floats *)(phase + c) = narrowed(u[0], u[1]);
        }
}

/* Phases of waves first to last at distance d from the anchor. */
static void advance_phases(const multirate_waves *waves, long first, long last, const float_block d[3], float *phase)
{
    const float *w = waves->waves + 6 * first, *anchored = waves->anchored + BLOCK * first;
    for (long i = first; i < last; i++, w += 6, anchored += BLOCK, phase += BLOCK)
        for (int c = 0; c < BLOCK; c += FLOATS)
            *(floats *)(phase + c) = remainder_of_float_turns(
                w[0] * floats_at(d[0], c) + (w[1] * floats_at(d[1], c) + (w[2] * floats_at(d[2], c) + floats_at(anchored, c))));
}

/* Adds the waves that are summed at every step, at distance d from the anchor. */
INLINE void add_fast_waves(const multirate_waves *waves, long last, const float_block d[3], float_block field[3])
{
    for (int c = 0; c < BLOCK; c += FLOATS) {
        floats x = floats_at(d[0], c), y = floats_at(d[1], c), z = floats_at(d[2], c);
        floats bx = floats_at(field[0], c), by = floats_at(field[1], c), bz = floats_at(field[2], c);
        const float *w = waves->waves, *anchored = waves->anchored + c;
        for (long i = 0; i < last; i++, w += 6, anchored += BLOCK) {
            floats cosine = float_cosine(remainder_of_float_turns(w[0] * x + (w[1] * y + (w[2] * z + floats_at(anchored, 0)))));
            bx += w[3] * cosine;
            by += w[4] * cosine;
            bz += w[5] * cosine;
        }
        *(floats *)(field[0] + c) = bx;
        *(floats *)(field[1] + c) = by;
        *(floats *)(field[2] + c) = bz;
    }
}

#define TERM(a, n) (*(floats *)(e->term[a][n] + c))

/* Second-order Taylor expansion of waves first to last about the centre, from their phases there. The coefficients of a wave are
 * amplitude times monomial of k times cosine (even orders) or sine (odd orders) of its phase; all but the last factor stand in a
 * table. Terms of the z component that have a z are what makes the divergence vanish. */
static void expand(const multirate_waves *waves, long first, long last, float *phase, expansion *e)
{
    float *sine_of = phase + BLOCK * (last - first);
    for (long i = 0; i < (last - first) * BLOCK; i += FLOATS) {
        floats r = floats_at(phase, i);
        *(floats *)(phase + i) = float_cosine(r);
        *(floats *)(sine_of + i) = float_sine(r);
    }
    for (int a = 0; a < 3; a++)
        for (int c = 0; c < BLOCK; c += FLOATS) {
            floats t[TERMS];
            const float *q = waves->coefficients + TERMS * (waves->n_waves * a + first);
            for (int n = 0; n < TERMS; n++)
                t[n] = splat_float(0);
            if (a < 2)
                for (long i = c; i < (last - first) * BLOCK; i += BLOCK, q += TERMS) {
                    floats cosine = floats_at(phase, i), sine = floats_at(sine_of, i);
                    t[T_1] += q[T_1] * cosine;
                    t[T_X] += q[T_X] * sine;
                    t[T_Y] += q[T_Y] * sine;
                    t[T_XX] += q[T_XX] * cosine;
                    t[T_YY] += q[T_YY] * cosine;
                    t[T_XY] += q[T_XY] * cosine;
                    t[T_Z] += q[T_Z] * sine;
                    t[T_ZZ] += q[T_ZZ] * cosine;
                    t[T_XZ] += q[T_XZ] * cosine;
                    t[T_YZ] += q[T_YZ] * cosine;
                }
            else {
                for (long i = c; i < (last - first) * BLOCK; i += BLOCK, q += TERMS) {
                    floats cosine = floats_at(phase, i), sine = floats_at(sine_of, i);
                    t[T_1] += q[T_1] * cosine;
                    t[T_X] += q[T_X] * sine;
                    t[T_Y] += q[T_Y] * sine;
                    t[T_XX] += q[T_XX] * cosine;
                    t[T_YY] += q[T_YY] * cosine;
                    t[T_XY] += q[T_XY] * cosine;
                }
                t[T_Z] = -(TERM(0, T_X) + TERM(1, T_Y));
                t[T_ZZ] = -0.5f * (TERM(0, T_XZ) + TERM(1, T_YZ));
                t[T_XZ] = -(2.0f * TERM(0, T_XX) + TERM(1, T_XY));
                t[T_YZ] = -(TERM(0, T_XY) + 2.0f * TERM(1, T_YY));
            }
            for (int n = 0; n < TERMS; n++)
                TERM(a, n) = t[n];
        }
}

INLINE floats value_of(const expansion *e, int a, int c, floats x, floats y, floats z)
{
    return (TERM(a, T_1) + y * (TERM(a, T_Y) + y * TERM(a, T_YY))) + x * (TERM(a, T_X) + x * TERM(a, T_XX) + y * TERM(a, T_XY)) +
           z * (TERM(a, T_Z) + z * TERM(a, T_ZZ) + (x * TERM(a, T_XZ) + y * TERM(a, T_YZ)));
}

INLINE void evaluate(const expansion *e, const block position[3], float_block field[3])
{
    float_block d[3];
    distance(position, e->centre, d);
    for (int a = 0; a < 3; a++)
        for (int c = 0; c < BLOCK; c += FLOATS)
            *(floats *)(field[a] + c) = value_of(e, a, c, floats_at(d[0], c), floats_at(d[1], c), floats_at(d[2], c));
}

/* Adds expansion e, moved to the centre of another, to that other. */
static void add_moved(const expansion *e, expansion *to)
{
    float_block d[3];
    distance((const block *)to->centre, (const block *)e->centre, d);
    for (int c = 0; c < BLOCK; c += FLOATS) {
        floats x = floats_at(d[0], c), y = floats_at(d[1], c), z = floats_at(d[2], c);
        for (int a = 0; a < 3; a++) {
            floats t[TERMS];
            for (int n = 0; n < TERMS; n++)
                t[n] = TERM(a, n);
            t[T_1] = value_of(e, a, c, x, y, z);
            t[T_X] += 2.0f * x * t[T_XX] + y * t[T_XY] + z * t[T_XZ];
            t[T_Y] += 2.0f * y * t[T_YY] + x * t[T_XY] + z * t[T_YZ];
            t[T_Z] += 2.0f * z * t[T_ZZ] + x * t[T_XZ] + y * t[T_YZ];
            for (int n = 0; n < TERMS; n++)
                *(floats *)(to->term[a][n] + c) += t[n];
        }
    }
}

INLINE floats root(floats x)
{
    for (int i = 0; i < FLOATS; i++)
        x[i] = __builtin_sqrtf(x[i]);
    return x;
}

/* Mean place of a helix that begins at `start` and lasts `length` gyroradii of path in the field b, theta being its whole turn:
 *     start + length [v_par/2 + v_perp (1 - cos theta)/theta^2 + v x b (theta - sin theta)/theta^2].
 * It is the nearest point, in the mean, to where the particle will be; about any other the expansion would be as right, and its
 * error larger. So single precision is enough, but not to divide what is left of 1 - cos theta = 2 sin^2(theta/2), or of
 * theta - sin theta, by the square of a small theta: the latter is let go where it is nothing, below theta = 0.01. */
static void centre_ahead(const block start[3], const float_block velocity[3], const float_block field[3], double length, double rigidity,
                         block centre[3])
{
    for (int c = 0; c < BLOCK; c += FLOATS) {
        floats bx = floats_at(field[0], c), by = floats_at(field[1], c), bz = floats_at(field[2], c);
        floats vx = floats_at(velocity[0], c), vy = floats_at(velocity[1], c), vz = floats_at(velocity[2], c);
        floats strength = root(bx * bx + by * by + bz * bz + 1e-4f); /* never zero, for the divisions */
        floats inverse = 1.0f / strength, theta = (float)length * strength, turns = theta * 0.15915494f;
        floats chord = 2.0f * float_sine(remainder_of_float_turns(0.5f * turns)) / theta;
        floats across = 0.5f * chord * chord;
        floats turned = (theta - float_sine(remainder_of_float_turns(turns))) / (theta * theta + 1e-4f) * inverse;
        floats along = (0.5f - across) * (vx * bx + vy * by + vz * bz) * inverse * inverse;
        floats d[3] = {along * bx + across * vx + turned * (vy * bz - vz * by), along * by + across * vy + turned * (vz * bx - vx * bz),
                       along * bz + across * vz + turned * (vx * by - vy * bx)};
        double path = length * rigidity;
        for (int a = 0; a < 3; a++) {
            *(vector *)(centre[a] + c) = doubles_at(start[a], c) + path * first_widened(d[a]);
            *(vector *)(centre[a] + c + VECTOR) = doubles_at(start[a], c + VECTOR) + path * second_widened(d[a]);
        }
    }
}

INLINE void multirate_field_at(multirate_field *source, const block position[3], block field[3])
{
    const multirate_waves *waves = source->waves;
    float_block d[3], sum[3] = {{0}, {0}, {0}};
    if (waves->n_levels)
        evaluate(&source->levels[0], position, sum);
    distance(position, (const block *)source->anchor, d);
    add_fast_waves(waves, waves->first[0], (const float_block *)d, sum);
    for (int a = 0; a < 3; a++)
        for (int c = 0; c < BLOCK; c += FLOATS) {
            double mean = a == 2 ? source->mean_field : 0.0;
            *(vector *)(field[a] + c) = mean + first_widened(floats_at(sum[a], c));
            *(vector *)(field[a] + c + VECTOR) = mean + second_widened(floats_at(sum[a], c));
        }
}

/* Renews what is due at this step, from slow to fast; `last_field` is that of the last step, and a field line, which has no other
 * velocity, passes none. At multiples of CYCLE everything is due, and the field is taken from the waves themselves, so that nothing
 * of what came before is left. */
INLINE void multirate_field_before_step(multirate_field *source, long step, const block middle[3], const block velocity[3],
                                        const block last_field[3])
{
    const multirate_waves *waves = source->waves;
    if (step % waves->anchor_interval == 0) {
        __builtin_memcpy(source->anchor, middle, sizeof source->anchor);
        reduce_phases(waves, 0, waves->n_anchored, middle, waves->anchored);
    }
    if (waves->n_levels == 0 || step % FIRST_INTERVAL)
        return;
    float_block v[3], b[3], d[3];
    for (int a = 0; a < 3; a++)
        for (int c = 0; c < BLOCK; c += FLOATS)
            *(floats *)(b[a] + c) = narrowed(doubles_at(last_field[a], c), doubles_at(last_field[a], c + VECTOR));
    if (step % CYCLE == 0) {
        reduce_phases(waves, 0, waves->n_waves, middle, waves->phases_here);
        for (int c = 0; c < BLOCK; c += FLOATS) {
            floats bx = splat_float(0), by = bx, bz = splat_float((float)source->mean_field);
            const float *w = waves->waves;
            for (long i = 0; i < waves->n_waves; i++, w += 6) {
                floats cosine = float_cosine(floats_at(waves->phases_here + BLOCK * i, c));
                bx += w[3] * cosine;
                by += w[4] * cosine;
                bz += w[5] * cosine;
            }
            *(floats *)(b[0] + c) = bx;
            *(floats *)(b[1] + c) = by;
            *(floats *)(b[2] + c) = bz;
        }
    }
    for (int a = 0; a < 3; a++)
        for (int c = 0; c < BLOCK; c += FLOATS)
            *(floats *)(v[a] + c) = velocity ? narrowed(doubles_at(velocity[a], c), doubles_at(velocity[a], c + VECTOR)) : floats_at(b[a], c);
    for (long l = waves->n_levels - 1; l >= 0; l--) {
        long interval = (long)FIRST_INTERVAL << l, first = waves->first[l], last = waves->first[l + 1];
        if (step % interval)
            continue;
        expansion *e = &source->levels[l];
        centre_ahead(middle, (const float_block *)v, (const float_block *)b, (interval - 1 + source->whole_steps) * source->step,
                     source->rigidity, e->centre);
        if (last <= waves->n_anchored) {
            distance((const block *)e->centre, (const block *)source->anchor, d);
            advance_phases(waves, first, last, (const float_block *)d, waves->phases_here);
        } else {
            reduce_phases(waves, first, last, (const block *)e->centre, waves->phases_here);
        }
        expand(waves, first, last, waves->phases_here, e);
        if (l + 1 < waves->n_levels)
            add_moved(&source->levels[l + 1], e);
    }
}

#endif
