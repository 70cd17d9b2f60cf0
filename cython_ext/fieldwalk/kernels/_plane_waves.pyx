# cython: language_level=3, boundscheck=False, wraparound=False
"""Doors into the C kernels; the public, documented face is ``fieldwalk.kernels``, which checks every argument first."""

cdef extern from "plane_waves.h" nogil:
    const int BLOCK
    ctypedef struct kernel_table:
        const char *name
        void (*evaluate_field)(const double *, long, double, const double *, long, double *) noexcept nogil
        void (*push_particles)(const double *, long, double, double, double, long, double *, double *, long,
                               const long *, const double *, long, double *, double *) noexcept nogil
    int available_kernels()
    const kernel_table *kernels_at(int i)

PARTICLES_PER_BLOCK = BLOCK


def instruction_sets():
    """Names of the instruction sets this processor can run, slowest first."""
    return tuple(kernels_at(i).name.decode() for i in range(available_kernels()))


def evaluate_field(int instruction_set, const double[:, ::1] waves, double mean_field, const double[:, ::1] position,
                   double[:, ::1] field):
    """Fill ``field`` (3, count) with the total field at ``position`` (3, count)."""
    cdef const kernel_table *table = kernels_at(instruction_set)
    cdef long count = position.shape[1]
    if count == 0:
        return
    with nogil:
        table.evaluate_field(&waves[0, 0] if waves.shape[0] else NULL, waves.shape[0], mean_field, &position[0, 0], count, &field[0, 0])


def push_particles(int instruction_set, const double[:, ::1] waves, double mean_field, double rigidity, double step, long n_steps,
                   double[:, ::1] position, double[:, ::1] velocity, const long[::1] sample_step, const double[::1] sample_fraction,
                   double[:, :, ::1] sampled_position, double[:, :, ::1] sampled_velocity):
    """Push ``position`` and ``velocity`` (3, count) in place and fill the samples (n_samples, 3, count)."""
    cdef const kernel_table *table = kernels_at(instruction_set)
    cdef long count = position.shape[1]
    cdef long n_samples = sample_step.shape[0]
    if count == 0:
        return
    with nogil:
        table.push_particles(&waves[0, 0] if waves.shape[0] else NULL, waves.shape[0], mean_field, rigidity, step, n_steps,
                             &position[0, 0], &velocity[0, 0], count,
                             &sample_step[0] if n_samples else NULL, &sample_fraction[0] if n_samples else NULL, n_samples,
                             &sampled_position[0, 0, 0] if n_samples else NULL, &sampled_velocity[0, 0, 0] if n_samples else NULL)
