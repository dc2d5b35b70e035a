"""What operators of k softmax steps share: the step, and the steps in many digits."""
