/* Pushes particles through the field that FIELD names; included once for each kind of field.
 *
 * FIELD is a struct, FIELD_at gives its field at a block of positions, and FIELD_before_step lets it renew what it carries. */
#define JOIN_(first, second) first##second
#define JOIN(first, second) JOIN_(first, second)

/* One step of length `step` gyroradii: r_g = rigidity, so its path is step * rigidity, and the field, in units of B_tot, turns the
 * velocity by step * |B|. */
INLINE void JOIN(step_in_, FIELD)(FIELD *source, double rigidity, double step, block position[3], block velocity[3], block field[3])
{
    drift(position, (const block *)velocity, 0.5 * step * rigidity);
    JOIN(FIELD, _at)(source, (const block *)position, field);
    rotate(velocity, (const block *)field, 0.5 * step);
    drift(position, (const block *)velocity, 0.5 * step * rigidity);
}

/* Sample i is taken sample_fraction[i] of a step after sample_step[i] full steps, on a copy, so that the path itself never depends
 * on what is sampled. */
static void JOIN(push_in_, FIELD)(FIELD *source, const particles *moved, const samples *wanted)
{
    const double rigidity = moved->rigidity, step = moved->step;
    const long count = moved->count, n_steps = moved->n_steps;
    const int sampled_beyond = wanted->count && wanted->step[wanted->count - 1] == n_steps;
    for (long first = 0; first < count; first += BLOCK) {
        block r[3], v[3], field[3] = {{0}, {0}, {0}};
        long filled = load(r, moved->position, count, first), sample = 0;
        load(v, moved->velocity, count, first);
        for (long n = 0; n < n_steps + sampled_beyond; n++) {
            block middle[3];
            __builtin_memcpy(middle, r, sizeof r);
            drift(middle, (const block *)v, 0.5 * step * rigidity);
            JOIN(FIELD, _before_step)(source, n, (const block *)middle, (const block *)v, (const block *)field);
            for (; sample < wanted->count && wanted->step[sample] == n; sample++) {
                block sampled_r[3], sampled_v[3], sampled_field[3];
                __builtin_memcpy(sampled_r, r, sizeof r);
                __builtin_memcpy(sampled_v, v, sizeof v);
                if (wanted->fraction[sample] > 0)
                    JOIN(step_in_, FIELD)(source, rigidity, wanted->fraction[sample] * step, sampled_r, sampled_v, sampled_field);
                store(wanted->position + sample * 3 * count, (const block *)sampled_r, count, first, filled);
                store(wanted->velocity + sample * 3 * count, (const block *)sampled_v, count, first, filled);
            }
            if (n < n_steps)
                JOIN(step_in_, FIELD)(source, rigidity, step, r, v, field);
        }
        store(moved->position, (const block *)r, count, first, filled);
        store(moved->velocity, (const block *)v, count, first, filled);
    }
}

#undef JOIN
#undef JOIN_
