/* Field sum, particle push and field lines, compiled once per instruction set (see setup.py).
 *
 * The NumPy twin in src/fieldwalk/kernels/reference.py is the specification. */
#include "exact_field.h"
#include "follow.h"
#include "multirate_field.h"
#include "push.h"

#define FIELD exact_field
#include "push_in_field.h"
#include "follow_in_field.h"
#undef FIELD

#define FIELD multirate_field
#include "push_in_field.h"
#include "follow_in_field.h"
#undef FIELD

static void evaluate_field(const double *waves, long n_waves, double mean_field, const double *position, long count, double *field)
{
    exact_field source = {waves, n_waves, mean_field};
    for (long first = 0; first < count; first += BLOCK) {
        block r[3], b[3];
        long filled = load(r, position, count, first);
        exact_field_at(&source, (const block *)r, b);
        store(field, (const block *)b, count, first, filled);
    }
}

static void push_exact(const double *waves, long n_waves, double mean_field, const particles *moved, const samples *wanted)
{
    exact_field source = {waves, n_waves, mean_field};
    push_in_exact_field(&source, moved, wanted);
}

static void push_multirate(const multirate_waves *waves, double mean_field, const particles *moved, const samples *wanted)
{
    multirate_field source = {.waves = waves, .mean_field = mean_field, .step = moved->step, .rigidity = moved->rigidity};
    push_in_multirate_field(&source, moved, wanted);
}

static void follow_exact(const double *waves, long n_waves, double mean_field, const field_lines *followed, const line_samples *wanted)
{
    exact_field source = {waves, n_waves, mean_field};
    follow_in_exact_field(&source, followed, wanted);
}

static void follow_multirate(const multirate_waves *waves, double mean_field, const field_lines *followed, const line_samples *wanted)
{
    multirate_field source = {.waves = waves, .mean_field = mean_field, .step = followed->step, .rigidity = 1.0, .whole_steps = 1};
    follow_in_multirate_field(&source, followed, wanted);
}

const kernel_table TABLE = {NAME, evaluate_field, push_exact, push_multirate, follow_exact, follow_multirate};
