"""A course for nbgrader in a folder, and its autograder, which grades a student when told to.

    python -m tests.benchmarks.nbgrading FOLDER

reads a student's name per line and answers with what grading took, as JSON.  It is a process of
its own, so that the memory and processor time of its children are those of nbgrader's kernels.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

import nbformat

from tests.benchmarks.honest import STUDENTS, handed_in, notebooks

ASSIGNMENT = "exercises"


def write_course(folder: Path) -> None:
    """The learners' notebooks as an assignment, and what the students handed in."""
    for chapter, notebook in notebooks().items():
        places = [(folder / "source" / ASSIGNMENT, notebook)]
        for number, student in enumerate(STUDENTS):
            place = folder / "submitted" / student / ASSIGNMENT
            places.append((place, handed_in(chapter, notebook, number)))
        for place, content in places:
            place.mkdir(parents=True, exist_ok=True)
            nbformat.write(content, place / f"{chapter}.ipynb")


def processor() -> float:
    """Processor time of this process and of its children that have ended, in seconds."""
    kinds = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, kinds))


def main(folder: Path) -> None:
    """Hand out the assignment, then grade whom standard input names."""
    from nbgrader.api import Gradebook
    from nbgrader.apps.api import NbGraderAPI
    from traitlets.config import Config

    own = str(Path(sys.executable).parent)  # nbgrader starts `alembic` by its name
    os.environ["PATH"] = f"{own}{os.pathsep}{os.environ['PATH']}"
    config = Config()
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.db_url = f"sqlite:///{folder}/gradebook.db"
    config.ExecutePreprocessor.timeout = config.Execute.timeout = 300
    api = NbGraderAPI(config=config)
    write_course(folder)
    _succeed(api.generate_assignment(ASSIGNMENT))
    print(json.dumps({}), flush=True)
    for line in sys.stdin:
        student = line.strip()
        began, before = time.perf_counter(), processor()
        _succeed(api.autograde(ASSIGNMENT, student))
        took, used = time.perf_counter() - began, processor() - before
        with Gradebook(config.CourseDirectory.db_url) as gradebook:
            marked = gradebook.find_submission(ASSIGNMENT, student)
            points, possible = marked.score, marked.max_score
        peak = 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        said = {"seconds": took, "cpu": used, "points": points, "possible": possible, "peak": peak}
        print(json.dumps(said), flush=True)


def _succeed(result: dict) -> None:
    if not result["success"]:
        sys.exit(f"nbgrader failed:\n{result.get('log')}\n{result.get('error')}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
