"""Learning one-dimensional functions over too many Fourier features.

The system of the Weights & Biases report "Navigating Over-parametrized Feature Space with
Meta-Gradients": a task is a function of x in [-1, 1] made of three Fourier features; a learner
regresses it on many more features than it has points, and fails between the points. Meta-learned
feature weights (MAML, first-order MAML or Reptile) find the few useful features.

From the report: 64 training points, x in [-1, 1], the true features 0, 1 and 2, Gaussian task
coefficients, several tasks an outer step, weights that start at one or uniformly, and the closed
form as the baseline. Its formulas and other constants did not survive. What is ours is marked
"our choice" where it is defined.

`fourier.maml` and `fourier.reptile` are the two models of the sweep, `fourier.pictures` has what
the pictures of single runs show.
"""
