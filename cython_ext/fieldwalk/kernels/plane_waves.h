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
#define BLOCK 16 /* particles carried together: two AVX-512 or four AVX2 vectors of doubles */

typedef struct {
    const char *name;
    void (*evaluate_field)(const double *waves, long n_waves, double mean_field, const double *position, long count, double *field);
    void (*push_particles)(const double *waves, long n_waves, double mean_field, double rigidity, double step, long n_steps,
                           double *position, double *velocity, long count,
                           const long *sample_step, const double *sample_fraction, long n_samples,
                           double *sampled_position, double *sampled_velocity);
} kernel_table;

extern const kernel_table kernels_baseline, kernels_avx2, kernels_avx512;

/* How many instruction sets this processor can run, and the kernels of the i-th, slowest first. */
int available_kernels(void);
const kernel_table *kernels_at(int i);

#endif
