"""From a learner's functions to points: references, hidden inputs, verdicts."""
