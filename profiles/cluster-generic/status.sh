#!/bin/sh
# Say of the job of this number: running, success or failed.
# PBS: qstat -x -f "$1", from job_state and Exit_status; LSF: bjobs -noheader -o stat "$1";
# SGE: qstat -j "$1" as long as it knows the job, then qacct -j "$1".
ask() { squeue --noheader --states=all --format=%T --jobs="$1"; }
if state=$(ask "$1" 2>/dev/null) || ask "$1" 2>&1 | grep -q "Invalid job id"; then
    if [ -z "$state" ]; then # ended so long ago that squeue forgot it: accounting remembers, where there is any
        state=$(sacct --noheader --allocations --parsable2 --format=State --jobs="$1" 2>/dev/null)
        state=${state:-FORGOTTEN}
    fi
else
    state=UNKNOWN # the scheduler does not answer: ask again later
fi
case $state in
COMPLETED) echo success ;;
BOOT_FAIL | CANCELLED* | DEADLINE | FAILED | FORGOTTEN | NODE_FAIL | OUT_OF_MEMORY | PREEMPTED | TIMEOUT) echo failed ;;
*) echo running ;;
esac
