/* The field as the sum over all waves in double precision: what the fast field is measured against. */
#ifndef FIELDWALK_EXACT_FIELD_H
#define FIELDWALK_EXACT_FIELD_H

#include "vectors.h"

#define CHUNK (2 * VECTOR) /* particles in registers at once: two vectors hide the latency of the chain of multiply-adds */

typedef struct {
    const double *waves;
    long n_waves;
    double mean_field;
} exact_field;

/* Total field, mean field along z included, at the BLOCK positions. */
INLINE void exact_field_at(exact_field *source, const block position[3], block field[3])
{
    const double *end = source->waves + source->n_waves * WAVE_COLUMNS;
    for (int c = 0; c < BLOCK; c += CHUNK) {
        const vector *x = (const vector *)(position[0] + c), *y = (const vector *)(position[1] + c), *z = (const vector *)(position[2] + c);
        vector x0 = x[0], x1 = x[1], y0 = y[0], y1 = y[1], z0 = z[0], z1 = z[1];
        vector bx0 = splat(0), bx1 = bx0, by0 = bx0, by1 = bx0, bz0 = splat(source->mean_field), bz1 = bz0;
        for (const double *w = source->waves; w != end; w += WAVE_COLUMNS) {
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

/* Nothing is carried from step to step. */
INLINE void exact_field_before_step(exact_field *source, long step, const block middle[3], const block velocity[3], const block field[3])
{
    (void)source, (void)step, (void)middle, (void)velocity, (void)field;
}

#endif
