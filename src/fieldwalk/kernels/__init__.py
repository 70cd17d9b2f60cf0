"""Typed interface of the compiled kernels: the field of a table of plane waves, and particles and field lines in it.

Every function works in code units: lengths in L_c, speeds in c, fields in B_tot, and steps of particles in gyroradii.
"""

from fieldwalk.kernels.field_lines import FieldLines, LineSamples, follow_field_lines, start_lines
from fieldwalk.kernels.plane_waves import (
    PARTICLES_PER_BLOCK,
    evaluate_field,
    instruction_set,
    instruction_sets,
    push_particles,
    use_instruction_set,
)
from fieldwalk.kernels.schedule import SMALLEST_TOLERANCE, STEPS_PER_CYCLE

__all__ = [
    "PARTICLES_PER_BLOCK",
    "SMALLEST_TOLERANCE",
    "STEPS_PER_CYCLE",
    "FieldLines",
    "LineSamples",
    "evaluate_field",
    "follow_field_lines",
    "instruction_set",
    "instruction_sets",
    "push_particles",
    "start_lines",
    "use_instruction_set",
]
