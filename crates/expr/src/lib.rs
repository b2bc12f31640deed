//! Expressions (CEL) and JSONPath: compile, check, evaluate.
