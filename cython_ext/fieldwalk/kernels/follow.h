/* Classical Runge-Kutta steps of field lines, and the curve between two steps. */
#ifndef FIELDWALK_FOLLOW_H
#define FIELDWALK_FOLLOW_H

#include "vectors.h"

/* to = from + length * direction */
INLINE void moved(block to[3], const block from[3], const block direction[3], double length)
{
    for (int a = 0; a < 3; a++)
        for (int c = 0; c < BLOCK; c += VECTOR)
            *(vector *)(to[a] + c) = doubles_at(from[a], c) + length * doubles_at(direction[a], c);
}

INLINE void add_share(block sum[3], const block direction[3], double share)
{
    moved(sum, (const block *)sum, direction, share);
}

INLINE void strength_of(const block field[3], block strength)
{
    for (int c = 0; c < BLOCK; c += VECTOR) {
        vector x = doubles_at(field[0], c), y = doubles_at(field[1], c), z = doubles_at(field[2], c);
        vector square = x * x + y * y + z * z;
        for (int i = 0; i < VECTOR; i++)
            square[i] = __builtin_sqrt(square[i]);
        *(vector *)(strength + c) = square;
    }
}

/* Hermite's cubic between two steps `step` apart, at a share of it: from both values and both slopes. */
INLINE double between(double share, double step, double first, double last, double first_slope, double last_slope)
{
    double rest = 1.0 - share;
    return rest * rest * (first * (1.0 + 2.0 * share) + step * share * first_slope) +
           share * share * (last * (1.0 + 2.0 * rest) - step * rest * last_slope);
}

INLINE double slope_between(double share, double step, double first, double last, double first_slope, double last_slope)
{
    return 6.0 * share * (1.0 - share) * (last - first) / step + (1.0 - share) * (1.0 - 3.0 * share) * first_slope +
           share * (3.0 * share - 2.0) * last_slope;
}

/* Share of the step at which a quantity that grows from `first` to `last` reaches `wanted`: Newton's method, kept between bounds. */
static double share_at(double wanted, double step, double first, double last, double first_slope, double last_slope)
{
    double low = 0.0, high = 1.0, share = (wanted - first) / (last - first);
    for (int i = 0; i < 60; i++) {
        double miss = between(share, step, first, last, first_slope, last_slope) - wanted;
        if (miss > 0.0)
            high = share;
        else
            low = share;
        double slope = slope_between(share, step, first, last, first_slope, last_slope) * step;
        double next = share - miss / slope;
        if (!(next > low && next < high))
            next = 0.5 * (low + high);
        if (__builtin_fabs(next - share) < 1e-14)
            break;
        share = next;
    }
    return share;
}

#endif
