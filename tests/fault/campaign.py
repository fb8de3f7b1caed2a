"""A campaign: a scripted run of a service, once for each file system call and each fault that fits it.

    TIDEMARK_FAULT_CASES=24     as many cases, spread over all; 0: every one
    TIDEMARK_FAULT_CASE=eio@12  that one case only
"""

import collections
import os
import time

from faults import ACTIONS, Fault


class Campaign:
    """`run_case(fault)` plays the script with the fault (None: without) and checks what must hold; it returns the calls that
    were made and, by name, numbers to sum up, such as errors that clients were told."""

    def __init__(self, name, run_case, default_cases):
        self.name, self.run_case = name, run_case
        self.limit = int(os.environ.get("TIDEMARK_FAULT_CASES", default_cases))
        self.only = os.environ.get("TIDEMARK_FAULT_CASE")

    def cases(self, calls):
        if self.only:
            return [Fault.parse(self.only)]
        chosen = []
        for action in ACTIONS:
            fitting = [call.number for call in calls if Fault(action, call.number).fits(call)]
            count = len(fitting) if not self.limit else min(len(fitting), self.limit // len(ACTIONS))
            chosen += [Fault(action, fitting[i * len(fitting) // count]) for i in range(count)]
        return chosen

    def run(self):
        """Plays all; fails at the end with the cases that lost something. Returns how many cases there were."""
        begun = time.monotonic()
        calls, _ = self.run_case(None)
        calls = [call for call in calls if call.number]
        chosen, hit, lost, told = self.cases(calls), collections.Counter(), [], collections.Counter()
        slowest = (0, "none")
        for fault in chosen:
            case_begun = time.monotonic()
            try:
                made, numbers = self.run_case(fault)
            except Exception as error:
                lost.append(f"{fault}: {type(error).__name__}: {error}\n"
                            f"    again: TIDEMARK_FAULT_CASE={fault} tests/fault/run.sh {self.name}")
                continue
            finally:
                slowest = max(slowest, (time.monotonic() - case_begun, str(fault)))
            told.update(numbers)
            hit.update({call.fault for call in made} - {"none", "full-from-here"})
        print(f"{self.name}: {len(calls)} calls ({_counts(c.name for c in calls)}); {len(chosen)} cases, "
              f"{sum(hit.values())} faults injected ({_counts(hit)}), {len(lost)} losses, "
              f"{time.monotonic() - begun:.0f} s (slowest {slowest[1]}, {slowest[0]:.1f} s)")
        print(f"    clients were told: {_counts(told)}")
        print(f"    again: TIDEMARK_FAULT_CASES={self.limit} tests/fault/run.sh {self.name}", flush=True)
        if lost:
            raise AssertionError(f"{len(lost)} of {len(chosen)} cases:\n" + "\n".join(lost[:20]))
        # Threads make their calls in no fixed order, so a case may find another call than it was made for; that most find
        # none would mean that nothing is tested.
        if sum(hit.values()) < 0.8 * len(chosen):
            raise AssertionError(f"only {sum(hit.values())} of {len(chosen)} faults were injected")
        return len(chosen)


def _counts(names):
    counter = names if isinstance(names, collections.Counter) else collections.Counter(names)
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items())) or "nothing"
