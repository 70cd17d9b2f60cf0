/* The compiled kernels: what every instruction set provides.
 *
 * A turbulent field is a table of plane waves, one row of WAVE_COLUMNS doubles per wave:
 *     k_x/2pi, k_y/2pi, k_z/2pi, beta/2pi, A_x, A_y, A_z
 * so that a phase is a number of turns and  dB(r) = sum_i A_i cos(2 pi (k_i.r/2pi + beta_i/2pi)).
 * Positions and velocities are stored axis by axis: value of particle p along axis a stands at [a * count + p].
 */
#ifndef FIELDWALK_PLANE_WAVES_H
#define FIELDWALK_PLANE_WAVES_H

#define WAVE_COLUMNS 7
#define BLOCK 16         /* particles carried together: one AVX-512 vector of floats, or two of doubles */
#define FIRST_INTERVAL 4 /* steps between two expansions of the fastest level; each further level waits twice as long */
#define MOST_LEVELS 7
#define CYCLE 256        /* FIRST_INTERVAL << (MOST_LEVELS - 1): after so many steps everything is renewed */

/* Terms of a second-order expansion. Those without z come first: the z component of a field without divergence has only these of
 * its own. */
enum { T_1, T_X, T_Y, T_XX, T_YY, T_XY, T_Z, T_ZZ, T_XZ, T_YZ, TERMS };

/* The waves of the fast field, sorted from fast to slow: see multirate_field.h. */
typedef struct {
    long n_waves, n_levels;
    long n_anchored, anchor_interval; /* waves whose phases are kept in single precision, and steps for which they are */
    const double *phases;      /* k_x/2pi, k_y/2pi, k_z/2pi, beta/2pi of each wave */
    const float *waves;        /* k_x/2pi, k_y/2pi, k_z/2pi, A_x, A_y, A_z of each wave */
    const float *coefficients; /* of the expansions, [component of A][wave][term] */
    const long *first;         /* first wave of each level, and one past the last; those before are summed at every step */
    float *anchored;           /* scratch of n_anchored * BLOCK floats, aligned to 64 bytes */
    float *phases_here;        /* scratch of 2 * n_waves * BLOCK floats, aligned to 64 bytes */
} multirate_waves;

typedef struct {
    double rigidity, step;
    long n_steps, count;
    double *position, *velocity;
} particles;

typedef struct {
    long count;
    const long *step;
    const double *fraction;
    double *position, *velocity;
} samples;

/* Field lines dr/dtau = B, and what else is known of each: its arc length so far, and the weakest field that it met. */
typedef struct {
    double step;
    long n_steps, count;
    double *position, *arc_length, *weakest;
} field_lines;

/* Where lines are looked at: at `fraction` of step `step`, the same for all, and wherever one reaches an arc length. Slopes are
 * dr/dtau and dr/ds. */
typedef struct {
    long n_steps, n_lengths;
    const long *step;
    const double *fraction, *length;
    double *position, *slope, *position_at_length, *slope_at_length;
} line_samples;

typedef struct {
    const char *name;
    void (*evaluate_field)(const double *waves, long n_waves, double mean_field, const double *position, long count, double *field);
    void (*push_exact)(const double *waves, long n_waves, double mean_field, const particles *moved, const samples *wanted);
    void (*push_multirate)(const multirate_waves *waves, double mean_field, const particles *moved, const samples *wanted);
    void (*follow_exact)(const double *waves, long n_waves, double mean_field, const field_lines *followed, const line_samples *wanted);
    void (*follow_multirate)(const multirate_waves *waves, double mean_field, const field_lines *followed, const line_samples *wanted);
} kernel_table;

extern const kernel_table kernels_baseline, kernels_avx2, kernels_avx512;

/* How many instruction sets this processor can run, and the kernels of the i-th, slowest first. */
int available_kernels(void);
const kernel_table *kernels_at(int i);

#endif
