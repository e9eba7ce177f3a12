/**
 * The operations, one file each: what it computes above what its gradient is. An operation calls
 * kernels of the backend for its result and hands {@link io.sparkgrad.autograd.Tape#record} a
 * formula, a private record whose components are exactly what the formula needs; the formula is
 * written with operations, which makes higher derivatives work. What is a composition of other
 * operations needs no formula and stands as a method where it is used.
 */
@NullMarked
package io.sparkgrad.autograd.op;

import org.jspecify.annotations.NullMarked;
