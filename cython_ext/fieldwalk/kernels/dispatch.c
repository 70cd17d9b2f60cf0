/* Which of the compiled instruction sets this processor can run. */
#include "plane_waves.h"

#if defined(__x86_64__)
int available_kernels(void)
{
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return 1;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
        return 2;
    return 3;
}

const kernel_table *kernels_at(int i)
{
    const kernel_table *tables[] = {&kernels_baseline, &kernels_avx2, &kernels_avx512};
    return tables[i];
}
#else
int available_kernels(void) { return 1; }

const kernel_table *kernels_at(int i)
{
    (void)i;
    return &kernels_baseline;
}
#endif
