# cython: language_level=3, boundscheck=False, wraparound=False
"""Doors into the C kernels; the public, documented face is ``fieldwalk.kernels``, which checks every argument first."""

import numpy as np

cdef extern from "plane_waves.h" nogil:
    enum:
        BLOCK
        FIRST_INTERVAL
        MOST_LEVELS
        CYCLE
        TERMS
    ctypedef struct multirate_waves:
        long n_waves
        long n_levels
        long n_anchored
        long anchor_interval
        const double *phases
        const float *waves
        const float *coefficients
        const long *first
        float *anchored
        float *phases_here
    ctypedef struct particles:
        double rigidity
        double step
        long n_steps
        long count
        double *position
        double *velocity
    ctypedef struct samples:
        long count
        const long *step
        const double *fraction
        double *position
        double *velocity
    ctypedef struct field_lines:
        double step
        long n_steps
        long count
        double *position
        double *arc_length
        double *weakest
    ctypedef struct line_samples:
        long n_steps
        long n_lengths
        const long *step
        const double *fraction
        const double *length
        double *position
        double *slope
        double *position_at_length
        double *slope_at_length
    ctypedef struct kernel_table:
        const char *name
        void (*evaluate_field)(const double *, long, double, const double *, long, double *) noexcept nogil
        void (*push_exact)(const double *, long, double, const particles *, const samples *) noexcept nogil
        void (*push_multirate)(const multirate_waves *, double, const particles *, const samples *) noexcept nogil
        void (*follow_exact)(const double *, long, double, const field_lines *, const line_samples *) noexcept nogil
        void (*follow_multirate)(const multirate_waves *, double, const field_lines *, const line_samples *) noexcept nogil
    int available_kernels()
    const kernel_table *kernels_at(int i)

PARTICLES_PER_BLOCK = BLOCK
SHORTEST_INTERVAL = FIRST_INTERVAL
LEVELS = MOST_LEVELS
STEPS_PER_CYCLE = CYCLE
TERMS_OF_EXPANSION = TERMS


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


cdef particles particles_of(double rigidity, double step, long n_steps, double[:, ::1] position, double[:, ::1] velocity) noexcept:
    cdef particles moved
    moved.rigidity, moved.step, moved.n_steps, moved.count = rigidity, step, n_steps, position.shape[1]
    moved.position, moved.velocity = &position[0, 0], &velocity[0, 0]
    return moved


cdef samples samples_of(const long[::1] step, const double[::1] fraction, double[:, :, ::1] position, double[:, :, ::1] velocity) noexcept:
    cdef samples wanted
    wanted.count = step.shape[0]
    if wanted.count:
        wanted.step, wanted.fraction = &step[0], &fraction[0]
        wanted.position, wanted.velocity = &position[0, 0, 0], &velocity[0, 0, 0]
    return wanted


def push_exact(int instruction_set, const double[:, ::1] waves, double mean_field, double rigidity, double step, long n_steps,
               double[:, ::1] position, double[:, ::1] velocity, const long[::1] sample_step, const double[::1] sample_fraction,
               double[:, :, ::1] sampled_position, double[:, :, ::1] sampled_velocity):
    """Push ``position`` and ``velocity`` (3, count) in place and fill the samples (n_samples, 3, count)."""
    cdef const kernel_table *table = kernels_at(instruction_set)
    if position.shape[1] == 0:
        return
    cdef particles moved = particles_of(rigidity, step, n_steps, position, velocity)
    cdef samples wanted = samples_of(sample_step, sample_fraction, sampled_position, sampled_velocity)
    with nogil:
        table.push_exact(&waves[0, 0] if waves.shape[0] else NULL, waves.shape[0], mean_field, &moved, &wanted)


cdef class FastWaves:
    """Waves of the fast field with the scratch that they are summed in; see ``fieldwalk.kernels.schedule`` for the tables."""

    cdef multirate_waves waves
    cdef object held

    def __init__(self, const double[:, ::1] phases, const float[:, ::1] waves, const float[:, :, ::1] coefficients,
                 const long[::1] first, long n_anchored, long anchor_interval):
        cdef float[::1] scratch
        self.waves.n_waves, self.waves.n_levels = waves.shape[0], first.shape[0] - 1
        self.waves.n_anchored, self.waves.anchor_interval = n_anchored, anchor_interval
        self.waves.first = &first[0]
        room = np.empty((n_anchored + 2 * self.waves.n_waves + 1) * BLOCK, dtype=np.float32)
        scratch = room[(-room.ctypes.data % 64) // 4:]
        self.waves.anchored = &scratch[0]
        if self.waves.n_waves:
            self.waves.phases, self.waves.waves, self.waves.coefficients = &phases[0, 0], &waves[0, 0], &coefficients[0, 0, 0]
            self.waves.phases_here = &scratch[n_anchored * BLOCK]
        self.held = room, phases, waves, coefficients, first  # the pointers are into these


def push_multirate(int instruction_set, FastWaves fast, double mean_field, double rigidity, double step,
                   long n_steps, double[:, ::1] position, double[:, ::1] velocity, const long[::1] sample_step,
                   const double[::1] sample_fraction, double[:, :, ::1] sampled_position, double[:, :, ::1] sampled_velocity):
    """The same in the fast field."""
    cdef const kernel_table *table = kernels_at(instruction_set)
    if position.shape[1] == 0:
        return
    cdef particles moved = particles_of(rigidity, step, n_steps, position, velocity)
    cdef samples wanted = samples_of(sample_step, sample_fraction, sampled_position, sampled_velocity)
    with nogil:
        table.push_multirate(&fast.waves, mean_field, &moved, &wanted)


cdef field_lines lines_of(double step, long n_steps, double[:, ::1] position, double[::1] arc_length, double[::1] weakest) noexcept:
    cdef field_lines followed
    followed.step, followed.n_steps, followed.count = step, n_steps, position.shape[1]
    followed.position, followed.arc_length, followed.weakest = &position[0, 0], &arc_length[0], &weakest[0]
    return followed


cdef line_samples line_samples_of(const long[::1] step, const double[::1] fraction, double[:, :, ::1] position, double[:, :, ::1] slope,
                                  const double[::1] length, double[:, :, ::1] position_at_length,
                                  double[:, :, ::1] slope_at_length) noexcept:
    cdef line_samples wanted
    wanted.n_steps, wanted.n_lengths = step.shape[0], length.shape[0]
    if wanted.n_steps:
        wanted.step, wanted.fraction = &step[0], &fraction[0]
        wanted.position, wanted.slope = &position[0, 0, 0], &slope[0, 0, 0]
    if wanted.n_lengths:
        wanted.length = &length[0]
        wanted.position_at_length, wanted.slope_at_length = &position_at_length[0, 0, 0], &slope_at_length[0, 0, 0]
    return wanted


def follow_exact(int instruction_set, const double[:, ::1] waves, double mean_field, double step, long n_steps,
                 double[:, ::1] position, double[::1] arc_length, double[::1] weakest, const long[::1] sample_step,
                 const double[::1] sample_fraction, double[:, :, ::1] sampled_position, double[:, :, ::1] sampled_slope,
                 const double[::1] lengths, double[:, :, ::1] position_at_length, double[:, :, ::1] slope_at_length):
    """Follow lines from ``position`` (3, count) in place, and fill the samples (n_samples, 3, count) that they reach."""
    cdef const kernel_table *table = kernels_at(instruction_set)
    if position.shape[1] == 0:
        return
    cdef field_lines followed = lines_of(step, n_steps, position, arc_length, weakest)
    cdef line_samples wanted = line_samples_of(sample_step, sample_fraction, sampled_position, sampled_slope, lengths,
                                               position_at_length, slope_at_length)
    with nogil:
        table.follow_exact(&waves[0, 0] if waves.shape[0] else NULL, waves.shape[0], mean_field, &followed, &wanted)


def follow_multirate(int instruction_set, FastWaves fast, double mean_field, double step, long n_steps,
                     double[:, ::1] position, double[::1] arc_length, double[::1] weakest, const long[::1] sample_step,
                     const double[::1] sample_fraction, double[:, :, ::1] sampled_position, double[:, :, ::1] sampled_slope,
                     const double[::1] lengths, double[:, :, ::1] position_at_length, double[:, :, ::1] slope_at_length):
    """The same in the fast field."""
    cdef const kernel_table *table = kernels_at(instruction_set)
    if position.shape[1] == 0:
        return
    cdef field_lines followed = lines_of(step, n_steps, position, arc_length, weakest)
    cdef line_samples wanted = line_samples_of(sample_step, sample_fraction, sampled_position, sampled_slope, lengths,
                                               position_at_length, slope_at_length)
    with nogil:
        table.follow_multirate(&fast.waves, mean_field, &followed, &wanted)
