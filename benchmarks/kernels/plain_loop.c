/* What one writes without thinking about speed: the same field and the same step as the compiled kernels, with cos and tan of the
 * math library. kernel_speed.py compiles this file for each instruction set; -ffast-math lets the compiler call the vector versions
 * of libmvec. Two orders of the loops, because which of them a compiler makes faster is no foregone conclusion.
 *
 * Positions and velocities stand axis by axis, the waves column by column (k_x, k_y, k_z, phase, A_x, A_y, A_z), in radians. */
#include <math.h>

#define BLOCK 16

typedef struct {
    long n;
    const double *restrict kx, *restrict ky, *restrict kz, *restrict phase, *restrict ax, *restrict ay, *restrict az;
} waves;

/* One particle after the other, waves inside: the sums are reductions over the lanes of a vector. */
void field_across_modes(const waves *w, double mean_field, long count, const double *restrict r, double *restrict b)
{
    for (long p = 0; p < count; p++) {
        double x = r[p], y = r[count + p], z = r[2 * count + p], bx = 0, by = 0, bz = mean_field;
        for (long i = 0; i < w->n; i++) {
            double c = cos(w->kx[i] * x + w->ky[i] * y + w->kz[i] * z + w->phase[i]);
            bx += w->ax[i] * c;
            by += w->ay[i] * c;
            bz += w->az[i] * c;
        }
        b[p] = bx;
        b[count + p] = by;
        b[2 * count + p] = bz;
    }
}

static inline void field_of_block(const waves *w, double mean_field, double r[3][BLOCK], double b[3][BLOCK])
{
    for (int p = 0; p < BLOCK; p++) {
        b[0][p] = b[1][p] = 0;
        b[2][p] = mean_field;
    }
    for (long i = 0; i < w->n; i++)
        for (int p = 0; p < BLOCK; p++) {
            double c = cos(w->kx[i] * r[0][p] + w->ky[i] * r[1][p] + w->kz[i] * r[2][p] + w->phase[i]);
            b[0][p] += w->ax[i] * c;
            b[1][p] += w->ay[i] * c;
            b[2][p] += w->az[i] * c;
        }
}

static void copy_in(double to[3][BLOCK], const double *from, long count, long first)
{
    for (int a = 0; a < 3; a++)
        for (int p = 0; p < BLOCK; p++)
            to[a][p] = from[a * count + first + p];
}

static void copy_out(double *to, double from[3][BLOCK], long count, long first)
{
    for (int a = 0; a < 3; a++)
        for (int p = 0; p < BLOCK; p++)
            to[a * count + first + p] = from[a][p];
}

/* Sixteen particles side by side, each wave in turn; `count` is a multiple of sixteen. */
void field_across_particles(const waves *w, double mean_field, long count, const double *r, double *b)
{
    for (long first = 0; first < count; first += BLOCK) {
        double here[3][BLOCK], field[3][BLOCK];
        copy_in(here, r, count, first);
        field_of_block(w, mean_field, here, field);
        copy_out(b, field, count, first);
    }
}

/* Drift, exact rotation (Boris with the tangent), drift; particles side by side. */
void push(const waves *w, double mean_field, double rigidity, double step, long n_steps, long count, double *r, double *v)
{
    for (long first = 0; first < count; first += BLOCK) {
        double x[3][BLOCK], u[3][BLOCK], b[3][BLOCK];
        copy_in(x, r, count, first);
        copy_in(u, v, count, first);
        for (long n = 0; n < n_steps; n++) {
            for (int a = 0; a < 3; a++)
                for (int p = 0; p < BLOCK; p++)
                    x[a][p] += 0.5 * step * rigidity * u[a][p];
            field_of_block(w, mean_field, x, b);
            for (int p = 0; p < BLOCK; p++) {
                double strength = sqrt(b[0][p] * b[0][p] + b[1][p] * b[1][p] + b[2][p] * b[2][p]);
                double tangent = tan(0.5 * step * strength), scale = tangent / strength;
                double tx = scale * b[0][p], ty = scale * b[1][p], tz = scale * b[2][p], s = 2 / (1 + tangent * tangent);
                double wx = u[0][p] + (u[1][p] * tz - u[2][p] * ty);
                double wy = u[1][p] + (u[2][p] * tx - u[0][p] * tz);
                double wz = u[2][p] + (u[0][p] * ty - u[1][p] * tx);
                u[0][p] += s * (wy * tz - wz * ty);
                u[1][p] += s * (wz * tx - wx * tz);
                u[2][p] += s * (wx * ty - wy * tx);
            }
            for (int a = 0; a < 3; a++)
                for (int p = 0; p < BLOCK; p++)
                    x[a][p] += 0.5 * step * rigidity * u[a][p];
        }
        copy_out(r, x, count, first);
        copy_out(v, u, count, first);
    }
}
