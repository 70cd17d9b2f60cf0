/* Follows field lines through the field that FIELD names; included once for each kind of field, as push_in_field.h. */
#define JOIN_(first, second) first##second
#define JOIN(first, second) JOIN_(first, second)

/* Lines dr/dtau = B, which is smooth where B vanishes, by steps of the classical fourth-order Runge-Kutta method: between two steps
 * nothing is remembered, so the bits do not depend on where a run is cut. Arc length is one more unknown, ds/dtau = |B|. Samples are
 * taken from Hermite's cubic between two steps, so that the path never depends on what is sampled. */
static void JOIN(follow_in_, FIELD)(FIELD *source, const field_lines *followed, const line_samples *wanted)
{
    const double h = followed->step;
    const long count = followed->count;
    for (long first = 0; first < count; first += BLOCK) {
        block r[3], s, weakest, field[3] = {{0}, {0}, {0}};
        long filled = load(r, followed->position, count, first), sample = 0, length[BLOCK];
        for (long p = 0; p < BLOCK; p++) {
            long line = first + (p < filled ? p : filled - 1);
            s[p] = followed->arc_length[line];
            weakest[p] = followed->weakest[line];
            for (length[p] = 0; length[p] < wanted->n_lengths && wanted->length[length[p]] <= s[p]; length[p]++)
                ;
        }
        for (long n = 0; n < followed->n_steps; n++) {
            block start[3], place[3], first_field[3], sum[3], strength, last_s, start_strength;
            JOIN(FIELD, _before_step)(source, n, (const block *)r, 0, (const block *)field);
            __builtin_memcpy(start, r, sizeof start);
            __builtin_memcpy(last_s, s, sizeof last_s);
            JOIN(FIELD, _at)(source, (const block *)start, first_field);
            strength_of((const block *)first_field, start_strength);
            moved(sum, (const block *)start, (const block *)first_field, h / 6.0);
            moved(place, (const block *)start, (const block *)first_field, h / 2.0);
            for (int c = 0; c < BLOCK; c++) {
                s[c] += h / 6.0 * start_strength[c];
                weakest[c] = start_strength[c] < weakest[c] ? start_strength[c] : weakest[c];
            }
            for (int stage = 1; stage < 4; stage++) {
                double share = stage == 3 ? h / 6.0 : h / 3.0;
                JOIN(FIELD, _at)(source, (const block *)place, field);
                strength_of((const block *)field, strength);
                add_share(sum, (const block *)field, share);
                for (int c = 0; c < BLOCK; c++)
                    s[c] += share * strength[c];
                moved(place, (const block *)start, (const block *)field, stage == 1 ? h / 2.0 : h);
            }
            __builtin_memcpy(r, sum, sizeof r);

            int looked_at = sample < wanted->n_steps && wanted->step[sample] == n;
            for (long p = 0; p < filled; p++)
                looked_at |= length[p] < wanted->n_lengths && wanted->length[length[p]] <= s[p];
            if (!looked_at)
                continue;
            block last_field[3];
            JOIN(FIELD, _at)(source, (const block *)r, last_field);
            strength_of((const block *)last_field, strength);
            for (; sample < wanted->n_steps && wanted->step[sample] == n; sample++)
                for (int a = 0; a < 3; a++)
                    for (long p = 0; p < filled; p++) {
                        long to = (3 * sample + a) * count + first + p;
                        double share = wanted->fraction[sample];
                        wanted->position[to] = between(share, h, start[a][p], r[a][p], first_field[a][p], last_field[a][p]);
                        wanted->slope[to] = slope_between(share, h, start[a][p], r[a][p], first_field[a][p], last_field[a][p]);
                    }
            for (long p = 0; p < filled; p++)
                for (; length[p] < wanted->n_lengths && wanted->length[length[p]] <= s[p]; length[p]++) {
                    double share = share_at(wanted->length[length[p]], h, last_s[p], s[p], start_strength[p], strength[p]);
                    double growth = slope_between(share, h, last_s[p], s[p], start_strength[p], strength[p]);
                    for (int a = 0; a < 3; a++) {
                        long to = (3 * length[p] + a) * count + first + p;
                        wanted->position_at_length[to] = between(share, h, start[a][p], r[a][p], first_field[a][p], last_field[a][p]);
                        wanted->slope_at_length[to] =
                            slope_between(share, h, start[a][p], r[a][p], first_field[a][p], last_field[a][p]) / growth;
                    }
                }
        }
        store(followed->position, (const block *)r, count, first, filled);
        for (long p = 0; p < filled; p++) {
            followed->arc_length[first + p] = s[p];
            followed->weakest[first + p] = weakest[p];
        }
    }
}

#undef JOIN
#undef JOIN_
