/* Boris's drift-kick-drift for blocks of particles. */
#ifndef FIELDWALK_PUSH_H
#define FIELDWALK_PUSH_H

#include "vectors.h"

INLINE void drift(block position[3], const block velocity[3], double length)
{
    for (int a = 0; a < 3; a++)
        for (int c = 0; c < BLOCK; c += VECTOR)
            *(vector *)(position[a] + c) += length * *(const vector *)(velocity[a] + c);
}

/* Rotates each velocity about its field by the exact angle 2 alpha, alpha = half_angle |B|. Boris's two cross products with
 * t = tan(alpha) b and s = 2/(1 + t^2) keep |v| to rounding whatever t is, as long as s is that of the rounded t: in a uniform
 * field the same rounding error would add up step by step. tan(alpha)/alpha is Lambert's continued fraction cut at order
 * (4, 6) in alpha, exact to rounding for alpha < 0.3. */
INLINE void rotate(block velocity[3], const block field[3], double half_angle)
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

#endif
