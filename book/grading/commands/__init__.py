"""What goes with grading: notebooks to hand out, a rehearsal, grades in other systems' forms."""
