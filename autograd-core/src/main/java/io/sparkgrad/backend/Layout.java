// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * How a strided copy walks a buffer: a start and one step per axis, all in elements; steps may be 0
 * or negative.
 */
public record Layout(long offset, long[] strides) {}
