"""First-order ANIL in the teacher–student setting (Wang, Yip & Li, arXiv 2408.12545)."""
